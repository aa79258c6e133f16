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

from confluent_kafka import KafkaException, Producer
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
from projections.market import Candle, MarketRecord, encode
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
                self._book(snapshot.instrument_id).restart(snapshot)
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
        if book.apply(message) is Step.RESYNC:
            RESYNCS.labels(message.instrument_id).inc()
            _logger.warning("%s lost an update; waiting for a snapshot", message.instrument_id)
        if book.ready:
            yield book.top(_DEPTH)

    def _book(self, instrument_id: InstrumentId) -> OrderBook:
        book = self._books.get(instrument_id)
        if book is None:
            book = self._books[instrument_id] = OrderBook(instrument_id)
        return book


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
    producer = Producer(
        {
            "bootstrap.servers": options.brokers,
            "linger.ms": 5,
            "compression.type": "none",
            "queue.buffering.max.messages": _QUEUE_MAX,
            "log_level": 0,
        }
    )
    connected = CONNECTIONS.labels("binance", "replay", "connected")
    try:
        while not stop.is_set():
            connected.set(1)
            status.unready = ""
            await _play(options, clock, stop, producer)
    finally:
        connected.set(0)
        await asyncio.to_thread(producer.flush, _FLUSH_SECONDS)


async def _play(
    options: IngestOptions, clock: Clock, stop: asyncio.Event, producer: Producer
) -> None:
    """The recording once, from now on."""
    arrivals = list(received())
    first = arrivals[0].at
    started, began = clock.now(), clock.monotonic()
    normaliser = Normaliser()
    for arrival in arrivals:
        due = (arrival.at - first) / options.speed / 1e6
        wait = began + due - clock.monotonic()
        if wait > 0 and await wait_or_stop(stop, wait):
            return
        for record in normaliser.records(arrival):
            _send(producer, _shifted(record, first, started, options.speed))
        producer.poll(0)
    await wait_or_stop(stop, _LOOP_PAUSE_SECONDS / options.speed)


def _shifted(record: MarketRecord, first: int, started: int, speed: int) -> MarketRecord:
    """The record as if it happened now; order within the recording is kept."""
    time = started + max(0, record.time - first) // speed
    if isinstance(record, Candle):
        # Whole minutes, so that a candle still begins on one.
        shift = (started - first) // _MINUTE * _MINUTE
        return replace(record, time=time, open_time=record.open_time + shift)
    return replace(record, time=time)


def _send(producer: Producer, record: MarketRecord) -> None:
    """Hand a record over; when the queue is full the market goes on and this record is lost.

    A market record is replaced by the next one in moments; waiting would make all of them late.
    """
    try:
        producer.produce(
            MARKET,
            key=record.instrument_id.encode(),
            value=encode(record),
            partition=partition_of(record.instrument_id),
        )
    except (BufferError, KafkaException) as error:
        _logger.warning("a market record was dropped: %s", error)
