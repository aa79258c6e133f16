"""An instrument as its events left it."""

from dataclasses import dataclass

from domain.ids import InstrumentId
from domain.instruments.events import InstrumentEvent, TradingRules


@dataclass(frozen=True, slots=True)
class Instrument:
    """The rules that hold now; none before the first listing."""

    instrument_id: InstrumentId | None = None
    rules_version: int = 0
    rules: TradingRules | None = None


def evolve(state: Instrument, event: InstrumentEvent) -> Instrument:
    """The instrument after one more event."""
    del state
    return Instrument(event.instrument_id, event.rules_version, event.rules)
