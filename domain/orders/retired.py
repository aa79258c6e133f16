"""Forms of an order's events that are no longer written, and the way to those of today."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.orders.commands import ExecutionKind, Liquidity, OrderType, TimeInForce
from domain.orders.events import OrderDenied, OrderFilled, OrderPlaced
from domain.values import Money, PositionSide, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class OrderPlacedV1:
    """`order.placed.v1`: accounts had one net position an instrument."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    price: Price | None
    reduce_only: bool
    strategy_id: StrategyId | None
    client_order_id: str
    currency: str


@dataclass(frozen=True, slots=True)
class OrderDeniedV1:
    """`order.denied.v1`: accounts had one net position an instrument."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    price: Price | None
    reduce_only: bool
    strategy_id: StrategyId | None
    reason: int
    detail: str


@dataclass(frozen=True, slots=True)
class OrderFilledV1:
    """`order.filled.v1`: accounts had one net position an instrument, and only trades were told."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    strategy_id: StrategyId | None
    execution_id: ExecutionId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    liquidity: Liquidity
    filled_quantity: Decimal
    overfill: Decimal
    venue_time: int


def filled_v1(old: OrderFilledV1) -> OrderFilled:
    """A trade of the net position."""
    return OrderFilled(
        order_id=old.order_id,
        account_id=old.account_id,
        instrument_id=old.instrument_id,
        strategy_id=old.strategy_id,
        execution_id=old.execution_id,
        side=old.side,
        price=old.price,
        quantity=old.quantity,
        fee=old.fee,
        liquidity=old.liquidity,
        filled_quantity=old.filled_quantity,
        overfill=old.overfill,
        venue_time=old.venue_time,
        position_side=PositionSide.NET,
        kind=ExecutionKind.TRADE,
    )


def placed_v1(old: OrderPlacedV1) -> OrderPlaced:
    """An order of the net position that waited for nothing and had no date."""
    return OrderPlaced(
        order_id=old.order_id,
        account_id=old.account_id,
        instrument_id=old.instrument_id,
        side=old.side,
        type=old.type,
        time_in_force=old.time_in_force,
        quantity=old.quantity,
        price=old.price,
        reduce_only=old.reduce_only,
        strategy_id=old.strategy_id,
        client_order_id=old.client_order_id,
        currency=old.currency,
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=None,
    )


def denied_v1(old: OrderDeniedV1) -> OrderDenied:
    """An order of the net position that waited for nothing and had no date."""
    return OrderDenied(
        order_id=old.order_id,
        account_id=old.account_id,
        instrument_id=old.instrument_id,
        side=old.side,
        type=old.type,
        time_in_force=old.time_in_force,
        quantity=old.quantity,
        price=old.price,
        reduce_only=old.reduce_only,
        strategy_id=old.strategy_id,
        reason=old.reason,
        detail=old.detail,
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=None,
    )
