"""A position as its events leave it; each event says what it left behind, so this only copies."""

from domain.positions.events import PositionEvent
from domain.positions.state import Position


def evolve(position: Position, event: PositionEvent) -> Position:
    """The position after one more fill; total."""
    del position
    return Position(
        net_quantity=event.net_quantity,
        cost=event.cost.amount,
        realised_total=event.realised_total.amount,
        fees_total=event.fees_total.amount,
    )
