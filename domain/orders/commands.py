"""What can be asked of an order, and what a venue can report about one."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.values import Money, PositionSide, Price, Quantity, Side


class OrderType(StrEnum):
    """How the price is found."""

    LIMIT = "limit"
    MARKET = "market"


class TimeInForce(StrEnum):
    """How long an order stays at the venue."""

    GTC = "gtc"
    """Until it is cancelled."""
    IOC = "ioc"
    """Fill what can be filled at once, cancel the rest."""


class Liquidity(StrEnum):
    """Whether a fill gave or took liquidity; venues charge them differently."""

    MAKER = "maker"
    TAKER = "taker"


class ExecutionKind(StrEnum):
    """Why the venue executed: by the trader's will, or by its own rules."""

    TRADE = "trade"
    LIQUIDATION = "liquidation"
    """The venue took over a position that had too little margin (Bybit: BustTrade)."""
    ADL = "adl"
    """The venue reduced a winning position against somebody's liquidation."""
    SETTLEMENT = "settlement"
    """The venue closed the position at its settlement price, as when it delists (Bybit: Settle)."""
    DELIVERY = "delivery"
    """An expiring contract came to its end."""


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """The market price that the checks use, recorded with the decision."""

    price: Price
    at: int
    """Microseconds since 1970-01-01 UTC."""


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Check an order against risk and, if admitted, intend to send it to the venue."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    price: Price | None
    """Limit price; None on a market order."""
    reduce_only: bool = False
    strategy_id: StrategyId | None = None
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""
    position_side: PositionSide = PositionSide.NET
    """In hedge mode the leg that it moves: a buy opens the long one, a sell the short one."""


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Ask the venue to take an open order off the book."""

    order_id: OrderId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class RecordAcceptance:
    """The venue put the order on its book."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    venue_order_id: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordRejection:
    """The venue refused the order."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordFill:
    """The venue executed a part of the order; one execution is applied once, in any order."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    execution_id: ExecutionId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    """Positive is paid, negative is a rebate."""
    liquidity: Liquidity
    venue_time: int
    kind: ExecutionKind = ExecutionKind.TRADE
    position_side: PositionSide = PositionSide.NET
    """As the venue says it; the order was for the same one."""


@dataclass(frozen=True, slots=True)
class RecordCancellation:
    """The venue took the rest of the order off its book."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordCancelRejection:
    """The venue refused to cancel; the order is as open as it was."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordExpiry:
    """The venue ended the order by its own rule (time in force, delisting)."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    reason: str
    venue_time: int


VenueReport = (
    RecordAcceptance
    | RecordRejection
    | RecordFill
    | RecordCancellation
    | RecordCancelRejection
    | RecordExpiry
)
OrderCommand = PlaceOrder | CancelOrder | VenueReport
