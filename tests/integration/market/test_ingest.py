"""The replay as it runs: the recording through the real decoder and book into real Kafka."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from adapters.clock import SystemClock
from adapters.embedded.kafka import EmbeddedKafka
from adapters.kafka.admin import BrokerError
from adapters.kafka.follower import TopicFollower
from adapters.kafka.partition import PARTITIONS, partition_of
from adapters.kafka.reader import Reader
from adapters.telemetry.status import RoleStatus
from domain.ids import InstrumentId
from projections.market import Book, MarketRecord, Quote, decode
from streams.ingest import IngestOptions, run_market_data
from streams.topics import MARKET, create_topics
from tests.support import servers
from tests.support.streams import until, wipe_topics

pytestmark = pytest.mark.asyncio
SYMBOLS = {f"BINANCE:{name}USDT" for name in ("SUSHI", "AKRO", "KEEP", "CTK")}


@asynccontextmanager
async def _replaying(brokers: str, speed: int) -> AsyncIterator[RoleStatus]:
    stop, status = asyncio.Event(), RoleStatus()
    run = run_market_data(IngestOptions(brokers, speed), SystemClock(), stop, status)
    task = asyncio.create_task(run)
    try:
        yield status
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


def _connections() -> float | None:
    labels = {"exchange": "binance", "connection_type": "replay", "status": "connected"}
    return REGISTRY.get_sample_value("patriot_websocket_connections_total", labels)


async def test_the_recording_arrives_in_order_over_repetitions(kafka_server: EmbeddedKafka) -> None:
    wipe_topics(kafka_server.brokers)
    reader = Reader(kafka_server.brokers, client_id="test")

    async def repeated() -> bool:
        with suppress(BrokerError):  # the topic was created a moment ago: no leader yet
            bounds = await reader.bounds(MARKET, range(PARTITIONS))
            return sum(bound.high for bound in bounds.values()) > 3_500
        return False

    async with _replaying(kafka_server.brokers, speed=100) as status:
        await until(lambda: _is_ready(status), "the replay to be ready")
        await until(repeated, "more than two repetitions")
        assert _connections() == 1
    assert _connections() == 0
    await _check(reader)
    await reader.close()


async def _check(reader: Reader) -> None:
    kinds: Counter[str] = Counter()
    last: dict[tuple[type[MarketRecord], InstrumentId], int] = defaultdict(int)
    for partition in range(PARTITIONS):
        for stored in await reader.last(MARKET, partition, 100_000):
            record = decode(stored.value)
            assert stored.partition == partition_of(record.instrument_id)
            assert stored.key == record.instrument_id.encode()
            assert record.time >= last[type(record), record.instrument_id]
            last[type(record), record.instrument_id] = record.time
            kinds[record.type] += 1
            if isinstance(record, Book):
                assert record.bids[0][0] < record.asks[0][0]
    assert {name for _, name in last} == SYMBOLS
    assert set(kinds) == {f"market.{kind}.v1" for kind in ("trade", "quote", "book", "candle")}
    assert max(last.values()) <= SystemClock().now()


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A broker that may be stopped."""
    with servers.kafka(tmp_path / "kafka") as broker:
        yield broker


async def test_readiness_follows_kafka_and_nothing_old_comes_afterwards(
    own_kafka: EmbeddedKafka,
) -> None:
    """What was not sent while the broker was away is worth nothing when it is back."""
    await create_topics(own_kafka.brokers, replication=1)
    quotes: list[Quote] = []

    def note(value: bytes) -> None:
        record = decode(value)
        if isinstance(record, Quote):
            quotes.append(record)

    async with _replaying(own_kafka.brokers, speed=10) as status:
        follower = TopicFollower(own_kafka.brokers, MARKET, note)
        follower.start()

        async def quoted() -> bool:
            return len(quotes) > 10

        await until(quoted, "quotes")
        await own_kafka.stop()
        await until(lambda: _is_unready(status), "the role to say that Kafka is away")
        assert status.unready.startswith("Kafka takes no market records: ")
        await own_kafka.start()
        back = SystemClock().now()
        quotes.clear()
        await until(lambda: _is_ready(status), "the role to be ready again")
        await until(quoted, "quotes again")
        await asyncio.to_thread(follower.stop)
    assert min(quote.time for quote in quotes) > back - 20_000_000


async def _is_ready(status: RoleStatus) -> bool:
    return status.ready


async def _is_unready(status: RoleStatus) -> bool:
    return not status.ready
