"""The relay: carries the log to Kafka, in order, without a hole, acknowledged.

1. One relay is active: the one that holds an advisory lock in the log's database (lease.py); the
   others stand by. Should two be active for a moment, readers see duplicates, never a hole.
2. The checkpoint is Kafka itself. The relay reads the last records of each partition and goes on
   after them; an empty partition (new, deleted, wiped) is published again from the start.
3. It follows the log, cuts records (packing.py) and sends them with an idempotent producer. Only
   what Kafka has acknowledged counts as published.
4. Whatever goes wrong (the producer fails, Kafka has lost records, the log is away), it drops the
   producer and goes back to 2.

    Exception
    └── RelayError
        └── TopicAheadOfLog   Kafka holds events that the log does not have: an older log was
                              restored. Delete the topic, after the log was checked.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.kafka.admin import BrokerError
from adapters.kafka.partition import PARTITIONS, partition_of
from adapters.kafka.producer import Producer
from adapters.kafka.reader import Reader
from adapters.telemetry.metrics import LOG_HEAD
from domain.envelope import RecordedEvent
from domain.ports import Clock, EventLog, LogError
from streams import metrics
from streams.lease import wait_or_stop
from streams.packing import Outgoing, Packer, contiguous_through
from streams.record import encode_record, record_headers, span_of
from streams.topics import EVENTS, create_topics

_logger: Final = logging.getLogger(__name__)

_LAST_RECORDS: Final = 200
"""How many records at a partition's end are checked to follow each other without a hole."""
_BATCHES_AHEAD: Final = 2


class RelayError(Exception):
    """The relay cannot go on."""


class TopicAheadOfLog(RelayError):
    """The topic holds events with positions that the log does not have."""


class _Wiped(Exception):
    """Kafka lost records that it had acknowledged: the topic was deleted or its disk was."""


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """Bounds and intervals; seconds unless the name says otherwise."""

    topic: str = EVENTS
    shard: int = 0
    replication: int = 1
    batch_events: int = 3_000
    in_flight_bytes_max: int = 32 * 1024 * 1024
    watermark_interval: float = 0.2
    check_interval: float = 2.0
    retry_pause: float = 0.5
    flush_patience: float = 5.0


@dataclass(slots=True)
class RelayState:
    """What health checks and metrics may know about a relay."""

    active: bool = False
    published: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    """For each partition the position up to which Kafka has acknowledged everything."""
    read: int = 0
    """Position up to which the log was read."""
    last_turn: float = 0.0
    """Monotonic time of the last sign of life."""
    error: str = ""


