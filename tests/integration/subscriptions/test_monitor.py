"""What operators are shown: lags of every follower, parked events, and transactions left open."""

import asyncio
import logging
from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from adapters.clock import SystemClock
from adapters.postgres.lags import LagReader
from adapters.postgres.subscriptions import SubscriptionStore
from adapters.proto.v1 import subscriptions_pb2
from adapters.rpc import monitor
from adapters.rpc.monitor import Monitor
from adapters.rpc.query_server import read_pool
from domain.ports import LogUnavailable
from tests.support.servers import Database
from tests.support.subscribing import Serving, serving
from tests.support.trading import ACCOUNT

pytestmark = pytest.mark.asyncio

_BILLING = {"account_id": ACCOUNT, "subscriber": "billing"}


def _value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"patriot_{name}", labels)


@pytest_asyncio.fixture
async def service(log_database: Database) -> AsyncIterator[Serving]:
    async with serving(log_database) as running:
        yield running


@pytest_asyncio.fixture
async def watching(log_database: Database, plain_read_database: Database) -> AsyncIterator[Monitor]:
    lags = LagReader(log_database.url("patriot_tail"))
    pool = read_pool(plain_read_database.url("patriot_read"))
    store = SubscriptionStore(log_database.url("patriot_subscribe"))
    await pool.open()
    await store.open()
    yield Monitor(lags, pool, store, SystemClock())
    await store.close()
    await pool.close()
    await lags.close()


async def test_a_subscription_s_lag_is_shown_and_taken_away_with_it(
    service: Serving, watching: Monitor
) -> None:
    await service.append(3)
    await service.append(2)
    await service.create(max_attempts=1)
    await watching.look()
    assert _value("log_head_position") == 5
    shown = {"kind": "subscription", **_BILLING}
    assert (_value("subscriber_position", **shown), _value("subscriber_lag", **shown)) == (0, 5)
    waited = _value("subscriber_lag_seconds", **shown)
    assert waited is not None
    assert waited > 0
    assert _value("subscription_consumer_connected", **_BILLING) == 0
    consumer = await service.let_in()
    await consumer.until(5)
    await consumer.refuse(1)
    await consumer.acknowledge(2, 3, 4, 5)
    await consumer.settled(5)
    await watching.look()
    assert (_value("subscriber_lag", **shown), _value("subscriber_lag_seconds", **shown)) == (0, 0)
    assert _value("subscription_consumer_connected", **_BILLING) == 1
    assert _value("subscription_parked", **_BILLING) == 1
    await consumer.leave()
    request = subscriptions_pb2.SubscriptionRequest(account_id=ACCOUNT, name="billing")
    await service.stub.Delete(request, metadata=service.header())
    await watching.look()
    assert _value("subscriber_lag", **shown) is None
    assert _value("subscription_parked", **_BILLING) is None


async def test_a_projection_s_lag_is_shown(
    service: Serving, watching: Monitor, plain_read_database: Database
) -> None:
    await service.append(4)
    with psycopg.connect(plain_read_database.admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO model.projection_positions (projection, shard, partition, position) "
            "VALUES ('orders', 0, 0, 3), ('orders', 0, 1, 1)"
        )
    await watching.look()
    shown = {"kind": "projection", "account_id": "", "subscriber": "orders"}
    assert (_value("subscriber_position", **shown), _value("subscriber_lag", **shown)) == (1, 3)


async def test_what_cannot_be_read_is_not_left_standing(
    service: Serving, watching: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.append(1)
    await service.create()
    await watching.look()
    shown = {"kind": "subscription", **_BILLING}
    assert _value("subscriber_lag", **shown) == 1
    failed = asyncio.Event()

    async def away() -> None:
        failed.set()
        raise LogUnavailable("the log is away")

    monkeypatch.setattr(watching, "look", away)
    running = asyncio.create_task(watching.run())
    await failed.wait()
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert _value("subscriber_lag", **shown) is None


async def test_an_open_transaction_of_any_role_is_seen_and_told(
    watching: Monitor,
    log_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    await watching.look()
    assert _value("log_idle_transactions") == 0
    assert not caplog.records
    monkeypatch.setattr(monitor, "_OPEN_SECONDS", 0.0)
    with psycopg.connect(log_database.admin_url, application_name="forgetful") as left_open:
        left_open.execute("SELECT 1")
        pid = left_open.info.backend_pid
        await watching.look()
        await watching.look()
        assert _value("log_idle_transactions") == 1
        oldest = _value("log_oldest_transaction_seconds")
        assert oldest is not None
        assert oldest > 0
        [told] = [record.getMessage() for record in caplog.records]
        assert f"pg_terminate_backend({pid})" in told
        assert "postgres forgetful" in told
    await watching.look()
    assert _value("log_idle_transactions") == 0


async def test_a_server_that_cannot_show_other_sessions_is_told_once(
    watching: Monitor, log_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute("REVOKE pg_read_all_stats FROM patriot_owner")
        try:
            await watching.look()
            await watching.look()
        finally:
            admin.execute("GRANT pg_read_all_stats TO patriot_owner")
    told = [record.getMessage() for record in caplog.records]
    assert len([text for text in told if "GRANT pg_read_all_stats" in text]) == 1


async def test_ages_are_of_the_first_event_behind_a_position(
    service: Serving, log_database: Database
) -> None:
    lags = LagReader(log_database.url("patriot_tail"))
    assert (await lags.look([])).head == 0
    await service.append(2)
    await service.append(2)
    looked = await lags.look([0, 1, 2, 3, 4, 10])
    await lags.close()
    zero, one, two, three, four, beyond = looked.ages
    assert looked.head == 4
    assert zero == one > two == three > 0
    assert four == beyond == 0
