"""What is known of an account: whether it was opened, and whether it may trade."""

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
class Account:
    """The status; whose account it is decides nothing here."""

    status: AccountStatus = AccountStatus.NEVER_OPENED
