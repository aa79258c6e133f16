"""What is known of an account: whether it was opened, may trade, and which keys it has."""

from dataclasses import dataclass
from enum import StrEnum


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
    """The status, the venue and its keys; whose account it is decides nothing here."""

    status: AccountStatus = AccountStatus.NEVER_OPENED
    venue: str = ""
    keys: tuple[LiveKey, ...] = ()
    """Oldest first; two at most."""
    last_key: int = 0
    """The latest version that was ever given."""
