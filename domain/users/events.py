"""What happened to a user. Personal data is in here sealed only, under a key of that user's own.

An event is never changed, so what a person may ask to have erased must not be readable in one: it
is ciphertext, and erasing is the loss of its key. Roles and states are no personal data.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from domain.ids import UserId

Sealed = NewType("Sealed", str)
"""Personal data under the subject's key (docs/security.md); empty where there was no key."""


class Role(StrEnum):
    """What a user is there for; tokens use the same words."""

    TRADER = "trader"
    RISK_MANAGER = "risk_manager"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class UserRegistered:
    """Somebody is known from now on."""

    user_id: UserId
    name: Sealed
    email: Sealed


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """The user has one more role."""

    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """The user has one role less."""

    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class UserSuspended:
    """The user is to do nothing for now; the reason may be about a person, so it is sealed."""

    user_id: UserId
    reason: Sealed


@dataclass(frozen=True, slots=True)
class UserReinstated:
    """The suspension is over."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class UserErased:
    """The user's key is gone, in the same commit; what was sealed under it stays unreadable."""

    user_id: UserId


UserEvent = UserRegistered | RoleGranted | RoleRevoked | UserSuspended | UserReinstated | UserErased
