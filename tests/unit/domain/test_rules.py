"""Each pre-trade check on its own: what it admits, what it refuses, what stands at the limit."""

from dataclasses import replace

import pytest

from domain.ids import PLATFORM
from domain.instruments.commands import ListInstrument
from domain.orders.commands import CancelOrder, PlaceOrder, TimeInForce
from domain.orders.events import OrderDenied
from domain.reasons import Reason, Rejected
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, SetLimits
from domain.risk.events import OrderRefused
from domain.risk.rules.table import CHECKS
from domain.values import Side
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    RULES,
    SUSHI,
    Desk,
    cancelled,
    desk,
    filled,
    number,
    place,
)

SECOND = 1_000_000


def _refusal(trading: Desk, order: PlaceOrder) -> tuple[str, Rejected] | None:
    """The check that refused and its answer; both streams tell the same."""
    decision = trading.do(order)
    if decision.rejected is None:
        return None
    refused, denied = (change.event for change in decision.changes)
    assert isinstance(refused, OrderRefused)
    assert isinstance(denied, OrderDenied)
    assert refused.reason == denied.reason == decision.rejected.reason
    assert refused.detail == denied.detail == decision.rejected.detail
    assert (refused.limit, refused.value) == (decision.rejected.limit, decision.rejected.value)
    return refused.check, decision.rejected


def _refused(
    trading: Desk, order: PlaceOrder, check: str, reason: Reason, limit: str = "", value: str = ""
) -> None:
    found = _refusal(trading, order)
    assert found is not None, "the order was admitted"
    assert (found[0], found[1].reason) == (check, reason)
    assert (found[1].limit, found[1].value) == (limit, value)


def _admitted(trading: Desk, order: PlaceOrder) -> None:
    assert _refusal(trading, order) is None


def _limits(**limits: object) -> Limits:
    return replace(Limits(currency="USDT"), **limits)  # type: ignore[arg-type]


def _long(amount: str = "10", **limits: object) -> Desk:
    """A desk that holds a long position."""
    trading = desk()
    trading.events(place("long", amount=amount))
    trading.events(filled("long", "long", amount))
    trading.events(SetLimits(ACCOUNT, _limits(**limits)))
    return trading


def test_names_of_checks_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_first_refusal_is_the_answer() -> None:
    """An order that is wrong in every way hears of the halt, then of the limits, and so on."""
    trading = Desk()
    worst = place("a", amount="0.05", at="8.0005", reduce_only=True)
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    _refused(trading, worst, "halt", Reason.PLATFORM_HALTED)
    trading.events(ResumeTrading(PLATFORM, "done"))
    _refused(trading, _again(worst, "b"), "limits_set", Reason.LIMITS_NOT_SET)
    trading.events(SetLimits(ACCOUNT, _limits()))
    _refused(trading, _again(worst, "c"), "instrument", Reason.INSTRUMENT_UNKNOWN)
    trading.events(ListInstrument(SUSHI, RULES))
    _refused(
        trading, _again(worst, "d"), "price_and_type", Reason.PRICE_OFF_TICK, "0.001", "8.0005"
    )


def _again(order: PlaceOrder, name: str) -> PlaceOrder:
    return replace(order, order_id=place(name).order_id)


def test_a_halted_account_may_only_reduce() -> None:
    trading = _long()
    trading.events(HaltTrading(ACCOUNT, "loss"))
    found = _refusal(trading, place("a"))
    assert found is not None
    assert found[1] == Rejected(Reason.ACCOUNT_HALTED, "loss")
    _admitted(trading, place("b", Side.SELL, reduce_only=True))
    trading.events(ResumeTrading(ACCOUNT, "better"))
    _admitted(trading, place("c"))


def test_a_halted_platform_stops_even_what_reduces() -> None:
    trading = _long()
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    _refused(trading, place("a", Side.SELL, reduce_only=True), "halt", Reason.PLATFORM_HALTED)
    trading.events(ResumeTrading(PLATFORM, "done"))
    _admitted(trading, place("b", Side.SELL, reduce_only=True))


