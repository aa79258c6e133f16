"""Open, suspend, reinstate and close an account, or refuse because of what it or its user is."""

from functools import lru_cache
from typing import assert_never

from domain.accounts.commands import (
    CloseAccount,
    OpenAccount,
    ReinstateAccount,
    SuspendAccount,
)
from domain.accounts.events import (
    AccountClosed,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
)
from domain.accounts.state import Account, AccountStatus
from domain.decision import Aggregate, StreamRef
from domain.ids import AccountId, account_stream
from domain.reasons import Reason, Rejected
from domain.risk.state import Risk
from domain.users.decide import unfit as unfit_user
from domain.users.state import User, UserStatus


@lru_cache(maxsize=65_536)
def stream(account_id: AccountId) -> StreamRef:
    """The stream of one account's life; kept, since every order asks for it three times."""
    return StreamRef(Aggregate.ACCOUNT, account_stream(account_id), account_id)


def open_for(command: OpenAccount, account: Account, user: User) -> AccountOpened | Rejected:
    """The account belongs to the user from now on; an id is opened once for ever."""
    if account.status is not AccountStatus.NEVER_OPENED:
        return Rejected(Reason.ACCOUNT_ALREADY_OPENED, "this account was opened: choose another")
    refusal = unfit_user(user)
    if refusal is not None:
        return refusal
    if user.status is UserStatus.SUSPENDED:
        return Rejected(Reason.USER_SUSPENDED, "the user is suspended: reinstate first")
    return AccountOpened(
        account_id=command.account_id,
        user_id=command.user_id,
        venue=command.venue,
        position_mode=command.position_mode,
        margin_mode=command.margin_mode,
    )


def decide(
    command: SuspendAccount | ReinstateAccount, account: Account
) -> AccountSuspended | AccountReinstated | Rejected:
    """Suspend or reinstate; risk is not read, so trading under way cannot get in between."""
    refusal = unfit(account)
    if refusal is not None:
        return refusal
    match command:
        case SuspendAccount():
            if account.status is AccountStatus.SUSPENDED:
                return Rejected(Reason.ACCOUNT_SUSPENDED, "the account is suspended")
            return AccountSuspended(command.account_id, command.reason)
        case ReinstateAccount():
            if account.status is not AccountStatus.SUSPENDED:
                return Rejected(Reason.ACCOUNT_NOT_SUSPENDED, "the account is not suspended")
            return AccountReinstated(command.account_id)
        case _:
            assert_never(command)


def close(command: CloseAccount, account: Account, risk: Risk) -> AccountClosed | Rejected:
    """End the account, unless something is open or held that nobody could get out of then."""
    refusal = unfit(account)
    if refusal is not None:
        return refusal
    if account.keys:
        return Rejected(Reason.VENUE_KEYS_LIVE, "revoke the account's venue keys first")
    held = sum(1 for exposure in risk.exposures.values() if exposure.net_quantity)
    if not held and not risk.reservations:
        return AccountClosed(command.account_id)
    return Rejected(
        Reason.ACCOUNT_NOT_EMPTY,
        "cancel what is open and close every position first",
        limit="0",
        value=f"{len(risk.reservations)} open orders, {held} positions",
    )


def unfit(account: Account) -> Rejected | None:
    """Why nothing can be asked of this account: never opened, or closed."""
    if account.status is AccountStatus.NEVER_OPENED:
        return Rejected(Reason.ACCOUNT_UNKNOWN, "this account was never opened: open it first")
    if account.status is AccountStatus.CLOSED:
        return Rejected(Reason.ACCOUNT_CLOSED, "the account is closed for ever")
    return None
