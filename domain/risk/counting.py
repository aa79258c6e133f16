"""Orders that nobody asked us about are counted: what is open and used is of all orders there are.

No check is asked, for such an order is a fact. But it may trade at any moment, so it holds a
reservation like every other: the next order of ours is checked against what can happen, not against
what was our own idea. What takes the account over a limit is not undone; it keeps our own orders
out until there is room again.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.events import OrderObserved
from domain.orders.forms import CONDITIONAL, IMMEDIATE, LIMITED
from domain.values import PositionSide, Quantity, Side


@dataclass(frozen=True, slots=True)
class OrderCounted:
    """An order that we did not place is open at the venue: it holds a reservation from now on."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    quantity: Quantity
    price: Decimal
    """What the reservation is valued at: limit price, trigger price or mark, whatever there is; 0
    before any price."""
    rests: bool
    """Whether it can lie on the venue's book, where our own orders would meet it."""
    position_side: PositionSide
    currency: str
    """Of the instrument's prices."""


def counted(order: OrderObserved, mark: Decimal) -> OrderCounted:
    """What the order could still do to the account."""
    waits = None if order.trigger is None else order.trigger.price
    return OrderCounted(
        account_id=order.account_id,
        order_id=order.order_id,
        instrument_id=order.instrument_id,
        side=order.side,
        quantity=order.quantity,
        price=order.price or waits or mark,
        rests=(
            order.type in LIMITED
            and order.type not in CONDITIONAL
            and order.time_in_force not in IMMEDIATE
        ),
        position_side=order.position_side,
        currency=order.currency,
    )
