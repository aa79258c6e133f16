"""Every rule of accounts, and what their states let an order do."""

from dataclasses import replace

import pytest

from domain.accounts.commands import CloseAccount, ReinstateAccount, SuspendAccount
from domain.accounts.events import (
    AccountClosed,
    AccountOpened,
    AccountReinstated,
    AccountSuspended,
    MarginMode,
    PositionMode,
)
from domain.dispatch import Command
from domain.ids import account_stream
from domain.orders.commands import PlaceOrder
from domain.orders.events import OrderCancelRequested, OrderDenied
from domain.reasons import Reason
from domain.risk.events import OrderRefused
from domain.users.commands import EraseUser, ReinstateUser
from domain.values import Side
from tests.support.membership import open_account, register, suspend, user_id
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Desk,
    cancel,
    cancelled,
    desk,
    filled,
    place,
)

ADA = user_id("ada")
ONCE_OPENED: tuple[Command, ...] = (
    SuspendAccount(ACCOUNT, "a drill"),
    ReinstateAccount(ACCOUNT),
    CloseAccount(ACCOUNT),
)


@pytest.fixture
def opened() -> Desk:
    trading = desk()
    trading.events(register())
    trading.events(open_account(ACCOUNT))
    return trading


def _reducing(name: str, amount: str | int = 4) -> PlaceOrder:
    return replace(place(name, amount=amount, side=Side.SELL), reduce_only=True)


def test_an_account_is_opened_for_a_user_at_a_venue() -> None:
    trading = Desk()
    trading.events(register())
    assert trading.events(open_account(ACCOUNT, margin=MarginMode.ISOLATED)) == [
        AccountOpened(ACCOUNT, ADA, "BINANCE", PositionMode.ONE_WAY, MarginMode.ISOLATED)
    ]
    assert trading.changes[-1].stream.account_id == ACCOUNT


def test_an_account_is_opened_once(opened: Desk) -> None:
    assert opened.reason(open_account(ACCOUNT)) is Reason.ACCOUNT_ALREADY_OPENED
    opened.events(SuspendAccount(ACCOUNT, "a drill"))
    assert opened.reason(open_account(ACCOUNT)) is Reason.ACCOUNT_ALREADY_OPENED
    opened.events(CloseAccount(ACCOUNT))
    assert opened.reason(open_account(ACCOUNT)) is Reason.ACCOUNT_ALREADY_OPENED


def test_an_account_is_opened_for_a_user_who_is_there() -> None:
    trading = Desk()
    assert trading.reason(open_account(ACCOUNT)) is Reason.USER_UNKNOWN
    trading.events(register())
    trading.events(suspend())
    assert trading.reason(open_account(ACCOUNT)) is Reason.USER_SUSPENDED
    trading.events(ReinstateUser(ADA))
    trading.events(open_account(ACCOUNT))
    trading.events(EraseUser(ADA))
    assert trading.reason(open_account(OTHER_ACCOUNT)) is Reason.USER_ERASED


@pytest.mark.parametrize("command", ONCE_OPENED)
def test_nothing_is_asked_of_an_account_that_was_never_opened(command: Command) -> None:
    assert Desk().reason(command) is Reason.ACCOUNT_UNKNOWN


@pytest.mark.parametrize("command", ONCE_OPENED)
def test_a_closed_account_stays_closed(opened: Desk, command: Command) -> None:
    assert opened.events(CloseAccount(ACCOUNT)) == [AccountClosed(ACCOUNT)]
    assert opened.reason(command) is Reason.ACCOUNT_CLOSED


def test_a_suspension_begins_and_ends(opened: Desk) -> None:
    assert opened.reason(ReinstateAccount(ACCOUNT)) is Reason.ACCOUNT_NOT_SUSPENDED
    assert opened.events(SuspendAccount(ACCOUNT, "a drill")) == [
        AccountSuspended(ACCOUNT, "a drill")
    ]
    assert opened.reason(SuspendAccount(ACCOUNT, "again")) is Reason.ACCOUNT_SUSPENDED
    assert opened.events(ReinstateAccount(ACCOUNT)) == [AccountReinstated(ACCOUNT)]


def test_an_account_is_closed_when_nothing_is_open_and_nothing_is_held(opened: Desk) -> None:
    opened.events(place("a"))
    assert opened.reason(CloseAccount(ACCOUNT)) is Reason.ACCOUNT_NOT_EMPTY
    opened.events(filled("a", "x", 4))
    opened.events(cancelled("a"))
    decision = opened.do(CloseAccount(ACCOUNT))
    assert decision.rejected is not None
    assert decision.rejected.value == "0 open orders, 1 positions"
    opened.events(_reducing("b"))
    opened.events(filled("b", "y", 4, side=Side.SELL))
    assert opened.events(CloseAccount(ACCOUNT)) == [AccountClosed(ACCOUNT)]


def test_an_account_that_was_never_opened_and_an_open_one_trade_alike(opened: Desk) -> None:
    never = desk()
    assert account_stream(ACCOUNT) not in never.states
    assert never.events(place("a")) == opened.events(place("a"))


def test_a_suspended_account_cancels_and_reduces(opened: Desk) -> None:
    opened.events(place("a"))
    opened.events(filled("a", "x", 4))
    opened.events(SuspendAccount(ACCOUNT, "a drill"))
    decision = opened.do(place("b"))
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.ACCOUNT_SUSPENDED
    refused, denied = (change.event for change in decision.changes)
    assert isinstance(refused, OrderRefused)
    assert (refused.check, refused.reason) == ("account", 4103)
    assert isinstance(denied, OrderDenied)
    assert isinstance(opened.events(cancel("a"))[0], OrderCancelRequested)
    opened.events(_reducing("c"))
    assert opened.reason(_reducing("d", 5)) is Reason.WOULD_INCREASE
    opened.events(ReinstateAccount(ACCOUNT))
    opened.events(place("e"))


def test_a_closed_account_places_nothing_and_still_hears_the_venue(opened: Desk) -> None:
    opened.events(place("a"))
    opened.events(cancelled("a"))
    opened.events(CloseAccount(ACCOUNT))
    assert opened.reason(place("b")) is Reason.ACCOUNT_CLOSED
    assert opened.reason(_reducing("c")) is Reason.ACCOUNT_CLOSED
    opened.events(filled("a", "late", 1))
    assert opened.position().net_quantity == 1


def test_a_closed_account_s_cancel_is_asked_of_the_order_alone(opened: Desk) -> None:
    """A late acceptance can leave an order open at the venue; it must be possible to cancel it."""
    opened.events(CloseAccount(ACCOUNT))
    assert opened.reason(cancel("a")) is Reason.ORDER_UNKNOWN


def test_another_account_is_not_concerned(opened: Desk) -> None:
    opened.events(SuspendAccount(ACCOUNT, "a drill"))
    assert opened.reason(replace(place("a"), account_id=OTHER_ACCOUNT)) is Reason.LIMITS_NOT_SET
