"""The read model of funding: one row for each payment, never changed."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.funding.events import FundingRecorded
from domain.registry import stored_names
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class FundingRow(NamedTuple):
    """Columns of model.fundings."""

    position: int
    paid_at: datetime
    account_id: str
    instrument: str
    position_side: str
    funding_id: str
    rate: Decimal
    mark_price: Decimal
    quantity: Decimal
    payment: Decimal
    currency: str
    recorded_at: datetime


FUNDINGS: Final = Table("fundings", FundingRow, ("position",))


class Fundings:
    """Folds payments of funding into model.fundings."""

    name: Final = "fundings"
    tables: Final = (FUNDINGS,)
    types: Final = stored_names(FundingRecorded)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Nothing: every payment is a row of its own."""
        del fact
        return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more payment."""
        event = fact.event
        if not isinstance(event, FundingRecorded):
            message = f"fundings do not fold {type(event).__name__}"
            raise FoldError(message)
        rows.put(
            FUNDINGS,
            FundingRow(
                position=fact.position,
                paid_at=instant(event.venue_time),
                account_id=event.account_id,
                instrument=event.instrument_id,
                position_side=event.position_side.value,
                funding_id=shown(event.funding_id),
                rate=event.rate,
                mark_price=event.mark_price,
                quantity=event.quantity,
                payment=event.payment.amount,
                currency=shown(event.payment.currency),
                recorded_at=instant(fact.at),
            ),
        )
