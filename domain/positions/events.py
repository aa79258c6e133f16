"""What a fill did to a position; each event says what it left behind, so readers need no state."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.making import quickly
from domain.orders.commands import ExecutionKind
from domain.values import Money, PositionSide, Price, Quantity, Side


@quickly
@dataclass(frozen=True, slots=True)
class PositionChange:
    """The fill, and the position after it.

    `net_quantity` is signed (short below 0). `cost` is what the open quantity was bought or sold
    for, never negative; average entry price = cost / |net_quantity|. `realised` is the profit of
    this fill before fees, `realised_total` the sum so far. What is released from the cost when
    reducing is rounded at 18 digits and the rest stays in the cost, so nothing is ever lost:
    realised_total = sold - bought + cost (while short: - cost), to the last digit, at every moment.
    `fees_total` sums the fees paid in the currency of `cost`, `other_fees` those in all others.
    """

    account_id: AccountId
    instrument_id: InstrumentId
    order_id: OrderId
    execution_id: ExecutionId
    side: Side
    quantity: Quantity
    price: Price
    fee: Money
    net_quantity: Decimal
    cost: Money
    realised: Money
    realised_total: Money
    fees_total: Money
    venue_time: int
    position_side: PositionSide
    """Net, or a leg of a hedged account."""
    kind: ExecutionKind
    """Whether the fill was a trade or the venue's own doing."""
    other_fees: tuple[Money, ...]
    """Sum so far of the fees in each other currency, sorted by currency. Before version 2 nobody
    summed them: then a reader adds up `fee`."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionOpened(PositionChange):
    """From flat to long or short."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionIncreased(PositionChange):
    """More on the side that was held."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionReduced(PositionChange):
    """Less on the side that was held; profit was realised."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionClosed(PositionChange):
    """Flat again; the whole cost was released."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionFlipped(PositionChange):
    """Through flat to the other side: closed and opened by one fill."""


@quickly
@dataclass(frozen=True, slots=True)
class PositionFunded:
    """The position paid or received funding; what is held and what it cost stays as it is."""

    account_id: AccountId
    instrument_id: InstrumentId
    position_side: PositionSide
    funding_id: str
    payment: Money
    """Positive is paid, negative is received."""
    funding_total: Money
    """Sum so far in the currency of the payment."""
    venue_time: int


PositionFill = (
    PositionOpened | PositionIncreased | PositionReduced | PositionClosed | PositionFlipped
)
PositionEvent = PositionFill | PositionFunded
