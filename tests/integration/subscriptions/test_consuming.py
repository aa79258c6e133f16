"""A named subscription delivers everything in order, at least once, to one consumer at a time."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc
import psycopg
import pytest
import pytest_asyncio

from adapters.proto.v1 import common_pb2, subscriptions_pb2_grpc
from adapters.proto.v1 import subscriptions_pb2 as pb
from adapters.rpc import serving as serving_module
from adapters.rpc import subscription_server
from tests.support.chaos_proxy import ChaosProxy
from tests.support.servers import Database
from tests.support.subscribing import FILLED, PLACED, Serving, serving
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def service(log_database: Database) -> AsyncIterator[Serving]:
    async with serving(log_database) as running:
        yield running


def _positions(seen: list[tuple[int, int]]) -> list[int]:
    return [position for position, _ in seen]


async def test_everything_comes_in_order_and_then_as_it_happens(service: Serving) -> None:
    await service.append(30)
    await service.create(window=1000)
    consumer = await service.let_in()
    await consumer.until(30)
    last = await service.append(5)
    assert _positions(await consumer.until(35)) == list(range(1, last + 1))
    await consumer.acknowledge(*range(1, last + 1))
    await consumer.settled(last)
    kept = await service.get()
    assert (kept.checkpoint.number, kept.head.number, kept.consumer_connected) == (last, last, True)
    await consumer.leave()


async def test_the_events_are_the_log_s_byte_for_byte(service: Serving) -> None:
    await service.append(2, payload=b'{"a":"\xc3\xa9"}')
    await service.create()
    consumer = await service.consume()
    messages = [await consumer.read(), await consumer.read()]
    found = [delivery.event for message in messages for delivery in message.deliveries]
    stored = await service.log.read_all()
    assert [(e.position.number, e.stream_id, e.version, e.type, e.payload) for e in found] == [
        (e.position.number, e.stream_id, e.version, e.type, e.payload) for e in stored
    ]


async def test_a_consumer_that_crashed_gets_what_it_had_not_acknowledged(service: Serving) -> None:
    await service.append(10)
    await service.create()
    consumer = await service.let_in()
    await consumer.until(10)
    await consumer.acknowledge(1, 2, 3)
    await consumer.acknowledge(7)
    await consumer.settled(3)
    consumer.call.cancel()
    again = await service.let_in()
    assert again.checkpoint == 3
    # 7 comes again as well: only what everything before is handled too is passed.
    assert await again.until(7) == [(position, 1) for position in range(4, 11)]


async def test_the_checkpoint_waits_for_the_first_that_is_open(service: Serving) -> None:
    await service.append(4)
    await service.create()
    consumer = await service.let_in()
    await consumer.until(4)
    await consumer.acknowledge(4, 2, 3)
    await consumer.acknowledge(1)
    await consumer.settled(4)
    await consumer.acknowledge(1, 4)
    await service.append(1)
    assert (await consumer.until(5))[-1] == (5, 1), "a repeated answer is no error"


async def test_one_consumer_at_a_time_and_the_second_is_told(service: Serving) -> None:
    await service.create()
    first = await service.let_in()
    second = await (await service.consume()).error()
    assert second.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "has a consumer already" in (second.details() or "")
    await service.append(1)
    assert await first.until(1) == [(1, 1)], "the first goes on"
    await first.leave()
    third = await service.let_in()
    assert await third.until(1) == [(1, 1)]


async def test_two_services_on_one_log_share_the_rule(
    service: Serving, log_database: Database
) -> None:
    await service.create()
    first = await service.let_in()
    async with serving(log_database, key=service.key) as other:
        refused = await (await other.consume()).error()
        assert refused.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert (await other.get()).consumer_connected
        first.call.cancel()
        taken_over = await other.let_in()
        await service.append(1)
        assert await taken_over.until(1) == [(1, 1)]


async def test_a_restart_of_the_service_loses_nothing(log_database: Database) -> None:
    numbers = itertools.count(1)
    async with serving(log_database, numbers=numbers) as before:
        await before.append(6)
        await before.create(max_attempts=5)
        consumer = await before.let_in()
        await consumer.until(6)
        await consumer.refuse(2)
        await consumer.acknowledge(1, 3)
        await consumer.until(7)
        stopping = asyncio.create_task(before.server.stop(5))
        assert (await consumer.error()).code() is grpc.StatusCode.UNAVAILABLE
        await stopping
        key = before.key
    async with serving(log_database, key=key, numbers=numbers) as after:
        await after.append(1)
        consumer = await after.let_in()
        # The first was acknowledged, the refusal of the second is remembered.
        assert await consumer.until(6) == [(2, 2), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1)]


async def test_a_lost_database_connection_ends_the_stream_and_loses_nothing(
    service: Serving, log_database: Database
) -> None:
    await service.append(3)
    await service.create()
    consumer = await service.let_in()
    await consumer.until(3)
    await consumer.acknowledge(1)
    await consumer.settled(1)
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename ~ 'patriot_(tail|subscribe)'"
        )
    assert (await consumer.error()).code() is grpc.StatusCode.UNAVAILABLE
    again = await service.let_in()
    assert await again.until(2) == [(2, 1), (3, 1)]
    await service.append(1)
    assert (await again.until(3))[-1] == (4, 1)


async def test_only_the_account_and_the_types_asked_for_are_delivered(service: Serving) -> None:
    await service.append(2, type_=FILLED)
    await service.append(2, type_=PLACED)
    await service.append(2, type_=FILLED, account=OTHER_ACCOUNT)
    await service.create("mine")
    await service.create("fills", event_types=[FILLED])
    await service.create("all-fills", account_id="", event_types=[FILLED])
    last = await service.append(1, type_=FILLED)
    for name, account, expected in (
        ("mine", ACCOUNT, [1, 2, 3, 4, 7]),
        ("fills", ACCOUNT, [1, 2, 7]),
        ("all-fills", "", [1, 2, 5, 6, 7]),
    ):
        consumer = await service.let_in(name, account=account)
        assert _positions(await consumer.until(len(expected))) == expected
        await consumer.acknowledge(*expected)
        await consumer.settled(last)


async def test_what_nobody_asked_for_moves_the_checkpoint_too(service: Serving) -> None:
    await service.create(event_types=[FILLED])
    consumer = await service.let_in()
    last = await service.append(1200, type_=PLACED)
    await consumer.settled(last)
    assert consumer.seen == []


async def test_the_window_holds_deliveries_back(service: Serving) -> None:
    await service.append(50)
    await service.create(window=4)
    consumer = await service.let_in()
    assert _positions(await consumer.until(4)) == [1, 2, 3, 4]
    for position in range(1, 47):
        await consumer.acknowledge(position)
        assert _positions(await consumer.until(position + 4))[-1] == position + 4
    await consumer.acknowledge(*range(47, 51))
    await consumer.settled(50)
    assert _positions(consumer.seen) == list(range(1, 51))


async def test_a_consumer_can_ask_for_a_smaller_window_and_not_for_a_larger(
    service: Serving,
) -> None:
    await service.append(20)
    await service.create(window=4)
    for asked, given in ((2, 2), (1000, 4)):
        consumer = await service.let_in(window=asked)
        await consumer.until(given)
        await consumer.acknowledge(consumer.seen[0][0])
        assert len(await consumer.until(given + 1)) == given + 1
        await consumer.leave()


async def test_silent_consumers_stall_nobody(service: Serving) -> None:
    await service.append(400)
    silent = []
    for number in range(12):
        await service.create(f"silent-{number}")
        silent.append(await service.let_in(f"silent-{number}"))
    await service.create("busy", window=1000)
    busy = await service.let_in("busy")
    await busy.until(400)
    await busy.acknowledge(*range(1, 401))
    await busy.settled(400)
    last = await service.append(1)
    assert (await busy.until(401))[-1] == (last, 1)
    for consumer in silent:
        assert len(await consumer.until(100)) == 100, "the window and not an event more"


async def test_a_consumer_that_does_not_read_stalls_nobody(service: Serving) -> None:
    for _ in range(10):
        await service.append(100, payload=b"x" * 20_000)
    await service.create("lazy", window=1000)
    await service.create("busy", window=1000)
    # The network's window is full long before the subscription's.
    lazy = await service.let_in("lazy")
    busy = await service.let_in("busy")
    await busy.until(1000)
    await busy.acknowledge(*range(1, 1001))
    await busy.settled(1000)
    last = await service.append(1)
    assert (await busy.until(1001))[-1] == (last, 1)
    assert (await service.get("lazy")).checkpoint.number == 0
    assert _positions(await lazy.until(1000)) == list(range(1, 1001))


async def test_a_consumer_whose_machine_vanished_is_given_up(
    log_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The service's own options, a tenth as patient; one that is missing would be a minute.
    impatient = [
        (name, value // 10 if name.endswith(("keepalive_time_ms", "timeout_ms")) else value)
        for name, value in serving_module._OPTIONS
    ]
    monkeypatch.setattr(serving_module, "_OPTIONS", impatient)
    async with serving(log_database) as service:
        await service.append(2)
        await service.create()
        proxy = ChaosProxy("127.0.0.1", service.server.port)
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{proxy.port}") as far:
                stub = subscriptions_pb2_grpc.SubscriptionsStub(far)  # type: ignore[no-untyped-call]
                vanished = await replace(service, stub=stub).let_in()
                await vanished.until(2)
                proxy.black_hole()
                # Nothing tells the service; it asks, and is not answered.
                assert await (await service.let_in()).until(2) == [(1, 1), (2, 1)]
        finally:
            proxy.close()


@pytest.mark.parametrize("bound", ["_CONSUMERS_MAX", "_OF_ACCOUNT_MAX"])
async def test_consumers_are_bounded(
    service: Serving, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(subscription_server, bound, 1)
    await service.create("one")
    await service.create("two")
    one = await service.let_in("one")
    refused = await (await service.consume("two")).error()
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await one.leave()
    await service.let_in("two")


@pytest.mark.parametrize("change", ["delete", "reset"])
async def test_a_consumer_is_told_when_its_subscription_changes(
    service: Serving, change: str
) -> None:
    await service.append(5)
    await service.create()
    consumer = await service.let_in()
    await consumer.until(5)
    if change == "delete":
        request = pb.SubscriptionRequest(account_id=ACCOUNT, name="billing")
        await service.stub.Delete(request, metadata=service.header())
    else:
        reset = pb.ResetSubscriptionRequest(
            account_id=ACCOUNT, name="billing", after=common_pb2.Position(number=3)
        )
        moved = await service.stub.Reset(reset, metadata=service.header())
        assert moved.checkpoint.number == 3
    # What it still acknowledges is not taken: it would move what was moved.
    await consumer.acknowledge(1)
    error = await consumer.error()
    assert (error.code(), "connect again" in (error.details() or "")) == (
        grpc.StatusCode.ABORTED,
        True,
    )
    if change == "delete":
        gone = await (await service.consume()).error()
        assert gone.code() is grpc.StatusCode.NOT_FOUND
    else:
        assert await (await service.let_in()).until(2) == [(4, 1), (5, 1)]


async def test_a_gap_in_the_log_stops_and_is_not_passed(
    service: Serving, log_database: Database
) -> None:
    await service.append(3)
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE log.events DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM log.events WHERE position = 2")
    await service.create()
    consumer = await service.consume()
    assert (await consumer.error()).code() is grpc.StatusCode.UNAVAILABLE
    assert (await service.get()).checkpoint.number == 0


async def test_a_log_that_ends_before_the_checkpoint_is_not_followed(
    service: Serving, log_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await service.append(3)
    await service.create()
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute("UPDATE subscriptions.named SET checkpoint = 9")
    consumer = await service.consume()
    assert (await consumer.error()).code() is grpc.StatusCode.UNAVAILABLE
    assert "was an older log restored?" in caplog.text
    assert consumer.seen == []
