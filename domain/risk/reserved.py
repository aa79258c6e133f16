"""What an order holds after an amend, after its trigger, and after a part of it is gone."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from domain.changing import changed
from domain.ids import InstrumentId, OrderId, StrategyId
from domain.layered import with_entry, without
from domain.risk import resting
from domain.risk.events import AmendAdmitted, ReservationAmended, ReservationRested
from domain.risk.state import NOTHING_PLACED, Placed, Reservation, Resting, Risk
from domain.values import ZERO, Side, minus, plus, times


def reservation(
    event: AmendAdmitted | ReservationAmended, was: Reservation | None, mark: Decimal
) -> Reservation:
    """While the venue has not answered, the order may lie on the book at either of two prices."""
    if isinstance(event, ReservationAmended):
        quantity, meets, limited = event.quantity, None, event.price is not None
        price = event.price or (mark if was is None else was.price)
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
    )


def rested(risk: Risk, event: ReservationRested) -> Risk:
    """The order lies on the book from now on; nothing changes if it does already, or is gone."""
    was = risk.reservations.get(event.order_id)
    if was is None or was.rests:
        return risk
    now = was._replace(waits=False, rests=True)
    return changed(
        risk,
        reservations=with_entry(risk.reservations, event.order_id, now),
        resting=beside(risk, risk.resting, now),
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
            left = left._replace(waits=False, rests=True)
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
