"""The read model of orders: one row for each order, as its last event left it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from domain.orders.commands import Origin
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
from domain.orders.state import OrderStatus, Told, standing
from domain.orders.transitions import Move, Outcome, after
from domain.registry import stored_names
from domain.values import ZERO, minus, plus, times
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class OrderRow(NamedTuple):
    """Columns of model.orders."""

    order_id: str
    account_id: str
    instrument: str
    side: str
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal | None
    reduce_only: bool
    strategy_id: str | None
    client_order_id: str | None
    venue_order_id: str | None
    status: str
    filled_quantity: Decimal
    filled_notional: Decimal
    overfill: Decimal
    reason: int | None
    detail: str | None
    version: int
    created_at: datetime
    created_position: int
    updated_at: datetime
    position: int
    position_side: str
    expires_at: datetime | None
    close_position: bool
    trigger_price: Decimal | None
    trigger_source: str | None
    trigger_callback: Decimal | None
    activation_price: Decimal | None
    triggered_at: datetime | None
    triggered_price: Decimal | None
    cancelling: bool
    """Whether a cancel was asked for and not refused."""
    ended: str | None
    """How the venue ended it; late fills may still fill it."""
    amendment: int | None
    """Number of the amend that the venue has not answered."""
    pending_quantity: Decimal | None
    pending_price: Decimal | None
    origin: str
    replaces: str | None
    replaced_by: str | None
    """The last order that was to take its place, whatever became of that one."""


ORDERS: Final = Table("orders", OrderRow, ("order_id",))

_EVENTS: Final = (
    OrderPlaced,
    OrderDenied,
    OrderAccepted,
    OrderRejected,
    OrderFilled,
    OrderCancelRequested,
    OrderCancelRejected,
    OrderCancelled,
    OrderExpired,
    OrderTriggered,
    OrderAmendRequested,
    OrderAmended,
    OrderAmendRejected,
    OrderOutcomeUnknown,
    OrderReconciled,
    OrderObserved,
    OrderLinked,
    OrderResizeRequested,
    OrderHeld,
    OrderReplaceRequested,
    OrderWithdrawn,
)


class Orders:
    """Folds the events of orders into model.orders."""

    name: Final = "orders"
    tables: Final = (ORDERS,)
    types: Final = stored_names(*_EVENTS)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The order's row, unless the event begins the order."""
        match fact.event:
            case OrderPlaced() | OrderDenied() | OrderObserved() | OrderHeld() if fact.version == 1:
                return ()
            case (
                OrderAccepted(order_id=order_id)
                | OrderRejected(order_id=order_id)
                | OrderFilled(order_id=order_id)
                | OrderCancelRequested(order_id=order_id)
                | OrderCancelRejected(order_id=order_id)
                | OrderCancelled(order_id=order_id)
                | OrderExpired(order_id=order_id)
                | OrderTriggered(order_id=order_id)
                | OrderAmendRequested(order_id=order_id)
                | OrderAmended(order_id=order_id)
                | OrderAmendRejected(order_id=order_id)
                | OrderOutcomeUnknown(order_id=order_id)
                | OrderReconciled(order_id=order_id)
                | OrderLinked(order_id=order_id)
                | OrderResizeRequested(order_id=order_id)
                | OrderReplaceRequested(order_id=order_id)
                | OrderWithdrawn(order_id=order_id)
                | OrderPlaced(order_id=order_id)
            ):
                return ((ORDERS, order_id),)
            case _:
                return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of an order."""
        event = fact.event
        if isinstance(event, _Beginning) and fact.version == 1:
            rows.put(ORDERS, _begun(event, fact))
            return
        ((_, order_id),) = self.needs(fact)
        row = existing(rows.get(ORDERS, order_id), fact)
        seen: dict[str, Any] = {
            "version": fact.version,
            "updated_at": instant(fact.at),
            "position": fact.position,
        }
        if isinstance(event, OrderLinked):
            rows.put(ORDERS, row._replace(**seen))  # whose it is stands in model.brackets
            return
        move, changes = _changes(row, fact)
        now = row._replace(**changes, **seen)
        if move is not None:
            now = now._replace(status=_after(row.status, move, now))
        rows.put(ORDERS, now)


_Beginning: TypeAlias = OrderPlaced | OrderDenied | OrderObserved | OrderHeld
_FIRST: Final = {
    OrderPlaced: OrderStatus.SUBMITTING,
    OrderDenied: OrderStatus.DENIED,
    OrderObserved: OrderStatus.ACCEPTED,
    OrderHeld: OrderStatus.HELD,
}
"""Where an order begins."""


def _begun(event: _Beginning, fact: Fact) -> OrderRow:
    seen = event if isinstance(event, OrderObserved) else None
    at, trigger = instant(fact.at), event.trigger
    return OrderRow(
        order_id=event.order_id,
        account_id=event.account_id,
        instrument=event.instrument_id,
        side=event.side.value,
        type=event.type.value,
        time_in_force=event.time_in_force.value,
        quantity=event.quantity,
        price=event.price,
        reduce_only=event.reduce_only,
        strategy_id=None if isinstance(event, OrderObserved) else event.strategy_id,
        client_order_id=None if isinstance(event, OrderDenied) else shown(event.client_order_id),
        venue_order_id=None if seen is None else shown(seen.venue_order_id),
        status=_FIRST[type(event)].value,
        filled_quantity=ZERO,
        filled_notional=ZERO,
        overfill=ZERO,
        reason=event.reason if isinstance(event, OrderDenied) else None,
        detail=shown(event.detail) if isinstance(event, OrderDenied) else None,
        version=fact.version,
        created_at=at,
        created_position=fact.position,
        updated_at=at,
        position=fact.position,
        position_side=event.position_side.value,
        expires_at=None if event.expires_at is None else instant(event.expires_at),
        close_position=event.close_position,
        trigger_price=None if trigger is None else trigger.price,
        trigger_source=None if trigger is None else trigger.source.value,
        trigger_callback=None if trigger is None else trigger.callback,
        activation_price=None if trigger is None else trigger.activation,
        triggered_at=None,
        triggered_price=None,
        cancelling=False,
        ended=None,
        amendment=None,
        pending_quantity=None,
        pending_price=None,
        origin=(Origin.PATRIOT if seen is None else seen.origin).value,
        replaces=event.replaces if isinstance(event, OrderHeld) else None,
        replaced_by=None,
    )


def _changes(row: OrderRow, fact: Fact) -> tuple[Move | None, dict[str, Any]]:
    """The row of the domain's table, and what changes besides the status; no row, no new status."""
    match fact.event:
        case OrderAccepted(venue_order_id=venue_order_id):
            return Move.ACCEPT, {"venue_order_id": shown(venue_order_id)}
        case OrderFilled() as event:
            completed = event.filled_quantity >= _most(row)
            return Move.COMPLETE if completed else Move.FILL, {
                "filled_quantity": event.filled_quantity,
                "filled_notional": plus(row.filled_notional, times(event.quantity, event.price)),
                "overfill": event.overfill,
            }
        case OrderCancelRequested():
            return Move.REQUEST_CANCEL, {"cancelling": True}
        case OrderCancelRejected(reason=reason):
            return Move.REJECT_CANCEL, {"cancelling": False, "detail": shown(reason)}
        case OrderRejected() | OrderCancelled() | OrderExpired() as event:
            return _ended(event)
        case (
            OrderAmendRequested()
            | OrderResizeRequested()
            | OrderAmended()
            | OrderAmendRejected() as event
        ):
            return _amended(row, event)
        case OrderOutcomeUnknown() | OrderReconciled() as event:
            return _searched(event)
        case OrderPlaced() | OrderReplaceRequested() | OrderWithdrawn() as event:
            return _replaced(event)
        case OrderTriggered(price=price, venue_time=at):
            return Move.TRIGGER, {"triggered_at": instant(at), "triggered_price": price}
        case other:
            message = f"orders do not fold {type(other).__name__}"
            raise FoldError(message)


