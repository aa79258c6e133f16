"""Checks of who may trade what: halts, limits at all, the instrument, the shape of the order."""

from dataclasses import replace

import pytest

from domain.ids import PLATFORM
from domain.instruments.commands import ListInstrument
from domain.orders.commands import CancelOrder, PlaceOrder, TimeInForce
from domain.reasons import Reason, Rejected
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, SetLimits
from domain.risk.rules.table import CHECKS
from domain.values import Side
from tests.support.checks import admitted, limits, long, refusal, refused
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    RULES,
    SUSHI,
    Desk,
    desk,
    number,
    place,
)


def test_names_of_checks_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_first_refusal_is_the_answer() -> None:
    """An order that is wrong in every way hears of the halt, then of the limits, and so on."""
    trading = Desk()
    worst = place("a", amount="0.05", at="8.0005", reduce_only=True)
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    refused(trading, worst, "halt", Reason.PLATFORM_HALTED)
    trading.events(ResumeTrading(PLATFORM, "done"))
    refused(trading, _again(worst, "b"), "limits_set", Reason.LIMITS_NOT_SET)
    trading.events(SetLimits(ACCOUNT, limits()))
    refused(trading, _again(worst, "c"), "instrument", Reason.INSTRUMENT_UNKNOWN)
    trading.events(ListInstrument(SUSHI, RULES))
    refused(trading, _again(worst, "d"), "price_and_type", Reason.PRICE_OFF_TICK, "0.001", "8.0005")


def _again(order: PlaceOrder, name: str) -> PlaceOrder:
    return replace(order, order_id=place(name).order_id)


def test_a_halted_account_may_only_reduce() -> None:
    trading = long()
    trading.events(HaltTrading(ACCOUNT, "loss"))
    found = refusal(trading, place("a"))
    assert found is not None
    assert found[1] == Rejected(Reason.ACCOUNT_HALTED, "loss")
    admitted(trading, place("b", Side.SELL, reduce_only=True))
    trading.events(ResumeTrading(ACCOUNT, "better"))
    admitted(trading, place("c"))


def test_a_halted_platform_stops_even_what_reduces() -> None:
    trading = long()
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    refused(trading, place("a", Side.SELL, reduce_only=True), "halt", Reason.PLATFORM_HALTED)
    trading.events(ResumeTrading(PLATFORM, "done"))
    admitted(trading, place("b", Side.SELL, reduce_only=True))


def test_a_halt_of_another_account_is_not_ours() -> None:
    trading = desk()
    trading.events(HaltTrading(OTHER_ACCOUNT, "loss"))
    admitted(trading, place("a"))


def test_cancels_pass_every_halt() -> None:
    trading = desk()
    order = place("a")
    admitted(trading, order)
    trading.events(HaltTrading(ACCOUNT, "loss"))
    trading.events(HaltTrading(PLATFORM, "maintenance"))
    assert trading.reason(CancelOrder(order.order_id, ACCOUNT)) is None


def test_nobody_trades_without_limits() -> None:
    refused(desk(limits=None), place("a"), "limits_set", Reason.LIMITS_NOT_SET)


def test_an_instrument_has_to_be_listed_and_trading() -> None:
    refused(desk(rules=None), place("a"), "instrument", Reason.INSTRUMENT_UNKNOWN)
    closed = desk(rules=replace(RULES, trading=False))
    refused(closed, place("a"), "instrument", Reason.INSTRUMENT_NOT_TRADING)
    closed.events(ListInstrument(SUSHI, RULES))
    admitted(closed, place("b"))


def test_limits_in_another_currency_are_no_limits() -> None:
    trading = desk(Limits(currency="EUR"))
    refused(trading, place("a"), "instrument", Reason.LIMITS_NOT_SET, "EUR", "USDT")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (replace(place("a"), price=None), Reason.PRICE_MISSING),
        (replace(place("a", at=None), price=place("b").price), Reason.PRICE_ON_MARKET_ORDER),
        (place("a", at=None, time_in_force=TimeInForce.GTC), Reason.CONTRADICTORY_FLAGS),
    ],
)
def test_price_type_and_time_in_force_have_to_fit(order: PlaceOrder, reason: Reason) -> None:
    refused(desk(), order, "price_and_type", reason)


def test_prices_lie_on_the_tick() -> None:
    admitted(desk(), place("a", at="8.001"))
    refused(
        desk(), place("a", at="8.0015"), "price_and_type", Reason.PRICE_OFF_TICK, "0.001", "8.0015"
    )


def test_quantities_lie_on_the_step() -> None:
    admitted(desk(), place("a", amount="10.1"))
    refused(
        desk(), place("a", amount="10.15"), "quantity", Reason.QUANTITY_OFF_STEP, "0.1", "10.15"
    )


def test_quantities_lie_between_the_venue_s_bounds() -> None:
    admitted(desk(), place("a", amount="0.5", at=100))
    refused(
        desk(), place("a", amount="0.4"), "quantity", Reason.QUANTITY_BELOW_MINIMUM, "0.5", "0.4"
    )
    admitted(desk(), place("a", amount=10_000))
    refused(
        desk(),
        place("a", amount="10000.1"),
        "quantity",
        Reason.QUANTITY_ABOVE_MAXIMUM,
        "10000",
        "10000.1",
    )


def test_a_market_order_has_a_maximum_of_its_own() -> None:
    admitted(desk(), place("a", amount=2_000, at=None, reference=8))
    refused(
        desk(),
        place("a", amount="2000.1", at=None, reference=8),
        "quantity",
        Reason.QUANTITY_ABOVE_MAXIMUM,
        "2000",
        "2000.1",
    )


def test_the_value_reaches_the_venue_s_minimum_at_the_order_s_own_price() -> None:
    admitted(desk(), place("a", amount="0.5", at=10))
    refused(
        desk(),
        place("a", amount="0.5", at="9.999", reference=100),
        "minimum_notional",
        Reason.NOTIONAL_BELOW_MINIMUM,
        "5",
        "4.9995",
    )
    refused(
        desk(),
        place("a", amount="0.5", at=None, reference=9),
        "minimum_notional",
        Reason.NOTIONAL_BELOW_MINIMUM,
        "5",
        "4.5",
    )


def test_what_reduces_may_be_as_small_as_the_rest_is() -> None:
    admitted(long(), place("a", Side.SELL, "0.5", "8", reduce_only=True))


def test_a_market_order_needs_a_reference_price() -> None:
    refused(desk(), place("a", at=None), "reference_price", Reason.REFERENCE_PRICE_MISSING)
    admitted(desk(), place("a", at=None, reference=8))


def test_a_collar_needs_a_reference_price() -> None:
    collared = desk(limits(price_collar=number("0.05")))
    refused(collared, place("a"), "reference_price", Reason.REFERENCE_PRICE_MISSING)
    admitted(desk(), place("a"))
