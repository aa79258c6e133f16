"""Prices of one's own orders that lie on the book, sorted, so that the best is found at once.

Limit orders rest, and conditional ones with a limit price once they are triggered. A copy of a
hundred prices is a microsecond; there is nothing to search.
"""

from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal

from domain.ids import InstrumentId, OrderId
from domain.risk.state import NOTHING_RESTS, Reservation, Resting
from domain.values import Side

Book = Mapping[InstrumentId, Resting]


def with_one(book: Book, instrument_id: InstrumentId, side: Side, price: Decimal) -> Book:
    """One more order rests."""
    buys, sells = book.get(instrument_id, NOTHING_RESTS)
    if side is Side.BUY:
        return {**book, instrument_id: Resting(_inserted(buys, price), sells)}
    return {**book, instrument_id: Resting(buys, _inserted(sells, price))}


def without_one(book: Book, instrument_id: InstrumentId, side: Side, price: Decimal) -> Book:
    """One of the orders at this price is gone; nothing changes if there is none."""
    buys, sells = book.get(instrument_id, NOTHING_RESTS)
    if side is Side.BUY:
        left = Resting(_removed(buys, price), sells)
    else:
        left = Resting(buys, _removed(sells, price))
    rest = dict(book)
    if left == NOTHING_RESTS:
        rest.pop(instrument_id, None)
    else:
        rest[instrument_id] = left
    return rest


def all_of(reservations: Mapping[OrderId, Reservation]) -> Book:
    """Counted anew, for the moment at which somebody begins to ask."""
    book: Book = {}
    for one in reservations.values():
        if one.rests:
            book = with_one(book, one.instrument_id, one.side, one.meets_at)
    return book


def first_met(resting: Resting, side: Side) -> Decimal | None:
    """The own price that an order of this side would meet first: the best of the other side."""
    if side is Side.BUY:
        return resting.sells[0] if resting.sells else None
    return resting.buys[-1] if resting.buys else None


def _inserted(prices: tuple[Decimal, ...], price: Decimal) -> tuple[Decimal, ...]:
    at = bisect_left(prices, price)
    return (*prices[:at], price, *prices[at:])


def _removed(prices: tuple[Decimal, ...], price: Decimal) -> tuple[Decimal, ...]:
    at = bisect_left(prices, price)
    if at == len(prices) or prices[at] != price:
        return prices
    return (*prices[:at], *prices[at + 1 :])
