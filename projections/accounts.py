"""The read model of accounts that were opened: whose, where, and whether they may trade."""

from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    VenueKeyAdded,
    VenueKeyRevoked,
    VenueKeyRotated,
)
from domain.registry import TYPE_NAMES
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class AccountRow(NamedTuple):
    """Columns of model.accounts."""

    account_id: str
    user_id: str
    venue: str
    position_mode: str
    margin_mode: str
    status: str
    reason: str | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    version: int
    position: int


ACCOUNTS: Final = Table("accounts", AccountRow, ("account_id",))


class Accounts:
    """Folds the events of accounts into one row each."""

    name: Final = "accounts"
    tables: Final = (ACCOUNTS,)
    types: Final = frozenset(TYPE_NAMES[event] for event in get_args(AccountEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The account's row."""
        return ((ACCOUNTS, fact.account_id),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of an account."""
        if isinstance(fact.event, AccountOpened):
            row = _new(fact.event, fact)
        else:
            row = _changed(existing(rows.get(ACCOUNTS, fact.account_id), fact), fact)
        rows.put(ACCOUNTS, row._replace(version=fact.version, position=fact.position))


def _new(event: AccountOpened, fact: Fact) -> AccountRow:
    at = instant(fact.at)
    return AccountRow(
        account_id=event.account_id,
        user_id=event.user_id,
        venue=shown(event.venue),
        position_mode=event.position_mode.value,
        margin_mode=event.margin_mode.value,
        status="open",
        reason=None,
        opened_at=at,
        updated_at=at,
        closed_at=None,
        version=fact.version,
        position=fact.position,
    )


def _changed(row: AccountRow, fact: Fact) -> AccountRow:
    at = instant(fact.at)
    match fact.event:
        case AccountSuspended(reason=reason):
            return row._replace(status="suspended", reason=shown(reason), updated_at=at)
        case AccountReinstated():
            return row._replace(status="open", reason=None, updated_at=at)
        case AccountClosed():
            return row._replace(status="closed", reason=None, updated_at=at, closed_at=at)
        case VenueKeyAdded() | VenueKeyRotated() | VenueKeyRevoked():
            return row._replace(updated_at=at)
        case other:
            message = f"accounts does not fold {type(other).__name__}"
            raise FoldError(message)
