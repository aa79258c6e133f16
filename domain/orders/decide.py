"""Turn a cancel or a venue's report into order events, or into the reason why not."""

from typing import assert_never

from domain.decision import Aggregate, StreamRef
from domain.ids import AccountId, OrderId, order_stream
from domain.orders import amending, searching
from domain.orders.commands import (
    CancelOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    RecordRejection,
    RecordTrigger,
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
    OrderTriggered,
)
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import Move, Outcome, after
from domain.reasons import Reason, Rejected
from domain.values import ZERO, minus, plus


def stream(account_id: AccountId, order_id: OrderId) -> StreamRef:
    """The stream of one order."""
    return StreamRef(Aggregate.ORDER, order_stream(order_id), account_id)


def cancel(command: CancelOrder, order: Order) -> OrderEvent | Rejected:
    """Ask the venue to cancel, if the order is the account's and still open."""
    if order.account_id != command.account_id or order.instrument_id is None:
        return Rejected(Reason.ORDER_UNKNOWN, "this account has no such order")
    outcome = after(order.status, Move.REQUEST_CANCEL)
    if outcome is Outcome.KNOWN or (order.cancelling and order.status is OrderStatus.UNKNOWN):
        return Rejected(Reason.CANCEL_ALREADY_REQUESTED, "the venue is being asked to cancel")
    if outcome is None:
        return Rejected(Reason.ORDER_NOT_OPEN, f"the order is {order.status.value}")
    if order.origin.is_venue or not order.client_order_id:
        by = "the venue made it" if order.origin.is_venue else "it has no client order id"
        return Rejected(Reason.CANCEL_NOT_POSSIBLE, f"{by}: only the venue itself can cancel it")
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
    refusal = _known_or_impossible(report, order)
    if refusal is not None:
        return refusal
    move = _move(report, order)
    outcome = after(order.status, move)
    if outcome is Outcome.KNOWN:
        return Rejected(Reason.REPORT_ALREADY_APPLIED, f"the order is {order.status.value}")
    if outcome is None:
        return _contradiction(move, f"the order is {order.status.value}")
    return _event(report, order)


def _known_or_impossible(report: VenueReport, order: Order) -> Rejected | None:
    """What the status alone does not tell, so that it is no row of the table."""
    match report:
        case RecordFill():
            return _fill_refusal(report, order)
        case RecordAcceptance():
            return _acceptance_refusal(report, order)
        case RecordRejection():
            # While a cancel is pending the status hides that the venue once took the order. What a
            # triggered one becomes is a new order to the venue, and may still be refused.
            taken = order.venue_order_id and not order.triggered
            if order.status.is_open and (taken or order.filled):
                return _contradiction(Move.REJECT, "the venue accepted or filled it before")
        case RecordCancelRejection() | RecordTrigger():
            return _not_awaited(report, order)
        case RecordAmendment() | RecordAmendRejection():
            return amending.refusal(report, order)
        case RecordOutcomeUnknown() | RecordReconciled() | RecordNotFound():
            return searching.refusal(report, order)
        case RecordCancellation() | RecordExpiry():
            pass
        case _:
            assert_never(report)
    return None


def _fill_refusal(report: RecordFill, order: Order) -> Rejected | None:
    if report.execution_id in order.executions:
        return Rejected(Reason.EXECUTION_ALREADY_APPLIED, "this execution is in the books")
    if (report.side, report.position_side) != (order.side, order.position_side):
        known = f"a {order.side.value} order of the {order.position_side.value} position"
        return _contradiction(Move.FILL, f"the order is {known}")
    return None


def _acceptance_refusal(report: RecordAcceptance, order: Order) -> Rejected | None:
    if not order.venue_order_id:
        return None
    if order.venue_order_id != report.venue_order_id:
        return _contradiction(Move.ACCEPT, f"the venue called it {order.venue_order_id}")
    return Rejected(Reason.REPORT_ALREADY_APPLIED, "the order has this venue_order_id")


def _not_awaited(report: RecordCancelRejection | RecordTrigger, order: Order) -> Rejected | None:
    if isinstance(report, RecordCancelRejection):
        asked = order.status is not OrderStatus.UNKNOWN or order.cancelling
        return None if asked else Rejected(Reason.REPORT_ALREADY_APPLIED, "no cancel is asked for")
    if not order.conditional:
        return _contradiction(Move.TRIGGER, "the order waits for no price")
    if order.triggered:
        return Rejected(Reason.REPORT_ALREADY_APPLIED, "the order was triggered before")
    return None


def _contradiction(move: Move, known: str) -> Rejected:
    return Rejected(Reason.REPORT_CONTRADICTS_ORDER, f"no {move.value} is possible: {known}")


def _move(report: VenueReport, order: Order) -> Move:
    match report:
        case RecordAcceptance():
            return Move.ACCEPT
        case RecordRejection():
            return Move.REJECT
        case RecordFill():
            return Move.COMPLETE if order.is_completed_by(report.quantity) else Move.FILL
        case RecordCancellation():
            return Move.CANCEL
        case RecordCancelRejection():
            return Move.REJECT_CANCEL
        case RecordExpiry():
            return Move.EXPIRE
        case RecordTrigger():
            return Move.TRIGGER
        case RecordAmendment() | RecordAmendRejection():
            return amending.move(report, order)
        case RecordOutcomeUnknown() | RecordReconciled() | RecordNotFound():
            return searching.move(report)
        case _:
            assert_never(report)


def _event(report: VenueReport, order: Order) -> OrderEvent:
    match report:
        case RecordAcceptance():
            return OrderAccepted(report.order_id, report.venue_order_id, report.venue_time)
        case RecordRejection():
            return OrderRejected(report.order_id, report.reason, report.venue_time)
        case RecordFill():
            return _filled(report, order)
        case RecordCancellation():
            return OrderCancelled(report.order_id, order.unfilled, report.venue_time)
        case RecordCancelRejection():
            return OrderCancelRejected(report.order_id, report.reason, report.venue_time)
        case RecordExpiry():
            return OrderExpired(report.order_id, order.unfilled, report.reason, report.venue_time)
        case RecordTrigger():
            return OrderTriggered(report.order_id, report.price, report.venue_time)
        case RecordAmendment() | RecordAmendRejection():
            return amending.event(report)
        case RecordOutcomeUnknown() | RecordReconciled() | RecordNotFound():
            return searching.event(report)
        case _:
            assert_never(report)


def _filled(report: RecordFill, order: Order) -> OrderFilled:
    filled = plus(order.filled, report.quantity)
    # An order that closes all was told no quantity: more may be held than when it was placed.
    overfill = ZERO if order.close_position else max(ZERO, minus(filled, order.most))
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
        overfill=overfill,
        venue_time=report.venue_time,
        position_side=order.position_side,
        kind=report.kind,
    )
