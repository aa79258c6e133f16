"""Turn a cancel or a venue's report into order events, or into the reason why not."""

from decimal import Decimal
from typing import assert_never

from domain.decision import Aggregate, StreamRef
from domain.ids import AccountId, OrderId, order_stream
from domain.orders.commands import (
    CancelOrder,
    RecordAcceptance,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordRejection,
    VenueReport,
)
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderRejected,
)
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import LEGAL, REPEATED, Move
from domain.reasons import Reason, Rejected
from domain.values import ZERO, minus, plus


def stream(account_id: AccountId, order_id: OrderId) -> StreamRef:
    """The stream of one order."""
    return StreamRef(Aggregate.ORDER, order_stream(order_id), account_id)


def cancel(command: CancelOrder, order: Order) -> OrderEvent | Rejected:
    """Ask the venue to cancel, if the order is the account's and still open."""
    if order.account_id != command.account_id:
        return Rejected(Reason.ORDER_UNKNOWN, "this account has no such order")
    if order.status is OrderStatus.PENDING_CANCEL:
        return Rejected(Reason.CANCEL_ALREADY_REQUESTED, "the venue is being asked to cancel")
    if (order.status, Move.REQUEST_CANCEL) not in LEGAL or order.instrument_id is None:
        return Rejected(Reason.ORDER_NOT_OPEN, f"the order is {order.status.value}")
    return OrderCancelRequested(
        order_id=command.order_id,
        account_id=command.account_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
    )


def record(report: VenueReport, order: Order) -> OrderEvent | Rejected:
    """Record what the venue said, once; a report about a stranger is refused."""
    if order.account_id != report.account_id or order.instrument_id != report.instrument_id:
        return Rejected(Reason.ORDER_UNKNOWN, "this account has no such order in this instrument")
    move = _move(report)
    if (order.status, move) in REPEATED or (move is Move.ACCEPT and order.venue_order_id):
        return Rejected(Reason.REPORT_ALREADY_APPLIED, f"the order is {order.status.value}")
    if (order.status, move) not in LEGAL:
        return Rejected(
            Reason.REPORT_CONTRADICTS_ORDER,
            f"a {move.value} cannot follow: the order is {order.status.value}",
        )
    return _event(report, order)


def _move(report: VenueReport) -> Move:
    match report:
        case RecordAcceptance():
            return Move.ACCEPT
        case RecordRejection():
            return Move.REJECT
        case RecordFill():
            return Move.FILL
        case RecordCancellation():
            return Move.CANCEL
        case RecordCancelRejection():
            return Move.REJECT_CANCEL
        case RecordExpiry():
            return Move.EXPIRE
        case _:
            assert_never(report)


def _event(report: VenueReport, order: Order) -> OrderEvent | Rejected:
    match report:
        case RecordAcceptance():
            return OrderAccepted(report.order_id, report.venue_order_id, report.venue_time)
        case RecordRejection():
            return OrderRejected(report.order_id, report.reason, report.venue_time)
        case RecordFill():
            return _filled(report, order)
        case RecordCancellation():
            return OrderCancelled(report.order_id, _unfilled(order), report.venue_time)
        case RecordCancelRejection():
            return OrderCancelRejected(report.order_id, report.reason, report.venue_time)
        case RecordExpiry():
            return OrderExpired(report.order_id, _unfilled(order), report.reason, report.venue_time)
        case _:
            assert_never(report)


def _filled(report: RecordFill, order: Order) -> OrderEvent | Rejected:
    if report.execution_id in order.executions:
        return Rejected(Reason.EXECUTION_ALREADY_APPLIED, "this execution is in the books")
    if report.side is not order.side:
        return Rejected(
            Reason.REPORT_CONTRADICTS_ORDER,
            f"a {report.side.value} fill cannot belong to a {order.side.value} order",
        )
    filled = plus(order.filled, report.quantity)
    return OrderFilled(
        order_id=report.order_id,
        account_id=report.account_id,
        instrument_id=report.instrument_id,
        strategy_id=order.strategy_id,
        execution_id=report.execution_id,
        side=report.side,
        price=report.price,
        quantity=report.quantity,
        fee=report.fee,
        liquidity=report.liquidity,
        filled_quantity=filled,
        overfill=max(ZERO, min(report.quantity, minus(filled, order.quantity))),
        venue_time=report.venue_time,
    )


def _unfilled(order: Order) -> Decimal:
    return max(ZERO, minus(order.quantity, order.filled))
