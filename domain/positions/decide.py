"""What a fill does to a net position: average cost, exact to the last digit.

Opening and increasing add price times quantity to the cost. Reducing releases cost in proportion,
rounded at 18 digits, and what the rounding leaves stays in the cost; closing releases all of it.
Profit is what the fill brought in minus the cost it released (for a short the other way round), so
over a position's life profit plus open cost equals the cash that moved.
"""

from decimal import Decimal
from functools import lru_cache

from domain.decision import STREAMS_KEPT, Aggregate, StreamRef
from domain.ids import AccountId, InstrumentId, position_stream
from domain.orders.events import OrderFilled
from domain.positions.events import (
    PositionClosed,
    PositionEvent,
    PositionFlipped,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.positions.state import Position
from domain.values import ZERO, Money, Side, divided, magnitude, minus, plus, signed, times


@lru_cache(maxsize=STREAMS_KEPT)
def stream(account_id: AccountId, instrument_id: InstrumentId) -> StreamRef:
    """The stream of an account's net position in an instrument."""
    return StreamRef(Aggregate.POSITION, position_stream(account_id, instrument_id), account_id)


def apply_fill(fill: OrderFilled, currency: str, position: Position) -> PositionEvent:
    """The one event that the fill causes; `currency` is that of the instrument's prices."""
    before = position.net_quantity
    held = magnitude(before)
    after = plus(before, signed(fill.side, fill.quantity))
    traded = times(fill.price, fill.quantity)
    if not before:
        return _event(PositionOpened, fill, position, currency, after, traded, ZERO)
    if (before > 0) == (fill.side is Side.BUY):
        cost = plus(position.cost, traded)
        return _event(PositionIncreased, fill, position, currency, after, cost, ZERO)
    if fill.quantity < held:
        # Rounding to the nearest could release a hair more than there is, if a cost is that tiny.
        share = divided(times(position.cost, fill.quantity), held)
        released = min(share, position.cost)
        profit = _profit(before, traded, released)
        cost = minus(position.cost, released)
        return _event(PositionReduced, fill, position, currency, after, cost, profit)
    closed = times(fill.price, held)
    profit = _profit(before, closed, position.cost)
    if not after:
        return _event(PositionClosed, fill, position, currency, ZERO, ZERO, profit)
    cost = minus(traded, closed)
    return _event(PositionFlipped, fill, position, currency, after, cost, profit)


def _profit(held: Decimal, value: Decimal, released: Decimal) -> Decimal:
    """What closing brought in over what it had cost; a short took its money in first."""
    return minus(value, released) if held > 0 else minus(released, value)


def _event(
    kind: type[PositionEvent],
    fill: OrderFilled,
    position: Position,
    currency: str,
    net_quantity: Decimal,
    cost: Decimal,
    realised: Decimal,
) -> PositionEvent:
    # A fee in another currency (Binance: BNB) stays on the fill and is not added to this total.
    fee = fill.fee.amount if fill.fee.currency == currency else ZERO
    return kind(
        account_id=fill.account_id,
        instrument_id=fill.instrument_id,
        order_id=fill.order_id,
        execution_id=fill.execution_id,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        net_quantity=net_quantity,
        cost=Money(cost, currency),
        realised=Money(realised, currency),
        realised_total=Money(plus(position.realised_total, realised), currency),
        fees_total=Money(plus(position.fees_total, fee), currency),
        venue_time=fill.venue_time,
    )
