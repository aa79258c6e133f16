"""What happened to strategies, signals and followers; three kinds of stream, one family.

A strategy belongs to the platform, since orders of many accounts look at it; a signal lies with the
leader's account and what a follower did with it lies with the follower's.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import AccountId, InstrumentId, OrderId, SignalId, StrategyId, UserId
from domain.strategies.terms import Access, CopySource, Intent, Terms
from domain.values import Money, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class StrategyRegistered:
    """The strategy is known, and does not trade yet."""

    strategy_id: StrategyId
    account_id: AccountId
    owner: UserId
    label: str
    instruments: tuple[InstrumentId, ...]
    source: CopySource
    access: Access


@dataclass(frozen=True, slots=True)
class StrategyStarted:
    """It may open positions from now on."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class StrategyPaused:
    """Only reducing orders pass from now on."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class StrategyStopped:
    """For ever: only reducing orders pass."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class StrategyAccessChanged:
    """Who may follow from now on."""

    strategy_id: StrategyId
    account_id: AccountId
    access: Access


@dataclass(frozen=True, slots=True)
class FollowerInvited:
    """The leader lets this account follow."""

    strategy_id: StrategyId
    account_id: AccountId
    follower: AccountId


@dataclass(frozen=True, slots=True)
class FollowerDismissed:
    """It does so no more."""

    strategy_id: StrategyId
    account_id: AccountId
    follower: AccountId


@dataclass(frozen=True, slots=True)
class SignalSubmitted:
    """The strategy wants a side, or a position to be reached."""

    signal_id: SignalId
    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side | None
    target: Decimal | None
    quantity: Quantity | None
    strength: Decimal | None
    price: Price | None
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class FollowingBegun:
    """The account copies the strategy from now on."""

    strategy_id: StrategyId
    account_id: AccountId
    terms: Terms


@dataclass(frozen=True, slots=True)
class FollowingChanged:
    """It does so on other terms."""

    strategy_id: StrategyId
    account_id: AccountId
    terms: Terms


@dataclass(frozen=True, slots=True)
class FollowingEnded:
    """It copies nothing more."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class SizingInputs:
    """What a copy was sized on, so that it can be derived again."""

    held: Decimal
    equity: Money | None
    """Capital with profit and fees of the account; None unless the rule asks for it."""
    price: Price | None
    """The intent's limit, or the market's price."""
    rules_version: int
    at: int


@dataclass(frozen=True, slots=True)
class IntentCopied:
    """The intent became this order of the follower, in the same commit."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    inputs: SizingInputs
    order_id: OrderId
    side: Side
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class CopySkipped:
    """The intent led to no order of this follower, and why."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    inputs: SizingInputs
    reason: int
    detail: str


@dataclass(frozen=True, slots=True)
class CopyRefused:
    """The order was made and the follower's own checks refused it, in the same commit."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    inputs: SizingInputs
    order_id: OrderId
    side: Side
    quantity: Quantity
    reason: int
    detail: str


class AmendAction(StrEnum):
    """What became of a copy when the leader's order was amended."""

    AMENDED = "amended"
    """The venue is asked to amend it, too."""
    CANCELLED = "cancelled"
    """Nothing would be left of it, so the venue is asked to cancel it."""
    KEPT = "kept"
    """It stays what it is, and the reason says why."""
    REFUSED = "refused"
    """The follower's own checks refused the amend; it stays what it is."""


@dataclass(frozen=True, slots=True)
class AmendCopied:
    """The leader's order was amended, and this is what its copy was made of."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    """With the leader's quantity and price as they are now."""
    inputs: SizingInputs
    order_id: OrderId
    """The copy."""
    action: AmendAction
    quantity: Quantity | None
    """The copy's whole quantity from now on, or the one that was refused; None where none is."""
    reason: int | None
    detail: str


class DriftAction(StrEnum):
    """What was done about a drift."""

    REPORTED = "reported"
    REPAIRED = "repaired"
    """An order was placed towards where the follower should be."""
    SKIPPED = "skipped"
    """Nothing could be ordered, and the reason says why."""
    REFUSED = "refused"
    """The follower's own checks refused the order."""


@dataclass(frozen=True, slots=True)
class DriftFound:
    """The follower's position is not what the leader's makes of it."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    leader: Decimal
    held: Decimal
    expected: Decimal
    action: DriftAction
    order_id: OrderId | None
    side: Side | None
    quantity: Quantity | None
    reason: int | None
    detail: str
    at: int


StrategyEvent = (
    StrategyRegistered
    | StrategyStarted
    | StrategyPaused
    | StrategyStopped
    | StrategyAccessChanged
    | FollowerInvited
    | FollowerDismissed
)
SignalEvent = SignalSubmitted
FollowerEvent = (
    FollowingBegun
    | FollowingChanged
    | FollowingEnded
    | IntentCopied
    | CopySkipped
    | CopyRefused
    | AmendCopied
    | DriftFound
)
