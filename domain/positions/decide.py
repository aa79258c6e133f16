"""What a fill does to a position: average cost, exact to the last digit; funding is beside it.

Opening and increasing add price times quantity to the cost. Reducing releases cost in proportion,
rounded at 18 digits, and what the rounding leaves stays in the cost; closing releases all of it.
Profit is what the fill brought in minus the cost it released (for a short the other way round), so
over a position's life profit plus open cost equals the cash that moved.
"""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from domain.decision import STREAMS_KEPT, Aggregate, StreamRef
from domain.funding.events import FundingRecorded
from domain.ids import AccountId, InstrumentId, position_stream
from domain.orders.events import OrderFilled
from domain.positions.events import (
    PositionClosed,
    PositionFill,
    PositionFlipped,
    PositionFunded,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.positions.state import Position
from domain.values import (
    ZERO,
    Money,
    PositionSide,
    Price,
    Quantity,
    Side,
    added,
    divided,
    magnitude,
    minus,
    plus,
    signed,
    times,
)


@lru_cache(maxsize=STREAMS_KEPT)
def stream(
    account_id: AccountId, instrument_id: InstrumentId, side: PositionSide = PositionSide.NET
) -> StreamRef:
    """The stream of an account's position in an instrument: the net one, or a hedged leg."""
    return StreamRef(
        Aggregate.POSITION, position_stream(account_id, instrument_id, side), account_id
    )


class Moved(NamedTuple):
    """What a fill made of a position, and how it is called."""

    kind: type[PositionFill]
    net_quantity: Decimal
    cost: Decimal
    realised: Decimal


def moved(before: Decimal, cost: Decimal, side: Side, quantity: Quantity, price: Price) -> Moved:
    """Average cost: the arithmetic of one fill on what was held and what that had cost."""
    held = magnitude(before)
    after = plus(before, signed(side, quantity))
    traded = times(price, quantity)
    if not before:
        return Moved(PositionOpened, after, traded, ZERO)
    if (before > 0) == (side is Side.BUY):
        return Moved(PositionIncreased, after, plus(cost, traded), ZERO)
    if quantity < held:
        # Rounding to the nearest could release a hair more than there is, if a cost is that tiny.
        share = divided(times(cost, quantity), held)
        released = min(share, cost)
        profit = _profit(before, traded, released)
        return Moved(PositionReduced, after, minus(cost, released), profit)
    closed = times(price, held)
    profit = _profit(before, closed, cost)
    if not after:
        return Moved(PositionClosed, ZERO, ZERO, profit)
    return Moved(PositionFlipped, after, minus(traded, closed), profit)


def apply_fill(fill: OrderFilled, currency: str, position: Position) -> PositionFill:
    """The one event that the fill causes; `currency` is that of the instrument's prices."""
    kind, net_quantity, cost, realised = moved(
        position.net_quantity, position.cost, fill.side, fill.quantity, fill.price
    )
    own = fill.fee.currency == currency
    others = position.other_fees if own else added(position.other_fees, fill.fee)
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
        fees_total=Money(
            plus(position.fees_total, fill.fee.amount) if own else position.fees_total, currency
        ),
        venue_time=fill.venue_time,
        position_side=fill.position_side,
        kind=fill.kind,
        other_fees=tuple(Money(amount, name) for name, amount in sorted(others.items())),
    )


def apply_funding(payment: FundingRecorded, position: Position) -> PositionFunded:
    """The event that a payment of funding causes; what is held stays as it is."""
    paid = payment.payment
    before = position.funding.get(paid.currency, ZERO)
    return PositionFunded(
        account_id=payment.account_id,
        instrument_id=payment.instrument_id,
        position_side=payment.position_side,
        funding_id=payment.funding_id,
        payment=paid,
        funding_total=Money(plus(before, paid.amount), paid.currency),
        venue_time=payment.venue_time,
    )


def _profit(held: Decimal, value: Decimal, released: Decimal) -> Decimal:
    """What closing brought in over what it had cost; a short took its money in first."""
    return minus(value, released) if held > 0 else minus(released, value)
