"""An instrument as its events leave it: the last listing holds."""

from domain.instruments.events import InstrumentEvent
from domain.instruments.state import Instrument


def evolve(instrument: Instrument, event: InstrumentEvent) -> Instrument:
    """The instrument after one more event; total."""
    del instrument
    return Instrument(event.instrument_id, event.rules_version, event.rules)
