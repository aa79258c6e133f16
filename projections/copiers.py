"""What following knows of leaders, followers and their orders, and what it finds to be due.

The parts of projections/following.py, which folds the log into them.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, NamedTuple

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId
from domain.orders.commands import OrderType, TimeInForce
from domain.orders.events import OrderPlaced
from domain.strategies.events import SignalSubmitted
from domain.strategies.terms import CopySource, Intent, IntentKind, Terms
from domain.values import ZERO, Quantity, Side

ORDER_VALID: Final = 60_000_000
"""Microseconds for which a leader's order is copied: later the market is another one."""


@dataclass(slots=True)
class Open:
    """An order of a strategy that the venue may still fill."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    left: Decimal
    copies: Intent | None = None
    """What it copies, with the leader's quantity and price as they are now; None: no copy."""
    behind: bool = False
    """Whether the leader's order has been amended since."""
    filled: Decimal = ZERO
    moves: int = 0
    """Number of events that said something about it."""
    taken: bool = False
    """Whether the venue is known to have it."""
    cancelling: bool = False
    amending: int = 0
    """Which amend the venue is being asked for; 0 for none."""
    asked: Decimal = ZERO
    """The whole quantity that it is being asked for."""

    @property
    def may_be_amended(self) -> bool:
        """Whether the core would ask the venue to."""
        return self.taken and not self.cancelling and not self.amending

    @property
    def is_over(self) -> bool:
        """Whether nothing is left, by the old quantity and by the one that is asked for."""
        return not self.left and (not self.amending or self.filled >= self.asked)

    def answered(self, amendment: int) -> None:
        """The venue has answered one of our amends; an answer to another leaves it asked."""
        if amendment == self.amending:
            self.amending = 0


@dataclass(slots=True)
class LastDrift:
    """What was found last, so that it is not found again and again."""

    leader: Decimal
    held: Decimal
    at: int


@dataclass(slots=True)
class Copier:
    """One follower; without terms it follows no more."""

    terms: Terms | None
    seen: int
    waiting: list[Intent] = field(default_factory=list)
    """Intents without an outcome, the oldest first."""
    drift: dict[InstrumentId, LastDrift] = field(default_factory=dict)


@dataclass(slots=True)
class Led:
    """One registered strategy."""

    account_id: AccountId
    source: CopySource
    followers: dict[AccountId, Copier] = field(default_factory=dict)
    held: dict[AccountId, dict[InstrumentId, Decimal]] = field(default_factory=dict)
    working: dict[AccountId, dict[InstrumentId, Decimal]] = field(default_factory=dict)
    """What open orders may still add, signed."""
    moved: dict[AccountId, int] = field(default_factory=dict)
    """When an order of the account last changed."""


class Copy(NamedTuple):
    """The next intent of one follower."""

    strategy_id: StrategyId
    account_id: AccountId
    intent: Intent
    seen: int
    held: Decimal


class Amend(NamedTuple):
    """A copy that is behind its leader's order."""

    strategy_id: StrategyId
    account_id: AccountId
    order_id: OrderId
    intent: Intent
    seen: int
    held: Decimal
    """Without the copy itself."""
    moves: int


class Drift(NamedTuple):
    """A follower that is not where it should be."""

    strategy_id: StrategyId
    account_id: AccountId
    instrument_id: InstrumentId
    seen: int
    leader: Decimal
    held: Decimal


def of_signal(event: SignalSubmitted) -> Intent:
    """With a price at once or not at all, so that nothing of it stays open."""
    return Intent(
        intent_id=event.signal_id,
        kind=IntentKind.SIGNAL,
        instrument_id=event.instrument_id,
        side=event.side,
        target=event.target,
        quantity=event.quantity,
        strength=event.strength,
        type=OrderType.MARKET if event.price is None else OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        price=event.price,
        reduce_only=False,
        valid_until=event.valid_until,
    )


def of_order(event: OrderPlaced, at: int) -> Intent:
    return Intent(
        intent_id=event.order_id,
        kind=IntentKind.ORDER,
        instrument_id=event.instrument_id,
        side=event.side,
        target=None,
        quantity=event.quantity,
        strength=None,
        type=event.type,
        time_in_force=event.time_in_force,
        price=event.price,
        reduce_only=event.reduce_only,
        valid_until=at + ORDER_VALID,
    )


def ended_intent(intent: Intent, filled: Decimal, at: int) -> Intent:
    """What is left to copy of an order that ended before it was copied: its fills, and at once.

    Without any nothing is, and the intent is valid no longer.
    """
    if not filled:
        return replace(intent, valid_until=at - 1)
    return replace(intent, quantity=Quantity(filled), time_in_force=TimeInForce.IOC)
