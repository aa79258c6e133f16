"""What wider limits and shares of them leave in a stream of risk."""

from dataclasses import replace
from typing import assert_never

from domain.risk.state import Governance, Proposal
from domain.risk.wider import with_limit
from domain.risk.wider_events import ShareChanged, WiderEvent, WiderLimitProposed, WiderLimitSet


def evolve_wider(governance: Governance, event: WiderEvent) -> Governance:
    """The governance after one more event; total."""
    match event:
        case WiderLimitSet():
            return replace(governance, wider=with_limit(governance.wider, event.wider, event.value))
        case WiderLimitProposed():
            proposal = Proposal(
                event.proposed_by,
                event.expires_at,
                wider=event.wider,
                value=event.value,
                allotted=event.allotted,
            )
            pending = {**governance.pending, event.change_id: proposal}
            return replace(governance, pending=pending)
        case ShareChanged():
            shares = {**governance.shares, event.wider: event.share}
            if not event.share:
                del shares[event.wider]
            return replace(governance, shares=shares)
        case _:
            assert_never(event)
