"""The legal moves of an order in one table, one row each; odd rows say why they exist.

A venue's reports arrive late, twice and in the wrong order, so several rows look wrong and are
right. A move without a row contradicts what is known: it is refused and changes nothing.

Three things depend on more than the status and are decided beside the table (decide.py): an
execution counts once whatever the status, a second acceptance says something new only by another
id, and only what waits for a price can be triggered, once.
"""

from enum import Enum, StrEnum
from typing import Final, NamedTuple

from domain.orders.state import OrderStatus


class Move(StrEnum):
    """What can happen to an order."""

    PLACE = "placement"
    DENY = "denial"
    ACCEPT = "acceptance"
    REJECT = "rejection"
    FILL = "fill"
    """A part of the order; something is left."""
    COMPLETE = "last fill"
    """A fill that reaches or passes the order's quantity."""
    REQUEST_CANCEL = "cancel request"
    REJECT_CANCEL = "cancel rejection"
    CANCEL = "cancellation"
    EXPIRE = "expiry"
    TRIGGER = "trigger"


class Outcome(Enum):
    """Where a row leads when it is not simply to a status."""

    KNOWN = "known"
    """Says what is known already: answered as a repeat, nothing is recorded."""
    RESTORED = "restored"
    """Back to what the order was before the cancel was asked for."""


class Row(NamedTuple):
    """One legal move."""

    before: OrderStatus
    move: Move
    after: OrderStatus | Outcome
    why: str = ""
    """Why an odd row exists; empty for an ordinary one."""


_S = OrderStatus
_M = Move
_KNOWN = Outcome.KNOWN

