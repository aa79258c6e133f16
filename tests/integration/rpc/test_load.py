"""More than the service can take, clients that do not read, and an end in the middle of it all."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import psycopg
import pytest

from adapters.clock import SystemClock
from adapters.commands.engine import EngineOptions
from adapters.embedded.process import free_port
from adapters.proto.v1 import orders_pb2
from adapters.rpc import ordering
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from domain.reasons import Reason
from tests.support import rpc
from tests.support.held_log import HeldLog
from tests.support.rpc import METHODS
from tests.support.servers import Database
from tests.support.trading import OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

_IN_FLIGHT = 200


def _batch(*orders: orders_pb2.PlaceOrderRequest) -> orders_pb2.CommandBatch:
    return orders_pb2.CommandBatch(
        commands=[orders_pb2.OrderCommand(place=order) for order in orders]
    )


async def test_a_full_queue_tells_a_stream_when_to_come_back() -> None:
    log = HeldLog()
    async with rpc.services(log=log, engine_options=EngineOptions(queue_max=10)) as running:
        await rpc.prepare(running)
        log.gate.clear()
        first = asyncio.ensure_future(running.call("PlaceOrder", rpc.place()))
        async with asyncio.timeout(10):
            await log.held.wait()
        stream = running.open_stream(running.token())
        batch = _batch(*(rpc.place() for _ in range(30)))
        await stream.write(batch)
        log.gate.set()
        answer: Any = await stream.read()
        refusals = [result.refusal for result in answer.results]
        assert [refusal.reason for refusal in refusals] == [0] * 10 + [int(Reason.OVERLOADED)] * 20
        assert {refusal.retry_after_ms for refusal in refusals[10:]} == {200}
        again = _batch(*(entry.place for entry in batch.commands[10:20]))
        await stream.write(again)
        repeated: Any = await stream.read()
        assert [result.refusal.reason for result in repeated.results] == [0] * 10
        await first
        stream.cancel()


async def test_a_flooding_account_keeps_no_other_out() -> None:
    log = HeldLog()
    async with rpc.services(log=log, engine_options=EngineOptions(queue_max=50)) as running:
        await rpc.prepare(running)
        log.gate.clear()
        flood = running.open_stream(running.token())
        await flood.write(_batch(*(rpc.place() for _ in range(500))))
        async with asyncio.timeout(10):
            await log.held.wait()
        for _ in range(5):
            await flood.write(_batch(*(rpc.place() for _ in range(500))))
        others = [
            asyncio.ensure_future(
                running.call(
                    "PlaceOrder",
                    rpc.place(account_id=OTHER_ACCOUNT),
                    token=running.token((OTHER_ACCOUNT,)),
                )
            )
            for _ in range(10)
        ]
        log.gate.set()
        answers = await asyncio.gather(*others)
        assert all(not answer.HasField("refusal") for [answer] in answers)
        flood.cancel()


async def test_a_client_that_reads_no_results_keeps_nobody_waiting() -> None:
    async with rpc.services() as running:
        await rpc.prepare(running)
        lazy = running.open_stream(running.token())

        async def write() -> None:
            while True:
                await lazy.write(_batch(*(rpc.place() for _ in range(100))))

        writing = asyncio.create_task(write())
        try:
            for _ in range(20):
                order = rpc.place(account_id=OTHER_ACCOUNT)
                token = running.token((OTHER_ACCOUNT,))
                [answer] = await running.call("PlaceOrder", order, token=token)
                assert not answer.HasField("refusal")
        finally:
            writing.cancel()
            lazy.cancel()


async def test_batches_under_way_are_bounded_by_what_is_read() -> None:
    taken: list[int] = []

    async def requests() -> AsyncIterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    async def work(number: int) -> int:
        return number

    results = ordering.in_order(requests(), work)
    assert await anext(results) == 0
    for _ in range(1000):
        await asyncio.sleep(0)
    # One is being read, eight are under way, and the next one waits to join them.
    assert len(taken) <= 10
    assert [await anext(results) for _ in range(50)] == list(range(1, 51))
    await results.aclose()


async def test_a_stream_past_its_deadline_has_no_more_decided() -> None:
    log = HeldLog()
    async with rpc.services(log=log) as running:
        await rpc.prepare(running)
        log.gate.clear()
        first = rpc.place()
        held = asyncio.ensure_future(running.call("PlaceOrder", first))
        async with asyncio.timeout(10):
            await log.held.wait()
        # More than one batch, so that the rest of it waits for the commit that is held.
        late = [_batch(*(rpc.place() for _ in range(1000))) for _ in range(3)]
        stream = running.open(
            "SubmitCommands",
            late,
            [("authorization", f"Bearer {running.token()}")],
            timeout=1,
        )
        assert await stream.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        before = running.engine.depth
        running.clock.waited = 60  # past all doubt about whose clock is ahead
        log.gate.set()
        await held
        await running.call("PlaceOrder", rpc.place())
        events = await running.log.read_all(limit=100_000)
        placed = [event for event in events if event.type == "order.placed.v2"]
        # Two by single calls; of the stream what was decided in time, whole, and nothing else.
        assert len(placed) == 2 + 3000 - before
        assert before > 0


@asynccontextmanager
async def _process(database: Database, key: str, port: int) -> AsyncIterator[Any]:
    """The role as it runs in production, but for Kafka, which no order here needs."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONSAFEPATH": "1",
        "DATABASE_URL": database.url("patriot_append"),
        "KAFKA_BROKERS": "127.0.0.1:1",
        "JWT_PUBLIC_KEY": public_key(key),
        "PATRIOT_GRPC_PORT": str(port),
        "PATRIOT_HTTP_PORT": str(free_port()),
        "LOG_LEVEL": "WARNING",
        "PATRIOT_APPROVALS": "none",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "adapters.cli", "command-service", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_sigterm_with_200_in_flight_loses_nothing_that_was_acknowledged(
    log_database: Database,
) -> None:
    key, port, clock = create_key(), free_port(), SystemClock()
    token = mint(key, Grant("tester", ("*",), rpc.EVERY_ROLE, 600), now=clock.now() // 1_000_000)
    header = (("authorization", f"Bearer {token}"),)
    async with (
        _process(log_database, key, port) as process,
        _connection(port) as one,
        _connection(port) as other,
        await psycopg.AsyncConnection.connect(log_database.admin_url) as blocker,
    ):

        def call(name: str, request: Any, channel: grpc.aio.Channel = one) -> Any:
            method = METHODS[name]
            start: Any = channel.unary_unary(
                method.path, method.request.SerializeToString, method.response.FromString
            )
            return start(request, metadata=header, timeout=14, wait_for_ready=True)

        await call("ListInstrument", rpc.list_instrument())
        await call("SetLimits", rpc.set_limits())
        await blocker.execute("SELECT FROM log.head FOR UPDATE")
        orders = [rpc.place() for _ in range(_IN_FLIGHT)]
        half = _IN_FLIGHT // 2  # a connection has 200 calls at once, and there are others to come
        calls = [
            call("PlaceOrder", order, one if number < half else other)
            for number, order in enumerate(orders)
        ]
        await _waits_for_lock(log_database)
        for channel in (one, other):
            # Calls of a connection are taken in their order: once this one is refused, all are in.
            with pytest.raises(grpc.aio.AioRpcError):
                await call("PlaceOrder", orders_pb2.PlaceOrderRequest(), channel)
        process.send_signal(signal.SIGTERM)
        refused = await _refused(one, header)
        await blocker.rollback()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    assert refused is grpc.StatusCode.UNAVAILABLE
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    placed, admitted = _orders(log_database)
    assert placed == {order.order_id for order in orders}
    assert admitted == len(placed)


def _connection(port: int) -> grpc.aio.Channel:
    """A channel that shares its connection with no other."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options)


async def _waits_for_lock(database: Database) -> None:
    """Until the service's append waits for the lock that the test holds."""
    query = """SELECT count(*) FROM pg_stat_activity
                WHERE usename = 'patriot_append' AND wait_event_type = 'Lock'
                  AND datname = current_database()"""
    async with (
        asyncio.timeout(30),
        await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as connection,
    ):
        while (await (await connection.execute(query)).fetchone()) == (0,):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _refused(channel: grpc.aio.Channel, header: Any) -> grpc.StatusCode:
    """The status that new calls get once the service stops."""
    method = METHODS["PlaceOrder"]
    start: Any = channel.unary_unary(
        method.path, method.request.SerializeToString, method.response.FromString
    )
    async with asyncio.timeout(30):
        while True:
            probe = start(orders_pb2.PlaceOrderRequest(), metadata=header)
            code: grpc.StatusCode = await probe.code()
            if code is not grpc.StatusCode.INVALID_ARGUMENT:
                return code
            await asyncio.sleep(0.02)


def _orders(database: Database) -> tuple[set[str], int]:
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("SELECT type, stream_id::text FROM log.events").fetchall()
    placed = {stream for kind, stream in rows if kind == "order.placed.v2"}
    return placed, sum(kind == "risk.order_admitted.v2" for kind, _ in rows)
