"""What is known of an order: its status, what was filled, and which executions were counted."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId, StrategyId
from domain.making import quickly
from domain.orders.commands import BracketRole, OrderType, Origin, TimeInForce
from domain.orders.events import OrderHeld
from domain.values import ZERO, PositionSide, Side, minus, plus


class OrderStatus(StrEnum):
    """Where an order is in its life; transitions.py has the legal moves."""

    NEW = "new"
    """No event yet."""
    DENIED = "denied"
    """Our own checks refused it."""
    HELD = "held"
    """Admitted, and kept here until the order that it replaces has ended; not at the venue."""
    SUBMITTING = "submitting"
    """In the log and on its way to the venue."""
    ACCEPTED = "accepted"
    """At the venue: on the book, or beside it while a conditional order waits."""
    TRIGGERED = "triggered"
    """The price was reached; what waited beside the book trades."""
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    """The venue is being asked to cancel; fills still come."""
    PENDING_AMEND = "pending_amend"
    """The venue is being asked to amend; fills still come, for the old quantity or the new."""
    UNKNOWN = "unknown"
    """It was sent and nothing came back; left by a definite answer of the venue alone."""
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
        OrderStatus.PENDING_AMEND,
        OrderStatus.UNKNOWN,
    }
)
"""Statuses in which an order holds a reservation."""


class Amendment(NamedTuple):
    """What the venue is being asked to make of an order."""

    quantity: Decimal
    price: Decimal | None
    """None on an order that has none: the quantity alone is asked for."""


class Link(NamedTuple):
    """The bracket that an order belongs to, and what it is to it."""

    entry_id: OrderId
    role: BracketRole


class Replacement(NamedTuple):
    """The order that takes the place of one."""

    order_id: OrderId
    quantity: Decimal
    """The whole one, what the replaced order fills included."""


class Told(NamedTuple):
    """What the status of an order follows from once the venue has spoken of it."""

    most: Decimal
    """The largest quantity that it may have at the venue."""
    filled: Decimal
    ended: OrderStatus | None
    cancelling: bool
    amending: bool
    triggered: bool
    named: bool
    """Whether the venue gave it an id."""


def standing(told: Told) -> OrderStatus:
    """The status by precedence: filled, ended, being cancelled, being amended, traded, accepted."""
    if told.filled >= told.most:
        return OrderStatus.FILLED
    if told.ended is not None:
        return told.ended
    if told.cancelling:
        return OrderStatus.PENDING_CANCEL
    if told.amending:
        return OrderStatus.PENDING_AMEND
    if told.filled > 0:
        return OrderStatus.PARTIALLY_FILLED
    if told.triggered:
        return OrderStatus.TRIGGERED
    return OrderStatus.ACCEPTED if told.named else OrderStatus.SUBMITTING


@quickly
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
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GTC
    price: Decimal | None = None
    """Limit price, as last amended; None on a market order."""
    reduce_only: bool = False
    expires_at: int | None = None
    """When a good-till-date order ends; None on all others."""
    cancelling: bool = False
    """Whether a cancel was asked for and not refused."""
    ended: OrderStatus | None = None
    """How the venue ended it; late fills may still make it FILLED."""
    amends: int = 0
    """How often an amend was asked for."""
    pending: Amendment | None = None
    """The last of them, while the venue has not answered it."""
    amended_at: int = 0
    """The venue's time of the last amendment; an older one comes late and says nothing new."""
    origin: Origin = Origin.PATRIOT
    held: OrderHeld | None = None
    """Its terms while it is held here, to be sent by them; None on all others."""
    replacement: Replacement | None = None
    """The last order that was to take its place, whatever became of that one."""
    link: Link | None = None
    """None on an order that belongs to no bracket."""
    amend_refused: bool = False
    """Whether the venue refused the last amend that was asked for."""
    cancels: int = 0
    """How often a cancel was asked for."""

    @property
    def is_exit(self) -> bool:
        """Whether it protects what its bracket holds; such an order reserves nothing."""
        return self.link is not None and self.link.role is not BracketRole.ENTRY

    @property
    def most(self) -> Decimal:
        """The largest quantity that it may have at the venue: an amend may have happened or not."""
        if self.pending is None:
            return self.quantity
        return max(self.quantity, self.pending.quantity)

    @property
    def reserved(self) -> Decimal:
        """What it may still add to what its account holds, as far as we know."""
        if self.is_exit:
            return ZERO
        return minus(self.most, self.filled) if self.status in OPEN else ZERO

    @property
    def standing(self) -> OrderStatus:
        """What its own history makes of it."""
        return standing(
            Told(
                most=self.most,
                filled=self.filled,
                ended=self.ended,
                cancelling=self.cancelling,
                amending=self.pending is not None,
                triggered=self.triggered,
                named=bool(self.venue_order_id),
            )
        )

    @property
    def unfilled(self) -> Decimal:
        """What is left of the order; 0 after an overfill."""
        return max(ZERO, minus(self.quantity, self.filled))

    def is_completed_by(self, quantity: Decimal) -> bool:
        """Whether a fill of this quantity reaches or passes all that may have been ordered."""
        return plus(self.filled, quantity) >= self.most
