"""What happened to an account's risk, with every input that a decision used."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.orders.commands import OrderType, ReferencePrice
from domain.risk.commands import Limits
from domain.values import Money, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """All that the checks looked at, so that the decision can be derived again.

    Quantities are of the order's instrument; buys and sells are what is open and reserved.
    """

    limits_version: int
    rules_version: int
    reference: ReferencePrice | None
    net_quantity: Decimal
    open_buys: Decimal
    open_sells: Decimal
    open_orders: int


@dataclass(frozen=True, slots=True)
class LimitsSet:
    """The limits that hold from now on; limits_version counts from 1."""

    account_id: AccountId
    limits_version: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class OrderAdmitted:
    """Every check passed; quantity and price are reserved until filled or released."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    price: Price
    """Limit price, or the reference price of a market order: what the reservation is valued at."""
    at: int
    inputs: DecisionInputs


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The first check that refused, with its limit and what the order would have made of it."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    price: Price | None
    """Limit price; None on a market order."""
    check: str
    """Name of the check in the table of checks; stable."""
    reason: int
    detail: str
    limit: str
    value: str
    at: int
    inputs: DecisionInputs


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """The rest of a reservation is free again: the order was rejected, cancelled or expired."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class FillApplied:
    """A fill turned a reservation into a position."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    execution_id: ExecutionId
    side: Side
    quantity: Quantity
    reserved_quantity: Decimal
    """How much of the order's reservation the fill used up (less than quantity on an overfill,
    0 once it was released)."""
    net_quantity: Decimal
    """Of the instrument, after the fill."""
    realised: Money
    """Profit of this fill before fees."""
    fee: Money


@dataclass(frozen=True, slots=True)
class FundingApplied:
    """A position of the account paid or received funding."""

    account_id: AccountId
    instrument_id: InstrumentId
    funding_id: str
    payment: Money
    """Positive is paid, negative is received."""


@dataclass(frozen=True, slots=True)
class BalanceRecorded:
    """What the account's wallet held in one currency at a time of the venue's clock."""

    account_id: AccountId
    balance: Money
    """Wallet balance, without unrealised profit; below 0 is a debt."""
    venue_time: int


@dataclass(frozen=True, slots=True)
class TradingHalted:
    """New orders are refused from the next commit on."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class TradingResumed:
    """New orders are checked again."""

    account_id: AccountId
    reason: str


RiskEvent = (
    LimitsSet
    | OrderAdmitted
    | OrderRefused
    | ReservationReleased
    | FillApplied
    | FundingApplied
    | BalanceRecorded
    | TradingHalted
    | TradingResumed
)
