"""What happened to an account's risk, with every input that a decision used."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ChangeId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.making import quickly
from domain.orders.commands import OrderType, Trigger
from domain.risk.commands import HaltMode, HaltScope, Limits
from domain.risk.compared import DecisionInputs
from domain.risk.counting import OrderCounted
from domain.risk.exits import ExitAdmitted, ExitEnded
from domain.values import Money, PositionSide, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class LimitsSet:
    """The limits that hold from now on; limits_version counts from 1."""

    account_id: AccountId
    limits_version: int
    limits: Limits


@quickly
@dataclass(frozen=True, slots=True)
class OrderAdmitted:
    """Every check passed; quantity and price are reserved until filled or released."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    """With close_position: what was held, which is what the order can reduce."""
    price: Price
    """What the reservation is valued at (docs/reasons.md, "At which price")."""
    strategy_id: StrategyId | None
    at: int
    inputs: DecisionInputs
    position_side: PositionSide
    """Net, or the leg of a hedged account."""
    limit_price: Price | None
    """As the order was placed; None on one that trades at the market."""
    trigger: Trigger | None


@quickly
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


@quickly
@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """The rest of a reservation is free again: the order was rejected, cancelled or expired."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    quantity: Decimal


@quickly
@dataclass(frozen=True, slots=True)
class FillApplied:
    """A fill turned a reservation into a position."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    execution_id: ExecutionId
    side: Side
    quantity: Quantity
    price: Price | None
    """None in what was stored before version 2."""
    reserved_quantity: Decimal
    """Of the order's reservation; less than quantity on an overfill, 0 once it was released."""
    net_quantity: Decimal
    """Of the position, after the fill."""
    realised: Money
    """Profit of this fill before fees."""
    fee: Money
    position_side: PositionSide
    """Net, or the leg of a hedged account."""


@dataclass(frozen=True, slots=True)
class FundingApplied:
    """A position of the account paid or received funding."""

    account_id: AccountId
    instrument_id: InstrumentId
    position_side: PositionSide
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
class DayRolled:
    """A day (UTC) began for the account's daily loss, with its first decision."""

    account_id: AccountId
    day: int
    """Days since 1970-01-01."""
    profit: Money
    """Realised and unrealised since the account began: what the day is measured against."""
    at: int


@dataclass(frozen=True, slots=True)
class TradingHalted:
    """New orders of the scope are refused from the next commit on."""

    account_id: AccountId
    """The platform's for every scope wider than an account."""
    scope: HaltScope
    subject: str
    """The user, venue or strategy; empty for an account and for the platform."""
    mode: HaltMode
    reason: str


@dataclass(frozen=True, slots=True)
class TradingResumed:
    """New orders of the scope are checked again."""

    account_id: AccountId
    scope: HaltScope
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class LimitsProposed:
    """Looser limits wait for a second person's approval; those in force stay."""

    account_id: AccountId
    change_id: ChangeId
    """The id of the command that proposed."""
    limits: Limits
    looser: tuple[str, ...]
    """Names of the limits that the change would loosen."""
    proposed_by: str
    """Subject of the token."""
    expires_at: int


@dataclass(frozen=True, slots=True)
class ResumeProposed:
    """The end of a halt waits for a second person's approval; the halt stays."""

    account_id: AccountId
    change_id: ChangeId
    scope: HaltScope
    subject: str
    reason: str
    proposed_by: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class ChangeApproved:
    """A second person approved: the change took effect by the event before this one."""

    account_id: AccountId
    change_id: ChangeId
    proposed_by: str
    approved_by: str
    limits_version: int | None
    """Of the limits that were set; None where trading was resumed."""


@dataclass(frozen=True, slots=True)
class ChangeRefused:
    """Somebody else with the role refused the change."""

    account_id: AccountId
    change_id: ChangeId
    refused_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeWithdrawn:
    """Its proposer took the change back."""

    account_id: AccountId
    change_id: ChangeId
    withdrawn_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeExpired:
    """The change was to be approved after its time; it never took effect."""

    account_id: AccountId
    change_id: ChangeId


@dataclass(frozen=True, slots=True)
class ChangeSuperseded:
    """What the change was about has changed meanwhile; it never took effect."""

    account_id: AccountId
    change_id: ChangeId


@dataclass(frozen=True, slots=True)
class AmendAdmitted:
    """Every check passed on the order as it would be; more is reserved at once if it needs more."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    quantity: Quantity
    """Of the whole order, what is filled included."""
    price: Price
    filled: Decimal
    """Of the order, at the decision."""
    reserved_quantity: Decimal
    """From now on: the larger of what the order may trade with and without the amend."""
    reserved_price: Price
    """The dearer of both prices, at which the reservation is valued."""
    strategy_id: StrategyId | None
    at: int
    inputs: DecisionInputs
    position_side: PositionSide


@dataclass(frozen=True, slots=True)
class AmendRefused:
    """The first check that refused the order as it would be; it stays what it is."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    quantity: Quantity
    price: Price
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
class ReservationAmended:
    """The venue amended an order, or refused to: it holds so much from now on."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    quantity: Decimal
    price: Decimal | None
    """What the reservation is valued at; None on an order that has no price."""
    strategy_id: StrategyId | None
    position_side: PositionSide


@dataclass(frozen=True, slots=True)
class ReservationRested:
    """A conditional order with a limit price was triggered: it can lie on the book from now on."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId


RiskEvent = (
    LimitsSet
    | OrderAdmitted
    | OrderRefused
    | ReservationReleased
    | FillApplied
    | FundingApplied
    | BalanceRecorded
    | DayRolled
    | TradingHalted
    | TradingResumed
    | LimitsProposed
    | ResumeProposed
    | ChangeApproved
    | ChangeRefused
    | ChangeWithdrawn
    | ChangeExpired
    | ChangeSuperseded
    | AmendAdmitted
    | AmendRefused
    | ReservationAmended
    | OrderCounted
    | ExitAdmitted
    | ExitEnded
    | ReservationRested
)
