"""An account as its events leave it; total, and nothing opens a closed account again."""

from dataclasses import replace
from typing import assert_never

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
from domain.accounts.state import Account, AccountStatus, LiveKey


def evolve(account: Account, event: AccountEvent) -> Account:
    """The account after one more event."""
    if account.status is AccountStatus.CLOSED:
        return account
    match event:
        case AccountOpened(venue=venue):
            return Account(AccountStatus.OPEN, venue)
        case AccountReinstated():
            return replace(account, status=AccountStatus.OPEN)
        case AccountSuspended():
            return replace(account, status=AccountStatus.SUSPENDED)
        case AccountClosed():
            return Account(AccountStatus.CLOSED)
        case VenueKeyAdded(key=key) | VenueKeyRotated(key=key):
            live = LiveKey(key.version, key.fingerprint)
            return replace(account, keys=(*account.keys, live), last_key=key.version)
        case VenueKeyRevoked(key_version=version):
            left = tuple(key for key in account.keys if key.version != version)
            return replace(account, keys=left)
        case _:
            assert_never(event)
