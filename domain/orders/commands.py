"""What can be asked of an order, and what a venue can report about one."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.making import quickly
from domain.values import Money, PositionSide, Price, Quantity, Side


class OrderType(StrEnum):
    """How the price is found, and what has to happen first."""

    LIMIT = "limit"
    MARKET = "market"
    STOP_MARKET = "stop_market"
    """Trades at the market once the price has gone against the position that it protects."""
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    """Trades at the market once the price has come the right way."""
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"
    """A stop at the market that follows the best price at a distance."""


class TimeInForce(StrEnum):
    """How long an order stays at the venue; of a conditional order, once it is triggered."""

    GTC = "gtc"
    """Until it is cancelled."""
    IOC = "ioc"
    """Fill what can be filled at once, cancel the rest."""
    FOK = "fok"
    """Fill everything at once, or nothing."""
    GTX = "gtx"
    """Post only: give liquidity, never take it."""
    GTD = "gtd"
    """Until a date, before the order is triggered too."""


class TriggerSource(StrEnum):
    """Which price triggers a conditional order."""

    LAST = "last"
    """Of the last trade (Binance: CONTRACT_PRICE)."""
    MARK = "mark"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a conditional order waits for: a price, or for a trailing stop a way back."""

    source: TriggerSource
    price: Price | None
    """Reached or passed, the order is triggered; None on a trailing stop."""
    callback: Decimal | None
    """Of a trailing stop: the way back from the best price as a part of it, 0.01 is 1 %."""
    activation: Price | None
    """Of a trailing stop: the price from which on it follows; None means at once."""


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


class Origin(StrEnum):
    """Who made an order."""

    PATRIOT = "patriot"
    """Placed here, after every check."""
    FOREIGN = "foreign"
    """Somebody with access to the account, at the venue itself or by another program."""
    LIQUIDATION = "liquidation"
    """The venue, to take over a position that had too little margin."""
    ADL = "adl"
    """The venue, to reduce a winning position against somebody's liquidation."""
    SETTLEMENT = "settlement"
    """The venue, to close a position at its settlement price."""
    DELIVERY = "delivery"
    """The venue, at the end of an expiring contract."""

    @property
    def is_venue(self) -> bool:
        """Whether the venue made it by its own rules."""
        return self not in {Origin.PATRIOT, Origin.FOREIGN}


class BracketRole(StrEnum):
    """What an order is to its bracket."""

    ENTRY = "entry"
    STOP = "stop"
    """Limits the loss."""
    TARGET = "target"
    """Takes the profit."""


@quickly
@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """The market price that the checks use, recorded with the decision."""

    price: Price
    at: int
    """Microseconds since 1970-01-01 UTC."""


@quickly
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
    """0 with close_position: what is held then is closed."""
    price: Price | None
    """Limit price; None on an order that trades at the market."""
    reduce_only: bool = False
    strategy_id: StrategyId | None = None
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""
    position_side: PositionSide = PositionSide.NET
    """In hedge mode the leg that it moves: a buy opens the long one, a sell the short one."""
    expires_at: int | None = None
    """When a GTD order ends, in microseconds since 1970-01-01 UTC."""
    close_position: bool = False
    """Close whatever is held when it triggers; reduce_only is set with it."""
    trigger: Trigger | None = None
    """What a conditional order waits for; None on all others."""


@quickly
@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Ask the venue to take an open order off the book."""

    order_id: OrderId
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """Change an open order where it stands: another quantity, another limit price, or both.

    The quantity is the order's whole one, what is filled included, as at the venues.
    """

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    quantity: Quantity | None
    """None leaves it as it is."""
    price: Price | None
    """None leaves it as it is."""
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""


@quickly
@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Cancel an open order and, once it has ended for certain, send another one in its place.

    For what venues cannot amend: conditional orders, another type, time in force or trigger. The
    new order has the old one's account, instrument, side, position side and strategy; all other
    terms are said anew.
    """

    order_id: OrderId
    """The order that is to end."""
    replacement_id: OrderId
    """The order that takes its place."""
    account_id: AccountId
    instrument_id: InstrumentId
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    """The whole one, what the old order filled included; 0 with close_position."""
    price: Price | None
    reduce_only: bool = False
    reference: ReferencePrice | None = None
    """Attached by the command service, never by the sender."""
    expires_at: int | None = None
    close_position: bool = False
    trigger: Trigger | None = None


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


@quickly
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


@dataclass(frozen=True, slots=True)
class RecordTrigger:
    """The price was reached: what waited beside the book trades from now on."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    price: Price | None
    """Of the trigger's source, where the venue tells it."""
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordAmendment:
    """The order has this quantity and price at the venue now, by our amend or by other means."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    amendment: int
    """Which of our requests it answers, counted from 1; 0 when nobody here asked for it."""
    quantity: Quantity
    price: Price | None
    """None on an order that has none."""
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordAmendRejection:
    """The venue refused one of our amends; the order is what it was."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    amendment: int
    reason: str
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordOutcomeUnknown:
    """An order was sent and nothing came back: nobody knows whether the venue has it."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    reason: str
    venue_time: int
    """When the answer was given up, by our clock."""


@dataclass(frozen=True, slots=True)
class RecordReconciled:
    """The venue was asked for an order, and has it open under this id with so much filled."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    venue_order_id: str
    filled: Decimal
    venue_time: int


@dataclass(frozen=True, slots=True)
class RecordNotFound:
    """The venue was asked for an order of unknown outcome and is sure that it never had it."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    venue_time: int


AmendReport = RecordAmendment | RecordAmendRejection
SearchReport = RecordOutcomeUnknown | RecordReconciled | RecordNotFound
VenueReport = (
    RecordAcceptance
    | RecordRejection
    | RecordFill
    | RecordCancellation
    | RecordCancelRejection
    | RecordExpiry
    | RecordTrigger
    | AmendReport
    | SearchReport
)
OrderCommand = PlaceOrder | CancelOrder | AmendOrder | ReplaceOrder | VenueReport
