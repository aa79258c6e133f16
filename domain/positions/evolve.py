"""A position as its events leave it; each event says what it left behind, so this mostly copies."""

from domain.changing import changed
from domain.positions.events import PositionEvent, PositionFunded
from domain.positions.state import Position
from domain.values import added


def evolve(position: Position, event: PositionEvent) -> Position:
    """The position after one more fill or payment of funding; total."""
    if isinstance(event, PositionFunded):
        return changed(position, funding=added(position.funding, event.payment))
    # Added up here and not taken from the event: those of version 1 have no sums to take.
    foreign = event.fee.currency != event.cost.currency
    return Position(
        net_quantity=event.net_quantity,
        cost=event.cost.amount,
        realised_total=event.realised_total.amount,
        fees_total=event.fees_total.amount,
        other_fees=added(position.other_fees, event.fee) if foreign else position.other_fees,
        funding=position.funding,
    )
