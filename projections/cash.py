"""The read model of an account's money by currency: profit, fees, funding, the wallet's balance."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.registry import stored_names
from domain.risk.events import BalanceRecorded, FillApplied, FundingApplied
from domain.values import ZERO, Money, plus
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class CashRow(NamedTuple):
    """Columns of model.account_cash."""

    account_id: str
    currency: str
    realised: Decimal
    fees: Decimal
    funding: Decimal
    balance: Decimal | None
    balance_at: datetime | None
    updated_at: datetime
    position: int


CASH: Final = Table("account_cash", CashRow, ("account_id", "currency"))


class Cash:
    """Folds what moved an account's money into one row for each currency."""

    name: Final = "cash"
    tables: Final = (CASH,)
    types: Final = stored_names(FillApplied, FundingApplied, BalanceRecorded)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The rows of the currencies that the event moves."""
        moved = sorted({shown(money.currency) for _, money in _amounts(fact)})
        return tuple((CASH, (fact.account_id, currency)) for currency in moved)

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more fill, payment of funding or balance."""
        for column, money in _amounts(fact):
            key = (fact.account_id, shown(money.currency))
            row = rows.get(CASH, key) or CashRow(
                *key, ZERO, ZERO, ZERO, None, None, instant(fact.at), fact.position
            )
            changes: dict[str, Any] = {"updated_at": instant(fact.at), "position": fact.position}
            if isinstance(fact.event, BalanceRecorded):
                changes |= {
                    "balance": money.amount, "balance_at": instant(fact.event.venue_time)
                }  # fmt: skip
            else:
                changes[column] = plus(getattr(row, column), money.amount)
            rows.put(CASH, row._replace(**changes))


def _amounts(fact: Fact) -> tuple[tuple[str, Money], ...]:
    """Columns and what is to be added to them; amounts of nothing begin no row."""
    match fact.event:
        case FillApplied() as event:
            both = (("realised", event.realised), ("fees", event.fee))
            return tuple((column, money) for column, money in both if money.amount)
        case FundingApplied() as event:
            return (("funding", event.payment),)
        case BalanceRecorded() as event:
            return (("balance", event.balance),)
        case other:
            message = f"cash does not fold {type(other).__name__}"
            raise FoldError(message)
