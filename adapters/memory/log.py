"""The event log in memory: same contract, same conformance suite, gone with the process."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    CommandRecord,
    Conflict,
    Duplicates,
    LogError,
    RecordedCommand,
    StoredSnapshot,
)


class MemoryEventLog:
    """Implements domain.ports.EventLog on lists and dictionaries."""

    def __init__(self, *, shard: int = 0) -> None:
        self._shard = shard
        self._events: list[RecordedEvent] = []
        self._streams: dict[StreamId, list[RecordedEvent]] = {}
        self._commands: dict[tuple[AccountId, CommandId], RecordedCommand] = {}
        self._grown = asyncio.Condition()
        self.snapshots: dict[tuple[StreamId, str], StoredSnapshot] = {}
        """By stream and shape; whoever keeps snapshots puts them here."""

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append all or nothing."""
        _refuse_contradictions(batch)
        keys = [(command.account_id, command.command_id) for command in batch.commands]
        known = [self._commands[key] for key in keys if key in self._commands]
        if known:
            return Duplicates(tuple(known))
        actual = {
            stream: len(self._streams.get(stream, ()))
            for stream, version in batch.expected.items()
            if len(self._streams.get(stream, ())) != version
        }
        if actual:
            return Conflict(actual)
        if len(set(keys)) != len(keys):
            raise LogError("the batch names a command twice")
        recorded = tuple(self._record(command) for command in batch.commands)
        async with self._grown:
            self._grown.notify_all()
        return Appended(recorded)

    async def find_commands(
        self, keys: Sequence[tuple[AccountId, CommandId]]
    ) -> Sequence[RecordedCommand]:
        """The recorded commands among these keys, in no particular order."""
        return [self._commands[key] for key in keys if key in self._commands]

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        """Events of one stream with a version above `after`, in order."""
        found = self._streams.get(stream_id, [])[after:]
        return found if limit is None else found[:limit]

    async def read_snapshot(self, stream_id: StreamId, shape: str) -> StoredSnapshot | None:
        """The state that was kept of a stream in this shape, unchecked, or None."""
        return self.snapshots.get((stream_id, shape))

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        """Events with a position above `after`, in order, at most `limit`."""
        return self._events[after : after + limit]

    async def head(self) -> LogPosition:
        """Position of the last event; number 0 while the log is empty."""
        return LogPosition(self._shard, len(self._events))

    async def tail(
        self, *, after: int = 0, limit: int = 1000
    ) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Batches of events above `after` for ever, waiting for new ones."""
        while True:
            async with self._grown:
                await self._grown.wait_for(lambda: len(self._events) > after)  # noqa: B023
            events = self._events[after : after + limit]
            after += len(events)
            yield events

    def _record(self, command: CommandRecord) -> RecordedCommand:
        first = len(self._events) + 1
        for event in command.events:
            recorded = RecordedEvent(
                LogPosition(self._shard, len(self._events) + 1),
                event.stream_id,
                event.version,
                event.type,
                event.account_id,
                event.payload,
                event.metadata,
            )
            self._events.append(recorded)
            self._streams.setdefault(event.stream_id, []).append(recorded)
        count = len(command.events)
        done = RecordedCommand(
            command.account_id,
            command.command_id,
            command.fingerprint,
            command.result,
            LogPosition(self._shard, first if count else 0),
            LogPosition(self._shard, first + count - 1 if count else 0),
        )
        self._commands[command.account_id, command.command_id] = done
        return done


def _refuse_contradictions(batch: Batch) -> None:
    """What log.append() refuses as well: a batch that no log could hold."""
    versions = dict(batch.expected)
    for command in batch.commands:
        for event in command.events:
            before = versions.get(event.stream_id)
            if before is None or event.version != before + 1:
                raise LogError(
                    f"the versions of stream {event.stream_id} do not follow what is expected of it"
                )
            versions[event.stream_id] = event.version
