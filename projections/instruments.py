"""The read model of instruments: the rules that hold now, with fees and margin tiers."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.instruments.events import InstrumentListed
from domain.margin.tiers import MarginTier
from domain.registry import stored_names
from domain.values import plain
from projections.tables import Fact, FoldError, Key, Rows, Table, instant, shown


class InstrumentRow(NamedTuple):
    """Columns of model.instruments."""

    instrument: str
    currency: str
    trading: bool
    tick: Decimal
    step: Decimal
    minimum_quantity: Decimal
    maximum_quantity: Decimal
    maximum_market_quantity: Decimal
    minimum_notional: Decimal
    contract_size: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    margin_tiers: str
    """One tier a line, the four numbers of it with blanks between them."""
    rules_version: int
    listed_at: datetime
    position: int


INSTRUMENTS: Final = Table("instruments", InstrumentRow, ("instrument",))


class Instruments:
    """Folds listings into one row each; the last listing holds."""

    name: Final = "instruments"
    tables: Final = (INSTRUMENTS,)
    types: Final = stored_names(InstrumentListed)

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """The instrument's row, to be replaced."""
        event = fact.event
        return ((INSTRUMENTS, event.instrument_id),) if isinstance(event, InstrumentListed) else ()

    def fold(self, fact: Fact, rows: Rows) -> None:
        """One more listing."""
        event = fact.event
        if not isinstance(event, InstrumentListed):
            message = f"instruments do not fold {type(event).__name__}"
            raise FoldError(message)
        rules = event.rules
        rows.put(
            INSTRUMENTS,
            InstrumentRow(
                instrument=event.instrument_id,
                currency=shown(rules.currency),
                trading=rules.trading,
                tick=rules.tick,
                step=rules.step,
                minimum_quantity=rules.minimum_quantity,
                maximum_quantity=rules.maximum_quantity,
                maximum_market_quantity=rules.maximum_market_quantity,
                minimum_notional=rules.minimum_notional,
                contract_size=rules.contract_size,
                maker_fee=rules.maker_fee,
                taker_fee=rules.taker_fee,
                margin_tiers="\n".join(_line(tier) for tier in rules.margin_tiers),
                rules_version=event.rules_version,
                listed_at=instant(fact.at),
                position=fact.position,
            ),
        )


def _line(tier: MarginTier) -> str:
    numbers = (tier.up_to, tier.maximum_leverage, tier.maintenance_rate, tier.deduction)
    return " ".join(plain(number) for number in numbers)


def tiers_of(lines: str) -> tuple[MarginTier, ...]:
    """Margin tiers out of their column."""
    return tuple(
        MarginTier(*(Decimal(number) for number in line.split())) for line in lines.splitlines()
    )
