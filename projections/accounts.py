"""The read model of accounts that were opened: whose, where, and whether they may trade."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, get_args

from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    LeverageSet,
    MarginModeChanged,
    PositionModeChanged,
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


class LeverageRow(NamedTuple):
    """Columns of model.account_leverages."""

    account_id: str
    instrument: str
    leverage: Decimal
    set_at: datetime
    position: int


ACCOUNTS: Final = Table("accounts", AccountRow, ("account_id",))
LEVERAGES: Final = Table("account_leverages", LeverageRow, ("account_id", "instrument"))


class Accounts:
    """Folds the events of accounts into one row each, and one for each leverage."""

    name: Final = "accounts"
    tables: Final = (ACCOUNTS, LEVERAGES)
    types: Final = frozenset(TYPE_NAMES[event] for event in get_args(AccountEvent))

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The account's row, and that of a leverage."""
        event = fact.event
        own: tuple[tuple[Table[Any], Key], ...] = ((ACCOUNTS, fact.account_id),)
        if isinstance(event, LeverageSet):
            return (*own, (LEVERAGES, (fact.account_id, event.instrument_id)))
        return own

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more event of an account."""
        if isinstance(fact.event, AccountOpened):
            row = _new(fact.event, fact)
        else:
            row = _changed(existing(rows.get(ACCOUNTS, fact.account_id), fact), fact)
        if isinstance(fact.event, LeverageSet):
            rows.put(LEVERAGES, _leverage(fact.event, fact))
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


def _leverage(event: LeverageSet, fact: Fact) -> LeverageRow:
    return LeverageRow(
        account_id=event.account_id,
        instrument=event.instrument_id,
        leverage=event.leverage,
        set_at=instant(fact.at),
        position=fact.position,
    )


def _changed(row: AccountRow, fact: Fact) -> AccountRow:
    at = instant(fact.at)
    match fact.event:
        case AccountSuspended(reason=reason):
            return row._replace(status="suspended", reason=shown(reason), updated_at=at)
        case AccountReinstated():
            return row._replace(status="open", reason=None, updated_at=at)
        case LeverageSet():
            return row._replace(updated_at=at)
        case PositionModeChanged(position_mode=position_mode):
            return row._replace(position_mode=position_mode.value, updated_at=at)
        case MarginModeChanged(margin_mode=margin_mode):
            return row._replace(margin_mode=margin_mode.value, updated_at=at)
        case AccountClosed():
            return row._replace(status="closed", reason=None, updated_at=at, closed_at=at)
        case VenueKeyAdded() | VenueKeyRotated() | VenueKeyRevoked():
            return row._replace(updated_at=at)
        case other:
            message = f"accounts does not fold {type(other).__name__}"
            raise FoldError(message)
