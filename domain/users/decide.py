"""Register a user, change roles, suspend and erase, or refuse because of what the user is."""

from typing import assert_never

from domain.decision import Aggregate, StreamRef
from domain.ids import PLATFORM, UserId, user_stream
from domain.reasons import Reason, Rejected
from domain.users.commands import (
    EraseUser,
    GrantRole,
    RegisterUser,
    ReinstateUser,
    RevokeRole,
    SuspendUser,
    UserCommand,
)
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


def stream(user_id: UserId) -> StreamRef:
    """The stream of one user; users belong to no account."""
    return StreamRef(Aggregate.USER, user_stream(user_id), PLATFORM)


def unfit(user: User) -> Rejected | None:
    """Why nothing can be asked of this user: never registered, or erased."""
    if user.status is UserStatus.UNKNOWN:
        return Rejected(Reason.USER_UNKNOWN, "there is no such user: register first")
    if user.status is UserStatus.ERASED:
        return Rejected(Reason.USER_ERASED, "the user was erased: use another id")
    return None


def decide(command: UserCommand, user: User) -> UserEvent | Rejected:
    """One event, or the reason against it."""
    if isinstance(command, RegisterUser):
        return _register(command, user)
    refusal = unfit(user)
    if refusal is not None:
        return refusal
    match command:
        case GrantRole() | RevokeRole():
            return _change_role(command, user)
        case SuspendUser() | ReinstateUser():
            return _suspend_or_reinstate(command, user)
        case EraseUser():
            return UserErased(command.user_id)
        case _:
            assert_never(command)


def _register(command: RegisterUser, user: User) -> UserRegistered | Rejected:
    if user.status in {UserStatus.ACTIVE, UserStatus.SUSPENDED}:
        return Rejected(Reason.USER_ALREADY_EXISTS, "this user_id is taken: choose a fresh one")
    # Without a key nothing was sealed: the subject was erased before, whatever its stream says.
    if user.status is UserStatus.ERASED or not command.name or not command.email:
        return Rejected(Reason.USER_ERASED, "the user was erased: use another id")
    return UserRegistered(command.user_id, command.name, command.email)


def _change_role(command: GrantRole | RevokeRole, user: User) -> UserEvent | Rejected:
    has = command.role in user.roles
    if isinstance(command, GrantRole):
        if has:
            return Rejected(Reason.ROLE_ALREADY_GRANTED, "the user has this role")
        return RoleGranted(command.user_id, command.role)
    if not has:
        return Rejected(Reason.ROLE_NOT_GRANTED, "the user does not have this role")
    return RoleRevoked(command.user_id, command.role)


def _suspend_or_reinstate(command: SuspendUser | ReinstateUser, user: User) -> UserEvent | Rejected:
    suspended = user.status is UserStatus.SUSPENDED
    if isinstance(command, SuspendUser):
        if suspended:
            return Rejected(Reason.USER_SUSPENDED, "the user is suspended")
        return UserSuspended(command.user_id, command.reason)
    if not suspended:
        return Rejected(Reason.USER_NOT_SUSPENDED, "the user is not suspended")
    return UserReinstated(command.user_id)
