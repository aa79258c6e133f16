"""What can be asked of strategies, signals and followers."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId, SignalId, StrategyId, UserId
from domain.orders.commands import ReferencePrice
from domain.strategies.terms import Access, CopySource, Intent, Terms
from domain.values import Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class RegisterStrategy:
    """Make a strategy known; from then on it has to be started before it opens anything."""

    strategy_id: StrategyId
    account_id: AccountId
    """The leader's account: the only one that moves the strategy."""
    owner: UserId
    label: str
    instruments: tuple[InstrumentId, ...]
    """Sorted; what it may signal."""
    source: CopySource
    access: Access


@dataclass(frozen=True, slots=True)
class StartStrategy:
    """Let it trade, for the first time or after a pause."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class PauseStrategy:
    """Let only reducing orders pass until it is started again."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class StopStrategy:
    """End it for ever; only reducing orders pass."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class ChangeAccess:
    """Let anybody follow, or only whom the leader invites."""

    strategy_id: StrategyId
    account_id: AccountId
    access: Access


@dataclass(frozen=True, slots=True)
class InviteFollower:
    """Let an account follow."""

    strategy_id: StrategyId
    account_id: AccountId
    """The leader's."""
    follower: AccountId


@dataclass(frozen=True, slots=True)
class DismissFollower:
    """Take the invitation back: what the account holds stays, and nothing more is opened for it."""

    strategy_id: StrategyId
    account_id: AccountId
    """The leader's."""
    follower: AccountId


@dataclass(frozen=True, slots=True)
class SubmitSignal:
    """Say what the strategy wants: a side, or a target position; never both."""

    signal_id: SignalId
    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side | None
    target: Decimal | None
    quantity: Quantity | None
    strength: Decimal | None
    price: Price | None
    """Limit of the copies; None is the market's price."""
    valid_until: int | None


@dataclass(frozen=True, slots=True)
class FollowStrategy:
    """Copy a strategy in this account from now on."""

    strategy_id: StrategyId
    account_id: AccountId
    terms: Terms


@dataclass(frozen=True, slots=True)
class ChangeFollower:
    """Follow on other terms; also how following is paused."""

    strategy_id: StrategyId
    account_id: AccountId
    terms: Terms


@dataclass(frozen=True, slots=True)
class UnfollowStrategy:
    """Copy nothing more; what is held stays."""

    strategy_id: StrategyId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class CopyIntent:
    """Turn one intent into one order of one follower, or record why there is none."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    seen: int
    """Events of the follower that the sender knew: it must have known all."""
    held: Decimal
    """The follower's position by this strategy, with what is open; from the log up to then."""
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""


@dataclass(frozen=True, slots=True)
class AmendCopy:
    """Bring the open copy of an order to what the leader has made of that order since."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    """As it is now: the leader's quantity and price at the venue."""
    seen: int
    """Events of the follower that the sender knew: it must have known all."""
    held: Decimal
    """The follower's position by this strategy, with what is open, and without this copy."""
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""


@dataclass(frozen=True, slots=True)
class ReportDrift:
    """Record that a follower is not where the leader's position says, and repair it if asked to."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    seen: int
    leader: Decimal
    """The leader's position by this strategy; nothing of it is open."""
    held: Decimal
    """The follower's, likewise."""
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""


StrategyCommand = (
    RegisterStrategy
    | StartStrategy
    | PauseStrategy
    | StopStrategy
    | ChangeAccess
    | InviteFollower
    | DismissFollower
    | SubmitSignal
    | FollowStrategy
    | ChangeFollower
    | UnfollowStrategy
    | CopyIntent
    | AmendCopy
    | ReportDrift
)
