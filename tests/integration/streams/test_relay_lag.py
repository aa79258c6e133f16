"""The active relay shows how far Kafka is behind the log, like every other follower."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from adapters.clock import SystemClock
from adapters.embedded.kafka import EmbeddedKafka
from adapters.postgres.log import PostgresEventLog
from adapters.telemetry.status import RoleStatus
from streams.relay_role import RelayOptions, run_relay
from tests.support.batches import batch, command, event
from tests.support.servers import Database
from tests.support.streams import wipe_topics

pytestmark = pytest.mark.asyncio


def _value(name: str) -> float | None:
    labels = {"kind": "relay", "account_id": "", "subscriber": "relay"}
    return REGISTRY.get_sample_value(f"patriot_subscriber_{name}", labels)


async def test_the_relay_shows_its_place(
    log_database: Database, kafka_server: EmbeddedKafka
) -> None:
    wipe_topics(kafka_server.brokers)
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    await log.append(batch(command("c", event("a", 1), event("a", 2), event("a", 3))))
    await log.close()
    stop = asyncio.Event()
    options = RelayOptions(log_database.url("patriot_tail"), kafka_server.brokers)
    relay = asyncio.create_task(run_relay(options, SystemClock(), stop, RoleStatus()))
    async with asyncio.timeout(60):
        while _value("position") != 3:
            assert not relay.done()
            await asyncio.sleep(0.05)
    assert (_value("lag"), _value("lag_seconds")) == (0, 0)
    stop.set()
    await relay