TABLE: Final = (
    Row(_S.NEW, _M.PLACE, _S.SUBMITTING),
    Row(_S.NEW, _M.DENY, _S.DENIED),
    Row(_S.SUBMITTING, _M.ACCEPT, _S.ACCEPTED),
    Row(_S.SUBMITTING, _M.REJECT, _S.REJECTED),
    Row(_S.SUBMITTING, _M.FILL, _S.PARTIALLY_FILLED, "the fill overtook the acceptance"),
    Row(_S.SUBMITTING, _M.COMPLETE, _S.FILLED, "the fill overtook the acceptance"),
    Row(_S.SUBMITTING, _M.REQUEST_CANCEL, _S.PENDING_CANCEL, "a trader need not wait to cancel"),
    Row(_S.SUBMITTING, _M.REJECT_CANCEL, _KNOWN, "the refusal of an earlier cancel came twice"),
    Row(_S.SUBMITTING, _M.CANCEL, _S.CANCELLED, "the cancellation overtook the acceptance"),
    Row(_S.SUBMITTING, _M.EXPIRE, _S.EXPIRED, "immediate or cancel, with nothing to fill"),
    Row(_S.ACCEPTED, _M.ACCEPT, _KNOWN, "the same report twice"),
    Row(_S.ACCEPTED, _M.FILL, _S.PARTIALLY_FILLED),
    Row(_S.ACCEPTED, _M.COMPLETE, _S.FILLED),
    Row(_S.ACCEPTED, _M.REQUEST_CANCEL, _S.PENDING_CANCEL),
    Row(_S.ACCEPTED, _M.REJECT_CANCEL, _KNOWN, "the refusal of an earlier cancel came twice"),
    Row(_S.ACCEPTED, _M.CANCEL, _S.CANCELLED, "by the venue, or from another session"),
    Row(_S.ACCEPTED, _M.EXPIRE, _S.EXPIRED),
    Row(_S.SUBMITTING, _M.TRIGGER, _S.TRIGGERED, "the trigger overtook the acceptance"),
    Row(_S.ACCEPTED, _M.TRIGGER, _S.TRIGGERED),
    Row(_S.TRIGGERED, _M.ACCEPT, _S.TRIGGERED, "the trigger overtook the acceptance"),
    Row(_S.TRIGGERED, _M.TRIGGER, _KNOWN, "the same report twice"),
    Row(_S.TRIGGERED, _M.REJECT, _S.REJECTED, "the venue took the stop, not what it became"),
    Row(_S.TRIGGERED, _M.FILL, _S.PARTIALLY_FILLED),
    Row(_S.TRIGGERED, _M.COMPLETE, _S.FILLED),
    Row(_S.TRIGGERED, _M.REQUEST_CANCEL, _S.PENDING_CANCEL),
    Row(_S.TRIGGERED, _M.REJECT_CANCEL, _KNOWN, "the refusal of an earlier cancel came twice"),
    Row(_S.TRIGGERED, _M.CANCEL, _S.CANCELLED, "by the venue, or from another session"),
    Row(_S.TRIGGERED, _M.EXPIRE, _S.EXPIRED, "triggered into a book with nothing to take"),
    Row(_S.PARTIALLY_FILLED, _M.TRIGGER, _S.PARTIALLY_FILLED, "a fill overtook the trigger"),
    Row(_S.PENDING_CANCEL, _M.TRIGGER, _S.PENDING_CANCEL, "triggered while being cancelled"),
    Row(_S.FILLED, _M.TRIGGER, _S.FILLED, "every fill overtook the trigger"),
    Row(_S.CANCELLED, _M.TRIGGER, _KNOWN, "the trigger came last and changes nothing"),
    Row(_S.EXPIRED, _M.TRIGGER, _KNOWN, "the trigger came last and changes nothing"),
    Row(_S.REJECTED, _M.TRIGGER, _KNOWN, "the trigger came last and changes nothing"),
    Row(_S.PARTIALLY_FILLED, _M.ACCEPT, _S.PARTIALLY_FILLED, "a fill overtook the acceptance"),
    Row(_S.PARTIALLY_FILLED, _M.FILL, _S.PARTIALLY_FILLED),
    Row(_S.PARTIALLY_FILLED, _M.COMPLETE, _S.FILLED),
    Row(_S.PARTIALLY_FILLED, _M.REQUEST_CANCEL, _S.PENDING_CANCEL),
    Row(_S.PARTIALLY_FILLED, _M.REJECT_CANCEL, _KNOWN, "the refusal of an earlier cancel twice"),
    Row(_S.PARTIALLY_FILLED, _M.CANCEL, _S.CANCELLED, "by the venue, or from another session"),
    Row(_S.PARTIALLY_FILLED, _M.EXPIRE, _S.EXPIRED, "the rest of an immediate or cancel order"),
    Row(_S.PENDING_CANCEL, _M.ACCEPT, _S.PENDING_CANCEL, "the cancel was asked for before it came"),
    Row(_S.PENDING_CANCEL, _M.REJECT, _S.REJECTED, "there was never anything to cancel"),
    Row(_S.PENDING_CANCEL, _M.FILL, _S.PENDING_CANCEL, "still being cancelled, with less left"),
    Row(_S.PENDING_CANCEL, _M.COMPLETE, _S.FILLED, "the last fill won the race with the cancel"),
    Row(_S.PENDING_CANCEL, _M.REQUEST_CANCEL, _KNOWN, "the venue is being asked already"),
    Row(_S.PENDING_CANCEL, _M.REJECT_CANCEL, Outcome.RESTORED),
    Row(_S.PENDING_CANCEL, _M.CANCEL, _S.CANCELLED),
    Row(_S.PENDING_CANCEL, _M.EXPIRE, _S.EXPIRED, "the venue's own rule was faster"),
    Row(_S.FILLED, _M.ACCEPT, _S.FILLED, "every fill overtook the acceptance"),
    Row(_S.FILLED, _M.COMPLETE, _S.FILLED, "an overfill is a fact, whoever is at fault"),
    Row(_S.FILLED, _M.REJECT_CANCEL, _KNOWN, "the last fill won the race with the cancel"),
    Row(_S.CANCELLED, _M.ACCEPT, _KNOWN, "the acceptance came last and changes nothing"),
    Row(_S.CANCELLED, _M.FILL, _S.CANCELLED, "matched before the cancel, reported after it"),
    Row(_S.CANCELLED, _M.COMPLETE, _S.FILLED, "so late that nothing was left to cancel"),
    Row(_S.CANCELLED, _M.REJECT_CANCEL, _KNOWN, "a second cancel found nothing to cancel"),
    Row(_S.CANCELLED, _M.CANCEL, _KNOWN, "the same report twice"),
    Row(_S.EXPIRED, _M.ACCEPT, _KNOWN, "the acceptance came last and changes nothing"),
    Row(_S.EXPIRED, _M.FILL, _S.EXPIRED, "matched before the expiry, reported after it"),
    Row(_S.EXPIRED, _M.COMPLETE, _S.FILLED, "so late that nothing was left to expire"),
    Row(_S.EXPIRED, _M.REJECT_CANCEL, _KNOWN, "the expiry won the race with the cancel"),
    Row(_S.EXPIRED, _M.EXPIRE, _KNOWN, "the same report twice"),
    Row(_S.REJECTED, _M.REJECT, _KNOWN, "the same report twice"),
    Row(_S.REJECTED, _M.FILL, _S.REJECTED, "the venue contradicts itself, but the money moved"),
    Row(_S.REJECTED, _M.COMPLETE, _S.FILLED, "the venue contradicts itself, but the money moved"),
    Row(_S.REJECTED, _M.REJECT_CANCEL, _KNOWN, "there was never anything to cancel"),
)

_AFTER: Final = {(row.before, row.move): row.after for row in TABLE}


def after(before: OrderStatus, move: Move) -> OrderStatus | Outcome | None:
    """Where the move leads, or None when it has no row."""
    return _AFTER.get((before, move))
