"""Which streams the commands on users and accounts touch, and their decisions: one event each."""

from collections.abc import Sequence

from domain.accounts import decide as accounts
from domain.accounts import keys as venue_keys
from domain.accounts.commands import (
    AccountCommand,
    AddVenueKey,
    ChangeMarginMode,
    ChangePositionMode,
    CloseAccount,
    OpenAccount,
    ReinstateAccount,
    RevokeVenueKey,
    RotateVenueKey,
    SetLeverage,
    SuspendAccount,
)
from domain.accounts.events import AccountEvent
from domain.accounts.state import Account
from domain.decision import Change, Decision, StreamRef
from domain.instruments import decide as instruments
from domain.instruments.state import Instrument
from domain.reasons import Rejected
from domain.risk import decide as risks
from domain.risk.state import Risk
from domain.users import decide as users
from domain.users.commands import UserCommand
from domain.users.events import UserEvent
from domain.users.state import User


def streams_of(command: UserCommand | AccountCommand) -> tuple[StreamRef, ...]:
    """Every stream that the decision reads or writes; the first is the command's main one."""
    match command:
        case OpenAccount():
            return (accounts.stream(command.account_id), users.stream(command.user_id))
        case SuspendAccount() | ReinstateAccount():
            return (accounts.stream(command.account_id),)
        case AddVenueKey() | RotateVenueKey() | RevokeVenueKey():
            return (accounts.stream(command.account_id),)
        case CloseAccount() | ChangePositionMode() | ChangeMarginMode():
            return (accounts.stream(command.account_id), risks.stream(command.account_id))
        case SetLeverage():
            return (
                accounts.stream(command.account_id),
                instruments.stream(command.instrument_id),
            )
        case _:
            return (users.stream(command.user_id),)


def decided(command: UserCommand | AccountCommand, found: Sequence[object]) -> Decision:
    """Users and accounts: one event in the command's main stream."""
    main = streams_of(command)[0]
    match command:
        case OpenAccount():
            account, user = found
            assert isinstance(account, Account)
            assert isinstance(user, User)
            return _one(accounts.open_for(command, account, user), main)
        case SuspendAccount() | ReinstateAccount():
            (account,) = found
            assert isinstance(account, Account)
            return _one(accounts.decide(command, account), main)
        case AddVenueKey() | RotateVenueKey() | RevokeVenueKey():
            (account,) = found
            assert isinstance(account, Account)
            return _one(venue_keys.decide(command, account), main)
        case CloseAccount() | ChangePositionMode() | ChangeMarginMode():
            account, risk = found
            assert isinstance(account, Account)
            assert isinstance(risk, Risk)
            if isinstance(command, CloseAccount):
                return _one(accounts.close(command, account, risk), main)
            return _one(accounts.change_mode(command, account, risk), main)
        case SetLeverage():
            account, instrument = found
            assert isinstance(account, Account)
            assert isinstance(instrument, Instrument)
            return _one(accounts.set_leverage(command, account, instrument), main)
        case _:
            (user,) = found
            assert isinstance(user, User)
            return _one(users.decide(command, user), main)


def _one(outcome: UserEvent | AccountEvent | Rejected, ref: StreamRef) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(ref, outcome),))
