"""Every rule of users: who may be registered, given a role, suspended and erased."""

import pytest

from domain.decision import Aggregate
from domain.dispatch import Command
from domain.ids import PLATFORM, user_stream
from domain.reasons import Reason
from domain.users.commands import (
    EraseUser,
    GrantRole,
    RegisterUser,
    ReinstateUser,
    RevokeRole,
)
from domain.users.events import (
    Role,
    RoleGranted,
    RoleRevoked,
    Sealed,
    UserErased,
    UserRegistered,
    UserReinstated,
    UserSuspended,
)
from domain.users.state import User, UserStatus
from tests.support.membership import register, suspend, user_id
from tests.support.trading import Desk

ADA = user_id("ada")
AFTER_REGISTRATION: tuple[Command, ...] = (
    GrantRole(ADA, Role.TRADER),
    RevokeRole(ADA, Role.TRADER),
    suspend(),
    ReinstateUser(ADA),
    EraseUser(ADA),
)


@pytest.fixture
def known() -> Desk:
    desk = Desk()
    desk.events(register())
    return desk


def _user(desk: Desk) -> User:
    state = desk.states[user_stream(ADA)]
    assert isinstance(state, User)
    return state


def test_a_registration_holds_what_was_sealed_and_nothing_else() -> None:
    desk, command = Desk(), register()
    assert desk.events(command) == [UserRegistered(ADA, command.name, command.email)]
    assert _user(desk) == User(UserStatus.ACTIVE)
    [change] = desk.changes
    assert (change.stream.aggregate, change.stream.account_id) == (Aggregate.USER, PLATFORM)


def test_an_id_is_registered_once(known: Desk) -> None:
    assert known.reason(register()) is Reason.USER_ALREADY_EXISTS
    known.events(suspend())
    assert known.reason(register()) is Reason.USER_ALREADY_EXISTS
    assert known.reason(register("another")) is None


@pytest.mark.parametrize(("name", "email"), [("", "sealed"), ("sealed", ""), ("", "")])
def test_nobody_is_registered_without_a_key(name: str, email: str) -> None:
    command = RegisterUser(ADA, Sealed(name), Sealed(email))
    assert Desk().reason(command) is Reason.USER_ERASED


@pytest.mark.parametrize("command", AFTER_REGISTRATION)
def test_nothing_is_asked_of_a_user_who_is_not_known(command: Command) -> None:
    assert Desk().reason(command) is Reason.USER_UNKNOWN


@pytest.mark.parametrize("command", [register(), *AFTER_REGISTRATION])
def test_an_erased_user_never_comes_back(known: Desk, command: Command) -> None:
    known.events(GrantRole(ADA, Role.TRADER))
    assert known.events(EraseUser(ADA)) == [UserErased(ADA)]
    assert known.reason(command) is Reason.USER_ERASED
    assert _user(known) == User(UserStatus.ERASED)


def test_a_suspended_user_can_be_erased(known: Desk) -> None:
    known.events(suspend())
    assert known.events(EraseUser(ADA)) == [UserErased(ADA)]


def test_a_role_is_given_and_taken_once(known: Desk) -> None:
    assert known.reason(RevokeRole(ADA, Role.TRADER)) is Reason.ROLE_NOT_GRANTED
    assert known.events(GrantRole(ADA, Role.TRADER)) == [RoleGranted(ADA, Role.TRADER)]
    assert known.reason(GrantRole(ADA, Role.TRADER)) is Reason.ROLE_ALREADY_GRANTED
    known.events(GrantRole(ADA, Role.AUDITOR))
    assert _user(known).roles == {Role.TRADER, Role.AUDITOR}
    assert known.events(RevokeRole(ADA, Role.TRADER)) == [RoleRevoked(ADA, Role.TRADER)]
    assert _user(known).roles == {Role.AUDITOR}


def test_roles_change_while_suspended(known: Desk) -> None:
    known.events(suspend())
    known.events(GrantRole(ADA, Role.TRADER))
    assert _user(known) == User(UserStatus.SUSPENDED, frozenset({Role.TRADER}))


def test_a_suspension_begins_and_ends(known: Desk) -> None:
    assert known.reason(ReinstateUser(ADA)) is Reason.USER_NOT_SUSPENDED
    assert known.events(suspend()) == [UserSuspended(ADA, suspend().reason)]
    assert known.reason(suspend()) is Reason.USER_SUSPENDED
    assert known.events(ReinstateUser(ADA)) == [UserReinstated(ADA)]
    assert _user(known).status is UserStatus.ACTIVE
