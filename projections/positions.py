"""The read models of positions: what each account holds now, and every change that led there."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.positions.events import (
    PositionChange,
    PositionClosed,
    PositionFlipped,
    PositionFunded,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.registry import stored_names
from domain.values import ZERO, Money, plus
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
    position_side: str


class CostRow(NamedTuple):
    """Columns of model.position_costs: fees and funding of a position in one currency."""

    account_id: str
    instrument: str
    position_side: str
    currency: str
    fees: Decimal
    funding: Decimal
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
    position_side: str
    kind: str
    fee_currency: str


POSITIONS: Final = Table("positions", PositionRow, ("account_id", "instrument", "position_side"))
COSTS: Final = Table(
    "position_costs", CostRow, ("account_id", "instrument", "position_side", "currency")
)
HISTORY: Final = Table("position_history", ChangeRow, ("position", "changed_at"))

_CHANGES: Final[dict[type[PositionChange], str]] = {
    PositionOpened: "opened",
    PositionIncreased: "increased",
    PositionReduced: "reduced",
    PositionClosed: "closed",
    PositionFlipped: "flipped",
}


class Positions:
    """Folds the events of positions into what is held, what it cost, and how it came about."""

    name: Final = "positions"
    tables: Final = (POSITIONS, COSTS, HISTORY)
    types: Final = stored_names(
        PositionOpened,
        PositionIncreased,
        PositionReduced,
        PositionClosed,
        PositionFlipped,
        PositionFunded,
    )

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The position's row, and that of the currency in which a fee or funding is paid."""
        event = fact.event
        if not isinstance(event, PositionChange | PositionFunded):
            return ()
        key = _key(event)
        paid = event.fee if isinstance(event, PositionChange) else event.payment
        return ((POSITIONS, key), (COSTS, (*key, shown(paid.currency))))

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more change of a position, or payment of funding."""
        event = fact.event
        if isinstance(event, PositionFunded):
            _add(rows, event, fact, funding=event.payment)
            rows.put(POSITIONS, _funded(rows.get(POSITIONS, _key(event)), event, fact))
            return
        if not isinstance(event, PositionChange):
            message = f"positions do not fold {type(event).__name__}"
            raise FoldError(message)
        if event.fee.amount:
            _add(rows, event, fact, fee=event.fee)
        before = rows.get(POSITIONS, _key(event))
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
                position_side=event.position_side.value,
            ),
        )
        rows.put(HISTORY, _history(event, fact))


def _key(event: PositionChange | PositionFunded) -> tuple[str, str, str]:
    return (event.account_id, event.instrument_id, event.position_side.value)


def _add(
    rows: Rows,
    event: PositionChange | PositionFunded,
    fact: Fact,
    *,
    fee: Money | None = None,
    funding: Money | None = None,
) -> None:
    """Add to the sums of one currency; read from the single amounts, which every version has."""
    paid = fee or funding
    assert paid is not None  # one of both is given
    key = (*_key(event), shown(paid.currency))
    row = rows.get(COSTS, key) or CostRow(*key, fees=ZERO, funding=ZERO, position=fact.position)
    rows.put(
        COSTS,
        row._replace(
            fees=plus(row.fees, fee.amount) if fee is not None else row.fees,
            funding=plus(row.funding, funding.amount) if funding is not None else row.funding,
            position=fact.position,
        ),
    )


def _funded(before: PositionRow | None, event: PositionFunded, fact: Fact) -> PositionRow:
    """The row with its last change; funding may come before the fill that opened the position."""
    row = before or PositionRow(
        account_id=event.account_id,
        instrument=event.instrument_id,
        net_quantity=ZERO,
        cost=ZERO,
        currency=shown(event.payment.currency),
        realised=ZERO,
        fees=ZERO,
        opened_at=None,
        version=fact.version,
        updated_at=instant(fact.at),
        position=fact.position,
        position_side=event.position_side.value,
    )
    return row._replace(version=fact.version, updated_at=instant(fact.at), position=fact.position)


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
        position_side=event.position_side.value,
        kind=event.kind.value,
        fee_currency=shown(event.fee.currency),
    )
