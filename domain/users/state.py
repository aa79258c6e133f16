"""What is known of a user: the state and the roles; personal data is no part of any decision."""

from dataclasses import dataclass
from enum import StrEnum

from domain.users.events import Role


class UserStatus(StrEnum):
    """Where a user is in its life."""

    UNKNOWN = "unknown"
    """No event yet."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"
    """For ever: the id is never registered again."""


@dataclass(frozen=True, slots=True)
class User:
    """State and roles."""

    status: UserStatus = UserStatus.UNKNOWN
    roles: frozenset[Role] = frozenset()
