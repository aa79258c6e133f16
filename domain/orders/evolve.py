"""An order as its events leave it; every event can be folded onto every state.

Events are facts: what decide() would not allow today may be in the log (another release decided
it), so a pair without a row in the table keeps the status and takes the numbers.
"""

from typing import Any, assert_never

from domain.changing import changed
from domain.orders.events import (
    Finding,
    OrderAccepted,
    OrderAmended,
    OrderAmendRejected,
    OrderAmendRequested,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderDenied,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderLinked,
    OrderObserved,
    OrderOutcomeUnknown,
    OrderPlaced,
    OrderReconciled,
    OrderRejected,
    OrderReplaceRequested,
    OrderResizeRequested,
    OrderTriggered,
    OrderWithdrawn,
)
from domain.orders.state import Amendment, Link, Order, OrderStatus, Replacement
from domain.orders.transitions import Move, Outcome, after
from domain.values import ZERO, plus


def evolve(order: Order, event: OrderEvent) -> Order:
    """The order after one more event; total."""
    match event:
        case OrderPlaced():
            return _placed(event)
        case OrderDenied() | OrderObserved():
            return _met(event)
        case OrderAccepted():
            return _moved(order, Move.ACCEPT, venue_order_id=event.venue_order_id)
        case OrderFilled():
            last = order.is_completed_by(event.quantity)
            return _moved(
                order,
                Move.COMPLETE if last else Move.FILL,
                filled=plus(order.filled, event.quantity),
                executions=order.executions | {event.execution_id},
            )
        case OrderCancelRequested() | OrderCancelRejected():
            asked = isinstance(event, OrderCancelRequested)
            move = Move.REQUEST_CANCEL if asked else Move.REJECT_CANCEL
            return _moved(order, move, cancelling=asked, cancels=order.cancels + asked)
        case OrderRejected() | OrderCancelled() | OrderExpired():
            return _ended(order, event)
        case OrderAmendRequested() | OrderResizeRequested() | OrderAmended() | OrderAmendRejected():
            return _amend(order, event)
        case OrderOutcomeUnknown() | OrderReconciled() | OrderTriggered() | OrderLinked():
            return _told(order, event)
        case OrderHeld() | OrderReplaceRequested() | OrderWithdrawn():
            return _replaced(order, event)
        case _:
            assert_never(event)


def _replaced(order: Order, event: OrderHeld | OrderReplaceRequested | OrderWithdrawn) -> Order:
    match event:
        case OrderHeld():
            return _held(event)
        case OrderReplaceRequested():
            return changed(order, replacement=Replacement(event.replacement_id, event.quantity))
        case OrderWithdrawn():
            return _moved(order, Move.WITHDRAW, held=None, ended=OrderStatus.CANCELLED)


def _ended(order: Order, event: OrderRejected | OrderCancelled | OrderExpired) -> Order:
    match event:
        case OrderRejected():
            return _moved(order, Move.REJECT, ended=OrderStatus.REJECTED)
        case OrderCancelled():
            return _moved(order, Move.CANCEL, ended=OrderStatus.CANCELLED)
        case OrderExpired():
            return _moved(order, Move.EXPIRE, ended=OrderStatus.EXPIRED)


def _told(
    order: Order, event: OrderOutcomeUnknown | OrderReconciled | OrderTriggered | OrderLinked
) -> Order:
    match event:
        case OrderLinked():
            return changed(order, link=Link(event.entry_id, event.role))
        case OrderTriggered():
            return _moved(order, Move.TRIGGER, triggered=True)
        case OrderOutcomeUnknown():
            return _moved(order, Move.LOSE)
        case OrderReconciled(finding=Finding.OPEN):
            return _moved(order, Move.ACCEPT, venue_order_id=event.venue_order_id)
        case OrderReconciled():
            return _moved(order, Move.MISS, ended=OrderStatus.REJECTED)


def answers_pending(order: Order, amendment: int) -> bool:
    """Whether a venue's amendment is the one that we wait for."""
    return order.pending is not None and amendment == order.amends


def _amend(
    order: Order,
    event: OrderAmendRequested | OrderResizeRequested | OrderAmended | OrderAmendRejected,
) -> Order:
    match event:
        case OrderResizeRequested():
            return _asked(order, event.amendment, Amendment(event.quantity, order.price))
        case OrderAmendRequested():
            return _asked(order, event.amendment, Amendment(event.quantity, event.price))
        case OrderAmended():
            ours = answers_pending(order, event.amendment)
            return _moved(
                order,
                Move.AMEND if ours else Move.RESIZE,
                quantity=event.quantity,
                price=event.price,
                pending=None if ours else order.pending,
                amended_at=max(order.amended_at, event.venue_time),
            )
        case OrderAmendRejected():
            return _moved(order, Move.REJECT_AMEND, pending=None, amend_refused=True)


def _asked(order: Order, amendment: int, pending: Amendment) -> Order:
    return _moved(order, Move.REQUEST_AMEND, pending=pending, amends=amendment, amend_refused=False)


def _placed(event: OrderPlaced) -> Order:
    return Order(  # by place: domain/making.py says why
        OrderStatus.SUBMITTING,
        event.account_id,
        event.instrument_id,
        event.strategy_id,
        event.side,
        event.position_side,
        event.quantity,
        ZERO,
        event.client_order_id,
        event.currency,
        "",
        frozenset(),
        event.trigger is not None,
        event.close_position,
        False,
        event.type,
        event.time_in_force,
        event.price,
        event.reduce_only,
        event.expires_at,
    )


def _held(event: OrderHeld) -> Order:
    return Order(
        status=OrderStatus.HELD,
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
        type=event.type,
        time_in_force=event.time_in_force,
        price=event.price,
        reduce_only=event.reduce_only,
        expires_at=event.expires_at,
        held=event,
    )


def _met(event: OrderDenied | OrderObserved) -> Order:
    """An order that was not sent by us; one that was observed is as good as accepted."""
    if isinstance(event, OrderDenied):
        return _denied(event)
    return Order(
        status=OrderStatus.ACCEPTED,
        account_id=event.account_id,
        instrument_id=event.instrument_id,
        side=event.side,
        position_side=event.position_side,
        quantity=event.quantity,
        client_order_id=event.client_order_id,
        currency=event.currency,
        venue_order_id=event.venue_order_id,
        conditional=event.trigger is not None,
        close_position=event.close_position,
        type=event.type,
        time_in_force=event.time_in_force,
        price=event.price,
        reduce_only=event.reduce_only,
        expires_at=event.expires_at,
        amended_at=event.venue_time,
        origin=event.origin,
    )


def _denied(event: OrderDenied) -> Order:
    return Order(
        status=OrderStatus.DENIED,
        account_id=event.account_id,
        instrument_id=event.instrument_id,
        strategy_id=event.strategy_id,
        side=event.side,
        position_side=event.position_side,
        quantity=event.quantity,
        type=event.type,
        time_in_force=event.time_in_force,
        price=event.price,
        reduce_only=event.reduce_only,
        expires_at=event.expires_at,
    )


def _moved(order: Order, move: Move, **changes: Any) -> Order:
    """The order with what the event changes, and the status to which the table leads."""
    match after(order.status, move):
        case OrderStatus() as status:
            return changed(order, status=status, **changes)
        case Outcome.RESTORED:
            restored = changed(order, **changes)
            return changed(restored, status=restored.standing)
        case Outcome.KNOWN | None:
            return changed(order, **changes)
