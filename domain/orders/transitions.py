"""The legal moves of an order in one table, one row each; odd rows say why they exist.

A venue's reports arrive late, twice and in the wrong order, so several rows look wrong and are
right. A move without a row contradicts what is known: it is refused and changes nothing.

What depends on more than the status is decided beside the table (decide.py): an execution counts
once whatever the status, a second acceptance says something new only by another id, only what waits
for a price can be triggered, once, and an amendment older than the last one says nothing new, nor
does a refusal of what is not asked any more.

"Last fill" is measured by the larger quantity while an amend is under way: the venue may have
amended already or not, so an order may be open that would be filled by the smaller one.
"""

from enum import Enum, StrEnum
from typing import Final, NamedTuple

from domain.orders.state import OrderStatus


class Move(StrEnum):
    """What can happen to an order."""

    PLACE = "placement"
    DENY = "denial"
    OBSERVE = "observation"
    """The venue told of an order that nobody here placed."""
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
    REQUEST_AMEND = "amend request"
    AMEND = "amendment"
    """The venue's answer to our amend."""
    RESIZE = "amendment by other means"
    """Another quantity or price that nobody here asked for, or an answer that was not awaited."""
    REJECT_AMEND = "amend rejection"
    LOSE = "lost outcome"
    """The order was sent and nothing came back."""
    MISS = "search in vain"
    """The venue is sure that it never had the order."""
    HOLD = "holding back"
    """A replacement begins: it waits for the end of the order that it replaces."""
    RELEASE = "release"
    """The replaced order has ended: the replacement is to be sent."""
    WITHDRAW = "withdrawal"
    """What is held here is not to be sent any more."""


class Outcome(Enum):
    """Where a row leads when it is not simply to a status."""

    KNOWN = "known"
    """Says what is known already: answered as a repeat, nothing is recorded."""
    RESTORED = "restored"
    """What its whole history makes of the order (`Order.standing`): what was asked is answered, or
    its numbers have changed, and with them whether anything is left of it."""


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
_RESTORED = Outcome.RESTORED
_LATE = "amended before it ended, reported after it"
_ANSWERED = "the venue's own answer came first"
_NOT_ASKED = "the refusal of an earlier amend came twice"

