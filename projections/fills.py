"""The read model of fills: one row for each execution, never changed."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.orders.events import OrderFilled
from domain.registry import stored_names
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class FillRow(NamedTuple):
    """Columns of model.fills."""

    position: int
    filled_at: datetime
    account_id: str
    order_id: str
    instrument: str
    strategy_id: str | None
    execution_id: str
    side: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: str
    recorded_at: datetime
    position_side: str
    kind: str


FILLS: Final = Table("fills", FillRow, ("position", "filled_at"))


class Fills:
    """Folds the fills of orders into model.fills."""

    name: Final = "fills"
    tables: Final = (FILLS,)
    types: Final = stored_names(OrderFilled)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Nothing: every fill is a row of its own."""
        del fact
        return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more execution."""
        event = fact.event
        if not isinstance(event, OrderFilled):
            message = f"fills do not fold {type(event).__name__}"
            raise FoldError(message)
        rows.put(
            FILLS,
            FillRow(
                position=fact.position,
                filled_at=instant(event.venue_time),
                account_id=event.account_id,
                order_id=event.order_id,
                instrument=event.instrument_id,
                strategy_id=event.strategy_id,
                execution_id=shown(event.execution_id),
                side=event.side.value,
                price=event.price,
                quantity=event.quantity,
                fee=event.fee.amount,
                fee_currency=shown(event.fee.currency),
                liquidity=event.liquidity.value,
                recorded_at=instant(fact.at),
                position_side=event.position_side.value,
                kind=event.kind.value,
            ),
        )
