"""The read models of positions: what each account holds now, and every change that led there."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.positions.events import (
    PositionChange,
    PositionClosed,
    PositionFlipped,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.registry import stored_names
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class PositionRow(NamedTuple):
    """Columns of model.positions."""

    account_id: str
    instrument: str
    net_quantity: Decimal
    cost: Decimal
    currency: str
    realised: Decimal
    fees: Decimal
    opened_at: datetime | None
    version: int
    updated_at: datetime
    position: int


class ChangeRow(NamedTuple):
    """Columns of model.position_history."""

    position: int
    changed_at: datetime
    account_id: str
    instrument: str
    change: str
    order_id: str
    execution_id: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    net_quantity: Decimal
    cost: Decimal
    currency: str
    realised: Decimal
    realised_total: Decimal
    fees_total: Decimal
    recorded_at: datetime


POSITIONS: Final = Table("positions", PositionRow, ("account_id", "instrument"))
HISTORY: Final = Table("position_history", ChangeRow, ("position", "changed_at"))

_CHANGES: Final[dict[type[PositionChange], str]] = {
    PositionOpened: "opened",
    PositionIncreased: "increased",
    PositionReduced: "reduced",
    PositionClosed: "closed",
    PositionFlipped: "flipped",
}


class Positions:
    """Folds the events of positions into model.positions and model.position_history."""

    name: Final = "positions"
    tables: Final = (POSITIONS, HISTORY)
    types: Final = stored_names(
        PositionOpened, PositionIncreased, PositionReduced, PositionClosed, PositionFlipped
    )

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The position's row: an event carries all of it but the time when it was opened."""
        event = fact.event
        if not isinstance(event, PositionChange):
            return ()
        return ((POSITIONS, (event.account_id, event.instrument_id)),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more change of a position."""
        event = fact.event
        if not isinstance(event, PositionChange):
            message = f"positions do not fold {type(event).__name__}"
            raise FoldError(message)
        before = rows.get(POSITIONS, (event.account_id, event.instrument_id))
        rows.put(
            POSITIONS,
            PositionRow(
                account_id=event.account_id,
                instrument=event.instrument_id,
                net_quantity=event.net_quantity,
                cost=event.cost.amount,
                currency=shown(event.cost.currency),
                realised=event.realised_total.amount,
                fees=event.fees_total.amount,
                opened_at=_opened_at(before, event),
                version=fact.version,
                updated_at=instant(fact.at),
                position=fact.position,
            ),
        )
        rows.put(HISTORY, _history(event, fact))


def _opened_at(before: PositionRow | None, event: PositionChange) -> datetime | None:
    """Since when the side is held that is held now."""
    match event:
        case PositionOpened() | PositionFlipped():
            return instant(event.venue_time)
        case PositionClosed():
            return None
        case _:
            return before.opened_at if before is not None else instant(event.venue_time)


def _history(event: PositionChange, fact: Fact) -> ChangeRow:
    return ChangeRow(
        position=fact.position,
        changed_at=instant(event.venue_time),
        account_id=event.account_id,
        instrument=event.instrument_id,
        change=_CHANGES[type(event)],
        order_id=event.order_id,
        execution_id=shown(event.execution_id),
        side=event.side.value,
        quantity=event.quantity,
        price=event.price,
        fee=event.fee.amount,
        net_quantity=event.net_quantity,
        cost=event.cost.amount,
        currency=shown(event.cost.currency),
        realised=event.realised.amount,
        realised_total=event.realised_total.amount,
        fees_total=event.fees_total.amount,
        recorded_at=instant(fact.at),
    )
