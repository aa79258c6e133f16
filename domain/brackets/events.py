"""What happened to a bracket; its stream is named by the entry's order id.

The orders of a bracket have streams of their own, with everything that the venue says of them. What
is here is what binds them: the terms, what the bracket holds, which order protects it, and when it
is not protected although it was to be.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.brackets.commands import ExitTerms
from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.orders.commands import BracketRole, OrderType
from domain.values import PositionSide, Quantity, Side


@dataclass(frozen=True, slots=True)
class BracketPlaced:
    """The entry was admitted: whatever of it is filled is to be protected by these exits."""

    entry_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    """Of the entry."""
    position_side: PositionSide
    strategy_id: StrategyId | None
    quantity: Quantity
    """Of the entry."""
    currency: str
    stop: ExitTerms | None
    target: ExitTerms | None


@dataclass(frozen=True, slots=True)
class BracketRefused:
    """The exits do not fit the entry, or are none that the venue would take; nothing was sent."""

    entry_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    position_side: PositionSide
    strategy_id: StrategyId | None
    quantity: Quantity
    stop: ExitTerms | None
    target: ExitTerms | None
    reason: int
    detail: str
    limit: str
    value: str


@dataclass(frozen=True, slots=True)
class BracketMoved:
    """One of its orders was filled: the entry brought something in, or an exit took it out."""

    entry_id: OrderId
    account_id: AccountId
    role: BracketRole
    order_id: OrderId
    execution_id: ExecutionId
    quantity: Quantity
    entered: Decimal
    """What the entry brought in so far."""
    exited: Decimal
    """What the exits took out so far."""
    overrun: Decimal
    """What the exits took out beyond what was brought in; above 0 when both won the race."""


@dataclass(frozen=True, slots=True)
class ExitOrdered:
    """An exit was placed in the same commit, for all that the bracket holds."""

    entry_id: OrderId
    account_id: AccountId
    role: BracketRole
    number: int
    """Counts the orders of this role from 1; a replaced one has a successor."""
    order_id: OrderId
    type: OrderType
    """Market when the venue refused the stop, since its price was passed already."""
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class ExitGivenUp:
    """The trader cancelled an exit: this role protects nothing any more."""

    entry_id: OrderId
    account_id: AccountId
    role: BracketRole
    order_id: OrderId


@dataclass(frozen=True, slots=True)
class ProtectionLost:
    """The bracket holds something that this role was to protect and does not."""

    entry_id: OrderId
    account_id: AccountId
    role: BracketRole
    quantity: Decimal
    """What is held without it."""
    reason: int
    """Of our own checks, or EXIT_ENDED_BY_VENUE."""
    detail: str


@dataclass(frozen=True, slots=True)
class ProtectionWanted:
    """This role is to protect again, after it was given up or lost."""

    entry_id: OrderId
    account_id: AccountId
    role: BracketRole


@dataclass(frozen=True, slots=True)
class BracketEnded:
    """None of its orders is open; a late fill may still bring something in and begin it again."""

    entry_id: OrderId
    account_id: AccountId
    entered: Decimal
    exited: Decimal


BracketEvent = (
    BracketPlaced
    | BracketRefused
    | BracketMoved
    | ExitOrdered
    | ExitGivenUp
    | ProtectionLost
    | ProtectionWanted
    | BracketEnded
)
