"""Turn a lost answer, and what came of asking the venue for the order, into order events.

An order whose outcome is unknown stays so until the venue says something definite: time alone
never ends it, since an order that was given up would trade on with nobody counting it.
"""

from typing import assert_never

from domain.orders.commands import RecordNotFound, RecordOutcomeUnknown, RecordReconciled
from domain.orders.events import Finding, OrderOutcomeUnknown, OrderReconciled
from domain.orders.state import Order
from domain.orders.transitions import Move
from domain.reasons import Reason, Rejected
from domain.values import plain


def refusal(
    report: RecordOutcomeUnknown | RecordReconciled | RecordNotFound, order: Order
) -> Rejected | None:
    """What the status alone does not tell."""
    match report:
        case RecordOutcomeUnknown():
            if order.venue_order_id or order.filled or order.triggered:
                return Rejected(Reason.REPORT_ALREADY_APPLIED, "the venue is known to have it")
        case RecordReconciled():
            return _reconciled(report, order)
        case RecordNotFound():
            pass
        case _:
            assert_never(report)
    return None


def _reconciled(report: RecordReconciled, order: Order) -> Rejected | None:
    if order.venue_order_id and order.venue_order_id != report.venue_order_id:
        return Rejected(
            Reason.REPORT_CONTRADICTS_ORDER, f"the venue called it {order.venue_order_id}"
        )
    if report.filled > order.filled:
        # Less than ours is no contradiction: the fill came while the venue was being asked.
        return Rejected(
            Reason.FILLS_MISSING,
            "report the fills first, then that the order is open",
            limit=plain(order.filled),
            value=plain(report.filled),
        )
    if order.venue_order_id:
        return Rejected(Reason.REPORT_ALREADY_APPLIED, "the order has this venue_order_id")
    return None


def move(report: RecordOutcomeUnknown | RecordReconciled | RecordNotFound) -> Move:
    """The row of the table; an order that is found open is as good as accepted."""
    match report:
        case RecordOutcomeUnknown():
            return Move.LOSE
        case RecordReconciled():
            return Move.ACCEPT
        case RecordNotFound():
            return Move.MISS
        case _:
            assert_never(report)


def event(
    report: RecordOutcomeUnknown | RecordReconciled | RecordNotFound,
) -> OrderOutcomeUnknown | OrderReconciled:
    """The report as a fact."""
    at = report.venue_time
    match report:
        case RecordOutcomeUnknown():
            return OrderOutcomeUnknown(report.order_id, report.reason, at)
        case RecordReconciled():
            return OrderReconciled(report.order_id, Finding.OPEN, report.venue_order_id, at)
        case RecordNotFound():
            return OrderReconciled(report.order_id, Finding.NOT_FOUND, "", at)
        case _:
            assert_never(report)
