"""An order as its events left it."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from domain.ids import AccountId, ExecutionId, InstrumentId, StrategyId
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderRejected,
)
from domain.values import ZERO, Side, plus


class OrderStatus(StrEnum):
    """Where an order is in its life; transitions.py has the legal moves."""

    NEW = "new"
    """No event yet."""
    DENIED = "denied"
    """Our own checks refused it."""
    SUBMITTING = "submitting"
    """In the log and on its way to the venue."""
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    """The venue is being asked to cancel; fills still come."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    """The venue refused it."""
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether the venue may still fill it as far as we know."""
        return self in _OPEN


_OPEN = frozenset(
    {
        OrderStatus.SUBMITTING,
        OrderStatus.ACCEPTED,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL,
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """One order; the executions that it has seen make every fill count once."""

    status: OrderStatus = OrderStatus.NEW
    account_id: AccountId | None = None
    instrument_id: InstrumentId | None = None
    strategy_id: StrategyId | None = None
    side: Side = Side.BUY
    quantity: Decimal = ZERO
    filled: Decimal = ZERO
    client_order_id: str = ""
    currency: str = ""
    venue_order_id: str = ""
    """Empty until the venue accepted it; fills may come first."""
    executions: frozenset[ExecutionId] = frozenset()


def evolve(order: Order, event: OrderEvent) -> Order:
    """The order after one more event; total: any event can follow any state."""
    match event:
        case OrderPlaced():
            return Order(
                status=OrderStatus.SUBMITTING,
                account_id=event.account_id,
                instrument_id=event.instrument_id,
                strategy_id=event.strategy_id,
                side=event.side,
                quantity=event.quantity,
                client_order_id=event.client_order_id,
                currency=event.currency,
            )
        case OrderDenied():
            return Order(
                status=OrderStatus.DENIED,
                account_id=event.account_id,
                instrument_id=event.instrument_id,
                strategy_id=event.strategy_id,
                side=event.side,
                quantity=event.quantity,
            )
        case OrderAccepted():
            accepted = order.status is OrderStatus.SUBMITTING
            return replace(
                order,
                status=OrderStatus.ACCEPTED if accepted else order.status,
                venue_order_id=event.venue_order_id,
            )
        case OrderFilled():
            return _filled(order, event)
        case OrderCancelRequested():
            return replace(order, status=OrderStatus.PENDING_CANCEL)
        case OrderCancelRejected():
            pending = order.status is OrderStatus.PENDING_CANCEL
            return replace(order, status=_resting(order) if pending else order.status)
        case OrderRejected():
            return replace(order, status=OrderStatus.REJECTED)
        case OrderCancelled():
            return replace(order, status=OrderStatus.CANCELLED)
        case OrderExpired():
            return replace(order, status=OrderStatus.EXPIRED)
        case _:
            assert_never(event)


def _filled(order: Order, event: OrderFilled) -> Order:
    filled = plus(order.filled, event.quantity)
    status = order.status
    if filled >= order.quantity:
        status = OrderStatus.FILLED
    elif status in {OrderStatus.SUBMITTING, OrderStatus.ACCEPTED}:
        status = OrderStatus.PARTIALLY_FILLED
    # Otherwise the fill came late: a cancel is pending, or the venue ended the order already.
    return replace(
        order, status=status, filled=filled, executions=order.executions | {event.execution_id}
    )


def _resting(order: Order) -> OrderStatus:
    """What the order was before a cancel was asked for."""
    if order.filled > 0:
        return OrderStatus.PARTIALLY_FILLED
    return OrderStatus.ACCEPTED if order.venue_order_id else OrderStatus.SUBMITTING