def test_a_halt_of_another_account_is_not_ours() -> None:
    trading = desk()
    trading.events(HaltTrading(OTHER_ACCOUNT, "loss"))
    _admitted(trading, place("a"))


def test_cancels_pass_every_halt() -> None:
    trading = desk()
    order = place("a")
    _admitted(trading, order)
    trading.events(HaltTrading(ACCOUNT, "loss"))
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    assert trading.reason(CancelOrder(order.order_id, ACCOUNT)) is None


def test_nobody_trades_without_limits() -> None:
    _refused(desk(limits=None), place("a"), "limits_set", Reason.LIMITS_NOT_SET)


def test_an_instrument_has_to_be_listed_and_trading() -> None:
    _refused(desk(rules=None), place("a"), "instrument", Reason.INSTRUMENT_UNKNOWN)
    closed = desk(rules=replace(RULES, trading=False))
    _refused(closed, place("a"), "instrument", Reason.INSTRUMENT_NOT_TRADING)
    closed.events(ListInstrument(SUSHI, RULES))
    _admitted(closed, place("b"))


def test_limits_in_another_currency_are_no_limits() -> None:
    trading = desk(Limits(currency="EUR"))
    _refused(trading, place("a"), "instrument", Reason.LIMITS_NOT_SET, "EUR", "USDT")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (replace(place("a"), price=None), Reason.PRICE_MISSING),
        (replace(place("a", at=None), price=place("b").price), Reason.PRICE_ON_MARKET_ORDER),
        (place("a", at=None, time_in_force=TimeInForce.GTC), Reason.CONTRADICTORY_FLAGS),
    ],
)
def test_price_type_and_time_in_force_have_to_fit(order: PlaceOrder, reason: Reason) -> None:
    _refused(desk(), order, "price_and_type", reason)


def test_prices_lie_on_the_tick() -> None:
    _admitted(desk(), place("a", at="8.001"))
    _refused(
        desk(), place("a", at="8.0015"), "price_and_type", Reason.PRICE_OFF_TICK, "0.001", "8.0015"
    )


def test_quantities_lie_on_the_step() -> None:
    _admitted(desk(), place("a", amount="10.1"))
    _refused(
        desk(), place("a", amount="10.15"), "quantity", Reason.QUANTITY_OFF_STEP, "0.1", "10.15"
    )


def test_quantities_lie_between_the_venue_s_bounds() -> None:
    _admitted(desk(), place("a", amount="0.5", at=100))
    _refused(
        desk(), place("a", amount="0.4"), "quantity", Reason.QUANTITY_BELOW_MINIMUM, "0.5", "0.4"
    )
    _admitted(desk(), place("a", amount=10_000))
    _refused(
        desk(),
        place("a", amount="10000.1"),
        "quantity",
        Reason.QUANTITY_ABOVE_MAXIMUM,
        "10000",
        "10000.1",
    )


def test_a_market_order_has_a_maximum_of_its_own() -> None:
    _admitted(desk(), place("a", amount=2_000, at=None, reference=8))
    _refused(
        desk(),
        place("a", amount="2000.1", at=None, reference=8),
        "quantity",
        Reason.QUANTITY_ABOVE_MAXIMUM,
        "2000",
        "2000.1",
    )


def test_the_value_reaches_the_venue_s_minimum_at_the_order_s_own_price() -> None:
    _admitted(desk(), place("a", amount="0.5", at=10))
    _refused(
        desk(),
        place("a", amount="0.5", at="9.999", reference=100),
        "minimum_notional",
        Reason.NOTIONAL_BELOW_MINIMUM,
        "5",
        "4.9995",
    )
    _refused(
        desk(),
        place("a", amount="0.5", at=None, reference=9),
        "minimum_notional",
        Reason.NOTIONAL_BELOW_MINIMUM,
        "5",
        "4.5",
    )


