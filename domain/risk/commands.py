"""What can be asked of risk: set limits, halt, resume, and a second person's word on a change.

Admission comes with PlaceOrder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.ids import PLATFORM, AccountId, ChangeId, StrategyId
from domain.users.events import Role
from domain.values import Money


class HaltScope(StrEnum):
    """Whose orders a halt stops."""

    ACCOUNT = "account"
    PLATFORM = "platform"
    USER = "user"
    """All accounts that were opened for a user."""
    VENUE = "venue"
    STRATEGY = "strategy"


class HaltMode(StrEnum):
    """What a halt lets through; cancels and venue reports always pass."""

    FULL = "full"
    """No new order at all."""
    REDUCE_ONLY = "reduce_only"
    """Only orders that make a position smaller."""


class Halted(NamedTuple):
    """What is halted: a scope, and which user, venue or strategy; empty for the other two."""

    scope: HaltScope
    subject: str = ""

    def __str__(self) -> str:
        """As a person would say it."""
        return f"{self.scope.value} {self.subject}".rstrip()


@dataclass(frozen=True, slots=True)
class StrategyLimits:
    """Limits of one strategy within its account; None means that this limit is not set."""

    order_quantity: Decimal | None = None
    order_notional: Decimal | None = None
    open_orders: int | None = None
    open_notional: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one account; None means that this limit is not set.

    Notionals and losses are in `currency`; the collar is a ratio of the reference price (0.05 =
    5 %), the concentration one of the gross position. The duplicate window and the age of a price
    are in microseconds, 0 switches the check off.
    """

    currency: str
    order_quantity: Decimal | None = None
    order_notional: Decimal | None = None
    open_orders: int | None = None
    position_notional: Decimal | None = None
    price_collar: Decimal | None = None
    loss: Decimal | None = None
    """Since the account began; watched by the risk worker, which halts. No check of an order, which
    is what `daily_loss` is."""
    duplicate_window: int = 0
    orders_per_second: int | None = None
    orders_per_minute: int | None = None
    price_age: int = 0
    instrument_open_orders: int | None = None
    open_notional: Decimal | None = None
    instrument_open_notional: Decimal | None = None
    gross_notional: Decimal | None = None
    net_notional: Decimal | None = None
    concentration: Decimal | None = None
    concentration_from: Decimal | None = None
    """Gross position up to which concentration is not asked: a first order is always alone."""
    daily_loss: Decimal | None = None
    """Since 00:00 UTC; opening orders above it are refused, and nothing is halted."""
    drawdown: Decimal | None = None
    self_trade: bool = False
    """Whether an order that would meet one's own is refused."""
    strategies: Mapping[StrategyId, StrategyLimits] = field(default_factory=dict)
    leverage: Decimal | None = None
    """Most that may be held and open, as a multiple of the wallet; of no effect before a balance
    is known."""

    @property
    def need_a_mark(self) -> bool:
        """Whether some limit is on what is held, valued at the market."""
        return (
            self.gross_notional is not None
            or self.net_notional is not None
            or self.concentration is not None
            or self.daily_loss is not None
            or self.drawdown is not None
        )


@dataclass(frozen=True, slots=True)
class Proposing:
    """Who asks for a change that a second person has to approve, and the name it can be called by.

    Attached by the command service from the token and the command's id, never by the sender. A
    command without it takes effect at once.
    """

    change_id: ChangeId
    by: str


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Replace the account's limits by a new version; what loosens one may need approval."""

    account_id: AccountId
    limits: Limits
    proposing: Proposing | None = None


@dataclass(frozen=True, slots=True)
class HaltTrading:
    """Refuse new orders of an account or a wider scope; wider ones are the PLATFORM's to keep."""

    account_id: AccountId
    reason: str
    of: Halted | None = None
    """None is the account itself, or the platform where the account is PLATFORM."""
    mode: HaltMode | None = None
    """None is full for the platform, and reduce only for everything else."""


@dataclass(frozen=True, slots=True)
class ResumeTrading:
    """Lift a halt; that may need approval."""

    account_id: AccountId
    reason: str
    of: Halted | None = None
    proposing: Proposing | None = None


@dataclass(frozen=True, slots=True)
class ApproveChange:
    """Let a pending change take effect; not by the one who proposed it."""

    account_id: AccountId
    change_id: ChangeId
    by: str
    """Subject of the token; attached by the command service."""
    roles: frozenset[Role]
    """Of the token; attached by the command service."""


@dataclass(frozen=True, slots=True)
class DeclineChange:
    """Take a pending change off the list: by its proposer a withdrawal, by another a refusal."""

    account_id: AccountId
    change_id: ChangeId
    reason: str
    by: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class RecordBalance:
    """The venue said what the account's wallet holds in one currency."""

    account_id: AccountId
    balance: Money
    """Wallet balance, without unrealised profit; below 0 is a debt."""
    venue_time: int


GovernanceCommand = SetLimits | HaltTrading | ResumeTrading | ApproveChange | DeclineChange
RiskCommand = GovernanceCommand | RecordBalance


def whose(account_id: AccountId, of: Halted | None) -> Halted:
    """What a halt or a resumption is about."""
    if of is not None:
        return of
    return Halted(HaltScope.PLATFORM if account_id == PLATFORM else HaltScope.ACCOUNT)
