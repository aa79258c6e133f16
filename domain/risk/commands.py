"""What can be asked of risk: set limits, halt, resume. Admission comes with PlaceOrder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.ids import AccountId, StrategyId
from domain.values import Money


@dataclass(frozen=True, slots=True)
class StrategyLimits:
    """Limits of one strategy within its account; None means that this limit is not set."""

    order_quantity: Decimal | None = None
    order_notional: Decimal | None = None
    open_orders: int | None = None
    open_notional: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one account; None means that this limit is not set.

    Notionals and losses are in `currency`; the collar is a ratio of the reference price (0.05 =
    5 %), the concentration one of the gross position. The duplicate window and the age of a price
    are in microseconds, 0 switches the check off.
    """

    currency: str
    order_quantity: Decimal | None = None
    order_notional: Decimal | None = None
    open_orders: int | None = None
    position_notional: Decimal | None = None
    price_collar: Decimal | None = None
    loss: Decimal | None = None
    """Since the account began; watched by the risk worker, which halts. No check of an order."""
    duplicate_window: int = 0
    orders_per_second: int | None = None
    orders_per_minute: int | None = None
    price_age: int = 0
    instrument_open_orders: int | None = None
    open_notional: Decimal | None = None
    instrument_open_notional: Decimal | None = None
    gross_notional: Decimal | None = None
    net_notional: Decimal | None = None
    concentration: Decimal | None = None
    concentration_from: Decimal | None = None
    """Gross position up to which concentration is not asked: a first order is always alone."""
    daily_loss: Decimal | None = None
    drawdown: Decimal | None = None
    self_trade: bool = False
    """Whether an order that would meet one's own is refused."""
    strategies: Mapping[StrategyId, StrategyLimits] = field(default_factory=dict)
    leverage: Decimal | None = None
    """Most that may be held and open, as a multiple of the wallet; of no effect before a balance
    is known."""

    @property
    def need_a_mark(self) -> bool:
        """Whether some limit is on what is held, valued at the market."""
        return (
            self.gross_notional is not None
            or self.net_notional is not None
            or self.concentration is not None
            or self.daily_loss is not None
            or self.drawdown is not None
        )


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Replace the account's limits by a new version."""

    account_id: AccountId
    limits: Limits


@dataclass(frozen=True, slots=True)
class HaltTrading:
    """Refuse every new order of the account; PLATFORM's halt binds every account."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class ResumeTrading:
    """Lift the halt."""

    account_id: AccountId
    reason: str


@dataclass(frozen=True, slots=True)
class RecordBalance:
    """The venue said what the account's wallet holds in one currency."""

    account_id: AccountId
    balance: Money
    """Wallet balance, without unrealised profit; below 0 is a debt."""
    venue_time: int


RiskCommand = SetLimits | HaltTrading | ResumeTrading | RecordBalance