class Relay:
    """Publishes while it may; the caller holds the lock that lets only one do so."""

    def __init__(
        self, log: EventLog, bootstrap: str, clock: Clock, limits: RelayLimits | None = None
    ) -> None:
        self._log = log
        self._bootstrap = bootstrap
        self._clock = clock
        self._limits = limits or RelayLimits()
        self._offsets = [-1] * PARTITIONS
        self.state = RelayState()

    async def publish(self, stop: asyncio.Event) -> None:
        """Publish until told to stop; raises RelayError when only a person can help."""
        self.state.active = True
        metrics.RELAY_ACTIVE.set(1)
        try:
            while not stop.is_set():
                self.state.last_turn = self._clock.monotonic()
                try:
                    await self._until_trouble(stop)
                except (BrokerError, LogError, _Wiped) as trouble:
                    self.state.error = str(trouble)
                    _logger.warning("beginning again from what Kafka holds: %s", trouble)
                if not await wait_or_stop(stop, self._limits.retry_pause):
                    metrics.RELAY_RECREATED.inc()
        finally:
            self.state.active = False
            metrics.RELAY_ACTIVE.set(0)

    async def _until_trouble(self, stop: asyncio.Event) -> None:
        limits = self._limits
        await create_topics(self._bootstrap, replication=limits.replication)
        reader = Reader(self._bootstrap, client_id="patriot-relay-reader")
        producer = Producer(
            self._bootstrap,
            client_id="patriot-relay",
            in_flight_bytes_max=limits.in_flight_bytes_max,
        )
        try:
            packer = Packer(await self._resume(reader), partition_of)
            producer.start()
            await self._run(packer, producer, reader, stop)
        finally:
            await producer.close()
            await reader.close()

    async def _resume(self, reader: Reader) -> list[int]:
        """How far each partition is published, by what it really holds."""
        topic = self._limits.topic
        through = []
        for partition, bounds in (await reader.bounds(topic, range(PARTITIONS))).items():
            records = await reader.last(topic, partition, _LAST_RECORDS)
            whole = bounds.low == 0 and bounds.high <= _LAST_RECORDS
            spans = [span_of(record.headers) for record in records]
            through.append(contiguous_through(spans, from_start=whole))
            self._offsets[partition] = bounds.high - 1
        head = (await self._log.head()).number
        if max(through) > head:
            raise TopicAheadOfLog(
                f"topic {topic} holds events up to position {max(through)}, but the log ends at "
                f"{head}: an older log was restored. Check the log, then delete the topic"
            )
        self.state.published = list(through)
        _logger.info("publishing from log position %d (head %d)", min(through), head)
        return through

    async def _run(
        self, packer: Packer, producer: Producer, reader: Reader, stop: asyncio.Event
    ) -> None:
        sending = asyncio.Lock()
        batches: asyncio.Queue[Sequence[RecordedEvent]] = asyncio.Queue(_BATCHES_AHEAD)
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        tasks = [
            asyncio.create_task(self._read_ahead(packer.head, batches)),
            asyncio.create_task(self._carry(batches, packer, producer, sending, broken)),
            asyncio.create_task(self._watermarks(packer, producer, sending, broken)),
            asyncio.create_task(self._check(reader)),
            asyncio.create_task(self._observe()),
            asyncio.create_task(_waiting(broken)),
            asyncio.create_task(_stopped(stop)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
        if not await producer.flush(self._limits.flush_patience):
            _logger.warning("stopped before Kafka acknowledged everything; the rest comes again")
        self._show()

    async def _read_ahead(
        self, after: int, batches: "asyncio.Queue[Sequence[RecordedEvent]]"
    ) -> None:
        """Let the database read on while records are made and sent."""
        async for batch in self._log.tail(after=after, limit=self._limits.batch_events):
            await batches.put(batch)

    async def _carry(
        self,
        batches: "asyncio.Queue[Sequence[RecordedEvent]]",
        packer: Packer,
        producer: Producer,
        sending: asyncio.Lock,
        broken: "asyncio.Future[None]",
    ) -> None:
        """Carry the log over; the lock keeps records of a partition in the order they were cut."""
        while True:
            batch = await batches.get()
            async with sending:
                for record in packer.pack(batch):
                    await self._send(record, producer, broken)
            self.state.read = packer.head
            self.state.error = ""

    async def _watermarks(
        self,
        packer: Packer,
        producer: Producer,
        sending: asyncio.Lock,
        broken: "asyncio.Future[None]",
    ) -> None:
        """Tell silent partitions how far the log is."""
        while True:
            await asyncio.sleep(self._limits.watermark_interval)
            async with sending:
                for record in packer.watermarks():
                    await self._send(record, producer, broken)
            self.state.last_turn = self._clock.monotonic()

    async def _send(
        self, record: Outgoing, producer: Producer, broken: "asyncio.Future[None]"
    ) -> None:
        shard = self._limits.shard
        future = await producer.send(
            self._limits.topic,
            encode_record(shard, record.span, record.events),
            partition=record.partition,
            headers=record_headers(shard, record.span, record.events),
        )

        def acknowledged(offset: "asyncio.Future[int]") -> None:
            if offset.cancelled() or broken.done():
                return
            error = offset.exception()
            if error is not None:
                broken.set_exception(error)
            elif offset.result() <= self._offsets[record.partition]:
                broken.set_exception(_Wiped(f"topic {self._limits.topic} began anew"))
            else:
                self._offsets[record.partition] = offset.result()
                self.state.published[record.partition] = record.span.through
                metrics.RELAY_PUBLISHED.set(min(self.state.published))
                metrics.RELAY_RECORDS.inc()
                metrics.RELAY_EVENTS.inc(len(record.events))

        future.add_done_callback(acknowledged)

    async def _check(self, reader: Reader) -> None:
        """See that Kafka still has what it acknowledged; raises _Wiped."""
        while True:
            await asyncio.sleep(self._limits.check_interval)
            expected = list(self._offsets)
            bounds = await reader.bounds(self._limits.topic, range(PARTITIONS))
            for partition, offset in enumerate(expected):
                if bounds[partition].high <= offset:
                    raise _Wiped(
                        f"topic {self._limits.topic} ends at offset {bounds[partition].high} in "
                        f"partition {partition}, but {offset} was acknowledged"
                    )

    async def _observe(self) -> None:
        """Keep the metrics true, also while nothing moves."""
        while True:
            LOG_HEAD.set((await self._log.head()).number)
            self._show()
            await asyncio.sleep(1)

    def _show(self) -> None:
        published = min(self.state.published)
        metrics.RELAY_PUBLISHED.set(published)
        head = LOG_HEAD._value.get()  # noqa: SLF001 -- a gauge has no other way to be read
        metrics.RELAY_LAG.set(max(0, head - published))
        metrics.RELAY_HEARTBEAT.set(self._clock.now() / 1_000_000)


async def _waiting(future: "asyncio.Future[None]") -> None:
    await future


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()
