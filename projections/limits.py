"""The read model of limits: one row for each limit of each version, and one for each day begun.

Old versions stay, so that "what was I allowed then" is a query and not a replay. A limit that is
not set has no row; which version is in force is said by the account's risk.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.registry import stored_names
from domain.risk import commands
from domain.risk.events import DayRolled, LimitsSet
from projections.tables import Fact, FoldError, Key, Rows, Table, shown

_EPOCH: Final = date(1970, 1, 1)


class LimitRow(NamedTuple):
    """Columns of model.limits."""

    account_id: str
    limits_version: int
    strategy_id: str
    """Empty: of the whole account."""
    name: str
    value: Decimal
    position: int


class DayRow(NamedTuple):
    """Columns of model.risk_days."""

    account_id: str
    day: date
    currency: str
    profit: Decimal
    position: int


LIMITS: Final = Table("limits", LimitRow, ("account_id", "limits_version", "strategy_id", "name"))
DAYS: Final = Table("risk_days", DayRow, ("account_id", "day", "currency"))


class Limits:
    """Folds limits and days into model.limits and model.risk_days."""

    name: Final = "limits"
    tables: Final = (LIMITS, DAYS)
    types: Final = stored_names(LimitsSet, DayRolled)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Nothing: a version and a day come once."""
        del fact
        return ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """The limits of one more version, or the beginning of one more day."""
        match fact.event:
            case LimitsSet(account_id=account_id, limits_version=version, limits=limits):
                for strategy_id, name, value in every_limit(limits):
                    row = LimitRow(account_id, version, strategy_id, name, value, fact.position)
                    rows.put(LIMITS, row)
            case DayRolled() as event:
                day = _EPOCH + timedelta(days=event.day)
                currency = shown(event.profit.currency)
                rows.put(
                    DAYS,
                    DayRow(event.account_id, day, currency, event.profit.amount, fact.position),
                )
            case other:
                message = f"limits do not fold {type(other).__name__}"
                raise FoldError(message)


def every_limit(limits: commands.Limits) -> Iterator[tuple[str, str, Decimal]]:
    """Strategy (empty for the account), name and value of each limit that is set."""
    for name, value in _set(limits):
        yield "", name, value
    for strategy_id, its in sorted(limits.strategies.items()):
        for name, value in _set(its):
            yield strategy_id, name, value


def _set(limits: commands.Limits | commands.StrategyLimits) -> Iterator[tuple[str, Decimal]]:
    """Every field that holds a number or a yes; a new limit is shown without a word here."""
    for each in fields(limits):
        value = getattr(limits, each.name)
        if isinstance(value, Decimal | int) and value is not False:
            number = Decimal(value)
            # 0 of a window means off; of a number it is the tightest limit there is.
            if number or not isinstance(each.default, int):
                yield each.name, number
