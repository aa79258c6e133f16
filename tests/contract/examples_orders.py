"""Examples of the events of orders, one of each and one more where fields may be empty."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from domain.ids import ExecutionId
from domain.orders.commands import (
    ExecutionKind,
    Liquidity,
    OrderType,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderRejected,
    OrderTriggered,
)
from domain.registry import Event
from domain.values import Money, PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    STOP,
    STRATEGY,
    SUSHI,
    VENUE_TIME,
    price_of,
    quantity_of,
    usdt,
)

_FILLED: Final = OrderFilled(
    order_id=ORDER,
    account_id=ACCOUNT,
    instrument_id=SUSHI,
    strategy_id=STRATEGY,
    execution_id=ExecutionId("88231771"),
    side=Side.BUY,
    price=price_of("7.599"),
    quantity=quantity_of("4"),
    fee=usdt("0.0121584"),
    liquidity=Liquidity.TAKER,
    filled_quantity=Decimal(12),
    overfill=Decimal(2),
    venue_time=VENUE_TIME,
    position_side=PositionSide.LONG,
    kind=ExecutionKind.LIQUIDATION,
)


_REBATE: Final = OrderFilled(
    order_id=ORDER,
    account_id=ACCOUNT,
    instrument_id=SUSHI,
    strategy_id=None,
    execution_id=ExecutionId("88231772"),
    side=Side.SELL,
    price=price_of("0.000000000000000001"),
    quantity=quantity_of("999999999999999999.999999999999999999"),
    fee=Money(Decimal("-0.00001"), "BNB"),
    liquidity=Liquidity.MAKER,
    filled_quantity=Decimal("999999999999999999.999999999999999999"),
    overfill=Decimal(0),
    venue_time=VENUE_TIME,
    position_side=PositionSide.NET,
    kind=ExecutionKind.TRADE,
)

ORDERS: Final[dict[str, Event]] = {
    "order.placed.v2": OrderPlaced(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=quantity_of("10"),
        price=price_of("7.600"),
        reduce_only=False,
        strategy_id=STRATEGY,
        client_order_id="pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        currency="USDT",
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=None,
    ),
    "order.placed.v2 market": OrderPlaced(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=None,
        reduce_only=True,
        strategy_id=None,
        client_order_id="pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        currency="USDT",
        position_side=PositionSide.LONG,
        expires_at=None,
        close_position=False,
        trigger=None,
    ),
    "order.placed.v2 stop": OrderPlaced(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.STOP_MARKET,
        time_in_force=TimeInForce.GTD,
        quantity=quantity_of("12.5"),
        price=None,
        reduce_only=True,
        strategy_id=None,
        client_order_id="pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        currency="USDT",
        position_side=PositionSide.NET,
        expires_at=AT + 3_600_000_000,
        close_position=True,
        trigger=STOP,
    ),
    "order.denied.v2": OrderDenied(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=price_of("7.6"),
        reduce_only=False,
        strategy_id=STRATEGY,
        reason=2007,
        detail="the position could pass its limit",
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=None,
    ),
    "order.denied.v2 market": OrderDenied(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        quantity=quantity_of("10"),
        price=None,
        reduce_only=False,
        strategy_id=None,
        reason=2001,
        detail='loss of "5 %" — ünlimited \u2028',
        position_side=PositionSide.SHORT,
        expires_at=None,
        close_position=False,
        trigger=None,
    ),
    "order.accepted.v1": OrderAccepted(ORDER, "8389765491", VENUE_TIME),
    "order.rejected.v1": OrderRejected(ORDER, "-2019 Margin is insufficient.", VENUE_TIME),
    "order.filled.v2": _FILLED,
    "order.filled.v2 rebate": _REBATE,
    "order.cancel_requested.v1": OrderCancelRequested(
        ORDER, ACCOUNT, SUSHI, "pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11"
    ),
    "order.cancel_rejected.v1": OrderCancelRejected(ORDER, "-2011 Unknown order.", VENUE_TIME),
    "order.cancelled.v1": OrderCancelled(ORDER, Decimal(6), VENUE_TIME),
    "order.denied.v2 trailing": OrderDenied(
        order_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.TRAILING_STOP,
        time_in_force=TimeInForce.GTC,
        quantity=quantity_of("10"),
        price=None,
        reduce_only=False,
        strategy_id=None,
        reason=1020,
        detail="the market is there already: it would trigger at once",
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=Trigger(TriggerSource.LAST, None, Decimal("0.0100"), price_of("7.70")),
    ),
    "order.triggered.v1": OrderTriggered(ORDER, price_of("7.500"), VENUE_TIME),
    "order.triggered.v1 untold": OrderTriggered(ORDER, None, VENUE_TIME),
    "order.expired.v1": OrderExpired(ORDER, Decimal("0.0"), "immediate or cancel", VENUE_TIME),
}
"""By stored type name, and a word where a type has a second example."""


def _net(event: Any) -> Event:
    """As what was stored before there were legs is read."""
    read: Event = replace(event, position_side=PositionSide.NET)
    return read


RETIRED_ORDERS: Final[dict[str, Event]] = {
    "order.placed.v1": _net(ORDERS["order.placed.v2"]),
    "order.placed.v1 market": _net(ORDERS["order.placed.v2 market"]),
    "order.denied.v1": _net(ORDERS["order.denied.v2"]),
    "order.denied.v1 market": _net(ORDERS["order.denied.v2 market"]),
    "order.filled.v1": replace(_FILLED, position_side=PositionSide.NET, kind=ExecutionKind.TRADE),
    "order.filled.v1 rebate": _REBATE,
}
"""What the golden bytes of each retired version are read as today."""
