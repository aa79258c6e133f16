"""Orders that nobody asked us about are counted: what is open and used is of all orders there are.

No check is asked, for such an order is a fact. But it may trade at any moment, so it holds a
reservation like every other: the next order of ours is checked against what can happen, not against
what was our own idea. What takes the account over a limit is not undone; it keeps our own orders
out until there is room again.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.changing import changed
from domain.ids import AccountId, InstrumentId, OrderId
from domain.layered import with_entry
from domain.orders.events import OrderObserved
from domain.orders.forms import CONDITIONAL, IMMEDIATE, LIMITED
from domain.risk import resting, sums
from domain.risk.legs import gained, with_leg
from domain.risk.state import Exposure, Leg, Reservation, Risk
from domain.values import PositionSide, Quantity, Side, plus, times


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


def evolve(risk: Risk, event: OrderCounted) -> Risk:
    """The risk state with one more open order."""
    before = risk.exposure(event.instrument_id)
    after = _opened(before, event.side, event.quantity)._replace(
        mark=before.mark or event.price,
        open_orders=before.open_orders + 1,
        open_notional=plus(before.open_notional, times(event.price, event.quantity)),
        currency=event.currency,
    )
    held = Reservation(
        event.instrument_id,
        event.side,
        event.quantity,
        event.price,
        event.rests,
        None,
        event.position_side,
    )
    limits, legs = risk.limits, risk.legs
    if event.position_side is not PositionSide.NET:
        leg = risk.exposure(event.instrument_id, event.position_side)
        named = Leg(event.instrument_id, event.position_side)
        legs = with_leg(legs, named, _opened(leg, event.side, event.quantity))
    met = event.rests and limits is not None and limits.self_trade
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: after},
        legs=legs,
        reservations=with_entry(risk.reservations, event.order_id, held),
        books=sums.moved(
            risk.books,
            event.currency,
            before,
            after,
            legs=gained(event.instrument_id, before, risk.legs, after, legs),
        ),
        resting=(
            resting.with_one(risk.resting, event.instrument_id, event.side, event.price)
            if met
            else risk.resting
        ),
    )


def _opened(exposure: Exposure, side: Side, quantity: Decimal) -> Exposure:
    if side is Side.BUY:
        return exposure._replace(open_buys=plus(exposure.open_buys, quantity))
    return exposure._replace(open_sells=plus(exposure.open_sells, quantity))
