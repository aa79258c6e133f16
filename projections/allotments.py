"""The read model of wider limits: every value that was set, and every move of a share.

Nothing is ever changed here, so that "who held how much then" is a query on the positions up to
then; what holds now is the last row, which the views choose.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.allotments.events import AllotmentMoved
from domain.registry import stored_names
from domain.risk.wider_events import WiderLimitSet
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class WiderLimitRow(NamedTuple):
    """Columns of model.wider_limits: one row for each time that one was set."""

    scope: str
    subject: str
    """Empty for the platform."""
    counted: str
    currency: str
    value: Decimal | None
    """None: no limit from then on."""
    set_by: str
    set_at: datetime
    position: int


class MoveRow(NamedTuple):
    """Columns of model.allotment_moves: one row for each move."""

    scope: str
    subject: str
    counted: str
    currency: str
    account_id: str
    direction: str
    amount: Decimal
    share: Decimal
    allotted: Decimal
    value: Decimal | None
    """Of the limit, then."""
    used: Decimal
    moved_by: str
    moved_at: datetime
    position: int


_NAME: Final = ("scope", "subject", "counted", "currency")
WIDER_LIMITS: Final = Table("wider_limits", WiderLimitRow, (*_NAME, "position"))
MOVES: Final = Table("allotment_moves", MoveRow, (*_NAME, "position"))


class Allotments:
    """Folds wider limits and moves into model.wider_limits and model.allotment_moves."""

    name: Final = "allotments"
    tables: Final = (WIDER_LIMITS, MOVES)
    types: Final = stored_names(WiderLimitSet, AllotmentMoved)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Nothing: each event is a row of its own."""
        del fact
        return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more value, or one more move."""
        match fact.event:
            case WiderLimitSet() as event:
                rows.put(
                    WIDER_LIMITS,
                    WiderLimitRow(
                        scope=event.scope.value,
                        subject=shown(event.subject),
                        counted=event.counted.value,
                        currency=shown(event.currency),
                        value=event.value,
                        set_by=shown(fact.actor),
                        set_at=instant(fact.at),
                        position=fact.position,
                    ),
                )
            case AllotmentMoved() as event:
                rows.put(MOVES, _moved(event, fact))
            case other:
                message = f"allotments do not fold {type(other).__name__}"
                raise FoldError(message)


def _moved(event: AllotmentMoved, fact: Fact) -> MoveRow:
    return MoveRow(
        scope=event.scope.value,
        subject=shown(event.subject),
        counted=event.counted.value,
        currency=shown(event.currency),
        account_id=event.account_id,
        direction=event.direction.value,
        amount=event.amount,
        share=event.share,
        allotted=event.allotted,
        value=event.limit,
        used=event.used,
        moved_by=shown(fact.actor),
        moved_at=instant(fact.at),
        position=fact.position,
    )
