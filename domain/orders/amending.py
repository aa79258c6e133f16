"""Turn an amend, or what the venue says of one, into order events, or into the reason why not.

One amend at a time, and only of an order that the venue is known to have: an amend that overtakes
its order would be lost. What the amended order may do to the account is for risk to say.
"""

from domain.ids import venue_of
from domain.orders.commands import (
    AmendOrder,
    OrderType,
    Origin,
    RecordAmendment,
    RecordAmendRejection,
)
from domain.orders.events import OrderAmended, OrderAmendRejected, OrderAmendRequested
from domain.orders.evolve import answers_pending
from domain.orders.replacing import is_held
from domain.orders.state import Amendment, Order, OrderStatus
from domain.orders.transitions import Move, Outcome, after
from domain.reasons import Reason, Rejected
from domain.values import Price, Quantity, plain


def wanted(command: AmendOrder, order: Order) -> Amendment | Rejected:
    """What the order would become, if it is the account's and can be amended now."""
    named = (command.account_id, command.instrument_id)
    if order.instrument_id is None or named != (order.account_id, order.instrument_id):
        return Rejected(Reason.ORDER_UNKNOWN, "this account has no such order in this instrument")
    unready = _unready(order)
    if unready is not None:
        return unready
    if order.origin is not Origin.PATRIOT:
        return Rejected(Reason.AMEND_NOT_POSSIBLE, "it was not placed here: cancel it instead")
    if order.is_exit:
        detail = "its bracket decides how much it is for: cancel it, or the bracket's entry"
        return Rejected(Reason.AMEND_NOT_POSSIBLE, detail)
    if order.type is not OrderType.LIMIT or order.price is None:
        return Rejected(
            Reason.REPLACE_INSTEAD,
            f"{venue_of(order.instrument_id)} amends no {order.type.value} order in place: "
            "replace it",
        )
    quantity = order.quantity if command.quantity is None else command.quantity
    price = order.price if command.price is None else command.price
    if (quantity, price) == (order.quantity, order.price):
        return Rejected(Reason.AMEND_CHANGES_NOTHING, "the order has this quantity and price")
    if quantity <= order.filled:
        return Rejected(
            Reason.AMEND_BELOW_FILLED,
            "nothing would be left of the order: cancel it instead",
            limit=plain(order.filled),
            value=plain(quantity),
        )
    return Amendment(quantity, price)


def _unready(order: Order) -> Rejected | None:
    """Why an order in this status cannot be amended."""
    if order.status is OrderStatus.HELD:
        return is_held()
    outcome = after(order.status, Move.REQUEST_AMEND)
    if outcome is Outcome.KNOWN:
        return Rejected(Reason.AMEND_ALREADY_REQUESTED, "the venue is being asked to amend")
    if outcome is not None:
        return None
    told = f"the order is {order.status.value}"
    return Rejected(
        Reason.AMEND_NOT_POSSIBLE if order.status.is_open else Reason.ORDER_NOT_OPEN, told
    )


def requested(
    command: AmendOrder, order: Order, quantity: Quantity, price: Price
) -> OrderAmendRequested:
    """The venue is to be asked for this."""
    return OrderAmendRequested(
        order_id=command.order_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        client_order_id=order.client_order_id,
        amendment=order.amends + 1,
        quantity=quantity,
        price=price,
    )


def refusal(report: RecordAmendment | RecordAmendRejection, order: Order) -> Rejected | None:
    """What the status alone does not tell: whether the report says anything new."""
    if answers_pending(order, report.amendment):
        return None
    if isinstance(report, RecordAmendRejection):
        return Rejected(Reason.REPORT_ALREADY_APPLIED, "this amend is not asked for any more")
    if report.venue_time <= order.amended_at:
        return Rejected(Reason.REPORT_ALREADY_APPLIED, "a later amendment is in the books")
    # One that changes nothing is recorded for its time: an older one that would may still come.
    return None


def move(report: RecordAmendment | RecordAmendRejection, order: Order) -> Move:
    """The row of the table."""
    if isinstance(report, RecordAmendRejection):
        return Move.REJECT_AMEND
    return Move.AMEND if answers_pending(order, report.amendment) else Move.RESIZE


def event(report: RecordAmendment | RecordAmendRejection) -> OrderAmended | OrderAmendRejected:
    """The report as a fact."""
    if isinstance(report, RecordAmendRejection):
        return OrderAmendRejected(
            report.order_id, report.amendment, report.reason, report.venue_time
        )
    return OrderAmended(
        report.order_id, report.amendment, report.quantity, report.price, report.venue_time
    )
