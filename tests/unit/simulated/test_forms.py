"""Forms of orders at the exchange: triggers, post only, all or nothing, and what only reduces."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.matching import Market, Matched, VenueOrder, VenueStatus, refusal
from adapters.simulated.triggers import at_once, watched
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType, TimeInForce, Trigger, TriggerSource
from domain.values import Price, Side
from projections.market import Book

NAME = InstrumentId("BINANCE:SUSHIUSDT")
D = Decimal
BUY, SELL = Side.BUY, Side.SELL
RULES = TradingRules("USDT", D("0.001"), D(1), D(1), D(1000), D(100), D(5), trading=True)
EVERY_FORCE = (TimeInForce.FOK, TimeInForce.GTX, TimeInForce.IOC, TimeInForce.GTC)


def _order(
    side: Side = BUY,
    quantity: int = 10,
    price: str | None = "8.2",
    force: TimeInForce = TimeInForce.GTC,
    kind: OrderType = OrderType.LIMIT,
    trigger: Trigger | None = None,
) -> VenueOrder:
    limit = None if price is None else D(price)
    return VenueOrder(
        "pt-1", "S1", "a", NAME, side, kind, force, D(quantity), limit, trigger=trigger
    )


def _stop(
    side: Side, at: str, kind: OrderType = OrderType.STOP_MARKET, price: str | None = None
) -> VenueOrder:
    trigger = Trigger(TriggerSource.LAST, Price(D(at)), None, None)
    return _order(side, price=price, kind=kind, trigger=trigger)


def _trailing(side: Side, callback: str, activation: str | None = None) -> VenueOrder:
    begins = None if activation is None else Price(D(activation))
    trigger = Trigger(TriggerSource.LAST, None, D(callback), begins)
    return _order(side, price=None, kind=OrderType.TRAILING_STOP, trigger=trigger)


def _market(asks: int = 10, bids: int = 10) -> Market:
    market = Market()
    market.take(Book(NAME, 1, 1, ((D("8.0"), D(bids)),), ((D("8.1"), D(asks)),)))
    return market


def _ended(matched: Matched) -> tuple[VenueStatus, Decimal, str]:
    return matched.order.status, matched.order.filled, matched.reason


def test_fill_or_kill_takes_all_or_nothing() -> None:
    whole = _market().arrive(_order(force=TimeInForce.FOK))
    assert _ended(whole) == (VenueStatus.FILLED, D(10), "")
    market = _market(asks=9)
    killed = market.arrive(_order(force=TimeInForce.FOK))
    assert _ended(killed) == (
        VenueStatus.EXPIRED, D(0), "fill or kill: not all can be taken"
    )  # fmt: skip
    assert market.arrive(_order(quantity=9)).order.status is VenueStatus.FILLED


def test_post_only_gives_and_never_takes() -> None:
    refused = _market().arrive(_order(price="8.1", force=TimeInForce.GTX))
    assert _ended(refused) == (VenueStatus.EXPIRED, D(0), "post only: it would take")
    rested = _market().arrive(_order(price="8.09", force=TimeInForce.GTX))
    assert rested.order.status is VenueStatus.OPEN


def test_the_rest_of_immediate_or_cancel_expires_and_of_a_dated_order_rests() -> None:
    rest = _market(asks=4).arrive(_order(force=TimeInForce.IOC))
    assert _ended(rest) == (
        VenueStatus.EXPIRED, D(4), "immediate or cancel: nothing more to take"
    )  # fmt: skip
    dated = _market(asks=4).arrive(replace(_order(force=TimeInForce.GTD), expires_at=5))
    assert _ended(dated) == (VenueStatus.OPEN, D(4), "")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (0, (VenueStatus.EXPIRED, D(0), "nothing more to reduce")),
        (6, (VenueStatus.EXPIRED, D(6), "nothing more to reduce")),
        (10, (VenueStatus.FILLED, D(10), "")),
        (12, (VenueStatus.FILLED, D(12), "")),
    ],
)
def test_what_closes_the_position_trades_what_is_held(
    held: int, expected: tuple[VenueStatus, Decimal, str]
) -> None:
    order = replace(_stop(SELL, "7.9"), close_position=True, reduce_only=True, triggered=True)
    assert _ended(_market(bids=20).arrive(order, D(held))) == expected


def test_what_reduces_trades_no_more_than_is_held_and_then_ends() -> None:
    order = replace(_order(SELL, 10, "8.0"), reduce_only=True)
    words = "reduce only: nothing more to reduce"
    assert _ended(_market().arrive(order, D(4))) == (VenueStatus.EXPIRED, D(4), words)
    resting = _market().arrive(replace(order, price=D("8.05")), D(4)).order
    assert resting.status is VenueStatus.OPEN
    assert _ended(_market().cross(resting, D(0))) == (VenueStatus.EXPIRED, D(0), words)


@pytest.mark.parametrize(
    ("order", "waits", "reaches"),
    [
        (_stop(SELL, "7.9"), "7.901", "7.9"),
        (_stop(BUY, "8.2"), "8.199", "8.2"),
        (_stop(SELL, "8.2", OrderType.TAKE_PROFIT_MARKET), "8.199", "8.2"),
        (_stop(BUY, "7.9", OrderType.TAKE_PROFIT_LIMIT, "7.9"), "7.901", "7.9"),
    ],
)
def test_a_stop_is_triggered_at_its_price(order: VenueOrder, waits: str, reaches: str) -> None:
    assert order.waits
    assert watched(order, D(waits)) is order
    assert not at_once(order, D(waits))
    hit = watched(order, D(reaches))
    assert hit == replace(order, triggered=True)
    assert not hit.waits
    assert at_once(order, D(reaches))


def test_a_trailing_stop_follows_the_best_price_and_triggers_on_the_way_back() -> None:
    order = _trailing(SELL, "0.1", "10")
    assert watched(order, D("9.99")) is order, "it does not follow yet"
    order = watched(order, D(10))
    assert (order.best, order.triggered) == (D(10), False)
    order = watched(order, D(20))
    assert order.best == 20
    assert watched(order, D("18.001")) is order
    assert watched(order, D(18)).triggered
    falling = watched(watched(_trailing(BUY, "0.1"), D(10)), D(8))
    assert falling.best == 8
    assert not watched(falling, D("8.79")).triggered
    assert watched(falling, D("8.8")).triggered


@given(
    st.sampled_from(Side),
    st.sampled_from(["0.001", "0.01", "0.1"]),
    st.none() | st.integers(50, 150),
    st.lists(st.integers(50, 150), max_size=30),
)
def test_a_trailing_stop_against_the_whole_history_of_prices(
    side: Side, callback: str, activation: int | None, prices: list[int]
) -> None:
    """Seen from the end: it triggers at the first price that is far enough from the best so far."""
    order = _trailing(side, callback, None if activation is None else str(activation))
    sign = 1 if side is SELL else -1
    seen: list[int] = []
    for price in prices:
        if order.triggered:
            break
        order = watched(order, D(price))
        if seen or activation is None or sign * price >= sign * activation:
            seen.append(price)
        best = max(seen, key=lambda each: sign * each, default=None)
        assert order.best == best
        away = best is not None and sign * (best - price) >= best * D(callback)
        assert order.triggered == away


@given(
    st.sampled_from(EVERY_FORCE),
    st.sampled_from(Side),
    st.integers(1, 20),
    st.integers(7_995, 8_105),
    st.integers(0, 20),
    st.booleans(),
    st.integers(0, 15),
)
def test_whatever_the_form_nothing_is_given_that_is_not_there(
    force: TimeInForce,
    side: Side,
    quantity: int,
    price: int,
    depth: int,
    reduces: bool,  # noqa: FBT001
    held: int,
) -> None:
    """One level on each side: what may be traded is a minimum of four numbers."""
    order = replace(_order(side, quantity, str(D(price) / 1000), force), reduce_only=reduces)
    market = Market()
    levels = ((D("8.0"), D(depth)),), ((D("8.1"), D(depth)),)
    market.take(Book(NAME, 1, 1, *levels))
    crosses = price >= 8_100 if side is BUY else price <= 8_000
    there = depth if crosses else 0
    matched = market.arrive(order, D(held))
    wanted = min(quantity, held) if reduces else quantity
    expected = min(wanted, there)
    if force is TimeInForce.GTX or (force is TimeInForce.FOK and expected < quantity):
        expected = 0
    assert matched.order.filled == expected
    assert sum(execution.quantity for execution in matched.executions) == expected
    if expected == quantity:
        assert matched.order.status is VenueStatus.FILLED
    elif force in {TimeInForce.IOC, TimeInForce.FOK} or (force is TimeInForce.GTX and there):
        assert matched.order.status is VenueStatus.EXPIRED
    else:
        ends = reduces and expected >= held
        assert matched.order.status is (VenueStatus.EXPIRED if ends else VenueStatus.OPEN)
    assert (matched.reason == "") is (matched.order.status is not VenueStatus.EXPIRED)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (replace(_stop(SELL, "7.9"), trigger=None), "condition"),
        (replace(_stop(SELL, "7.9"), type=OrderType.LIMIT, price=D(8)), "condition"),
        (_stop(SELL, "7.9", OrderType.STOP_LIMIT), "without a price"),
        (
            replace(
                _stop(SELL, "7.9"),
                trigger=Trigger(TriggerSource.INDEX, Price(D("7.9")), None, None),
            ),
            "index",
        ),
        (_order(force=TimeInForce.GTD), "gtd"),
        (replace(_order(), expires_at=8), "gtd"),
        (replace(_order(force=TimeInForce.GTD), expires_at=7), "passed"),
        (replace(_stop(SELL, "7.9"), quantity=D(101)), "maximum"),
    ],
)
def test_forms_that_do_not_fit_are_refused(order: VenueOrder, words: str) -> None:
    assert words in refusal(order, RULES, 7)


def test_forms_that_fit_are_taken() -> None:
    for order in (
        _stop(SELL, "7.9"),
        _stop(BUY, "8.2", OrderType.STOP_LIMIT, "8.3"),
        _trailing(SELL, "0.01"),
        replace(_order(force=TimeInForce.GTD), expires_at=8),
        replace(_stop(SELL, "7.9"), close_position=True, quantity=D("0.5")),
    ):
        assert refusal(order, RULES, 7) == ""
