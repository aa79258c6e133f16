"""Checks of times in force, triggers and closing orders: admitted, refused, and at the limit."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce, Trigger, TriggerSource
from domain.orders.events import OrderPlaced
from domain.orders.forms import CONDITIONAL, LIMITED, reached
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, SetLimits
from domain.risk.events import OrderAdmitted
from domain.values import Price, Side
from tests.support.checks import admitted, limits, long, refused
from tests.support.trading import (
    ACCOUNT,
    RULES,
    START,
    Desk,
    closing,
    conditional,
    desk,
    expired,
    filled,
    number,
    place,
    price,
    quantity,
    triggered,
)

BUY, SELL = Side.BUY, Side.SELL
STOP_MARKET, STOP_LIMIT = OrderType.STOP_MARKET, OrderType.STOP_LIMIT
PROFIT_MARKET, PROFIT_LIMIT = OrderType.TAKE_PROFIT_MARKET, OrderType.TAKE_PROFIT_LIMIT
TRAILING = OrderType.TRAILING_STOP
TEN_MINUTES = 600_000_000
BYBIT = InstrumentId("BYBIT:SUSHIUSDT")


def _until(expires_at: int | None, order: PlaceOrder | None = None) -> PlaceOrder:
    return replace(order or place("a"), time_in_force=TimeInForce.GTD, expires_at=expires_at)


def _trailing(
    name: str, side: Side, callback: str | None, activation: str | None = None
) -> PlaceOrder:
    return conditional(name, TRAILING, side, trigger=None, callback=callback, activation=activation)


@pytest.mark.parametrize("force", TimeInForce)
def test_a_limit_order_stays_as_long_as_it_says(force: TimeInForce) -> None:
    date = START + 2 * TEN_MINUTES if force is TimeInForce.GTD else None
    admitted(desk(), replace(place("a", time_in_force=force), expires_at=date))


@pytest.mark.parametrize("force", sorted(set(TimeInForce) - {TimeInForce.IOC}))
def test_a_market_order_is_immediate(force: TimeInForce) -> None:
    order = place("a", at=None, time_in_force=force, reference=8)
    refused(desk(), order, "price_and_type", Reason.CONTRADICTORY_FLAGS)


@pytest.mark.parametrize("kind", sorted(CONDITIONAL - LIMITED))
@pytest.mark.parametrize("force", [TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX])
def test_what_waits_and_then_trades_at_the_market_rests_by_nature(
    kind: OrderType, force: TimeInForce
) -> None:
    order = replace(conditional("a", kind), time_in_force=force)
    refused(desk(), order, "time_in_force", Reason.TIME_IN_FORCE_NOT_ALLOWED)


@pytest.mark.parametrize("force", sorted(set(TimeInForce) - {TimeInForce.GTD}))
def test_a_stop_limit_stays_as_long_as_its_limit_order_will(force: TimeInForce) -> None:
    admitted(desk(), conditional("a", STOP_LIMIT, at="7.4", time_in_force=force))


def test_a_date_is_later_than_the_venue_s_lead() -> None:
    admitted(desk(), _until(START + TEN_MINUTES + 1))
    admitted(desk(), _until(START + TEN_MINUTES + 1, conditional("a")))
    late = START + TEN_MINUTES
    refused(desk(), _until(late), "time_in_force", Reason.EXPIRY_TOO_SOON, str(late), str(late))


def test_another_venue_asks_for_the_future_alone() -> None:
    trading = desk()
    trading.events(ListInstrument(BYBIT, RULES))
    admitted(trading, replace(_until(START + 1), instrument_id=BYBIT))
    past = replace(_until(START), instrument_id=BYBIT, order_id=place("b").order_id)
    refused(trading, past, "time_in_force", Reason.EXPIRY_TOO_SOON, str(START), str(START))


def test_a_date_and_its_time_in_force_go_together() -> None:
    refused(desk(), _until(None), "time_in_force", Reason.EXPIRY_MISSING)
    dated = replace(place("a"), expires_at=START + 2 * TEN_MINUTES)
    refused(desk(), dated, "time_in_force", Reason.EXPIRY_NOT_ALLOWED)


@pytest.mark.parametrize(
    ("kind", "side", "trigger"),
    [
        (STOP_MARKET, SELL, "7.999"),
        (STOP_MARKET, BUY, "8.001"),
        (PROFIT_MARKET, SELL, "8.001"),
        (PROFIT_MARKET, BUY, "7.999"),
        (STOP_LIMIT, SELL, "7.999"),
        (STOP_LIMIT, BUY, "8.001"),
        (PROFIT_LIMIT, SELL, "8.001"),
        (PROFIT_LIMIT, BUY, "7.999"),
    ],
)
def test_a_trigger_waits_on_its_side_of_the_market(
    kind: OrderType, side: Side, trigger: str
) -> None:
    limit = "8" if kind in LIMITED else None
    admitted(desk(), conditional("a", kind, side, at=limit, trigger=trigger))
    for there in ("8", str(16 - number(trigger))):
        order = conditional("b", kind, side, at=limit, trigger=there)
        refused(desk(), order, "trigger_side", Reason.TRIGGER_AT_ONCE, "8", there.rstrip("0"))
    assert reached(kind, side, number(trigger), number(trigger)), "at its own price it triggers"


@pytest.mark.parametrize(("side", "better"), [(SELL, "8.001"), (BUY, "7.999")])
def test_a_trailing_stop_begins_to_follow_at_a_better_price(side: Side, better: str) -> None:
    admitted(desk(), _trailing("a", side, "0.01"))
    admitted(desk(), _trailing("a", side, "0.01", activation=better))
    worse = _trailing("b", side, "0.01", activation="8")
    refused(desk(), worse, "trigger_side", Reason.TRIGGER_AT_ONCE, "8", "8")


@pytest.mark.parametrize("callback", ["0.001", "0.1"])
def test_a_callback_at_its_bounds_passes(callback: str) -> None:
    admitted(desk(), _trailing("a", SELL, callback))


@pytest.mark.parametrize("callback", ["0.00099", "0.10001", "1"])
def test_a_callback_beyond_its_bounds_is_a_slip(callback: str) -> None:
    order = _trailing("a", SELL, callback)
    refused(desk(), order, "trigger", Reason.CALLBACK_OUT_OF_RANGE, "0.001 to 0.1", callback)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (replace(conditional("a"), trigger=None), Reason.TRIGGER_MISSING),
        (conditional("a", trigger=None), Reason.TRIGGER_MISSING),
        (_trailing("a", SELL, None), Reason.TRIGGER_MISSING),
        (conditional("a", callback="0.01"), Reason.TRIGGER_NOT_ALLOWED),
        (conditional("a", activation="8.5"), Reason.TRIGGER_NOT_ALLOWED),
        (conditional("a", TRAILING, callback="0.01"), Reason.TRIGGER_NOT_ALLOWED),
        (conditional("a", OrderType.LIMIT, at="8"), Reason.TRIGGER_NOT_ALLOWED),
        (
            conditional("a", OrderType.MARKET, time_in_force=TimeInForce.IOC),
            Reason.TRIGGER_NOT_ALLOWED,
        ),
    ],
)
def test_what_an_order_waits_for_has_to_fit_its_type(order: PlaceOrder, reason: Reason) -> None:
    refused(desk(), order, "trigger", reason)


def test_triggers_lie_on_the_tick() -> None:
    admitted(desk(), conditional("a", trigger="7.501"))
    off = conditional("a", trigger="7.5015")
    refused(desk(), off, "trigger", Reason.TRIGGER_OFF_TICK, "0.001", "7.5015")
    trailing = _trailing("a", SELL, "0.01", activation="8.0015")
    refused(desk(), trailing, "trigger", Reason.TRIGGER_OFF_TICK, "0.001", "8.0015")


def test_a_stop_at_the_market_has_no_price_and_a_stop_limit_has() -> None:
    priced = conditional("a", at="7.4")
    refused(desk(), priced, "price_and_type", Reason.PRICE_ON_MARKET_ORDER)
    bare = conditional("a", STOP_LIMIT)
    refused(desk(), bare, "price_and_type", Reason.PRICE_MISSING)


def test_a_conditional_order_needs_a_market_to_be_judged_by() -> None:
    order = conditional("a", STOP_LIMIT, at="7.4", reference=None)
    refused(desk(), order, "reference_price", Reason.REFERENCE_PRICE_MISSING)


def test_what_closes_the_position_takes_what_is_held_as_its_quantity() -> None:
    trading = long("10.3")
    decision = trading.do(closing("a"))
    verdict, placed = (change.event for change in decision.changes)
    assert isinstance(verdict, OrderAdmitted)
    assert isinstance(placed, OrderPlaced)
    assert verdict.quantity == placed.quantity == quantity("10.3")
    assert placed.close_position
    assert trading.risk().exposure(placed.instrument_id).open_sells == number("10.3")


@pytest.mark.parametrize("kind", sorted(set(OrderType) - {STOP_MARKET, PROFIT_MARKET}))
def test_only_stops_and_take_profits_at_the_market_close_the_position(kind: OrderType) -> None:
    market = kind is OrderType.MARKET
    condition = None
    if kind in CONDITIONAL:
        trails = kind is TRAILING
        at = None if trails else price("7.5")
        condition = Trigger(TriggerSource.MARK, at, number("0.01") if trails else None, None)
    order = closing(
        "a",
        type=kind,
        price=price("7.4") if kind in LIMITED else None,
        time_in_force=TimeInForce.IOC if market else TimeInForce.GTC,
        trigger=condition,
    )
    refused(long(), order, "close_position", Reason.CLOSE_POSITION_NOT_ALLOWED)


def test_what_closes_the_position_has_no_quantity_and_all_others_have() -> None:
    sized = closing("a", quantity=quantity(10))
    refused(long(), sized, "close_position", Reason.CLOSE_POSITION_WITH_QUANTITY, "0", "10")
    refused(long(), place("a", SELL, 0), "close_position", Reason.QUANTITY_MISSING)


def test_closing_is_reducing() -> None:
    growing = closing("a", reduce_only=False)
    refused(long(), growing, "close_position", Reason.CONTRADICTORY_FLAGS)
    halted = long()
    halted.events(HaltTrading(ACCOUNT, "loss"))
    admitted(halted, closing("a"))


def test_there_has_to_be_something_to_close_on_the_other_side() -> None:
    refused(desk(), closing("a"), "close_position", Reason.NOTHING_TO_CLOSE)
    above = Trigger(TriggerSource.LAST, price("8.5"), None, None)
    buys = closing("a", side=BUY, trigger=above)
    refused(long(), buys, "close_position", Reason.NOTHING_TO_CLOSE)


def test_a_stop_and_a_take_profit_may_close_the_same_position() -> None:
    trading = long()
    admitted(trading, closing("stop"))
    above = Trigger(TriggerSource.LAST, price("8.5"), None, None)
    admitted(trading, closing("profit", PROFIT_MARKET, trigger=above))
    left = place("other", SELL, 1, "8.2", reduce_only=True)
    refused(trading, left, "reduce_only", Reason.WOULD_INCREASE, "0", "1")


def test_closing_is_not_held_against_what_else_is_open() -> None:
    trading = long("10")
    trading.events(place("flips", SELL, 25, "8.2"))
    admitted(trading, closing("a"))


def test_closing_passes_limits_of_size_and_position() -> None:
    trading = long("10", order_quantity=number(1), order_notional=number(1))
    admitted(trading, closing("a"))
    trading.events(SetLimits(ACCOUNT, limits(position_notional=number(1))))
    admitted(trading, closing("b"))


def test_closing_more_than_was_held_when_it_was_placed_is_no_overfill() -> None:
    trading = long("10")
    trading.events(closing("a"))
    trading.events(place("more", amount=5))
    trading.events(filled("more", "m", 5))
    trading.events(triggered("a"))
    (told, *_) = trading.events(filled("a", "x", 15, "7.5", side=SELL))
    assert getattr(told, "overfill") == 0  # noqa: B009
    assert trading.position().net_quantity == 0
    assert trading.risk().reservations == {}
    assert trading.order("a").status == "filled"


def test_closing_less_than_was_held_ends_with_an_expiry_and_frees_the_rest() -> None:
    trading = long("10")
    trading.events(closing("a"))
    trading.events(triggered("a"))
    trading.events(filled("a", "x", 4, "7.5", side=SELL))
    trading.events(expired("a"))
    assert trading.order("a").status == "expired"
    assert trading.risk().reservations == {}


def _reserved(trading: Desk, order: PlaceOrder) -> Price:
    verdict = trading.events(order)[0]
    assert isinstance(verdict, OrderAdmitted)
    return verdict.price


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (conditional("a", side=BUY, trigger="8.5"), "8.5"),
        (conditional("a", side=SELL, trigger="7.5"), "8"),
        (conditional("a", PROFIT_MARKET, BUY, trigger="7.5"), "8"),
        (conditional("a", PROFIT_MARKET, SELL, trigger="8.5"), "8.5"),
        (conditional("a", STOP_LIMIT, BUY, at="8.6", trigger="8.5"), "8.6"),
        (_trailing("a", BUY, "0.05"), "8.4"),
        (_trailing("a", BUY, "0.05", activation="7.5"), "8.4"),
        (_trailing("a", SELL, "0.05"), "8"),
        (_trailing("a", SELL, "0.05", activation="8.5"), "8.5"),
    ],
)
def test_a_stop_is_reserved_at_the_dearer_of_trigger_and_market(
    order: PlaceOrder, expected: str
) -> None:
    assert _reserved(desk(), order) == price(expected)


@pytest.mark.parametrize(
    ("order", "value"),
    [
        (conditional("a", side=BUY, trigger="8.5"), "85"),
        (conditional("a", PROFIT_LIMIT, SELL, at="8.2", trigger="8.5"), "85"),
        (conditional("a", STOP_LIMIT, SELL, at="7.4", trigger="7.5"), "80"),
    ],
)
def test_limits_are_measured_at_the_dearest_price(order: PlaceOrder, value: str) -> None:
    admitted(desk(limits(order_notional=number(value))), order)
    below = limits(order_notional=number(value) - 1)
    below_it = str(number(value) - 1)
    refused(desk(below), order, "order_notional", Reason.ORDER_NOTIONAL_LIMIT, below_it, value)


def test_the_collar_is_around_what_a_stop_waits_for() -> None:
    collared = limits(price_collar=number("0.05"))
    order = conditional("a", STOP_LIMIT, at="4.75", trigger="5")
    admitted(desk(collared), order)
    far = conditional("b", STOP_LIMIT, at="4.749", trigger="5")
    refused(desk(collared), far, "price_collar", Reason.PRICE_COLLAR, "0.25", "0.251")


def test_stops_at_two_prices_are_two_intents() -> None:
    trading = desk(limits(duplicate_window=1_000_000))
    admitted(trading, conditional("a", trigger="7.5"))
    admitted(trading, conditional("b", trigger="7.4"))
    refused(
        trading,
        conditional("c", trigger="7.5"),
        "duplicate",
        Reason.DUPLICATE_INTENT,
        "1000000",
        "0",
    )


def test_a_stop_at_the_market_has_the_market_s_maximum() -> None:
    admitted(desk(), conditional("a", amount=2_000))
    order = conditional("a", amount=Decimal("2000.1"))
    refused(desk(), order, "quantity", Reason.QUANTITY_ABOVE_MAXIMUM, "2000", "2000.1")
    admitted(desk(), conditional("a", STOP_LIMIT, amount=10_000, at="7.4"))
