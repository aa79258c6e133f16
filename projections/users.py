"""The read model of users: states, roles and times. Personal data is not here, not even sealed."""

from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from domain.registry import TYPE_NAMES
from domain.users.events import (
    Role,
    RoleGranted,
    RoleRevoked,
    UserErased,
    UserEvent,
    UserRegistered,
    UserReinstated,
    UserSuspended,
)
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant


class UserRow(NamedTuple):
    """Columns of model.users."""

    user_id: str
    status: str
    roles: str
    """Sorted, with commas between them."""
    registered_at: datetime
    updated_at: datetime
    erased_at: datetime | None
    version: int
    position: int


USERS: Final = Table("users", UserRow, ("user_id",))


class Users:
    """Folds the events of users into one row each."""

    name: Final = "users"
    tables: Final = (USERS,)
    types: Final = frozenset(TYPE_NAMES[event] for event in get_args(UserEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The user's row."""
        return ((USERS, _subject(fact)),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of a user."""
        user_id = _subject(fact)
        if isinstance(fact.event, UserRegistered):
            row = _new(user_id, fact)
        else:
            row = _changed(existing(rows.get(USERS, user_id), fact), fact)
        rows.put(USERS, row._replace(version=fact.version, position=fact.position))


def _subject(fact: Fact) -> str:
    match fact.event:
        case (
            UserRegistered(user_id=user_id)
            | RoleGranted(user_id=user_id)
            | RoleRevoked(user_id=user_id)
            | UserSuspended(user_id=user_id)
            | UserReinstated(user_id=user_id)
            | UserErased(user_id=user_id)
        ):
            return user_id
        case other:
            message = f"users does not fold {type(other).__name__}"
            raise FoldError(message)


def _new(user_id: str, fact: Fact) -> UserRow:
    at = instant(fact.at)
    return UserRow(
        user_id=user_id,
        status="active",
        roles="",
        registered_at=at,
        updated_at=at,
        erased_at=None,
        version=fact.version,
        position=fact.position,
    )


def _changed(row: UserRow, fact: Fact) -> UserRow:
    row = row._replace(updated_at=instant(fact.at))
    match fact.event:
        case RoleGranted(role=role):
            return row._replace(roles=_joined({*_split(row.roles), role}))
        case RoleRevoked(role=role):
            return row._replace(roles=_joined({*_split(row.roles)} - {role.value}))
        case UserSuspended():
            return row._replace(status="suspended")
        case UserReinstated():
            return row._replace(status="active")
        case _:
            return row._replace(status="erased", roles="", erased_at=instant(fact.at))


def _split(roles: str) -> list[str]:
    return roles.split(",") if roles else []


def _joined(roles: set[str] | set[str | Role]) -> str:
    return ",".join(sorted(str(role) for role in roles))
