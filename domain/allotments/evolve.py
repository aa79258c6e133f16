"""The shares of one wider limit as its events leave them."""

from domain.allotments.events import AllotmentEvent
from domain.allotments.state import Allotments
from domain.layered import with_entry, without


def evolve(allotments: Allotments, event: AllotmentEvent) -> Allotments:
    """The shares after one more event; total."""
    shares = allotments.shares
    if event.share:
        shares = with_entry(shares, event.account_id, event.share)
    elif event.account_id in shares:
        shares = without(shares, event.account_id)
    return Allotments(shares, event.allotted)
