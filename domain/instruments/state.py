"""What is known of an instrument: the rules that hold now."""

from dataclasses import dataclass

from domain.ids import InstrumentId
from domain.instruments.events import TradingRules


@dataclass(frozen=True, slots=True)
class Instrument:
    """The rules in force and their version; none before the first listing."""

    instrument_id: InstrumentId | None = None
    rules_version: int = 0
    rules: TradingRules | None = None
