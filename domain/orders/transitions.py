"""The legal moves of an order, one row each; odd rows say why they exist.

A venue's reports arrive late, twice and in the wrong order, so several rows look wrong and are
right. What is not in the table is refused and changes nothing.
"""

from enum import StrEnum
from typing import Final

from domain.orders.state import OrderStatus


class Move(StrEnum):
    """What can happen to an order after it was placed."""

    ACCEPT = "accept"
    REJECT = "reject"
    FILL = "fill"
    REQUEST_CANCEL = "request_cancel"
    REJECT_CANCEL = "reject_cancel"
    CANCEL = "cancel"
    EXPIRE = "expire"


_S = OrderStatus

LEGAL: Final[dict[tuple[OrderStatus, Move], str]] = {
    (_S.SUBMITTING, Move.ACCEPT): "",
    (_S.SUBMITTING, Move.REJECT): "",
    (_S.SUBMITTING, Move.FILL): "the fill overtook the acknowledgement",
    (_S.SUBMITTING, Move.REQUEST_CANCEL): "a trader need not wait for the acknowledgement",
    (_S.SUBMITTING, Move.CANCEL): "the venue cancelled before its acknowledgement reached us",
    (_S.SUBMITTING, Move.EXPIRE): "immediate or cancel with nothing to fill",
    (_S.ACCEPTED, Move.FILL): "",
    (_S.ACCEPTED, Move.REQUEST_CANCEL): "",
    (_S.ACCEPTED, Move.CANCEL): "cancelled by the venue or from another session",
    (_S.ACCEPTED, Move.EXPIRE): "",
    (_S.PARTIALLY_FILLED, Move.ACCEPT): "the acknowledgement came after a fill",
    (_S.PARTIALLY_FILLED, Move.FILL): "",
    (_S.PARTIALLY_FILLED, Move.REQUEST_CANCEL): "",
    (_S.PARTIALLY_FILLED, Move.CANCEL): "",
    (_S.PARTIALLY_FILLED, Move.EXPIRE): "the rest of an immediate or cancel order",
    (_S.PENDING_CANCEL, Move.ACCEPT): "the acknowledgement came after the cancel was asked for",
    (_S.PENDING_CANCEL, Move.REJECT): "the order itself was refused while a cancel was under way",
    (_S.PENDING_CANCEL, Move.FILL): "the fill won the race",
    (_S.PENDING_CANCEL, Move.REJECT_CANCEL): "",
    (_S.PENDING_CANCEL, Move.CANCEL): "",
    (_S.PENDING_CANCEL, Move.EXPIRE): "",
    (_S.FILLED, Move.ACCEPT): "the acknowledgement came after the last fill",
    (_S.FILLED, Move.FILL): "overfill: a fact, whoever is at fault",
    (_S.CANCELLED, Move.ACCEPT): "the acknowledgement came last",
    (_S.CANCELLED, Move.FILL): "the venue matched before it cancelled and reported after",
    (_S.EXPIRED, Move.ACCEPT): "the acknowledgement came last",
    (_S.EXPIRED, Move.FILL): "the venue matched before it expired the order and reported after",
    (_S.REJECTED, Move.FILL): "the venue contradicts itself, but the position has changed",
}
"""(status, move) to the reason of an odd row, or an empty text for an ordinary one."""

REPEATED: Final[frozenset[tuple[OrderStatus, Move]]] = frozenset(
    {
        (_S.ACCEPTED, Move.ACCEPT),
        (_S.REJECTED, Move.REJECT),
        (_S.CANCELLED, Move.CANCEL),
        (_S.EXPIRED, Move.EXPIRE),
        (_S.ACCEPTED, Move.REJECT_CANCEL),
        (_S.PARTIALLY_FILLED, Move.REJECT_CANCEL),
        # A cancel that crossed with the last fill is refused by the venue: nothing to record.
        (_S.FILLED, Move.REJECT_CANCEL),
    }
)
"""Reports that say what is known already; they are answered and change nothing."""
