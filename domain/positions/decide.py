"""What a fill does to a net position: average cost, exact to the last digit.

Opening and increasing add price times quantity to the cost. Reducing releases cost in proportion,
rounded at 18 digits, and what the rounding leaves stays in the cost; closing releases all of it.
Profit is what the fill brought in minus the cost it released (for a short the other way round), so
over a position's life profit plus open cost equals the cash that moved.
"""

from decimal import Decimal

from domain.decision import Aggregate, StreamRef
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
from domain.values import ZERO, Money, divided, magnitude, minus, plus, signed, times


def stream(account_id: AccountId, instrument_id: InstrumentId) -> StreamRef:
    """The stream of an account's net position in an instrument."""
    return StreamRef(Aggregate.POSITION, position_stream(account_id, instrument_id), account_id)


def apply_fill(fill: OrderFilled, currency: str, position: Position) -> PositionEvent:
    """The one event that the fill causes; `currency` is that of the instrument's prices."""
    before = position.net_quantity
    moved = signed(fill.side, fill.quantity)
    after = plus(before, moved)
    traded = times(fill.price, fill.quantity)
    if before == 0:
        return _event(PositionOpened, fill, position, currency, after, traded, ZERO)
    if (before > 0) == (moved > 0):
        cost = plus(position.cost, traded)
        return _event(PositionIncreased, fill, position, currency, after, cost, ZERO)
    closing = min(fill.quantity, magnitude(before))
    closed_value = times(fill.price, closing)
    flat = closing == magnitude(before)
    released = position.cost if flat else divided(times(position.cost, closing), magnitude(before))
    profit = minus(closed_value, released) if before > 0 else minus(released, closed_value)
    if not flat:
        cost = minus(position.cost, released)
        return _event(PositionReduced, fill, position, currency, after, cost, profit)
    if after == 0:
        return _event(PositionClosed, fill, position, currency, after, ZERO, profit)
    cost = minus(traded, closed_value)
    return _event(PositionFlipped, fill, position, currency, after, cost, profit)


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
