"""What can be asked of a user; personal data arrives sealed, so that nothing here can tell it."""

from dataclasses import dataclass

from domain.ids import UserId
from domain.users.events import Role, Sealed


@dataclass(frozen=True, slots=True)
class RegisterUser:
    """Make somebody known; the id is the sender's choice and used once for ever."""

    user_id: UserId
    name: Sealed
    email: Sealed


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Give the user a role."""

    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class RevokeRole:
    """Take a role away."""

    user_id: UserId
    role: Role


@dataclass(frozen=True, slots=True)
class SuspendUser:
    """Suspend the user; no new account can be opened meanwhile."""

    user_id: UserId
    reason: Sealed


@dataclass(frozen=True, slots=True)
class ReinstateUser:
    """Lift the suspension."""

    user_id: UserId


@dataclass(frozen=True, slots=True)
class EraseUser:
    """Make the user's personal data unreadable, for ever and everywhere."""

    user_id: UserId


UserCommand = RegisterUser | GrantRole | RevokeRole | SuspendUser | ReinstateUser | EraseUser
