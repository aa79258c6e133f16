"""Checks against the account's limits: what each admits and refuses, and what stands at it."""

import pytest

from domain.orders.commands import PlaceOrder
from domain.reasons import Reason
from domain.risk.commands import SetLimits
from domain.values import Side
from tests.support.checks import admitted, limits, long, refused
from tests.support.trading import (
    ACCOUNT,
    cancelled,
    desk,
    filled,
    number,
    place,
)

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("held", "side", "amount", "reducible"),
    [
        (Side.BUY, Side.SELL, "10", None),
        (Side.BUY, Side.SELL, "10.1", "10"),
        (Side.BUY, Side.BUY, "1", "0"),
        (Side.SELL, Side.BUY, "10", None),
        (Side.SELL, Side.BUY, "10.1", "10"),
        (Side.SELL, Side.SELL, "1", "0"),
    ],
)
def test_a_reducing_order_neither_opens_nor_flips(
    held: Side, side: Side, amount: str, reducible: str | None
) -> None:
    trading = desk()
    trading.events(place("held", held))
    trading.events(filled("held", "held", 10, side=held))
    order = place("a", side, amount, reduce_only=True)
    if reducible is None:
        admitted(trading, order)
    else:
        refused(trading, order, "reduce_only", Reason.WOULD_INCREASE, reducible, amount)


def test_a_flat_position_has_nothing_to_reduce() -> None:
    refused(desk(), place("a", reduce_only=True), "reduce_only", Reason.WOULD_INCREASE, "0", "10")


@pytest.mark.parametrize("held", Side)
def test_two_reducing_orders_cannot_flip_together(held: Side) -> None:
    trading = desk()
    trading.events(place("held", held))
    trading.events(filled("held", "held", 10, side=held))
    admitted(trading, place("a", held.opposite, 6, reduce_only=True))
    too_much = place("b", held.opposite, 5, reduce_only=True)
    refused(trading, too_much, "reduce_only", Reason.WOULD_INCREASE, "4", "5")
    admitted(trading, place("c", held.opposite, 4, reduce_only=True))


def test_the_quantity_of_one_order() -> None:
    trading = desk(limits(order_quantity=number(10)))
    admitted(trading, place("a", amount=10))
    refused(
        trading,
        place("b", amount="10.1"),
        "order_quantity",
        Reason.ORDER_QUANTITY_LIMIT,
        "10",
        "10.1",
    )


def test_the_value_of_one_order() -> None:
    trading = desk(limits(order_notional=number(80)))
    admitted(trading, place("a", amount=10, at=8))
    refused(
        trading,
        place("b", amount=10, at="8.001"),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "80.01",
    )


def test_a_buy_is_valued_at_its_own_price_and_a_sell_at_the_market_if_that_is_higher() -> None:
    trading = desk(limits(order_notional=number(80)))
    admitted(trading, place("a", Side.BUY, 10, 8, reference=9))
    admitted(trading, place("b", Side.SELL, 10, 8, reference=7))
    refused(
        trading,
        place("c", Side.SELL, 10, 1, reference=9),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "90",
    )
    refused(
        trading,
        place("d", amount=10, at=None, reference="8.5"),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "85",
    )


