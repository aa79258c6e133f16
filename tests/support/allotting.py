"""Commands on wider limits in tests, and a story that leaves every one of their events."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from domain.allotments.commands import Direction, MoveAllotment, SetWiderLimit
from domain.dispatch import Command
from domain.ids import AccountId, derived
from domain.risk.wider import Counted, Wider, WiderScope
from tests.support.governing import approve, proposing
from tests.support.membership import user_id
from tests.support.trading import ACCOUNT, number

GROSS: Final = Wider(WiderScope.PLATFORM, "", Counted.GROSS_NOTIONAL, "USDT")
OPEN: Final = Wider(WiderScope.PLATFORM, "", Counted.OPEN_NOTIONAL, "USDT")


def of_user(name: str = "ada", counted: Counted = Counted.GROSS_NOTIONAL) -> Wider:
    """A limit on the accounts of a user."""
    return Wider(WiderScope.USER, user_id(name), counted, "USDT")


def limited(
    value: str | int | Decimal | None, wider: Wider = GROSS, proposal: str = "", by: str = "ada"
) -> SetWiderLimit:
    """A wider limit; with a name it is a proposal where it loosens."""
    known = None if value is None else number(value)
    return SetWiderLimit(wider, known, proposing(proposal, by) if proposal else None)


def given(
    amount: str | int | Decimal, wider: Wider = GROSS, account: AccountId = ACCOUNT
) -> MoveAllotment:
    """More for the account."""
    return MoveAllotment(account, wider, number(amount), Direction.TO_ACCOUNT)


def taken(
    amount: str | int | Decimal, wider: Wider = GROSS, account: AccountId = ACCOUNT
) -> MoveAllotment:
    """Less for the account."""
    return MoveAllotment(account, wider, number(amount), Direction.TO_POOL)


def story(label: str) -> Sequence[Command]:
    """Every event; the limit is a strategy's that nobody trades with."""
    strategy = derived(label, "limited strategy")
    wider = Wider(WiderScope.STRATEGY, strategy, Counted.OPEN_NOTIONAL, "USDT")
    account = AccountId(derived(label, "allotted"))
    return [
        limited(1_000, wider),
        given(600, wider, account),
        taken(200, wider, account),
        limited(2_000, wider, f"{label} wider"),
        approve(f"{label} wider"),
    ]
