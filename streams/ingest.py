"""The role market-data: recorded messages of a venue, decoded and kept like live ones, to Kafka.

The recording is played at any speed and over and over; times are shifted so that they are now and
never go back. Everything after the reading of the file is what a live feed needs too: the decoder,
order books by the venue's rule, bounded queues, records on the topic patriot.market.v1.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from prometheus_client import Counter, Gauge

from adapters.binance.book import OrderBook, Step
from adapters.binance.decode import DepthUpdate, decode, decode_snapshot
from adapters.binance.numbers import InvalidMessage
from adapters.binance.recording import Received, received
from adapters.kafka.admin import BrokerError
from adapters.kafka.partition import partition_of
from adapters.telemetry.status import RoleStatus
from domain.ids import InstrumentId
from domain.ports import Clock
from projections.market import Book, Candle, MarketRecord, encode
from streams.lease import wait_or_stop
from streams.topics import MARKET, create_topics

_logger: Final = logging.getLogger(__name__)

CONNECTIONS: Final = Gauge(
    "patriot_websocket_connections_total",
    "Connections to venues by state; a replay counts as one connection of type replay",
    ("exchange", "connection_type", "status"),
)
MESSAGES: Final = Counter(
    "patriot_market_messages", "Messages of venues that were understood", ("exchange", "type")
)
REFUSED: Final = Counter(
    "patriot_market_refused", "Messages of venues that were not understood", ("exchange",)
)
RESYNCS: Final = Counter(
    "patriot_market_resyncs", "Order books that lost an update and began anew", ("instrument",)
)

_DEPTH: Final = 20
_QUEUE_MAX: Final = 20_000
_FLUSH_SECONDS: Final = 5.0
_STALE_MILLISECONDS: Final = 10_000
"""What Kafka did not take by then is worth nothing any more and is dropped."""
_LOOP_PAUSE_SECONDS: Final = 0.1
"""Between the end of the recording and its next beginning."""
_MINUTE: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What the replay needs to know."""

    brokers: str
    speed: int = 1
    """1 is as recorded, 10 is ten times as fast."""


class Normaliser:
    """Raw messages to records; one book for each instrument; pure but for its counters."""

    def __init__(self) -> None:
        self._books: dict[InstrumentId, OrderBook] = {}

    def records(self, arrival: Received) -> Iterator[MarketRecord]:
        """The records that a message makes, if any."""
        try:
            if arrival.snapshot_of:
                snapshot = decode_snapshot(arrival.snapshot_of, arrival.raw)
                book = self._book(snapshot.instrument_id)
                yield from _changed(book, book.restart(snapshot))
                return
            message = decode(arrival.raw)
        except InvalidMessage as error:
            REFUSED.labels("binance").inc()
            _logger.warning("a message was not understood: %s", error)
            return
        MESSAGES.labels("binance", type(message).__name__).inc()
        if not isinstance(message, DepthUpdate):
            yield message
            return
        book = self._book(message.instrument_id)
        yield from _changed(book, book.apply(message))

    def _book(self, instrument_id: InstrumentId) -> OrderBook:
        book = self._books.get(instrument_id)
        if book is None:
            book = self._books[instrument_id] = OrderBook(instrument_id)
        return book


def _changed(book: OrderBook, step: Step) -> Iterator[Book]:
    """The book after a step, while it follows the venue."""
    if step is Step.RESYNC:
        RESYNCS.labels(book.instrument_id).inc()
        _logger.warning("%s lost an update; waiting for a snapshot", book.instrument_id)
    if book.ready:
        yield book.top(_DEPTH)


class _Publisher:
    """Records to Kafka, in order and never late: what cannot be sent in time is dropped."""

    def __init__(self, brokers: str, status: RoleStatus) -> None:
        self._status = status
        self._producer = Producer(
            {
                "bootstrap.servers": brokers,
                "linger.ms": 5,
                "compression.type": "none",
                "queue.buffering.max.messages": _QUEUE_MAX,
                "message.timeout.ms": _STALE_MILLISECONDS,
                # A retry must not overtake what was sent after it: readers take the latest.
                "max.in.flight.requests.per.connection": 1,
                "log_level": 0,
            }
        )

    def send(self, record: MarketRecord) -> None:
        """Hand a record over; when the queue is full the market goes on and this record is lost.

        A market record is replaced by the next one in moments; waiting would make all of them late.
        """
        try:
            self._producer.produce(
                MARKET,
                key=record.instrument_id.encode(),
                value=encode(record),
                partition=partition_of(record.instrument_id),
                on_delivery=self._delivered,
            )
        except (BufferError, KafkaException) as error:
            self._lost(str(error))

    def poll(self) -> None:
        """Let the answers in."""
        self._producer.poll(0)

    async def close(self) -> None:
        """Send what is left."""
        left = await asyncio.to_thread(self._producer.flush, _FLUSH_SECONDS)
        if left:
            _logger.warning("%d market records were not sent", left)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self._status.unready = ""
        else:
            self._lost(error.str())

    def _lost(self, reason: str) -> None:
        """Say it once for each outage: thousands of records are lost in one."""
        if not self._status.unready:
            _logger.warning("market records are dropped: %s", reason)
        self._status.unready = f"Kafka takes no market records: {reason}"


async def run_market_data(
    options: IngestOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus | None = None
) -> None:
    """Replay until told to stop."""
    status = status or RoleStatus()
    while not stop.is_set():
        try:
            await create_topics(options.brokers, replication=1)
            break
        except BrokerError as error:
            status.unready = f"Kafka: {error}"
            await wait_or_stop(stop, 1.0)
    publisher = _Publisher(options.brokers, status)
    connected = CONNECTIONS.labels("binance", "replay", "connected")
    try:
        connected.set(1)
        status.unready = ""
        while not stop.is_set():
            await _play(options, clock, stop, publisher)
    finally:
        connected.set(0)
        await publisher.close()


async def _play(
    options: IngestOptions, clock: Clock, stop: asyncio.Event, publisher: _Publisher
) -> None:
    """The recording once, from now on."""
    arrivals = list(received())
    first = arrivals[0].at
    started, began = clock.now(), clock.monotonic()
    normaliser = Normaliser()
    for arrival in arrivals:
        due = (arrival.at - first) / options.speed / 1e6
        # However late it is, the loop gets its turn, and with it a signal to stop.
        if await wait_or_stop(stop, max(0.0, began + due - clock.monotonic())):
            return
        for record in normaliser.records(arrival):
            publisher.send(_shifted(record, first, started, options.speed))
        publisher.poll()
    await wait_or_stop(stop, _LOOP_PAUSE_SECONDS / options.speed)


def _shifted(record: MarketRecord, first: int, started: int, speed: int) -> MarketRecord:
    """The record as if it happened now; order within the recording is kept."""
    time = started + max(0, record.time - first) // speed
    if isinstance(record, Candle):
        # Whole minutes, so that a candle still begins on one.
        shift = (started - first) // _MINUTE * _MINUTE
        return replace(record, time=time, open_time=record.open_time + shift)
    return replace(record, time=time)