def _replaced(
    event: OrderPlaced | OrderReplaceRequested | OrderWithdrawn,
) -> tuple[Move | None, dict[str, Any]]:
    match event:
        case OrderReplaceRequested(replacement_id=replacement_id):
            return None, {"replaced_by": replacement_id}
        case OrderPlaced(quantity=quantity):
            return Move.RELEASE, {"quantity": quantity}
        case OrderWithdrawn(reason=reason, detail=detail):
            ended = OrderStatus.CANCELLED.value
            return Move.WITHDRAW, {"ended": ended, "reason": reason, "detail": shown(detail)}


def _ended(event: OrderRejected | OrderCancelled | OrderExpired) -> tuple[Move, dict[str, Any]]:
    match event:
        case OrderRejected(reason=reason):
            return Move.REJECT, {"ended": OrderStatus.REJECTED.value, "detail": shown(reason)}
        case OrderCancelled():
            return Move.CANCEL, {"ended": OrderStatus.CANCELLED.value}
        case OrderExpired(reason=reason):
            return Move.EXPIRE, {"ended": OrderStatus.EXPIRED.value, "detail": shown(reason)}


_ANSWERED: Final[dict[str, Any]] = {
    "amendment": None,
    "pending_quantity": None,
    "pending_price": None,
}


