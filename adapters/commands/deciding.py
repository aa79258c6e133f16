"""Decide a batch of commands one after the other, each on what the ones before it left.

The batch sees its own changes before they are durable; nobody else does: answers go out and the
cache is filled only after the commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.codec import encode, encode_metadata
from adapters.commands.aggregates import Aggregates, Versioned
from adapters.commands.answers import Submission, stored_result
from domain.decision import StreamRef
from domain.dispatch import decide, evolve, streams_of
from domain.envelope import Metadata, NewEvent
from domain.ids import StreamId
from domain.orders.commands import PlaceOrder
from domain.ports import Batch, CommandRecord
from domain.reasons import Reason


@dataclass(slots=True)
class Decided:
    """A batch ready to append, and the states it will leave in memory."""

    records: list[CommandRecord] = field(default_factory=list)
    expected: dict[StreamId, int] = field(default_factory=dict)
    states: dict[StreamId, Versioned] = field(default_factory=dict)

    @property
    def batch(self) -> Batch:
        """What the log is asked to append."""
        return Batch(tuple(self.records), self.expected)


def streams_to_load(submissions: Sequence[Submission], *, known: bool) -> list[StreamRef]:
    """Streams whose state must be known before deciding.

    A PlaceOrder's own stream is left out unless `known` says that some order turned out to exist.
    """
    needed: dict[StreamId, StreamRef] = {}
    for submission in submissions:
        streams = streams_of(submission.command)
        if isinstance(submission.command, PlaceOrder) and not known:
            streams = streams[1:]
        for stream in streams:
            needed[stream.stream_id] = stream
    return list(needed.values())


def decide_all(
    submissions: Sequence[Submission], aggregates: Aggregates, now: Callable[[], int]
) -> Decided:
    """Decide every command in order; reads only memory."""
    decided = Decided()
    for submission in submissions:
        _decide_one(submission, decided, aggregates, now())
    return decided


def _decide_one(submission: Submission, decided: Decided, aggregates: Aggregates, at: int) -> None:
    streams = streams_of(submission.command)
    for stream in streams:
        if stream.stream_id not in decided.states:
            current = aggregates.current(stream)
            decided.states[stream.stream_id] = current
            decided.expected[stream.stream_id] = current.version
    states = {stream.stream_id: decided.states[stream.stream_id].state for stream in streams}
    decision = decide(submission.command, states, at)
    events: list[NewEvent] = []
    if decision.changes:
        metadata = encode_metadata(
            Metadata(
                command_id=submission.command_id,
                correlation_id=submission.correlation_id,
                causation_id=submission.command_id,
                actor=submission.actor,
                occurred_at=at,
                traceparent=submission.traceparent,
            )
        )
        for change in decision.changes:
            stream_id = change.stream.stream_id
            before = decided.states[stream_id]
            version = before.version + 1
            decided.states[stream_id] = Versioned(version, evolve(before.state, change.event))
            type_name, payload = encode(change.event)
            events.append(
                NewEvent(stream_id, version, type_name, change.stream.account_id, payload, metadata)
            )
    main_version = decided.states[streams[0].stream_id].version
    if decision.rejected is not None and decision.rejected.reason is Reason.ORDER_UNKNOWN:
        main_version = 0  # somebody else's order must look like none at all
    decided.records.append(
        CommandRecord(
            account_id=submission.account_id,
            command_id=submission.command_id,
            fingerprint=submission.fingerprint,
            result=stored_result(main_version, decision.rejected),
            events=tuple(events),
        )
    )
