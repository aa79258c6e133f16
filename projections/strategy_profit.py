"""The read model of what each account trades and earns by each strategy, registered or not.

Positions here are virtual: fills of a strategy's orders alone, at average cost, by the arithmetic
of the real ones. All strategies of an account together make what its venue holds.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.orders.events import OrderDenied, OrderFilled, OrderPlaced
from domain.positions.decide import apply_fill
from domain.positions.state import Position
from domain.registry import stored_names
from domain.values import ZERO, plus, times
from projections.tables import Fact, FoldError, Key, Rows, Table, existing, instant, shown


class StrategyPositionRow(NamedTuple):
    """Columns of model.strategy_positions."""

    strategy_id: str
    account_id: str
    instrument: str
    currency: str | None
    """None until an order was admitted."""
    net_quantity: Decimal
    cost: Decimal
    realised: Decimal
    fees: Decimal
    """Those in the instrument's own currency; another one's stay on their fills."""
    volume: Decimal
    orders: int
    fills: int
    refusals: int
    updated_at: datetime
    position: int


STRATEGY_POSITIONS: Final = Table(
    "strategy_positions", StrategyPositionRow, ("strategy_id", "account_id", "instrument")
)


class StrategyProfit:
    """Folds orders and fills that carry a strategy's id into model.strategy_positions."""

    name: Final = "strategy_profit"
    tables: Final = (STRATEGY_POSITIONS,)
    types: Final = stored_names(OrderPlaced, OrderDenied, OrderFilled)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The row of the strategy, the account and the instrument."""
        event = _order(fact)
        if event.strategy_id is None:
            return ()
        return ((STRATEGY_POSITIONS, _key(event)),)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more order or fill."""
        event = _order(fact)
        if event.strategy_id is None:
            return
        before = rows.get(STRATEGY_POSITIONS, _key(event))
        if isinstance(event, OrderFilled):
            row = _filled(existing(before, fact), event)
        else:
            row = before or StrategyPositionRow(
                *_key(event), None, ZERO, ZERO, ZERO, ZERO, ZERO, 0, 0, 0, instant(fact.at), 0
            )
            if isinstance(event, OrderPlaced):
                row = row._replace(currency=shown(event.currency), orders=row.orders + 1)
            else:
                row = row._replace(refusals=row.refusals + 1)
        rows.put(
            STRATEGY_POSITIONS,
            row._replace(updated_at=instant(fact.at), position=fact.position),
        )


def _order(fact: Fact) -> OrderPlaced | OrderDenied | OrderFilled:
    if isinstance(fact.event, OrderPlaced | OrderDenied | OrderFilled):
        return fact.event
    message = f"strategy_profit does not fold {type(fact.event).__name__}"
    raise FoldError(message)


def _key(event: OrderPlaced | OrderDenied | OrderFilled) -> tuple[str, str, str]:
    return (str(event.strategy_id), event.account_id, event.instrument_id)


def _filled(row: StrategyPositionRow, event: OrderFilled) -> StrategyPositionRow:
    held = Position(
        net_quantity=row.net_quantity,
        cost=row.cost,
        realised_total=row.realised,
        fees_total=row.fees,
    )
    moved = apply_fill(event, row.currency or "", held)
    return row._replace(
        net_quantity=moved.net_quantity,
        cost=moved.cost.amount,
        realised=moved.realised_total.amount,
        fees=moved.fees_total.amount,
        volume=plus(row.volume, times(event.quantity, event.price)),
        fills=row.fills + 1,
    )
