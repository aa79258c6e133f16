"""An account as its events leave it; total, and nothing opens a closed account again."""

from typing import assert_never

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
from domain.accounts.state import Account, AccountStatus, LiveKey
from domain.changing import changed


def evolve(account: Account, event: AccountEvent) -> Account:
    """The account after one more event."""
    if account.status is AccountStatus.CLOSED:
        return account
    match event:
        case AccountOpened():
            return changed(
                account,
                status=AccountStatus.OPEN,
                venue=event.venue,
                position_mode=event.position_mode,
                margin_mode=event.margin_mode,
                user_id=event.user_id,
            )
        case AccountReinstated():
            return changed(account, status=AccountStatus.OPEN)
        case AccountSuspended():
            return changed(account, status=AccountStatus.SUSPENDED)
        case AccountClosed():
            return Account(AccountStatus.CLOSED)
        case VenueKeyAdded(key=key) | VenueKeyRotated(key=key):
            live = LiveKey(key.version, key.fingerprint)
            return changed(account, keys=(*account.keys, live), last_key=key.version)
        case VenueKeyRevoked(key_version=version):
            left = tuple(key for key in account.keys if key.version != version)
            return changed(account, keys=left)
        case _:
            return _set(account, event)


def _set(account: Account, event: LeverageSet | PositionModeChanged | MarginModeChanged) -> Account:
    """The account with one setting more."""
    match event:
        case LeverageSet():
            leverages = {**account.leverages, event.instrument_id: event.leverage}
            return changed(account, leverages=leverages)
        case PositionModeChanged():
            return changed(account, position_mode=event.position_mode)
        case MarginModeChanged():
            return changed(account, margin_mode=event.margin_mode)
        case _:
            assert_never(event)
