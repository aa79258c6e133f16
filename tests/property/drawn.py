"""What random trading draws from: few names, so that stories meet, and numbers near every bound.

Most draws are sensible: a story in which nothing is ever admitted proves little.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from domain.ids import PLATFORM, InstrumentId, StrategyId, derived
from domain.orders.commands import (
    OrderType,
    PlaceOrder,
    ReferencePrice,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.forms import CONDITIONAL, LIMITED, triggered_by_rise
from domain.risk.commands import Limits, StrategyLimits
from domain.values import Money, Price, Quantity, Side
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, START, SUSHI, order_id

BTC: Final = InstrumentId("BINANCE:BTCUSDT")
ACCOUNTS: Final = (ACCOUNT, OTHER_ACCOUNT)
INSTRUMENTS: Final = (SUSHI, BTC)

LATE: Final = START + 10_000_000_000
"""A date that no story reaches."""
_STOP: Final = OrderType.STOP_MARKET
_ODDITIES: Final = (
    "quantity",
    "price",
    "no price",
    "time",
    "date",
    "trigger",
    "closes",
    "reference",
    "type",
)

accounts = st.sampled_from(ACCOUNTS)
scopes = st.sampled_from((*ACCOUNTS, PLATFORM))
instruments = st.sampled_from(INSTRUMENTS)
sides = st.sampled_from(Side)
picks = st.integers(0, 1_000)
"""Which of the orders so far, modulo their number."""

quantities = st.integers(10, 200).map(lambda tenths: Quantity(Decimal(tenths) / 10))
odd_quantities = st.sampled_from(["0.4", "0.5", "0.55", "2000.1", "10000", "10000.1"]).map(
    lambda text: Quantity(Decimal(text))
)
prices = st.one_of(
    st.sampled_from(["7.5", "8", "8.001", "8.4"]).map(lambda text: Price(Decimal(text))),
    st.integers(6_000, 10_000).map(lambda ticks: Price(Decimal(ticks) / 1000)),
)
odd_prices = st.one_of(
    st.just(Price(Decimal("8.0005"))),
    st.integers(1, 100_000).map(lambda ticks: Price(Decimal(ticks) / 1000)),
)
_some_price = st.one_of(st.none(), odd_prices)
odd_triggers = st.one_of(
    st.none(),
    st.builds(
        Trigger,
        st.sampled_from(TriggerSource),
        _some_price,
        st.sampled_from([None, Decimal("0.0009"), Decimal("0.01"), Decimal("0.11")]),
        _some_price,
    ),
)
references = st.integers(7_000, 9_000).map(
    lambda ticks: ReferencePrice(Price(Decimal(ticks) / 1000), START)
)
fees = st.builds(
    Money,
    st.integers(-1_000, 10_000).map(lambda n: Decimal(n) / 1_000_000),
    st.sampled_from(["USDT", "USDT", "BNB"]),
)
limits = st.builds(
    Limits,
    currency=st.just("USDT"),
    order_quantity=st.sampled_from([None, None, None, Decimal(15)]),
    order_notional=st.sampled_from([None, None, None, Decimal(120)]),
    open_orders=st.sampled_from([None, None, None, 0, 2, 4]),
    position_notional=st.sampled_from([None, None, None, Decimal(150), Decimal(400)]),
    price_collar=st.sampled_from([None, None, None, Decimal("0.05")]),
    duplicate_window=st.sampled_from([0, 0, 1_000_000]),
)

STRATEGIES: Final = tuple(StrategyId(derived("drawn strategy", each)) for each in "ab")
_strategy_limits = st.builds(
    StrategyLimits,
    order_quantity=st.sampled_from([None, None, Decimal(15)]),
    order_notional=st.sampled_from([None, None, Decimal(120)]),
    open_orders=st.sampled_from([None, None, 1]),
    open_notional=st.sampled_from([None, None, Decimal(100)]),
)
wide_limits = st.builds(
    Limits,
    currency=st.just("USDT"),
    orders_per_second=st.sampled_from([None, None, None, None, None, None, None, 2]),
    orders_per_minute=st.sampled_from([None, None, None, None, None, None, None, 5]),
    price_age=st.sampled_from([0, 0, 0, 2_000_000]),
    instrument_open_orders=st.sampled_from([None, None, None, None, None, 1, 3]),
    open_notional=st.sampled_from([None, None, None, None, Decimal(200)]),
    instrument_open_notional=st.sampled_from([None, None, None, Decimal(150)]),
    gross_notional=st.sampled_from([None, None, None, Decimal(250), Decimal(500)]),
    net_notional=st.sampled_from([None, None, None, None, Decimal(120), Decimal(300)]),
    concentration=st.sampled_from([None, None, None, None, Decimal("0.6")]),
    concentration_from=st.sampled_from([None, Decimal(100)]),
    daily_loss=st.sampled_from([None, Decimal(1), Decimal(4)]),
    drawdown=st.sampled_from([None, None, Decimal(3), Decimal(12)]),
    self_trade=st.booleans(),
    strategies=st.dictionaries(st.sampled_from(STRATEGIES), _strategy_limits, max_size=2),
)
"""The limits beside those of `limits`: one model has these, the other one those."""


@st.composite
def good_orders(draw: st.DrawFn) -> PlaceOrder:
    """An order that is shaped as it should be; only limits may refuse it. The id is set later."""
    kind = draw(st.sampled_from(["plain", "plain", "plain", "conditional", "closing"]))
    order = draw(_plain_orders())
    if kind == "plain":
        return order
    return draw(_conditional_orders(order, closes=kind == "closing"))


@st.composite
def _conditional_orders(draw: st.DrawFn, order: PlaceOrder, *, closes: bool) -> PlaceOrder:
    """What waits on its own side of the market, so that only limits refuse it."""
    kinds = sorted(CONDITIONAL) if not closes else [_STOP, OrderType.TAKE_PROFIT_MARKET]
    kind = draw(st.sampled_from(kinds))
    assert order.reference is not None
    rises = triggered_by_rise(kind, order.side)
    trails = kind is OrderType.TRAILING_STOP
    if trails:
        rises = order.side is Side.SELL
    away = Decimal(draw(st.integers(1, 900))) / 1000
    there = Price(order.reference.price + (away if rises else -away))
    limited = kind in LIMITED
    trigger = Trigger(
        draw(st.sampled_from(TriggerSource)),
        None if trails else there,
        draw(st.sampled_from([Decimal("0.001"), Decimal("0.1")])) if trails else None,
        draw(st.sampled_from([None, there])) if trails else None,
    )
    return replace(
        order,
        type=kind,
        time_in_force=TimeInForce.GTC,
        expires_at=None,
        price=draw(prices) if limited else None,
        trigger=trigger,
        close_position=closes,
        reduce_only=closes or order.reduce_only,
        quantity=Quantity(Decimal(0)) if closes else order.quantity,
    )


@st.composite
def _plain_orders(draw: st.DrawFn) -> PlaceOrder:
    market = draw(st.sampled_from([False, False, False, True]))
    force = TimeInForce.IOC if market else draw(st.sampled_from([TimeInForce.GTC, *TimeInForce]))
    return PlaceOrder(
        order_id=order_id("later"),
        account_id=draw(accounts),
        instrument_id=draw(instruments),
        side=draw(sides),
        type=OrderType.MARKET if market else OrderType.LIMIT,
        time_in_force=force,
        expires_at=LATE if force is TimeInForce.GTD else None,
        quantity=draw(quantities),
        price=None if market else draw(prices),
        reduce_only=draw(st.sampled_from([False, False, False, False, True])),
        reference=draw(references),
    )


@st.composite
def odd_orders(draw: st.DrawFn) -> PlaceOrder:
    """A good order with one thing wrong, or merely unusual."""
    order = draw(good_orders())
    match draw(st.sampled_from(_ODDITIES)):
        case "quantity":
            return replace(order, quantity=draw(odd_quantities))
        case "price":
            return replace(order, price=draw(odd_prices))
        case "no price":
            return replace(order, price=None)
        case "time":
            return replace(order, time_in_force=draw(st.sampled_from(TimeInForce)))
        case "date":
            return replace(order, expires_at=draw(st.sampled_from([None, START, LATE])))
        case "trigger":
            return replace(order, trigger=draw(odd_triggers))
        case "closes":
            return replace(order, close_position=not order.close_position)
        case "reference":
            return replace(order, reference=None)
        case _:
            return replace(order, type=draw(st.sampled_from(OrderType)))
