"""What can be asked of an instrument: list it, or list it again with changed rules."""

from dataclasses import dataclass

from domain.ids import InstrumentId
from domain.instruments.events import TradingRules


@dataclass(frozen=True, slots=True)
class ListInstrument:
    """Make the rules of an instrument known; a second listing replaces the rules."""

    instrument_id: InstrumentId
    rules: TradingRules


InstrumentCommand = ListInstrument
