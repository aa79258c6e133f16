"""What is known of an order: its status, what was filled, and which executions were counted."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.ids import AccountId, ExecutionId, InstrumentId, StrategyId
from domain.values import ZERO, PositionSide, Side, minus, plus


class OrderStatus(StrEnum):
    """Where an order is in its life; transitions.py has the legal moves."""

    NEW = "new"
    """No event yet."""
    DENIED = "denied"
    """Our own checks refused it."""
    SUBMITTING = "submitting"
    """In the log and on its way to the venue."""
    ACCEPTED = "accepted"
    """At the venue: on the book, or beside it while a conditional order waits."""
    TRIGGERED = "triggered"
    """The price was reached; what waited beside the book trades."""
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    """The venue is being asked to cancel; fills still come."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    """The venue refused it."""
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether the venue may still fill it as far as we know."""
        return self in OPEN


OPEN: Final = frozenset(
    {
        OrderStatus.SUBMITTING,
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL,
    }
)
"""Statuses in which an order holds a reservation."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order; the executions that it has seen make every fill count once.

    The set of executions is copied by each fill: an order has tens of fills, rarely thousands.
    """

    status: OrderStatus = OrderStatus.NEW
    account_id: AccountId | None = None
    instrument_id: InstrumentId | None = None
    strategy_id: StrategyId | None = None
    side: Side = Side.BUY
    position_side: PositionSide = PositionSide.NET
    quantity: Decimal = ZERO
    filled: Decimal = ZERO
    client_order_id: str = ""
    currency: str = ""
    venue_order_id: str = ""
    """Empty until the venue accepted it; fills may come first."""
    executions: frozenset[ExecutionId] = frozenset()
    conditional: bool = False
    """Whether it waits for a price, or waited."""
    close_position: bool = False
    triggered: bool = False
    """The status does not tell once a fill came or a cancel was asked for."""

    @property
    def unfilled(self) -> Decimal:
        """What is left of the order; 0 after an overfill."""
        return max(ZERO, minus(self.quantity, self.filled))

    def is_completed_by(self, quantity: Decimal) -> bool:
        """Whether a fill of this quantity reaches or passes what was ordered."""
        return plus(self.filled, quantity) >= self.quantity
