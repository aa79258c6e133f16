"""The aggregates that were used last, in memory, at the version that the log had.

A cached state is never trusted for a commit: append() asserts every version that a decision read,
so an old state costs one more round and never a wrong decision. It is always what some beginning of
its stream left, for only durable events get here; so a state that the log has passed is brought up
to date by the events behind it, not folded from the first one: a contested account may have many.
What is dropped is folded again from the log.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from adapters.commands.folding import caught_up, fold
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
        self._passed: set[StreamId] = set()
        """Streams of the cache that the log has passed, or may have."""

    async def load(self, streams: Iterable[StreamRef]) -> Mapping[StreamId, Exception]:
        """Fold from the log whatever of these is not in memory or old; names what cannot be."""
        cached, passed = self._cached, self._passed
        missing = [
            stream
            for stream in streams
            if stream.stream_id not in cached or stream.stream_id in passed
        ]
        failed: dict[StreamId, Exception] = {}
        if not missing:
            return failed
        gate = asyncio.Semaphore(_LOADS_AT_ONCE)
        away: list[LogError] = []

        async def load(stream: StreamRef) -> None:
            async with gate:
                if away:
                    failed[stream.stream_id] = away[0]  # asking again would only take longer
                    return
                try:
                    self._cached[stream.stream_id] = await self._fold(stream)
                except Exception as error:  # noqa: BLE001  (told to those who need the stream)
                    failed[stream.stream_id] = error
                    if isinstance(error, LogError):
                        away.append(error)
                else:
                    self._passed.discard(stream.stream_id)

        async with asyncio.TaskGroup() as tasks:
            for stream in missing:
                tasks.create_task(load(stream))
        return failed

    async def fresh(self, stream: StreamRef) -> State:
        """The state that the log has now, for whoever asks without deciding; raises LogError."""
        self.doubt([stream.stream_id])
        for error in (await self.load([stream])).values():
            raise error
        return self.current(stream).state

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
            self._passed.discard(stream_id)
        while len(self._cached) > self._capacity:
            dropped, _ = self._cached.popitem(last=False)
            self._passed.discard(dropped)

    def doubt(self, streams: Iterable[StreamId]) -> None:
        """The log may have passed these states: read what is new before they are used again."""
        self._passed.update(stream for stream in streams if stream in self._cached)

    def contradicted(self, actual: Mapping[StreamId, int]) -> None:
        """The log has these versions; what is in memory is older, or of another log."""
        for stream_id, version in actual.items():
            cached = self._cached.get(stream_id)
            if cached is not None and cached.version > version:
                del self._cached[stream_id]
        self.doubt(actual)

    def __len__(self) -> int:
        """How many aggregates are in memory."""
        return len(self._cached)

    async def _fold(self, stream: StreamRef) -> Versioned:
        """Go on from what is in memory, if anything is."""
        cached = self._cached.get(stream.stream_id)
        if cached is not None:
            return Versioned(*await caught_up(self._log, stream, *cached))
        folded = await fold(self._log, stream)
        return Versioned(folded.version, folded.state)
