"""Open, suspend, reinstate and close an account, or refuse because of what it or its user is."""

from functools import lru_cache
from typing import assert_never

from domain.accounts.commands import (
    ChangeMarginMode,
    ChangePositionMode,
    CloseAccount,
    OpenAccount,
    ReinstateAccount,
    SetLeverage,
    SuspendAccount,
)
from domain.accounts.events import (
    AccountClosed,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    LeverageSet,
    MarginModeChanged,
    PositionModeChanged,
)
from domain.accounts.state import Account, AccountStatus
from domain.decision import Aggregate, StreamRef
from domain.ids import AccountId, account_stream
from domain.instruments.state import Instrument
from domain.reasons import Reason, Rejected
from domain.risk.state import Risk
from domain.users.decide import unfit as unfit_user
from domain.users.state import User, UserStatus
from domain.values import plain


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
    return _not_empty(risk) or AccountClosed(command.account_id)


def set_leverage(
    command: SetLeverage, account: Account, instrument: Instrument
) -> LeverageSet | Rejected:
    """The leverage, up to what the venue allows the smallest position."""
    refusal = unfit(account)
    if refusal is not None:
        return refusal
    rules, asked = instrument.rules, command.leverage
    if rules is None:
        return Rejected(Reason.INSTRUMENT_UNKNOWN, "the instrument is not listed")
    if asked < 1:
        return Rejected(Reason.MALFORMED, "a leverage is 1 at least", "1", plain(asked))
    most = rules.margin_tiers[0].maximum_leverage if rules.margin_tiers else None
    if most is not None and asked > most:
        return Rejected(
            Reason.LEVERAGE_ABOVE_MAXIMUM,
            "the venue allows less for this instrument",
            limit=plain(most),
            value=plain(asked),
        )
    if account.leverages.get(command.instrument_id) == asked:
        return Rejected(Reason.SETTING_UNCHANGED, "this leverage holds already")
    return LeverageSet(command.account_id, command.instrument_id, asked)


def change_mode(
    command: ChangePositionMode | ChangeMarginMode, account: Account, risk: Risk
) -> PositionModeChanged | MarginModeChanged | Rejected:
    """Another mode, once nothing is held that would belong nowhere then."""
    refusal = unfit(account)
    if refusal is not None:
        return refusal
    if isinstance(command, ChangePositionMode):
        unchanged = command.position_mode is account.position_mode
    else:
        unchanged = command.margin_mode is account.margin_mode
    if unchanged:
        return Rejected(Reason.SETTING_UNCHANGED, "this mode holds already")
    refusal = _not_empty(risk)
    if refusal is not None:
        return refusal
    if isinstance(command, ChangePositionMode):
        return PositionModeChanged(command.account_id, command.position_mode)
    return MarginModeChanged(command.account_id, command.margin_mode)


def _not_empty(risk: Risk) -> Rejected | None:
    """Something is open or held; a hedged instrument holds something though its net is 0."""
    held = sum(1 for exposure in risk.exposures.values() if exposure.net_quantity)
    legs = sum(1 for exposure in risk.legs.values() if exposure.net_quantity)
    orders = len(risk.reservations) + len(risk.exits)
    if not held and not legs and not orders:
        return None
    return Rejected(
        Reason.ACCOUNT_NOT_EMPTY,
        "cancel what is open and close every position first",
        limit="0",
        value=f"{orders} open orders, {legs or held} positions",
    )


def unfit(account: Account) -> Rejected | None:
    """Why nothing can be asked of this account: never opened, or closed."""
    if account.status is AccountStatus.NEVER_OPENED:
        return Rejected(Reason.ACCOUNT_UNKNOWN, "this account was never opened: open it first")
    if account.status is AccountStatus.CLOSED:
        return Rejected(Reason.ACCOUNT_CLOSED, "the account is closed for ever")
    return None
