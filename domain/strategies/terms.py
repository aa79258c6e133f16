"""What is meant and on which terms it is copied: intents, sizing rules, and what to do on drift."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.ids import InstrumentId
from domain.orders.commands import OrderType, TimeInForce
from domain.values import Money, Price, Quantity, Side


class CopySource(StrEnum):
    """What of a strategy is copied; never both, or each trade would be made twice."""

    SIGNALS = "signals"
    ORDERS = "orders"
    """The orders of the leader's account that carry the strategy's id."""


class Access(StrEnum):
    """Who may follow."""

    OPEN = "open"
    """Whoever knows the strategy's id."""
    INVITATION = "invitation"
    """Whom the leader has invited, for as long as it lets them."""


class SizingRule(StrEnum):
    """How a follower's quantity comes about."""

    FIXED = "fixed"
    """The value is the quantity, times the signal's strength."""
    RATIO = "ratio"
    """The value times the leader's quantity."""
    EQUITY_SHARE = "equity_share"
    """The value is the part of the follower's equity to trade, times the signal's strength."""


class DriftPolicy(StrEnum):
    """What happens when a follower is no longer where the leader's position says."""

    REPORT = "report"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms an account follows."""

    rule: SizingRule
    value: Decimal
    maximum: Quantity
    """Largest position in any instrument that copying builds, and so the largest opening order."""
    capital: Money | None = None
    """What EQUITY_SHARE begins with; profit and fees of the account are added to it."""
    paused: bool = False
    tolerance: Decimal = Decimal(0)
    """Drift up to this quantity is none."""
    drift: DriftPolicy = DriftPolicy.REPORT


class IntentKind(StrEnum):
    """Where an intent comes from."""

    SIGNAL = "signal"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Intent:
    """What the leader wants: a side, or a position to be reached; recorded with every copy."""

    intent_id: str
    """The signal's id, or that of the leader's order."""
    kind: IntentKind
    instrument_id: InstrumentId
    side: Side | None
    """None where a target says where to go."""
    target: Decimal | None
    """Signed position of the leader; 0 is flat."""
    quantity: Quantity | None
    strength: Decimal | None
    """Above 0, at most 1; None is 1."""
    type: OrderType
    time_in_force: TimeInForce
    price: Price | None
    reduce_only: bool
    valid_until: int | None
    """Microseconds since 1970-01-01 UTC; nobody copies it later."""
