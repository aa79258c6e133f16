"""A stream's state from the log: every event, or a snapshot and the events after it.

Both ways end in the same state. Most streams are short, and a short stream is read at once and
never asks for a snapshot; so the usual load costs what it did before there were any.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from adapters.codec import decode_recorded
from adapters.snapshots import require_in_log, restored, shape_of
from domain.decision import StreamRef
from domain.dispatch import State, evolve, initial
from domain.envelope import RecordedEvent
from domain.ports import EventLog

SHORT: Final = 500
"""Events up to which a stream is folded without a snapshot."""
_PAGE: Final = 5_000


class Folded(NamedTuple):
    """A state, and the last event that it reflects (None before the first)."""

    state: State
    last: RecordedEvent | None = None

    @property
    def version(self) -> int:
        """Version of the stream that the state reflects."""
        return 0 if self.last is None else self.last.version


async def fold(log: EventLog, stream: StreamRef, *, short: int = SHORT) -> Folded:
    """The state as the log has it now; raises LogUnavailable, LogUnreadable or SnapshotAhead."""
    nothing = Folded(initial(stream.aggregate))
    beginning = await log.read_stream(stream.stream_id, limit=short)
    if len(beginning) < short:
        return _onto(nothing, beginning)
    folded = await _from_snapshot(log, stream) or _onto(nothing, beginning)
    while True:
        page = await log.read_stream(stream.stream_id, after=folded.version, limit=_PAGE)
        folded = _onto(folded, page)
        if len(page) < _PAGE:
            return folded


async def caught_up(
    log: EventLog, stream: StreamRef, version: int, state: State
) -> tuple[int, State]:
    """Version and state after the events behind a state that the log had; raises as fold()."""
    while True:
        page = await log.read_stream(stream.stream_id, after=version, limit=_PAGE)
        for recorded in page:
            state = evolve(state, decode_recorded(recorded))
            version = recorded.version
        if len(page) < _PAGE:
            return version, state


async def _from_snapshot(log: EventLog, stream: StreamRef) -> Folded | None:
    nothing = initial(stream.aggregate)
    snapshot = await log.read_snapshot(stream.stream_id, shape_of(nothing))
    if snapshot is None:
        return None
    state = restored(snapshot, type(nothing))
    if state is None:
        return None
    found = await log.read_stream(stream.stream_id, after=snapshot.version - 1, limit=1)
    last = found[0] if found else None
    require_in_log(snapshot, last)
    return Folded(state, last)


def _onto(folded: Folded, events: Sequence[RecordedEvent]) -> Folded:
    state, last = folded
    for last in events:
        state = evolve(state, decode_recorded(last))
    return Folded(state, last)
