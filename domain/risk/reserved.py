"""What an order holds after an amend, a replacement, its trigger, and after a part of it is gone.

While the venue has not answered, an order may lie on the book at either of two prices; a replaced
order and its replacement share one reservation and may lie there at either of theirs.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from domain.changing import changed
from domain.ids import InstrumentId, OrderId, StrategyId
from domain.layered import with_entry, without
from domain.orders.commands import OrderType
from domain.orders.forms import LIMITED
from domain.risk import resting
from domain.risk.events import AmendAdmitted, ReservationAmended, ReservationRested
from domain.risk.replacements import ReplacementAdmitted, ReplacementDropped, ReservationReplaced
from domain.risk.state import NOTHING_PLACED, Placed, Reservation, Resting, Risk, Waiting
from domain.values import ZERO, Side, minus, plus, times


def reservation(
    event: AmendAdmitted | ReservationAmended, was: Reservation | None, mark: Decimal
) -> Reservation:
    """Of an amended order; one that is shared with a replacement stays shared."""
    waiting = None if was is None else was.waiting
    if isinstance(event, ReservationAmended):
        quantity, meets, limited = event.quantity, None, event.price is not None
        price = event.price or (mark if was is None else was.price)
        if was is not None and waiting is not None:
            meets = _eager(event.side, was.meets_at, price)
            waiting = waiting._replace(alone=price)
    else:
        quantity, price, limited = event.reserved_quantity, event.reserved_price, True
        selling = event.side is Side.SELL and was is not None
        meets = min(was.price, event.price) if selling and was is not None else price
    return Reservation(
        instrument_id=event.instrument_id,
        side=event.side,
        quantity=quantity,
        price=price,
        rests=limited if was is None else was.rests,
        strategy_id=event.strategy_id,
        position_side=event.position_side,
        meets=meets,
        waits=was is not None and was.waits,
        waiting=waiting,
    )


def shared(event: ReplacementAdmitted, was: Reservation | None) -> Reservation:
    """Of an order and the one that takes its place, which are never open together."""
    follows = event.type is OrderType.LIMIT
    rests, waits = was is not None and was.rests, was is not None and was.waits
    meets: Decimal = event.price
    if was is not None and (rests or waits):
        meets = _eager(event.side, was.meets_at, event.price) if follows else was.meets_at
    return Reservation(
        instrument_id=event.instrument_id,
        side=event.side,
        quantity=event.reserved_quantity,
        price=event.reserved_price,
        rests=rests or follows,
        strategy_id=event.strategy_id,
        position_side=event.position_side,
        meets=meets,
        waits=waits,
        waiting=Waiting(
            order_id=event.order_id,
            price=event.price,
            alone=event.price if was is None else was.price,
            alone_rests=rests,
        ),
    )


def alone(event: ReplacementDropped, was: Reservation | None) -> Reservation:
    """Of an order whose replacement is not sent; what was triggered meanwhile lies on the book."""
    waiting = None if was is None else was.waiting
    waits = was is not None and was.waits
    return Reservation(
        instrument_id=event.instrument_id,
        side=event.side,
        quantity=event.quantity,
        price=event.price,
        rests=waiting is not None and waiting.alone_rests,
        strategy_id=event.strategy_id,
        position_side=event.position_side,
        waits=waits,
    )


def taken_over(event: ReservationReplaced) -> Reservation:
    """Of a replacement whose turn it is."""
    return Reservation(
        instrument_id=event.instrument_id,
        side=event.side,
        quantity=event.quantity,
        price=event.price,
        rests=event.type is OrderType.LIMIT,
        strategy_id=event.strategy_id,
        position_side=event.position_side,
        waits=event.type is not OrderType.LIMIT and event.type in LIMITED,
    )


def _eager(side: Side, one: Decimal, other: Decimal) -> Decimal:
    """The price that meets more of the other side's orders."""
    return max(one, other) if side is Side.BUY else min(one, other)


def rested(risk: Risk, event: ReservationRested) -> Risk:
    """The order lies on the book from now on; nothing changes if it does already, or is gone."""
    was = risk.reservations.get(event.order_id)
    if was is None or (was.rests and not was.waits):
        return risk
    waiting = None if was.waiting is None else was.waiting._replace(alone_rests=True)
    now = was._replace(waits=False, rests=True, waiting=waiting)
    return changed(
        risk,
        reservations=with_entry(risk.reservations, event.order_id, now),
        resting=risk.resting if was.rests else beside(risk, risk.resting, now),
    )


def beside(risk: Risk, book: resting.Book, one: Reservation) -> resting.Book:
    """The own orders on the book and one more, if anybody asks for them."""
    if risk.limits is None or not risk.limits.self_trade:
        return book
    return resting.with_one(book, one.instrument_id, one.side, one.meets_at)


class Freed(NamedTuple):
    """What is left after a part of a reservation is gone, and how much that was."""

    reservations: Mapping[OrderId, Reservation]
    resting: Mapping[InstrumentId, Resting]
    strategies: Mapping[StrategyId, Placed]
    orders: int
    """1 if the order is no longer open."""
    notional: Decimal


def freed_by(risk: Risk, order_id: OrderId, by: Decimal) -> Freed:
    """A part of what an order holds is traded or released."""
    reservation = risk.reservations.get(order_id)
    if reservation is None:
        return Freed(risk.reservations, risk.resting, risk.strategies, 0, ZERO)
    rest = minus(reservation.quantity, by)
    notional = times(reservation.price, by)
    on_the_book = risk.resting
    if rest > 0:
        left = reservation._replace(quantity=rest)
        if reservation.waits:  # what trades was triggered, whenever that is told
            waiting = left.waiting and left.waiting._replace(alone_rests=True)
            left = left._replace(waits=False, rests=True, waiting=waiting)
            if not reservation.rests:
                on_the_book = beside(risk, on_the_book, left)
        reservations = with_entry(risk.reservations, order_id, left)
    else:
        reservations = without(risk.reservations, order_id)
        if reservation.rests and on_the_book:
            on_the_book = resting.without_one(
                on_the_book, reservation.instrument_id, reservation.side, reservation.meets_at
            )
    ended = int(rest <= 0)
    strategies = placed(risk.strategies, reservation.strategy_id, -ended, minus(ZERO, notional))
    return Freed(reservations, on_the_book, strategies, ended, notional)


def placed(
    strategies: Mapping[StrategyId, Placed],
    strategy_id: StrategyId | None,
    orders: int,
    notional: Decimal,
) -> Mapping[StrategyId, Placed]:
    """What each strategy has open after one of them placed or freed something."""
    if strategy_id is None:
        return strategies
    before = strategies.get(strategy_id, NOTHING_PLACED)
    after = Placed(before.orders + orders, plus(before.notional, notional))
    if after.orders > 0:
        return {**strategies, strategy_id: after}
    return {other: open_ for other, open_ in strategies.items() if other != strategy_id}
