"""relay: events a second from the log to Kafka, acknowledged, beside a bare producer."""

import asyncio
import time
from typing import Final

import uvloop
from confluent_kafka import Producer

from adapters.clock import SystemClock
from adapters.kafka.partition import PARTITIONS
from adapters.kafka.reader import Reader, StoredRecord
from adapters.postgres.log import PostgresEventLog
from streams.relay import Relay
from streams.topics import EVENTS, create_topics
from tests.benchmarks.report import Row
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import DatabaseServer
from tests.support.streams import wipe_topics

_EVENTS_A_SECOND: Final = 30_000
"""How many events are put into the log for each second that the run shall take."""
_RUNS: Final = 3


def relay(seconds: int) -> Row:
    """The median of a few runs, each of the whole log into an empty topic."""
    events = _EVENTS_A_SECOND * seconds
    with (
        servers.session_folder() as folder,
        servers.postgres(folder / "postgres") as database,
        servers.kafka(folder / "kafka") as broker,
    ):
        ours, reference, conditions = uvloop.run(
            _measure(database.url("postgres"), broker.brokers, events)
        )
    return Row("relay", ours, reference, ours / reference, ">= 0.7", "events/s", conditions)


async def _measure(
    admin: str, bootstrap: str, events: int
) -> tuple[float, float, dict[str, object]]:
    made = DatabaseServer(admin).create("eventlog")
    writer = PostgresEventLog(made.url("patriot_append"))
    await writer.open()
    head = await fill(writer, events)
    await writer.close()
    log = PostgresEventLog(made.url("patriot_tail"))
    await log.open()
    ours, references = [], []
    for _ in range(_RUNS):
        await asyncio.to_thread(wipe_topics, bootstrap)
        ours.append(head / await _ours(log, bootstrap, head))
        records = await _published(bootstrap)
        await asyncio.to_thread(wipe_topics, bootstrap)
        await create_topics(bootstrap, replication=1)
        references.append(head / await asyncio.to_thread(_reference, bootstrap, records))
    await log.close()
    conditions = {
        "events": head,
        "records": len(records),
        "bytes": sum(len(record.value) for record in records),
        "runs": _RUNS,
        "acks": "all, idempotent, one broker on the same machine",
        "reference": "confluent-kafka producing the same records from memory, same settings",
    }
    return sorted(ours)[_RUNS // 2], sorted(references)[_RUNS // 2], conditions


async def _ours(log: PostgresEventLog, bootstrap: str, head: int) -> float:
    await create_topics(bootstrap, replication=1)
    stop = asyncio.Event()
    running = Relay(log, bootstrap, SystemClock())
    publishing = asyncio.create_task(running.publish(stop))
    while running.state.read == 0:  # noqa: ASYNC110  (a state to look at, not an event)
        await asyncio.sleep(0.001)
    started = time.perf_counter()
    while min(running.state.published) < head:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    elapsed = time.perf_counter() - started
    stop.set()
    await publishing
    return elapsed


async def _published(bootstrap: str) -> list[StoredRecord]:
    reader = Reader(bootstrap, client_id="bench")
    try:
        return await reader.everything(EVENTS, range(PARTITIONS))
    finally:
        await reader.close()


def _reference(bootstrap: str, records: list[StoredRecord]) -> float:
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 0,
            "message.max.bytes": 4_000_000,
            "queue.buffering.max.kbytes": 1_048_576,
        }
    )
    producer.list_topics(timeout=10)
    producer.produce(EVENTS, b"{}", partition=0)
    producer.flush()
    started = time.perf_counter()
    for record in records:
        producer.produce(
            EVENTS,
            record.value,
            partition=record.partition,
            headers=list(record.headers.items()),
        )
        producer.poll(0)
    producer.flush()
    return time.perf_counter() - started
