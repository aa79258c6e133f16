"""Orders that PATRIOT did not place: by the venue's own rules, or by somebody at the venue itself.

Nobody asked for them here, so no check was asked either: that they exist is a fact. Each report
about one brings the whole description with it, as venues send it, so whichever report comes first
begins the order and none has to wait for another. The order's id follows from the venue's own
(domain.ids.external_order_id): the same order has one stream, however often it is told.
"""

from dataclasses import dataclass
from typing import Final

from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.commands import (
    ExecutionKind,
    OrderType,
    Origin,
    RecordAcceptance,
    RecordAmendment,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordRejection,
    RecordTrigger,
    TimeInForce,
    Trigger,
)
from domain.orders.events import OrderObserved
from domain.values import PositionSide, Price, Quantity, Side

KINDS: Final = {
    Origin.FOREIGN: ExecutionKind.TRADE,
    Origin.LIQUIDATION: ExecutionKind.LIQUIDATION,
    Origin.ADL: ExecutionKind.ADL,
    Origin.SETTLEMENT: ExecutionKind.SETTLEMENT,
    Origin.DELIVERY: ExecutionKind.DELIVERY,
}
"""What an execution is whose report does not say more than whose order it was."""


@dataclass(frozen=True, slots=True)
class ExternalOrder:
    """An order as the venue described it, at the venue's time of the report."""

    order_id: OrderId
    account_id: AccountId
    instrument_id: InstrumentId
    origin: Origin
    venue_order_id: str
    client_order_id: str
    """As the venue tells it; empty where the order has none."""
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Quantity
    """Of the whole order, what is filled included; 0 with close_position."""
    price: Price | None
    position_side: PositionSide
    reduce_only: bool
    close_position: bool
    trigger: Trigger | None
    expires_at: int | None
    currency: str
    """Of the instrument's prices, as the venue says; what we have in the books goes before it."""
    venue_time: int


ExternalReport = (
    RecordAcceptance
    | RecordRejection
    | RecordFill
    | RecordCancellation
    | RecordCancelRejection
    | RecordExpiry
    | RecordTrigger
    | RecordAmendment
)
"""What a venue can say of an order that we did not send: it is never lost, nor searched for."""


@dataclass(frozen=True, slots=True)
class RecordExternalOrder:
    """The venue said something of an order that we did not place; the order begins if it is new."""

    order: ExternalOrder
    report: ExternalReport

    @property
    def order_id(self) -> OrderId:
        """Of the order."""
        return self.order.order_id

    @property
    def account_id(self) -> AccountId:
        """Whose order it is."""
        return self.order.account_id

    @property
    def instrument_id(self) -> InstrumentId:
        """What it trades."""
        return self.order.instrument_id


def observed(order: ExternalOrder, currency: str, quantity: Quantity) -> OrderObserved:
    """The fact that the order exists."""
    return OrderObserved(
        order_id=order.order_id,
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        origin=order.origin,
        venue_order_id=order.venue_order_id,
        client_order_id=order.client_order_id,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=quantity,
        price=order.price,
        position_side=order.position_side,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        trigger=order.trigger,
        expires_at=order.expires_at,
        currency=currency,
        venue_time=order.venue_time,
    )