def _amended(
    row: OrderRow,
    event: OrderAmendRequested | OrderResizeRequested | OrderAmended | OrderAmendRejected,
) -> tuple[Move, dict[str, Any]]:
    match event:
        case OrderAmendRequested() | OrderResizeRequested():
            price = row.price if isinstance(event, OrderResizeRequested) else event.price
            return Move.REQUEST_AMEND, {
                "amendment": event.amendment,
                "pending_quantity": event.quantity,
                "pending_price": price,
            }
        case OrderAmended():
            ours = row.amendment is not None and row.amendment == event.amendment
            answered: dict[str, Any] = _ANSWERED if ours else {}
            now = row._replace(quantity=event.quantity, **answered)
            return Move.AMEND if ours else Move.RESIZE, {
                "quantity": event.quantity,
                "price": event.price,
                "overfill": max(ZERO, minus(row.filled_quantity, _most(now))),
                **answered,
            }
        case OrderAmendRejected(reason=reason):
            now = row._replace(**_ANSWERED)
            return Move.REJECT_AMEND, {
                "detail": shown(reason),
                "overfill": max(ZERO, minus(row.filled_quantity, _most(now))),
                **_ANSWERED,
            }


def _searched(event: OrderOutcomeUnknown | OrderReconciled) -> tuple[Move, dict[str, Any]]:
    match event:
        case OrderOutcomeUnknown(reason=reason):
            return Move.LOSE, {"detail": shown(reason)}
        case OrderReconciled(finding=Finding.OPEN, venue_order_id=venue_order_id):
            return Move.ACCEPT, {"venue_order_id": shown(venue_order_id)}
        case OrderReconciled():
            ended = OrderStatus.REJECTED.value
            return Move.MISS, {"ended": ended, "detail": "the venue never had it"}


def _most(row: OrderRow) -> Decimal:
    """The larger quantity while an amend is not answered: the domain measures fills by it."""
    return row.quantity if row.pending_quantity is None else max(row.quantity, row.pending_quantity)


def _after(before: str, move: Move, row: OrderRow) -> str:
    """The status after a move, by the domain's own table; a pair without a row keeps it."""
    match after(OrderStatus(before), move):
        case OrderStatus() as status:
            return status.value
        case Outcome.RESTORED:
            return standing(
                Told(
                    most=_most(row),
                    filled=row.filled_quantity,
                    ended=None if row.ended is None else OrderStatus(row.ended),
                    cancelling=row.cancelling,
                    amending=row.pending_quantity is not None,
                    triggered=row.triggered_at is not None,
                    named=bool(row.venue_order_id),
                )
            ).value
        case Outcome.KNOWN | None:
            return before
