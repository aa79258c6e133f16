"""The read model of virtual positions: the account's positions, split by the strategy that filled.

Each fill moves one row by the same arithmetic that moves the position, so the rows of a position
add up to it: quantities to the last digit, and profit less (while short: plus) cost as well. What
belongs to no strategy, such as the venue's own executions, has a row of its own.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.orders.events import OrderFilled
from domain.positions.decide import moved
from domain.registry import stored_names
from domain.values import ZERO, plus
from projections.tables import Fact, FoldError, Key, Rows, Table, instant

UNATTRIBUTED: Final = "00000000-0000-0000-0000-000000000000"
"""Key of what belongs to no strategy; the view shows null."""


class VirtualRow(NamedTuple):
    """Columns of model.virtual_positions."""

    account_id: str
    instrument: str
    position_side: str
    strategy_id: str
    net_quantity: Decimal
    cost: Decimal
    realised: Decimal
    fills: int
    updated_at: datetime
    position: int


VIRTUAL: Final = Table(
    "virtual_positions",
    VirtualRow,
    ("account_id", "instrument", "position_side", "strategy_id"),
)


class VirtualPositions:
    """Folds fills into one row for each position and strategy."""

    name: Final = "virtual_positions"
    tables: Final = (VIRTUAL,)
    types: Final = stored_names(OrderFilled)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The row of the fill's strategy."""
        event = fact.event
        return ((VIRTUAL, _key(event)),) if isinstance(event, OrderFilled) else ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more execution."""
        event = fact.event
        if not isinstance(event, OrderFilled):
            message = f"virtual positions do not fold {type(event).__name__}"
            raise FoldError(message)
        key = _key(event)
        row = rows.get(VIRTUAL, key) or VirtualRow(
            *key, ZERO, ZERO, ZERO, 0, instant(fact.at), fact.position
        )
        _, net_quantity, cost, realised = moved(
            row.net_quantity, row.cost, event.side, event.quantity, event.price
        )
        rows.put(
            VIRTUAL,
            row._replace(
                net_quantity=net_quantity,
                cost=cost,
                realised=plus(row.realised, realised),
                fills=row.fills + 1,
                updated_at=instant(fact.at),
                position=fact.position,
            ),
        )


def _key(event: OrderFilled) -> tuple[str, str, str, str]:
    strategy = event.strategy_id or UNATTRIBUTED
    return (event.account_id, event.instrument_id, event.position_side.value, strategy)
