"""A net position as its events left it."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import ExecutionId
from domain.positions.events import PositionEvent
from domain.values import ZERO, Money


@dataclass(frozen=True, slots=True)
class Position:
    """What is held, what it cost, and what it has earned; flat before the first fill."""

    net_quantity: Decimal = ZERO
    """Signed: short below 0."""
    cost: Decimal = ZERO
    """Quote currency paid or received for what is open; never negative."""
    realised_total: Decimal = ZERO
    fees_total: Decimal = ZERO
    currency: str = ""
    last_execution_id: ExecutionId | None = None

    def money(self, amount: Decimal) -> Money:
        """An amount in the position's currency."""
        return Money(amount, self.currency)


def evolve(position: Position, event: PositionEvent) -> Position:
    """The position after one more fill; every event says what it left behind."""
    del position
    return Position(
        net_quantity=event.net_quantity,
        cost=event.cost.amount,
        realised_total=event.realised_total.amount,
        fees_total=event.fees_total.amount,
        currency=event.cost.currency,
        last_execution_id=event.execution_id,
    )