def test_what_reduces_may_be_as_small_as_the_rest_is() -> None:
    _admitted(_long(), place("a", Side.SELL, "0.5", "8", reduce_only=True))


def test_a_market_order_needs_a_reference_price() -> None:
    _refused(desk(), place("a", at=None), "reference_price", Reason.REFERENCE_PRICE_MISSING)
    _admitted(desk(), place("a", at=None, reference=8))


def test_a_collar_needs_a_reference_price() -> None:
    collared = desk(_limits(price_collar=number("0.05")))
    _refused(collared, place("a"), "reference_price", Reason.REFERENCE_PRICE_MISSING)
    _admitted(desk(), place("a"))


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
        _admitted(trading, order)
    else:
        _refused(trading, order, "reduce_only", Reason.WOULD_INCREASE, reducible, amount)


def test_a_flat_position_has_nothing_to_reduce() -> None:
    _refused(desk(), place("a", reduce_only=True), "reduce_only", Reason.WOULD_INCREASE, "0", "10")


def test_two_reducing_orders_cannot_flip_together() -> None:
    trading = _long()
    _admitted(trading, place("a", Side.SELL, 6, reduce_only=True))
    _refused(
        trading,
        place("b", Side.SELL, 5, reduce_only=True),
        "reduce_only",
        Reason.WOULD_INCREASE,
        "4",
        "5",
    )
    _admitted(trading, place("c", Side.SELL, 4, reduce_only=True))


def test_the_quantity_of_one_order() -> None:
    trading = desk(_limits(order_quantity=number(10)))
    _admitted(trading, place("a", amount=10))
    _refused(
        trading,
        place("b", amount="10.1"),
        "order_quantity",
        Reason.ORDER_QUANTITY_LIMIT,
        "10",
        "10.1",
    )


def test_the_value_of_one_order() -> None:
    trading = desk(_limits(order_notional=number(80)))
    _admitted(trading, place("a", amount=10, at=8))
    _refused(
        trading,
        place("b", amount=10, at="8.001"),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "80.01",
    )


def test_a_buy_is_valued_at_its_own_price_and_a_sell_at_the_market_if_that_is_higher() -> None:
    trading = desk(_limits(order_notional=number(80)))
    _admitted(trading, place("a", Side.BUY, 10, 8, reference=9))
    _admitted(trading, place("b", Side.SELL, 10, 8, reference=7))
    _refused(
        trading,
        place("c", Side.SELL, 10, 1, reference=9),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "90",
    )
    _refused(
        trading,
        place("d", amount=10, at=None, reference="8.5"),
        "order_notional",
        Reason.ORDER_NOTIONAL_LIMIT,
        "80",
        "85",
    )


