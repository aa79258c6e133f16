"""Servers that stop and come back: nothing is skipped, nothing is applied twice, nothing hangs."""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from adapters.clock import SystemClock
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import free_port
from adapters.postgres.log import PostgresEventLog
from projections.catalogue import PROJECTIONS
from streams.relay import Relay
from tests.support import servers
from tests.support.servers import Database, DatabaseServer
from tests.support.streams import Streams, until

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def own_postgres(server_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL that only this test stops."""
    folder = server_folder / f"own-postgres-{free_port()}"
    server = EmbeddedPostgres(servers.programs().postgres, folder, free_port(), servers.PASSWORD)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def own_kafka(server_folder: Path) -> AsyncIterator[EmbeddedKafka]:
    """A broker that only this test kills."""
    folder = server_folder / f"own-kafka-{free_port()}"
    broker = EmbeddedKafka(servers.programs(), folder, free_port(), free_port())
    await broker.start()
    yield broker
    await broker.stop()


async def test_read_model_database_killed_and_back(
    streams: Streams, own_postgres: EmbeddedPostgres
) -> None:
    database: Database = DatabaseServer(own_postgres.url("postgres")).create("readmodel")
    streams.read_dsn = database.url("patriot_project")
    streams.admin_read_dsn = database.admin_url
    streams.start("relay")
    worker = streams.start("projections")
    await streams.caught_up(await streams.trade(60))
    own_postgres.child.send(signal.SIGQUIT)  # immediate: sessions are cut, nothing is finished
    await own_postgres.child.wait()
    head = await streams.trade(120)

    async def told() -> bool:
        return "the read-model database" in worker.log.read_text()

    await until(told, "the worker to say what it waits for")
    await own_postgres.start()
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)
    assert worker.running


async def test_kafka_killed_and_back(streams: Streams, own_kafka: EmbeddedKafka) -> None:
    streams.bootstrap = own_kafka.brokers
    relay, worker = streams.start("relay"), streams.start("projections")
    await streams.caught_up(await streams.trade(60))
    own_kafka.child.send(signal.SIGKILL)
    await own_kafka.child.wait()
    head = await streams.trade(120)  # the log takes commands without Kafka
    await own_kafka.start()
    await streams.caught_up(head, seconds=120)
    await streams.assert_equal_to_replay(head)
    assert relay.running
    assert worker.running


async def test_log_database_restarted_under_the_relay(
    streams: Streams, own_postgres: EmbeddedPostgres
) -> None:
    database = DatabaseServer(own_postgres.url("postgres")).create("eventlog")
    streams.log_dsn = database.url("patriot_tail")
    streams.append_dsn = database.url("patriot_append")
    relay = streams.start("relay")
    streams.start("projections")
    await streams.caught_up(await streams.trade(60))
    own_postgres.child.send(signal.SIGQUIT)
    await own_postgres.child.wait()
    await own_postgres.start()
    head = await streams.trade(60)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)
    assert relay.running


async def test_positions_lost_under_a_running_worker_are_made_again(streams: Streams) -> None:
    streams.start("relay")
    worker = streams.start("projections")
    await streams.caught_up(await streams.trade(80))
    derived = {table.name for each in PROJECTIONS.values() for table in each.tables}
    async with await psycopg.AsyncConnection.connect(streams.admin_read_dsn) as connection:
        for table in ("projection_positions", *sorted(derived)):
            await connection.execute(
                sql.SQL("DELETE FROM {}").format(sql.Identifier("model", table))
            )
    head = await streams.trade(20)
    await streams.caught_up(head, seconds=90)
    await streams.assert_equal_to_replay(head)
    assert "reading partition" in worker.log.read_text()


async def test_an_older_log_under_a_newer_topic_stops_the_relay(
    streams: Streams, log_database: Database, own_postgres: EmbeddedPostgres
) -> None:
    first = streams.start("relay")
    streams.start("projections")
    await streams.caught_up(await streams.trade(60))
    await first.stop()
    older = DatabaseServer(own_postgres.url("postgres")).create("eventlog")
    restored = replace(
        streams,
        log_dsn=older.url("patriot_tail"),
        append_dsn=older.url("patriot_append"),
        children=[],
        workload=None,
    )
    await restored.trade(5)
    second = restored.start("relay")
    assert await second.wait(seconds=30) not in {0, None}
    assert "an older log was restored" in second.log.read_text()


async def test_two_relays_at_once_publish_without_a_hole(streams: Streams) -> None:
    """Should the lock fail us, readers see duplicates at most."""
    streams.start("projections")
    stop = asyncio.Event()
    logs = [PostgresEventLog(streams.log_dsn) for _ in range(2)]
    for log in logs:
        await log.open()
    relays = [
        asyncio.create_task(Relay(log, streams.bootstrap, SystemClock()).publish(stop))
        for log in logs
    ]
    for _ in range(4):
        head = await streams.trade(50)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)
    stop.set()
    await asyncio.gather(*relays)
    for log in logs:
        await log.close()
