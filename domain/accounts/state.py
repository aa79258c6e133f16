"""What is known of an account: whether it may trade, which keys it has, how it holds positions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from domain.accounts.events import MarginMode, PositionMode
from domain.ids import InstrumentId, UserId


class AccountStatus(StrEnum):
    """Where an account is in its life."""

    NEVER_OPENED = "never_opened"
    """No event yet. Such an account trades like an open one: its limits are what lets it."""
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A venue's API key that was not revoked."""

    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Account:
    """Status, venue, keys and settings, and whose account it is: a user's halt binds it."""

    status: AccountStatus = AccountStatus.NEVER_OPENED
    venue: str = ""
    keys: tuple[LiveKey, ...] = ()
    """Oldest first; two at most."""
    last_key: int = 0
    """The latest version that was ever given."""
    position_mode: PositionMode = PositionMode.ONE_WAY
    margin_mode: MarginMode = MarginMode.CROSS
    leverages: Mapping[InstrumentId, Decimal] = field(default_factory=dict)
    """Of the instruments for which one was set."""
    user_id: UserId | None = None
    """None while it was never opened: no user's halt binds such an account."""
