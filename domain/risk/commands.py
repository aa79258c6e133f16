"""What can be asked of risk: set limits, halt, resume. Admission comes with PlaceOrder."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId
from domain.values import Money


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one account; None means that this limit is not set.

    Notionals and the loss are in `currency`; the collar is a ratio of the reference price
    (0.05 = 5 %); the duplicate window is in microseconds, 0 switches the check off.
    """

    currency: str
    order_quantity: Decimal | None = None
    order_notional: Decimal | None = None
    open_orders: int | None = None
    position_notional: Decimal | None = None
    price_collar: Decimal | None = None
    loss: Decimal | None = None
    duplicate_window: int = 0


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
