"""A user as its events leave it; total, and nothing brings an erased user back."""

from dataclasses import replace
from typing import assert_never

from domain.users.events import (
    RoleGranted,
    RoleRevoked,
    UserErased,
    UserEvent,
    UserRegistered,
    UserReinstated,
    UserSuspended,
)
from domain.users.state import User, UserStatus


def evolve(user: User, event: UserEvent) -> User:
    """The user after one more event."""
    if user.status is UserStatus.ERASED:
        return user
    match event:
        case UserRegistered() | UserReinstated():
            return replace(user, status=UserStatus.ACTIVE)
        case RoleGranted(role=role):
            return replace(user, roles=user.roles | {role})
        case RoleRevoked(role=role):
            return replace(user, roles=user.roles - {role})
        case UserSuspended():
            return replace(user, status=UserStatus.SUSPENDED)
        case UserErased():
            return User(UserStatus.ERASED)
        case _:
            assert_never(event)
