"""An account as its events leave it; total, and nothing opens a closed account again."""

from typing import assert_never

from domain.accounts.events import (
    AccountClosed,
    AccountEvent,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
)
from domain.accounts.state import Account, AccountStatus


def evolve(account: Account, event: AccountEvent) -> Account:
    """The account after one more event."""
    if account.status is AccountStatus.CLOSED:
        return account
    match event:
        case AccountOpened() | AccountReinstated():
            return Account(AccountStatus.OPEN)
        case AccountSuspended():
            return Account(AccountStatus.SUSPENDED)
        case AccountClosed():
            return Account(AccountStatus.CLOSED)
        case _:
            assert_never(event)
