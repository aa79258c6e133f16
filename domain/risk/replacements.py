"""What replacing an order means for the account's risk: events beside those of events.py.

The replaced order and its replacement share one reservation, under the id of the replaced order,
until that one has ended: they are never open at the venue together.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId, OrderId, StrategyId
from domain.orders.commands import OrderType, Trigger
from domain.risk.compared import DecisionInputs
from domain.values import PositionSide, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class ReplacementAdmitted:
    """Every check passed on a replacement, as if the order that it replaces held nothing.

    From now on the replaced order's reservation is for both, which are never open together.
    """

    account_id: AccountId
    order_id: OrderId
    """The replacement."""
    replaces: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    """The whole one, what the replaced order filled included."""
    price: Price
    """What the replacement is valued at (docs/reasons.md, "At which price")."""
    filled: Decimal
    """Of the replaced order, at the decision."""
    reserved_quantity: Decimal
    """For both: the larger of what the replaced order may still trade and the replacement may."""
    reserved_price: Price
    """The dearer of what both are valued at."""
    strategy_id: StrategyId | None
    at: int
    inputs: DecisionInputs
    """Of an account in which the replaced order holds nothing."""
    position_side: PositionSide
    limit_price: Price | None
    trigger: Trigger | None


@dataclass(frozen=True, slots=True)
class ReplacementRefused:
    """The first check that refused a replacement; the order that it was to replace stands."""

    account_id: AccountId
    order_id: OrderId
    """The replacement."""
    replaces: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    """The whole one, what the replaced order filled included."""
    price: Price | None
    filled: Decimal
    check: str
    """Name of the check in the table of checks; stable."""
    reason: int
    detail: str
    limit: str
    value: str
    at: int
    inputs: DecisionInputs


@dataclass(frozen=True, slots=True)
class ReservationReplaced:
    """The replaced order has ended: what it held is free, and the replacement holds what is left.

    One event, so that no order of others comes in between.
    """

    account_id: AccountId
    order_id: OrderId
    """The replacement."""
    replaces: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal
    strategy_id: StrategyId | None
    position_side: PositionSide


@dataclass(frozen=True, slots=True)
class ReplacementDropped:
    """The replacement is not to be sent: the order that it was to replace holds its own alone."""

    account_id: AccountId
    order_id: OrderId
    """The replacement."""
    replaces: OrderId
    instrument_id: InstrumentId
    side: Side
    quantity: Decimal
    """What the replaced order holds from now on; 0 once it has ended."""
    price: Decimal
    strategy_id: StrategyId | None
    position_side: PositionSide


ReplacementEvent = (
    ReplacementAdmitted | ReplacementRefused | ReservationReplaced | ReplacementDropped
)
