"""What happened to an order, in the order in which it happened; never changed afterwards."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.making import quickly
from domain.orders.commands import (
    BracketRole,
    ExecutionKind,
    Liquidity,
    OrderType,
    Origin,
    TimeInForce,
    Trigger,
)
from domain.values import Money, PositionSide, Price, Quantity, Side


@quickly
@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """Risk admitted the order: it is to be sent to the venue under this client order id."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    """With close_position: what was held when it was placed; the venue closes what is held then."""
    price: Price | None
    reduce_only: bool
    strategy_id: StrategyId | None
    client_order_id: str
    currency: str
    """Of the instrument's prices, profit and usually fees."""
    position_side: PositionSide
    """The position that it moves: net, or a leg of a hedged account."""
    expires_at: int | None
    """When a GTD order ends, in microseconds since 1970-01-01 UTC."""
    close_position: bool
    trigger: Trigger | None
    """What a conditional order waits for."""


@quickly
@dataclass(frozen=True, slots=True)
class OrderDenied:
    """Our own checks refused the order; it never leaves the house."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    price: Price | None
    reduce_only: bool
    strategy_id: StrategyId | None
    reason: int
    detail: str
    position_side: PositionSide
    expires_at: int | None
    close_position: bool
    trigger: Trigger | None


@quickly
@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The order is on the venue's book."""

    order_id: OrderId
    venue_order_id: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The venue refused the order."""

    order_id: OrderId
    reason: str
    venue_time: int


@quickly
@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One execution; filled_quantity is the sum so far, overfill what exceeds the order."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    strategy_id: StrategyId | None
    execution_id: ExecutionId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    liquidity: Liquidity
    filled_quantity: Decimal
    overfill: Decimal
    venue_time: int
    position_side: PositionSide
    """The position that it moves: net, or a leg of a hedged account."""
    kind: ExecutionKind


@quickly
@dataclass(frozen=True, slots=True)
class OrderCancelRequested:
    """The venue is to be asked to cancel."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    client_order_id: str


@dataclass(frozen=True, slots=True)
class OrderCancelRejected:
    """The venue refused to cancel."""

    order_id: OrderId
    reason: str
    venue_time: int


@quickly
@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The rest of the order is off the venue's book; what was filled stays filled."""

    order_id: OrderId
    unfilled_quantity: Decimal
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """The venue ended the order by its own rule; what was filled stays filled."""

    order_id: OrderId
    unfilled_quantity: Decimal
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderTriggered:
    """The price that a conditional order waited for was reached: it trades from now on."""

    order_id: OrderId
    price: Price | None
    """Of the trigger's source, where the venue tells it."""
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderAmendRequested:
    """Risk admitted the amend: the venue is to be asked for this quantity and price."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    client_order_id: str
    amendment: int
    """Counts the amends of the order from 1; the venue's answer names it."""
    quantity: Quantity
    price: Price


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """The order has this quantity and price at the venue; amendment 0 was not asked for by us."""

    order_id: OrderId
    amendment: int
    quantity: Quantity
    price: Price | None
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderAmendRejected:
    """The venue refused to amend; the order is what it was."""

    order_id: OrderId
    amendment: int
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderOutcomeUnknown:
    """Nobody knows whether the venue has the order; until then it holds its reservation."""

    order_id: OrderId
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderLinked:
    """The order belongs to a bracket: what is reported of it may move the bracket's others."""

    order_id: OrderId
    account_id: AccountId
    entry_id: OrderId
    """Of the bracket; the order's own id if it is the entry."""
    role: BracketRole


@dataclass(frozen=True, slots=True)
class OrderResizeRequested:
    """The venue is to be asked for another quantity of an exit, and for nothing else of it.

    Counted and answered like an amend. Nothing is reserved for an exit, so risk is not asked.
    """

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    client_order_id: str
    amendment: int
    """Counts the amends of the order from 1; the venue's answer names it."""
    quantity: Quantity
    """Of the whole order, what is filled included."""


class Finding(StrEnum):
    """What asking the venue for an order came to."""

    OPEN = "open"
    """The venue has it."""
    NOT_FOUND = "not_found"
    """The venue never had it: it ended without a trade."""


@dataclass(frozen=True, slots=True)
class OrderReconciled:
    """The venue was asked and gave a definite answer."""

    order_id: OrderId
    finding: Finding
    venue_order_id: str
    """Empty when it was not found."""
    venue_time: int


@dataclass(frozen=True, slots=True)
class OrderObserved:
    """The venue told for the first time of an order that was neither placed nor checked here."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    origin: Origin
    venue_order_id: str
    client_order_id: str
    """As the venue tells it; empty where the order has none."""
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    """Of the whole order as it is by now; with close_position what was held at this moment."""
    price: Price | None
    position_side: PositionSide
    reduce_only: bool
    close_position: bool
    trigger: Trigger | None
    expires_at: int | None
    currency: str
    """Of the instrument's prices, profit and usually fees."""
    venue_time: int
    """When the order was as described; an amendment from before says nothing new."""


@dataclass(frozen=True, slots=True)
class OrderHeld:
    """Risk admitted a replacement: it waits here until the order that it replaces has ended."""

    order_id: OrderId
    replaces: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    """The whole one: what the replaced order fills in all comes off before this one is sent. With
    close_position that, and what was held when it was asked for."""
    price: Price | None
    reduce_only: bool
    strategy_id: StrategyId | None
    client_order_id: str
    currency: str
    position_side: PositionSide
    expires_at: int | None
    close_position: bool
    trigger: Trigger | None
    valued_at: Price
    """What its reservation is valued at."""


@dataclass(frozen=True, slots=True)
class OrderReplaceRequested:
    """Another order takes this one's place once it has ended; the cancel is asked for with it."""

    order_id: OrderId
    replacement_id: OrderId
    quantity: Quantity
    """Of the replacement, what this order fills included."""


@dataclass(frozen=True, slots=True)
class OrderWithdrawn:
    """An order that was held here ended without being sent to the venue."""

    order_id: OrderId
    quantity: Quantity
    """What it was held with."""
    reason: int
    detail: str


OrderEvent = (
    OrderPlaced
    | OrderDenied
    | OrderAccepted
    | OrderRejected
    | OrderFilled
    | OrderCancelRequested
    | OrderCancelRejected
    | OrderCancelled
    | OrderExpired
    | OrderTriggered
    | OrderAmendRequested
    | OrderAmended
    | OrderAmendRejected
    | OrderOutcomeUnknown
    | OrderReconciled
    | OrderObserved
    | OrderLinked
    | OrderResizeRequested
    | OrderHeld
    | OrderReplaceRequested
    | OrderWithdrawn
)
