"""The aggregates that were used last, in memory, at the version that the log had.

A cached state is never trusted for a commit: append() asserts every version that a decision read,
so a stale state costs one more round and never a wrong decision. What is dropped is folded again
from the log.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from adapters.commands.folding import fold
from domain.decision import StreamRef
from domain.dispatch import State, initial
from domain.ids import StreamId
from domain.ports import EventLog, LogError

_LOADS_AT_ONCE = 8


class Versioned(NamedTuple):
    """A state and the stream version it reflects; version 0 has no events."""

    version: int
    state: State


class Aggregates:
    """A bounded cache of folded streams; least recently used ones are dropped first."""

    def __init__(self, log: EventLog, *, capacity: int) -> None:
        self._log = log
        self._capacity = capacity
        self._cached: OrderedDict[StreamId, Versioned] = OrderedDict()

    async def load(self, streams: Collection[StreamRef]) -> None:
        """Fold from the log whatever of these is not in memory; raises a LogError."""
        missing = [stream for stream in streams if stream.stream_id not in self._cached]
        if not missing:
            return
        gate = asyncio.Semaphore(_LOADS_AT_ONCE)
        failures: list[LogError] = []

        async def load(stream: StreamRef) -> None:
            async with gate:
                if failures:
                    return
                try:
                    self._cached[stream.stream_id] = await self._fold(stream)
                except LogError as error:
                    # Not left to the group: callers know the log's errors, no groups of them.
                    failures.append(error)

        async with asyncio.TaskGroup() as tasks:
            for stream in missing:
                tasks.create_task(load(stream))
        if failures:
            raise failures[0]

    def current(self, stream: StreamRef) -> Versioned:
        """The state in memory, or the initial one of a stream that is taken to be new.

        Taking an unknown order to be new saves a round trip on every PlaceOrder; append() tells
        if that was wrong.
        """
        cached = self._cached.get(stream.stream_id)
        if cached is None:
            return Versioned(0, initial(stream.aggregate))
        self._cached.move_to_end(stream.stream_id)
        return cached

    def store(self, states: Iterable[tuple[StreamId, Versioned]]) -> None:
        """Keep what a commit made durable."""
        for stream_id, versioned in states:
            self._cached[stream_id] = versioned
            self._cached.move_to_end(stream_id)
        while len(self._cached) > self._capacity:
            self._cached.popitem(last=False)

    def forget(self, streams: Iterable[StreamId]) -> None:
        """Drop states that the log contradicted or may have passed."""
        for stream_id in streams:
            self._cached.pop(stream_id, None)

    def __len__(self) -> int:
        """How many aggregates are in memory."""
        return len(self._cached)

    async def _fold(self, stream: StreamRef) -> Versioned:
        folded = await fold(self._log, stream)
        return Versioned(folded.version, folded.state)
