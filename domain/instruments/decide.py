"""List an instrument, or refuse because nothing would change."""

from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.ids import PLATFORM, InstrumentId, instrument_stream
from domain.instruments.commands import InstrumentCommand
from domain.instruments.events import InstrumentListed
from domain.instruments.state import Instrument
from domain.reasons import Reason, Rejected


def stream(instrument_id: InstrumentId) -> StreamRef:
    """The stream of an instrument's rules."""
    return StreamRef(Aggregate.INSTRUMENT, instrument_stream(instrument_id), PLATFORM)


def decide(command: InstrumentCommand, instrument: Instrument) -> Decision:
    """List the rules as the next version."""
    if instrument.rules == command.rules:
        return Decision(
            rejected=Rejected(Reason.INSTRUMENT_UNCHANGED, "these rules are in force already")
        )
    listed = InstrumentListed(
        instrument_id=command.instrument_id,
        rules_version=instrument.rules_version + 1,
        rules=command.rules,
    )
    return Decision((Change(stream(command.instrument_id), listed),))
