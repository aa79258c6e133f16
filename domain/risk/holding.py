"""What an order holds is set anew: reservation, exposure, legs, running sums and resting prices.

All of them move together here, so that they can never disagree.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.changing import changed
from domain.ids import OrderId
from domain.layered import with_entry
from domain.risk import sums
from domain.risk.counting import OrderCounted
from domain.risk.legs import gained as hedged
from domain.risk.legs import with_leg
from domain.risk.reserved import beside, freed_by, placed
from domain.risk.state import Exposure, Leg, Reservation, Risk
from domain.values import ZERO, PositionSide, Side, minus, plus, times


def holding(risk: Risk, order_id: OrderId, now: Reservation) -> Risk:
    """So much is reserved for an order, whatever was before; with quantity 0 nothing any more."""
    before, was = risk.exposure(now.instrument_id), risk.reservations.get(order_id)
    held = ZERO if was is None else was.quantity
    freed = freed_by(risk, order_id, held)
    open_ = int(now.quantity > 0)
    reservations, on_the_book = freed.reservations, freed.resting
    if open_:
        reservations = with_entry(risk.reservations, order_id, now)
        on_the_book = beside(risk, on_the_book, now) if now.rests else on_the_book
    notional = times(now.price, now.quantity)
    after = with_open(before, now.side, minus(now.quantity, held))._replace(
        open_orders=before.open_orders - freed.orders + open_,
        open_notional=plus(minus(before.open_notional, freed.notional), notional),
    )
    legs = legs_with_open(risk, now, minus(now.quantity, held))
    gross = hedged(now.instrument_id, before, risk.legs, after, legs)
    return changed(
        risk,
        exposures={**risk.exposures, now.instrument_id: after},
        reservations=reservations,
        books=sums.moved(risk.books, before.currency, before, after, legs=gross),
        resting=on_the_book,
        strategies=placed(freed.strategies, now.strategy_id, open_, notional),
        legs=legs,
    )


def counted(risk: Risk, event: OrderCounted) -> Risk:
    """One more open order, that nobody asked us about; it may be the first in its instrument."""
    held = Reservation(
        event.instrument_id,
        event.side,
        event.quantity,
        event.price,
        event.rests,
        None,
        event.position_side,
    )
    before = risk.exposure(event.instrument_id)
    after = with_open(before, event.side, event.quantity)._replace(
        mark=before.mark or event.price,
        open_orders=before.open_orders + 1,
        open_notional=plus(before.open_notional, times(event.price, event.quantity)),
        currency=event.currency,
    )
    legs = legs_with_open(risk, held, event.quantity)
    gross = hedged(event.instrument_id, before, risk.legs, after, legs)
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: after},
        legs=legs,
        reservations=with_entry(risk.reservations, event.order_id, held),
        books=sums.moved(risk.books, event.currency, before, after, legs=gross),
        resting=beside(risk, risk.resting, held) if held.rests else risk.resting,
    )


def with_open(exposure: Exposure, side: Side, quantity: Decimal) -> Exposure:
    """The exposure with so much more open on one side."""
    if side is Side.BUY:
        return exposure._replace(open_buys=plus(exposure.open_buys, quantity))
    return exposure._replace(open_sells=plus(exposure.open_sells, quantity))


def legs_with_open(
    risk: Risk, reservation: Reservation, quantity: Decimal
) -> Mapping[Leg, Exposure]:
    """The legs after one of them has so much more open; one-way accounts have none."""
    instrument_id, side = reservation.instrument_id, reservation.position_side
    if side is PositionSide.NET:
        return risk.legs
    leg = with_open(risk.exposure(instrument_id, side), reservation.side, quantity)
    return with_leg(risk.legs, Leg(instrument_id, side), leg)