TABLE: Final = (
    Row(_S.NEW, _M.PLACE, _S.SUBMITTING),
    Row(_S.NEW, _M.DENY, _S.DENIED),
    Row(_S.NEW, _M.OBSERVE, _S.ACCEPTED, "made by the venue, or at the venue: it is there already"),
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
    Row(_S.PENDING_CANCEL, _M.REJECT_CANCEL, _RESTORED),
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
    # Amends: asked for once the venue has the order, one at a time.
    Row(_S.ACCEPTED, _M.REQUEST_AMEND, _S.PENDING_AMEND),
    Row(_S.PARTIALLY_FILLED, _M.REQUEST_AMEND, _S.PENDING_AMEND),
    Row(_S.TRIGGERED, _M.REQUEST_AMEND, _S.PENDING_AMEND, "what it became lies on the book"),
    Row(_S.PENDING_AMEND, _M.REQUEST_AMEND, _KNOWN, "the venue is being asked already"),
    Row(_S.PENDING_AMEND, _M.TRIGGER, _S.PENDING_AMEND, "triggered while being amended"),
    Row(_S.PENDING_AMEND, _M.REJECT, _S.REJECTED, "the venue took the stop, not what it became"),
    Row(_S.PENDING_AMEND, _M.ACCEPT, _S.PENDING_AMEND, "a fill overtook the acceptance"),
    Row(_S.PENDING_AMEND, _M.FILL, _S.PENDING_AMEND, "less is left of both, the old and the new"),
    Row(_S.PENDING_AMEND, _M.COMPLETE, _S.FILLED, "nothing is left, whatever the venue answers"),
    Row(_S.PENDING_AMEND, _M.REQUEST_CANCEL, _S.PENDING_CANCEL, "the amend may still happen"),
    Row(_S.PENDING_AMEND, _M.REJECT_CANCEL, _KNOWN, "the refusal of an earlier cancel came twice"),
    Row(_S.PENDING_AMEND, _M.CANCEL, _S.CANCELLED, "venues cancel what is amended below its fills"),
    Row(_S.PENDING_AMEND, _M.EXPIRE, _S.EXPIRED, "the venue's own rule was faster"),
    Row(_S.PENDING_AMEND, _M.AMEND, _RESTORED, "filled, if fills passed a smaller quantity"),
    Row(_S.PENDING_AMEND, _M.RESIZE, _RESTORED, "from another session; ours is still asked for"),
    Row(_S.PENDING_AMEND, _M.REJECT_AMEND, _RESTORED, "filled, if fills reached the old quantity"),
    Row(_S.PENDING_CANCEL, _M.AMEND, _RESTORED, "the amend came through before the cancel"),
    Row(_S.PENDING_CANCEL, _M.RESIZE, _RESTORED, "by the venue, or from another session"),
    Row(_S.PENDING_CANCEL, _M.REJECT_AMEND, _RESTORED, "the cancel is still asked for"),
    Row(_S.SUBMITTING, _M.RESIZE, _S.SUBMITTING, "it overtook the acceptance"),
    Row(_S.ACCEPTED, _M.RESIZE, _RESTORED, "by the venue, or from another session"),
    Row(_S.PARTIALLY_FILLED, _M.RESIZE, _RESTORED, "filled, if it is left what it traded"),
    Row(_S.TRIGGERED, _M.RESIZE, _RESTORED, "by the venue, or from another session"),
    Row(_S.FILLED, _M.AMEND, _RESTORED, "every fill overtook the amendment that made room for it"),
    Row(_S.FILLED, _M.RESIZE, _RESTORED, "open again, if it made room for more than was filled"),
    Row(_S.FILLED, _M.REJECT_AMEND, _RESTORED, "the last fill won the race with the amend"),
    Row(_S.CANCELLED, _M.AMEND, _RESTORED, _LATE),
    Row(_S.CANCELLED, _M.RESIZE, _RESTORED, _LATE),
    Row(_S.CANCELLED, _M.REJECT_AMEND, _RESTORED, "the cancel won the race with the amend"),
    Row(_S.EXPIRED, _M.AMEND, _RESTORED, _LATE),
    Row(_S.EXPIRED, _M.RESIZE, _RESTORED, _LATE),
    Row(_S.EXPIRED, _M.REJECT_AMEND, _RESTORED, "the expiry won the race with the amend"),
    Row(_S.REJECTED, _M.AMEND, _RESTORED, _LATE),
    Row(_S.REJECTED, _M.REJECT_AMEND, _RESTORED, "what it became was refused before that"),
    Row(_S.SUBMITTING, _M.REJECT_AMEND, _KNOWN, _NOT_ASKED),
    Row(_S.ACCEPTED, _M.REJECT_AMEND, _KNOWN, _NOT_ASKED),
    Row(_S.PARTIALLY_FILLED, _M.REJECT_AMEND, _KNOWN, _NOT_ASKED),
    Row(_S.TRIGGERED, _M.REJECT_AMEND, _KNOWN, _NOT_ASKED),
    # Outcome unknown: of an order that was sent and of which the venue has said nothing yet.
    Row(_S.SUBMITTING, _M.LOSE, _S.UNKNOWN),
    Row(_S.PENDING_CANCEL, _M.LOSE, _S.UNKNOWN, "nobody knows whether there is any to cancel"),
    Row(_S.UNKNOWN, _M.LOSE, _KNOWN, "the venue still does not answer"),
    Row(_S.ACCEPTED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.PARTIALLY_FILLED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.TRIGGERED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.PENDING_AMEND, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.FILLED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.CANCELLED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.EXPIRED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.REJECTED, _M.LOSE, _KNOWN, _ANSWERED),
    Row(_S.UNKNOWN, _M.ACCEPT, _RESTORED, "the venue has it; a cancel may still be asked for"),
    Row(_S.UNKNOWN, _M.REJECT, _S.REJECTED),
    Row(_S.UNKNOWN, _M.FILL, _RESTORED, "what trades is at the venue"),
    Row(_S.UNKNOWN, _M.COMPLETE, _S.FILLED, "what trades is at the venue"),
    Row(_S.UNKNOWN, _M.REQUEST_CANCEL, _S.UNKNOWN, "it may be open: asking is safe"),
    Row(_S.UNKNOWN, _M.REJECT_CANCEL, _S.UNKNOWN, "no answer about the order itself"),
    Row(_S.UNKNOWN, _M.CANCEL, _S.CANCELLED),
    Row(_S.UNKNOWN, _M.EXPIRE, _S.EXPIRED),
    Row(_S.UNKNOWN, _M.RESIZE, _S.UNKNOWN, "the venue's name for it is still to come"),
    Row(_S.UNKNOWN, _M.REJECT_AMEND, _KNOWN, _NOT_ASKED),
    Row(_S.UNKNOWN, _M.TRIGGER, _RESTORED, "what triggers is at the venue"),
    Row(_S.UNKNOWN, _M.MISS, _S.REJECTED),
    Row(_S.REJECTED, _M.MISS, _KNOWN, "it is known not to be at the venue"),
    # Replacements: held here, where no venue knows of them, until the replaced order has ended.
    Row(_S.NEW, _M.HOLD, _S.HELD),
    Row(_S.HELD, _M.RELEASE, _S.SUBMITTING),
    Row(_S.HELD, _M.WITHDRAW, _S.CANCELLED, "it never left the house"),
)

_AFTER: Final = {(row.before, row.move): row.after for row in TABLE}


def after(before: OrderStatus, move: Move) -> OrderStatus | Outcome | None:
    """Where the move leads, or None when it has no row."""
    return _AFTER.get((before, move))
