"""What the checks of an order compared, as it is recorded with every decision.

A group is there when some limit in force compares with it, the account's own or a wider one, so
that an account with few limits stores few numbers; inputs.py puts them together.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.making import quickly
from domain.orders.commands import ReferencePrice


@dataclass(frozen=True, slots=True)
class PaceInputs:
    """How full the token buckets were: microseconds still owed, see domain/risk/pace.py."""

    second: int
    minute: int


@dataclass(frozen=True, slots=True)
class OpenInputs:
    """What was open: in the order's instrument, and worth how much there and in all."""

    instrument_orders: int
    instrument_notional: Decimal
    notional: Decimal


@dataclass(frozen=True, slots=True)
class PositionInputs:
    """The account's position over all instruments, what is open counted as filled."""

    mark: Decimal
    """Of the order's instrument; 0 before its first price."""
    gross: Decimal
    long: Decimal
    short: Decimal


@dataclass(frozen=True, slots=True)
class ProfitInputs:
    """Profit at the marks, its highest point, and what the day began with."""

    profit: Decimal
    peak: Decimal | None
    day_start: Decimal


@dataclass(frozen=True, slots=True)
class StrategyInputs:
    """What the order's strategy had open."""

    open_orders: int
    open_notional: Decimal


@dataclass(frozen=True, slots=True)
class MarginInputs:
    """What the wallet had to carry, with the order; there while a balance is known."""

    balance: Decimal
    leverage: Decimal | None
    """Set for the order's instrument; None counts as 1."""
    gross: Decimal | None
    """Value of everything held and open; None before any price."""
    required: Decimal | None
    """Initial margin of that."""


@quickly
@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """All that the checks looked at, so that the decision can be derived again.

    Quantities are of the order's instrument; buys and sells are what is open and reserved. A group
    is there when some limit in force compares with it.
    """

    limits_version: int
    rules_version: int
    reference: ReferencePrice | None
    net_quantity: Decimal
    open_buys: Decimal
    open_sells: Decimal
    open_orders: int
    pace: PaceInputs | None = None
    opened: OpenInputs | None = None
    positions: PositionInputs | None = None
    profits: ProfitInputs | None = None
    strategy: StrategyInputs | None = None
    own_price: Decimal | None = None
    """Of one's own resting orders the one that the order would meet first; None if none rests or
    nobody asks."""
    margin: MarginInputs | None = None