def test_the_number_of_open_orders() -> None:
    trading = desk(limits(open_orders=2))
    admitted(trading, place("a"))
    admitted(trading, place("b", Side.SELL))
    refused(trading, place("c"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "2", "3")
    trading.events(cancelled("a"))
    admitted(trading, place("d"))
    trading.events(filled("d", "x", 10))
    admitted(trading, place("e"))


def test_a_partly_filled_order_is_one_open_order() -> None:
    trading = desk(limits(open_orders=1))
    admitted(trading, place("a"))
    trading.events(filled("a", "x", 9))
    refused(trading, place("b"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "1", "2")


def test_a_reducing_order_is_never_one_too_many() -> None:
    trading = long(open_orders=0)
    refused(trading, place("a"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "0", "1")
    admitted(trading, place("b", Side.SELL, reduce_only=True))


def test_the_position_counts_what_is_held_and_what_is_open() -> None:
    trading = long(amount="10", position_notional=number(200))
    admitted(trading, place("a", amount=10))
    refused(trading, place("b", amount="5.1"), "position", Reason.POSITION_LIMIT, "200", "200.8")
    admitted(trading, place("c", amount=5))
    trading.events(cancelled("c"))
    admitted(trading, place("d", amount=5))


def test_open_orders_of_the_other_side_do_not_count_as_relief() -> None:
    trading = long(amount="10", position_notional=number(80))
    admitted(trading, place("a", Side.SELL, 10))
    refused(trading, place("b", amount=1), "position", Reason.POSITION_LIMIT, "80", "88")


def test_the_position_limit_binds_shorts_and_flips_alike() -> None:
    trading = long(amount="10", position_notional=number(80))
    admitted(trading, place("a", Side.SELL, 20))
    refused(trading, place("b", Side.SELL, 1), "position", Reason.POSITION_LIMIT, "80", "88")


def test_what_only_reduces_passes_a_position_limit_that_was_lowered() -> None:
    trading = long(amount="10", position_notional=number(10))
    admitted(trading, place("a", Side.SELL, 4))
    admitted(trading, place("b", Side.SELL, 6))
    refused(trading, place("c", Side.SELL, 2), "position", Reason.POSITION_LIMIT, "10", "16")


def test_a_sell_below_the_market_cannot_talk_the_position_small() -> None:
    trading = desk(limits(position_notional=number(80)))
    refused(
        trading,
        place("a", Side.SELL, 100, "0.1", reference=8),
        "position",
        Reason.POSITION_LIMIT,
        "80",
        "800",
    )


@pytest.mark.parametrize("at", ["9.5", "10.5"])
def test_a_price_at_the_collar_passes(at: str) -> None:
    admitted(desk(limits(price_collar=number("0.05"))), place("a", at=at, reference=10))


@pytest.mark.parametrize(("at", "distance"), [("9.499", "0.501"), ("10.501", "0.501")])
@pytest.mark.parametrize("side", Side)
def test_a_price_beyond_the_collar_is_refused(at: str, distance: str, side: Side) -> None:
    refused(
        desk(limits(price_collar=number("0.05"))),
        place("a", side, at=at, reference=10),
        "price_collar",
        Reason.PRICE_COLLAR,
        "0.5",
        distance,
    )


def test_a_market_order_has_no_price_to_be_far_from_the_market() -> None:
    collared = desk(limits(price_collar=number("0.05")))
    admitted(collared, place("a", at=None, reference=10))


def test_the_same_intent_within_the_window_is_a_double_click() -> None:
    trading = desk(limits(duplicate_window=SECOND))
    admitted(trading, place("a"))
    trading.at += SECOND - 1
    refused(trading, place("b"), "duplicate", Reason.DUPLICATE_INTENT, str(SECOND), str(SECOND - 1))
    trading.at += 1
    admitted(trading, place("c"))


def test_a_refused_order_is_no_intent_that_others_repeat() -> None:
    trading = desk(limits(duplicate_window=SECOND, order_quantity=number(5)))
    assert trading.reason(place("a")) is Reason.ORDER_QUANTITY_LIMIT
    trading.events(SetLimits(ACCOUNT, limits(duplicate_window=SECOND)))
    admitted(trading, place("b"))


def test_repeated_market_orders_are_found_although_the_market_moved() -> None:
    trading = desk(limits(duplicate_window=SECOND))
    admitted(trading, place("a", at=None, reference=8))
    refused(
        trading,
        place("b", at=None, reference="8.1"),
        "duplicate",
        Reason.DUPLICATE_INTENT,
        str(SECOND),
        "0",
    )


@pytest.mark.parametrize(
    "other",
    [
        place("b", Side.SELL),
        place("b", amount=11),
        place("b", at="8.001"),
        place("b", at=None, reference=8),
    ],
)
def test_another_intent_is_no_repeat(other: PlaceOrder) -> None:
    trading = desk(limits(duplicate_window=SECOND))
    admitted(trading, place("a"))
    admitted(trading, other)


def test_a_check_that_is_switched_off_forgets_and_begins_anew() -> None:
    trading = desk(limits(duplicate_window=SECOND))
    admitted(trading, place("a"))
    trading.events(SetLimits(ACCOUNT, limits()))
    assert trading.risk().intents == {}
    admitted(trading, place("b"))
    assert trading.risk().intents == {}
    trading.events(SetLimits(ACCOUNT, limits(duplicate_window=SECOND)))
    admitted(trading, place("c"))
    assert trading.reason(place("d")) is Reason.DUPLICATE_INTENT


def test_intents_are_forgotten_after_the_window() -> None:
    trading = desk(limits(duplicate_window=SECOND))
    for count in range(100):
        trading.at += SECOND // 10
        admitted(trading, place(f"order {count}"[:20], amount=10 + count))
        assert len(trading.risk().intents) <= 10


def test_an_intent_that_comes_again_is_the_youngest_of_all() -> None:
    trading = desk(limits(duplicate_window=SECOND))
    admitted(trading, place("a"))
    trading.at += SECOND // 2
    admitted(trading, place("b", amount=11))
    trading.at += SECOND // 2
    admitted(trading, place("c"))
    trading.at += SECOND // 2
    admitted(trading, place("d", amount=12))
    assert [intent.quantity for intent in trading.risk().intents] == [10, 12]
