"""The read model of orders: one row for each order, as its last event left it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

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
from domain.orders.state import OrderStatus
from domain.orders.transitions import Move, Outcome, after
from domain.registry import stored_names
from domain.values import ZERO, plus, times
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
)


class Orders:
    """Folds the events of orders into model.orders."""

    name: Final = "orders"
    tables: Final = (ORDERS,)
    types: Final = stored_names(*_EVENTS)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The order's row, unless the event begins the order."""
        match fact.event:
            case OrderPlaced() | OrderDenied():
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
            ):
                return ((ORDERS, order_id),)
            case _:
                return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of an order."""
        event = fact.event
        if isinstance(event, OrderPlaced | OrderDenied):
            rows.put(ORDERS, _begun(event, fact))
            return
        ((_, order_id),) = self.needs(fact)
        row = existing(rows.get(ORDERS, order_id), fact)
        changes = _changes(row, fact)
        rows.put(
            ORDERS,
            row._replace(
                **changes,
                version=fact.version,
                updated_at=instant(fact.at),
                position=fact.position,
            ),
        )


def _begun(event: OrderPlaced | OrderDenied, fact: Fact) -> OrderRow:
    placed = isinstance(event, OrderPlaced)
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
        strategy_id=event.strategy_id,
        client_order_id=event.client_order_id if isinstance(event, OrderPlaced) else None,
        venue_order_id=None,
        status=(OrderStatus.SUBMITTING if placed else OrderStatus.DENIED).value,
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
    )


def _changes(row: OrderRow, fact: Fact) -> dict[str, Any]:
    match fact.event:
        case OrderAccepted(venue_order_id=venue_order_id):
            return {"status": _after(row, Move.ACCEPT), "venue_order_id": shown(venue_order_id)}
        case OrderFilled() as event:
            completed = event.filled_quantity >= row.quantity
            return {
                "status": _after(row, Move.COMPLETE if completed else Move.FILL),
                "filled_quantity": event.filled_quantity,
                "filled_notional": plus(row.filled_notional, times(event.quantity, event.price)),
                "overfill": event.overfill,
            }
        case OrderCancelRequested():
            return {"status": _after(row, Move.REQUEST_CANCEL)}
        case OrderCancelRejected(reason=reason):
            return {"status": _after(row, Move.REJECT_CANCEL), "detail": shown(reason)}
        case OrderRejected(reason=reason):
            return {"status": _after(row, Move.REJECT), "detail": shown(reason)}
        case OrderCancelled():
            return {"status": _after(row, Move.CANCEL)}
        case OrderExpired(reason=reason):
            return {"status": _after(row, Move.EXPIRE), "detail": shown(reason)}
        case OrderTriggered(price=price, venue_time=at):
            return {
                "status": _after(row, Move.TRIGGER),
                "triggered_at": instant(at),
                "triggered_price": price,
            }
        case other:
            message = f"orders do not fold {type(other).__name__}"
            raise FoldError(message)


def _after(row: OrderRow, move: Move) -> str:
    """The status after a move, by the domain's own table; a pair without a row keeps it."""
    match after(OrderStatus(row.status), move):
        case OrderStatus() as status:
            return status.value
        case Outcome.RESTORED:
            return _before_the_cancel(row).value
        case Outcome.KNOWN | None:
            return row.status


def _before_the_cancel(row: OrderRow) -> OrderStatus:
    if row.filled_quantity > 0:
        return OrderStatus.PARTIALLY_FILLED
    if row.triggered_at is not None:
        return OrderStatus.TRIGGERED
    return OrderStatus.ACCEPTED if row.venue_order_id else OrderStatus.SUBMITTING
