"""Forms of an instrument's events that are no longer written, and the way to those of today."""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import InstrumentId
from domain.instruments.events import InstrumentListed, TradingRules


@dataclass(frozen=True, slots=True)
class TradingRulesV1:
    """Filters of an order alone: nothing of margin and fees."""

    currency: str
    tick: Decimal
    step: Decimal
    minimum_quantity: Decimal
    maximum_quantity: Decimal
    maximum_market_quantity: Decimal
    minimum_notional: Decimal
    trading: bool


@dataclass(frozen=True, slots=True)
class InstrumentListedV1:
    """`instrument.listed.v1`."""

    instrument_id: InstrumentId
    rules_version: int
    rules: TradingRulesV1


def listed_v1(old: InstrumentListedV1) -> InstrumentListed:
    """Linear contracts were all that could be listed; fees and margin tiers were not known."""
    rules = old.rules
    return InstrumentListed(
        instrument_id=old.instrument_id,
        rules_version=old.rules_version,
        rules=TradingRules(
            currency=rules.currency,
            tick=rules.tick,
            step=rules.step,
            minimum_quantity=rules.minimum_quantity,
            maximum_quantity=rules.maximum_quantity,
            maximum_market_quantity=rules.maximum_market_quantity,
            minimum_notional=rules.minimum_notional,
            trading=rules.trading,
        ),
    )
