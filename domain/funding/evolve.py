"""A payment of funding as its event leaves it."""

from domain.funding.events import FundingEvent
from domain.funding.state import Funding


def evolve(funding: Funding, event: FundingEvent) -> Funding:
    """Recorded; total."""
    del funding, event
    return Funding(recorded=True)
