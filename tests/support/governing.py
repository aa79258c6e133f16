"""Commands of governance in tests, and a story that leaves every one of its events."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from domain.dispatch import Command
from domain.ids import PLATFORM, AccountId, ChangeId, StrategyId, derived
from domain.risk.commands import (
    ApproveChange,
    DeclineChange,
    Halted,
    HaltMode,
    HaltScope,
    HaltTrading,
    Limits,
    Proposing,
    ResumeTrading,
    SetLimits,
)
from domain.users.events import Role

BOTH: Final = frozenset({Role.RISK_MANAGER, Role.OPERATOR})


def change_id(name: str) -> ChangeId:
    """A change by a name of the test."""
    return ChangeId(derived("test change", name))


def proposing(name: str, by: str = "ada") -> Proposing:
    """Who proposes, and the change's name."""
    return Proposing(change_id(name), by)


def approve(
    name: str, by: str = "bob", *, of: AccountId = PLATFORM, roles: frozenset[Role] = BOTH
) -> ApproveChange:
    """A second person's yes."""
    return ApproveChange(of, change_id(name), by, roles)


def decline(
    name: str, by: str = "bob", *, of: AccountId = PLATFORM, roles: frozenset[Role] = BOTH
) -> DeclineChange:
    """A second person's no, or the first one's."""
    return DeclineChange(of, change_id(name), "a slip", by, roles)


def story(label: str) -> Sequence[Command]:
    """Every event but an expiry, which takes a day; nothing of it stays halted."""
    account = AccountId(derived(label, "governed"))
    strategy = Halted(HaltScope.STRATEGY, StrategyId(derived(label, "governed strategy")))

    def limits(name: str, most: int) -> SetLimits:
        wanted = Limits(currency="USDT", order_notional=Decimal(most))
        return SetLimits(account, wanted, proposing(f"{label} {name}"))

    return [
        limits("first", 10),
        approve(f"{label} first", of=account),
        limits("replaced", 20),
        limits("refused", 30),
        decline(f"{label} refused", of=account),
        limits("withdrawn", 40),
        decline(f"{label} withdrawn", "ada", of=account),
        limits("lower", 5),
        HaltTrading(PLATFORM, "drill", strategy, HaltMode.FULL),
        ResumeTrading(PLATFORM, "drill over", strategy, proposing(f"{label} resume")),
        approve(f"{label} resume"),
    ]


def late(label: str) -> Sequence[Command]:
    """A proposal, and an approval that is refused because its time is over by then."""
    account = AccountId(derived(label, "late"))
    first = SetLimits(account, Limits(currency="USDT"), proposing(f"{label} late"))
    return [first, approve(f"{label} late", of=account)]