def test_the_number_of_open_orders() -> None:
    trading = desk(_limits(open_orders=2))
    _admitted(trading, place("a"))
    _admitted(trading, place("b", Side.SELL))
    _refused(trading, place("c"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "2", "3")
    trading.events(cancelled("a"))
    _admitted(trading, place("d"))
    trading.events(filled("d", "x", 10))
    _admitted(trading, place("e"))


def test_a_partly_filled_order_is_one_open_order() -> None:
    trading = desk(_limits(open_orders=1))
    _admitted(trading, place("a"))
    trading.events(filled("a", "x", 9))
    _refused(trading, place("b"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "1", "2")


def test_a_reducing_order_is_never_one_too_many() -> None:
    trading = _long(open_orders=0)
    _refused(trading, place("a"), "open_orders", Reason.OPEN_ORDERS_LIMIT, "0", "1")
    _admitted(trading, place("b", Side.SELL, reduce_only=True))


def test_the_position_counts_what_is_held_and_what_is_open() -> None:
    trading = _long(amount="10", position_notional=number(200))
    _admitted(trading, place("a", amount=10))
    _refused(trading, place("b", amount="5.1"), "position", Reason.POSITION_LIMIT, "200", "200.8")
    _admitted(trading, place("c", amount=5))
    trading.events(cancelled("c"))
    _admitted(trading, place("d", amount=5))


def test_open_orders_of_the_other_side_do_not_count_as_relief() -> None:
    trading = _long(amount="10", position_notional=number(80))
    _admitted(trading, place("a", Side.SELL, 10))
    _refused(trading, place("b", amount=1), "position", Reason.POSITION_LIMIT, "80", "88")


def test_the_position_limit_binds_shorts_and_flips_alike() -> None:
    trading = _long(amount="10", position_notional=number(80))
    _admitted(trading, place("a", Side.SELL, 20))
    _refused(trading, place("b", Side.SELL, 1), "position", Reason.POSITION_LIMIT, "80", "88")


def test_what_only_reduces_passes_a_position_limit_that_was_lowered() -> None:
    trading = _long(amount="10", position_notional=number(10))
    _admitted(trading, place("a", Side.SELL, 10))
    _refused(trading, place("b", Side.SELL, 2), "position", Reason.POSITION_LIMIT, "10", "16")


def test_a_sell_below_the_market_cannot_talk_the_position_small() -> None:
    trading = desk(_limits(position_notional=number(80)))
    _refused(
        trading,
        place("a", Side.SELL, 100, "0.1", reference=8),
        "position",
        Reason.POSITION_LIMIT,
        "80",
        "800",
    )


@pytest.mark.parametrize("at", ["9.5", "10.5"])
def test_a_price_at_the_collar_passes(at: str) -> None:
    _admitted(desk(_limits(price_collar=number("0.05"))), place("a", at=at, reference=10))


@pytest.mark.parametrize(("at", "distance"), [("9.499", "0.501"), ("10.501", "0.501")])
@pytest.mark.parametrize("side", Side)
def test_a_price_beyond_the_collar_is_refused(at: str, distance: str, side: Side) -> None:
    _refused(
        desk(_limits(price_collar=number("0.05"))),
        place("a", side, at=at, reference=10),
        "price_collar",
        Reason.PRICE_COLLAR,
        "0.5",
        distance,
    )


def test_a_market_order_has_no_price_to_be_far_from_the_market() -> None:
    collared = desk(_limits(price_collar=number("0.05")))
    _admitted(collared, place("a", at=None, reference=10))


def test_the_same_intent_within_the_window_is_a_double_click() -> None:
    trading = desk(_limits(duplicate_window=SECOND))
    _admitted(trading, place("a"))
    trading.at += SECOND - 1
    _refused(
        trading, place("b"), "duplicate", Reason.DUPLICATE_INTENT, str(SECOND), str(SECOND - 1)
    )
    trading.at += 1
    _admitted(trading, place("c"))


def test_a_refused_order_is_no_intent_that_others_repeat() -> None:
    trading = desk(_limits(duplicate_window=SECOND, order_quantity=number(5)))
    assert trading.reason(place("a")) is Reason.ORDER_QUANTITY_LIMIT
    trading.events(SetLimits(ACCOUNT, _limits(duplicate_window=SECOND)))
    _admitted(trading, place("b"))


def test_repeated_market_orders_are_found_although_the_market_moved() -> None:
    trading = desk(_limits(duplicate_window=SECOND))
    _admitted(trading, place("a", at=None, reference=8))
    _refused(
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
    trading = desk(_limits(duplicate_window=SECOND))
    _admitted(trading, place("a"))
    _admitted(trading, other)


def test_without_a_window_orders_may_repeat_and_nothing_is_remembered() -> None:
    trading = desk(_limits(duplicate_window=SECOND))
    _admitted(trading, place("a"))
    trading.events(SetLimits(ACCOUNT, _limits()))
    _admitted(trading, place("b"))
    assert trading.risk().intents == {}


def test_intents_are_forgotten_after_the_window() -> None:
    trading = desk(_limits(duplicate_window=SECOND))
    for count in range(100):
        trading.at += SECOND // 10
        _admitted(trading, place(f"order {count}"[:20], amount=10 + count))
        assert len(trading.risk().intents) <= 10
