"""An order as its events leave it; every event can be folded onto every state.

Events are facts: what decide() would not allow today may be in the log (another release decided
it), so a pair without a row in the table keeps the status and takes the numbers.
"""

from typing import Final, assert_never

from domain.changing import changed
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
    OrderTriggered,
)
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import Move, Outcome, after
from domain.values import plus


def evolve(order: Order, event: OrderEvent) -> Order:
    """The order after one more event; total."""
    match event:
        case OrderPlaced():
            return _placed(event)
        case OrderDenied():
            return _denied(event)
        case OrderAccepted():
            return changed(
                order, status=_after(order, Move.ACCEPT), venue_order_id=event.venue_order_id
            )
        case OrderFilled():
            last = order.is_completed_by(event.quantity)
            return changed(
                order,
                status=_after(order, Move.COMPLETE if last else Move.FILL),
                filled=plus(order.filled, event.quantity),
                executions=order.executions | {event.execution_id},
            )
        case (
            OrderCancelRequested()
            | OrderCancelRejected()
            | OrderRejected()
            | OrderCancelled()
            | OrderExpired()
        ):
            return changed(order, status=_after(order, _MOVES[type(event)]))
        case OrderTriggered():
            return changed(order, status=_after(order, Move.TRIGGER), triggered=True)
        case _:
            assert_never(event)


def _placed(event: OrderPlaced) -> Order:
    return Order(
        status=_after(_NEW, Move.PLACE),
        account_id=event.account_id,
        instrument_id=event.instrument_id,
        strategy_id=event.strategy_id,
        side=event.side,
        position_side=event.position_side,
        quantity=event.quantity,
        client_order_id=event.client_order_id,
        currency=event.currency,
        conditional=event.trigger is not None,
        close_position=event.close_position,
    )


def _denied(event: OrderDenied) -> Order:
    return Order(
        status=_after(_NEW, Move.DENY),
        account_id=event.account_id,
        instrument_id=event.instrument_id,
        strategy_id=event.strategy_id,
        side=event.side,
        position_side=event.position_side,
        quantity=event.quantity,
    )


def _after(order: Order, move: Move) -> OrderStatus:
    match after(order.status, move):
        case OrderStatus() as status:
            return status
        case Outcome.RESTORED:
            return _before_the_cancel(order)
        case Outcome.KNOWN | None:
            return order.status


def _before_the_cancel(order: Order) -> OrderStatus:
    if order.filled > 0:
        return OrderStatus.PARTIALLY_FILLED
    if order.triggered:
        return OrderStatus.TRIGGERED
    return OrderStatus.ACCEPTED if order.venue_order_id else OrderStatus.SUBMITTING


_MOVES: Final[dict[type[OrderEvent], Move]] = {
    OrderCancelRequested: Move.REQUEST_CANCEL,
    OrderCancelRejected: Move.REJECT_CANCEL,
    OrderRejected: Move.REJECT,
    OrderCancelled: Move.CANCEL,
    OrderExpired: Move.EXPIRE,
}
"""Events that change nothing but the status."""

_NEW: Final = Order()
"""An order begins once: placing starts from here, whatever a broken log holds before."""
