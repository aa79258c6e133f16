"""Decide commands one after the other, each on what the ones before it left.

A batch sees its own changes, and those of the batch that is being committed before it (`below`),
before they are durable; nobody else does: answers go out and the cache is filled only after the
commit. A command whose decision breaks leaves nothing of itself in the batch.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from adapters.codec import encode, encode_metadata
from adapters.commands.aggregates import Aggregates, Versioned
from adapters.commands.answers import Submission, stored_result
from domain.decision import Change, StreamRef
from domain.dispatch import State, decide, evolve, further, names_more
from domain.envelope import Metadata, NewEvent
from domain.ids import StreamId
from domain.orders.commands import PlaceOrder
from domain.ports import Batch, CommandRecord
from domain.reasons import Reason, Rejected


@dataclass(slots=True)
class Decided:
    """A batch that grows by add(), and the states it will leave in memory."""

    below: Mapping[StreamId, Versioned] = field(default_factory=dict)
    """What the batch before this one will leave, if that is not known to be durable yet."""
    records: list[CommandRecord] = field(default_factory=list)
    expected: dict[StreamId, int] = field(default_factory=dict)
    states: dict[StreamId, Versioned] = field(default_factory=dict)

    @property
    def batch(self) -> Batch:
        """What the log is asked to append."""
        return Batch(tuple(self.records), self.expected)

    def knows(self, stream_id: StreamId) -> bool:
        """Whether the state of a stream is known without looking into the cache."""
        return stream_id in self.states or stream_id in self.below

    def further(self, submission: Submission, aggregates: Aggregates) -> tuple[StreamRef, ...]:
        """Streams that only the states of others name, as far as memory tells by now."""

        def state_of(ref: StreamRef) -> State:
            return self._known(ref, aggregates).state

        main = state_of(submission.streams[0])
        if not names_more(submission.command, main):
            return ()
        return further(submission.command, main, state_of)

    def _known(self, stream: StreamRef, aggregates: Aggregates) -> Versioned:
        stream_id = stream.stream_id
        return self.states.get(stream_id) or self.below.get(stream_id) or aggregates.current(stream)

    def add(self, submission: Submission, aggregates: Aggregates, at: int) -> None:
        """Decide one more command; reads only memory."""
        streams = submission.streams
        found: dict[StreamId, Versioned] = {}
        for stream in streams:
            stream_id = stream.stream_id
            found[stream_id] = (
                self.states.get(stream_id)
                or self.below.get(stream_id)
                or aggregates.current(stream)
            )
        if names_more(submission.command, found[streams[0].stream_id].state):
            streams = (*streams, *self.further(submission, aggregates))
            for stream in streams:
                found.setdefault(stream.stream_id, self._known(stream, aggregates))
        # By the streams: an order of the platform's own account names one stream twice.
        states = [found[stream.stream_id].state for stream in streams]
        decision = decide(submission.command, states, at)
        after = dict(found)
        events = _events(decision.changes, after, submission, at) if decision.changes else ()
        record = CommandRecord(
            submission.account_id,
            submission.command_id,
            submission.fingerprint,
            stored_result(
                _main_version(after[streams[0].stream_id], decision.rejected), decision.rejected
            ),
            events,
        )
        for stream_id, known in found.items():
            self.expected.setdefault(stream_id, known.version)
        self.states.update(after)
        self.records.append(record)


def streams_to_load(
    submission: Submission, existing: Collection[StreamId] = ()
) -> tuple[StreamRef, ...]:
    """Streams whose state must be known before deciding.

    A PlaceOrder's own stream is left out unless it is among those that turned out to exist.
    """
    streams = submission.streams
    if isinstance(submission.command, PlaceOrder) and streams[0].stream_id not in existing:
        return streams[1:]
    return streams


def _events(
    changes: tuple[Change, ...],
    states: dict[StreamId, Versioned],
    submission: Submission,
    at: int,
) -> tuple[NewEvent, ...]:
    """The changes as events; `states` moves on by them."""
    metadata = encode_metadata(
        Metadata(
            submission.command_id,
            submission.correlation_id,
            submission.command_id,
            submission.actor,
            at,
            submission.traceparent,
        )
    )
    events = []
    for (_, stream_id, account_id), event in changes:
        before = states[stream_id]
        version = before.version + 1
        states[stream_id] = Versioned(version, evolve(before.state, event))
        type_name, payload = encode(event)
        events.append(NewEvent(stream_id, version, type_name, account_id, payload, metadata))
    return tuple(events)


def _main_version(main: Versioned, rejected: Rejected | None) -> int:
    if rejected is not None and rejected.reason is Reason.ORDER_UNKNOWN:
        return 0  # somebody else's order must look like none at all
    return main.version
