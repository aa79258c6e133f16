"""Consumers of patriot.events.v1 in one worker: what they share, and what surrounds them.

Records are read once for all agents of the worker, malformed ones are set aside once, and a
partition that an agent finds a hole in is delivered again from the right place.
"""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from faust.types import TP, AppT

from adapters.kafka.admin import BrokerError
from adapters.kafka.reader import Reader
from domain.ports import Clock
from streams.app import Event, headers_of, original_of
from streams.deadletter import DeadLetters
from streams.outcome import Surroundings
from streams.progress import Progress
from streams.reading import Incoming
from streams.record import MalformedRecord, decode_record, span_of
from streams.topics import EVENTS

_logger: Final = logging.getLogger(__name__)

_READ_MAX: Final = 128
_REWIND_INTERVAL: Final = 5.0


class Consumer(Protocol):
    """Something that applies records of the event log, and says how far it is."""

    progress: Progress

    async def apply(self, incoming: Sequence[Incoming]) -> None:
        """Apply what is new; returns when it is durable."""


@dataclass(slots=True)
class _Rewind:
    """The last time that a partition was to be delivered again."""

    at: float
    position: int
    """Of the log: what goes beyond it is wanted."""
    offset: int | None = None
    """Where that begins; None until it is known."""
    came: bool = False


class EventsConsumer:
    """Turns Faust's events into records for projectors, and seeks for them."""

    def __init__(self, app: AppT, reader: Reader, deadletters: DeadLetters, clock: Clock) -> None:
        self._app = app
        self._reader = reader
        self._deadletters = deadletters
        self._clock = clock
        self._read: OrderedDict[tuple[int, int], tuple[bytes, Incoming | None]] = OrderedDict()
        self._events: dict[tuple[int, int], Event] = {}
        self._rewinds: dict[int, _Rewind] = {}
        self.offsets: dict[int, int] = {}
        """For each partition the offset of the record that was handled last."""

    def surroundings(self) -> Surroundings:
        """What a projector may ask of this worker."""
        return Surroundings(self._clock, self.rewind, self._set_aside)

    async def feed(self, consumer: Consumer, events: Sequence[Event]) -> None:
        """Hand records to a consumer; returns when they are applied."""
        incoming = []
        progress = consumer.progress
        known = progress.positions
        for event in events:
            message = event.message
            span = span_of(headers_of(message))
            if span is not None and span.through <= known.get(message.partition, -1):
                # Delivered again after a rewind: nothing new in it, so it need not be read.
                progress.skip(span.through)
                continue
            record = await self._incoming(event)
            if record is not None:
                incoming.append(record)
        await consumer.apply(incoming)
        for event in events:
            partition, offset = event.message.partition, event.message.offset
            self.offsets[partition] = offset
            rewind = self._rewinds.get(partition)
            if rewind is not None and rewind.offset == offset:
                rewind.came = True
        progress.turn(self._clock)

    async def _incoming(self, event: Event) -> Incoming | None:
        message = event.message
        place = (message.partition, message.offset)
        value = message.value or b""
        known = self._read.get(place)
        # The same offset holds other bytes after the topic was made anew.
        if known is not None and known[0] is value:
            return known[1]
        incoming: Incoming | None = None
        try:
            incoming = Incoming(message.partition, message.offset, decode_record(value))
        except MalformedRecord as error:
            await self._deadletters.set_aside(original_of(message), "reader", str(error))
        self._read[place] = (value, incoming)
        self._events[place] = event
        while len(self._read) > _READ_MAX:
            old, _ = self._read.popitem(last=False)
            self._events.pop(old, None)
        return incoming

    async def _set_aside(self, incoming: Incoming, consumer: str, error: str) -> None:
        event = self._events.get((incoming.partition, incoming.offset))
        if event is not None:
            await self._deadletters.set_aside(original_of(event.message), consumer, error)

    async def rewind(self, partition: int, position: int) -> None:
        """Deliver a partition again, from the first record that goes beyond a log position."""
        last = self._rewinds.get(partition)
        if last is None or self._clock.monotonic() - last.at >= _REWIND_INTERVAL:
            await self._seek(partition, position)
        elif position < last.position:
            # What is on its way begins after this; insist() seeks once more.
            last.position, last.offset, last.came = position, None, False

    async def insist(self) -> None:
        """Seek again for what was asked for and did not come; call now and then.

        A seek can be lost: while Faust hands over a record, it remembers the record's offset only
        when it is done, and what comes again from before that offset is dropped without a word.
        """
        now = self._clock.monotonic()
        for partition, last in list(self._rewinds.items()):
            if not last.came and now - last.at >= _REWIND_INTERVAL:
                await self._seek(partition, last.position)

    async def _seek(self, partition: int, position: int) -> None:
        rewind = self._rewinds[partition] = _Rewind(self._clock.monotonic(), position)
        try:
            offset = await find_offset(self._reader, partition, position)
        except BrokerError as error:
            _logger.warning("partition %d is not read again yet: %s", partition, error)
            return
        target = TP(EVENTS, partition)
        consumer = self._app.consumer
        if target not in consumer.assignment():
            rewind.came = True  # for another worker, if at all
            return
        if rewind.position == position:  # nobody asked for more meanwhile
            rewind.offset = offset
        _logger.warning("reading partition %d again from offset %d", partition, offset)
        await consumer.seek_wait({target: offset})


async def find_offset(reader: Reader, partition: int, position: int) -> int:
    """Offset of the first record that goes beyond a position, by bisection; raises BrokerError.

    Records of a partition go on where the one before ended, but for repetitions after a restart of
    the relay; should the search end in such a place, the answer is the partition's beginning.
    """
    bounds = (await reader.bounds(EVENTS, [partition]))[partition]
    low, high = bounds.low, bounds.high
    while low < high:
        middle = (low + high) // 2
        span = span_of((await reader.record(EVENTS, partition, middle)).headers)
        if span is None:
            return bounds.low
        if span.through <= position:
            low = middle + 1
        else:
            high = middle
    if low < bounds.high:
        span = span_of((await reader.record(EVENTS, partition, low)).headers)
        if span is None or span.after > position:
            return bounds.low
    return low
