"""Reading the log over gRPC, and how streams and calls end when a service stops."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from adapters.proto.v1 import common_pb2, log_pb2, orders_pb2
from adapters.rpc import query_server
from adapters.rpc.serving import CannotListen, RpcServer
from domain.ids import PLATFORM, instrument_stream, risk_stream
from tests.support import rpc
from tests.support.held_log import HeldLog
from tests.support.rpc import Services
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        yield started


def _auditor(running: Services) -> str:
    return running.token(("*",), ("auditor",))


def _header(token: str) -> list[tuple[str, str | bytes]]:
    return [("authorization", f"Bearer {token}")]


def _numbers(batches: list[Any]) -> list[int]:
    return [event.position.number for batch in batches for event in batch.events]


async def test_everything_is_read_byte_for_byte(running: Services) -> None:
    await running.call("PlaceOrder", rpc.place())
    batches = await running.call("ReadAll", log_pb2.ReadAllRequest(), token=_auditor(running))
    stored = await running.log.read_all()
    events = [event for batch in batches for event in batch.events]
    assert [(e.position.number, e.stream_id, e.version, e.type) for e in events] == [
        (e.position.number, e.stream_id, e.version, e.type) for e in stored
    ]
    assert [(e.payload, e.metadata) for e in events] == [(e.payload, e.metadata) for e in stored]


async def test_an_account_reads_its_own_events_alone(running: Services) -> None:
    await running.call("PlaceOrder", rpc.place())
    request = log_pb2.ReadAllRequest(account_id=ACCOUNT)
    batches = await running.call("ReadAll", request, token=running.token((ACCOUNT,), ("trader",)))
    owners = {event.account_id for batch in batches for event in batch.events}
    assert owners == {ACCOUNT}


async def test_long_reads_come_in_batches_below_the_size_of_a_message(running: Services) -> None:
    batch = orders_pb2.CommandBatch(
        commands=[orders_pb2.OrderCommand(place=rpc.place()) for _ in range(1000)]
    )
    await running.call("SubmitCommands", batch)
    after = common_pb2.Position(number=7)
    request = log_pb2.ReadAllRequest(after=after)
    batches = await running.call("ReadAll", request, token=_auditor(running))
    assert _numbers(batches) == list(range(8, await running.written() + 1))
    assert len(batches) > 2


async def test_a_stream_is_read_from_a_version_on(running: Services) -> None:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    await running.call("CancelOrder", rpc.cancel(order.order_id))
    request = log_pb2.ReadStreamRequest(account_id=ACCOUNT, stream_id=order.order_id)
    [batch] = await running.call("ReadStream", request)
    assert [event.type for event in batch.events] == [
        "order.placed.v2",
        "order.cancel_requested.v1",
    ]
    request.after_version = 1
    [batch] = await running.call("ReadStream", request)
    assert [event.version for event in batch.events] == [2]
    request.after_version = 2
    assert await running.call("ReadStream", request) == []


async def test_a_foreign_stream_cannot_be_told_from_an_unknown_one(running: Services) -> None:
    answers = []
    for stream, after in (
        (risk_stream(OTHER_ACCOUNT), 0),
        (risk_stream(OTHER_ACCOUNT), 1000),
        (rpc.fresh(), 0),
        (instrument_stream(SUSHI), 0),
    ):
        request = log_pb2.ReadStreamRequest(
            account_id=ACCOUNT, stream_id=stream, after_version=after
        )
        error = await running.refusal("ReadStream", request)
        answers.append((error.code(), error.details()))
    assert len(set(answers)) == 1
    assert answers[0][0] is grpc.StatusCode.PERMISSION_DENIED


async def test_the_platforms_streams_are_read_by_auditors(running: Services) -> None:
    request = log_pb2.ReadStreamRequest(account_id=PLATFORM, stream_id=instrument_stream(SUSHI))
    [batch] = await running.call("ReadStream", request, token=_auditor(running))
    assert [event.type for event in batch.events] == ["instrument.listed.v2"]


async def test_a_subscription_catches_up_and_follows(running: Services) -> None:
    stream = running.open(
        "Subscribe", [log_pb2.SubscribeRequest()], _header(_auditor(running)), timeout=None
    )
    seen: list[int] = []
    async with asyncio.timeout(10):
        while len(seen) < await running.written():
            seen += _numbers([await stream.read()])
        await running.call("PlaceOrder", rpc.place())
        while len(seen) < await running.written():
            seen += _numbers([await stream.read()])
    assert seen == list(range(1, await running.written() + 1))
    stream.cancel()


async def test_subscriptions_are_bounded(
    running: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_server, "_FOLLOWERS_MAX", 1)
    request = log_pb2.SubscribeRequest(account_id=ACCOUNT)
    first = running.open("Subscribe", [request], _header(running.token()), timeout=None)
    await first.read()
    error = await running.refusal("Subscribe", request)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    first.cancel()
    async with asyncio.timeout(20):
        while True:
            second = running.open("Subscribe", [request], _header(running.token()), timeout=None)
            try:
                await second.read()
                break
            except grpc.aio.AioRpcError:
                continue
    second.cancel()


async def test_a_reader_that_does_not_read_slows_nobody_else(running: Services) -> None:
    batch = orders_pb2.CommandBatch(
        commands=[orders_pb2.OrderCommand(place=rpc.place()) for _ in range(1000)]
    )
    await running.call("SubmitCommands", batch)
    request = log_pb2.SubscribeRequest(account_id=ACCOUNT)
    lazy = [
        running.open("Subscribe", [request], _header(running.token()), timeout=None)
        for _ in range(20)
    ]
    for stream in lazy:
        await stream.read()
    async with asyncio.timeout(10):
        for _ in range(20):
            await running.call("PlaceOrder", rpc.place())
        head = await running.written()
        reader = running.open("Subscribe", [request], _header(running.token()), timeout=None)
        while head not in _numbers([await reader.read()]):
            pass
    for stream in (*lazy, reader):
        stream.cancel()


async def _code(call: Any) -> grpc.StatusCode:
    async with asyncio.timeout(10):
        return await call.code()  # type: ignore[no-any-return]


async def test_a_stopping_service_ends_its_streams_at_once(running: Services) -> None:
    request = log_pb2.SubscribeRequest(account_id=ACCOUNT)
    stream = running.open("Subscribe", [request], _header(running.token()), timeout=None)
    await stream.read()
    async with asyncio.timeout(5):
        await running.queries.stop(60)
    assert await _code(stream) is grpc.StatusCode.UNAVAILABLE
    assert "connect again" in await stream.details()


async def test_commands_that_were_read_are_answered_before_the_service_ends() -> None:
    log = HeldLog()
    async with rpc.services(log=log) as running:
        await rpc.prepare(running)
        stream = running.open_stream(running.token())
        batch = orders_pb2.CommandBatch(commands=[orders_pb2.OrderCommand(place=rpc.place())])
        await stream.write(batch)
        await stream.read()
        log.gate.clear()
        await stream.write(batch)
        batch.commands[0].place.CopyFrom(rpc.place())
        await stream.write(batch)
        unary = asyncio.ensure_future(running.call("PlaceOrder", rpc.place()))
        async with asyncio.timeout(10):
            await log.held.wait()
            stopping = asyncio.ensure_future(running.commands.stop(60))
            repeated: Any = await stream.read()
            assert not repeated.results[0].HasField("refusal")
            log.gate.set()
            answer: Any = await stream.read()
            assert not answer.results[0].HasField("refusal")
            [placed] = await unary
            assert placed.position.number > 0
            await stopping
        assert await _code(stream) is grpc.StatusCode.UNAVAILABLE
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await running.call("PlaceOrder", rpc.place())
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_sender_that_hangs_up_leaves_nothing_half_done() -> None:
    log = HeldLog()
    async with rpc.services(log=log) as running:
        await rpc.prepare(running)
        before = await running.written()
        log.gate.clear()
        request = rpc.place()
        stream = running.open_stream(running.token())
        for _ in range(20):
            batch = orders_pb2.CommandBatch(
                commands=[orders_pb2.OrderCommand(place=rpc.place()) for _ in range(3)]
            )
            await stream.write(batch)
        unary = running.open("PlaceOrder", [request], _header(running.token()))
        async with asyncio.timeout(10):
            await log.held.wait()
        stream.cancel()
        unary.cancel()
        log.gate.set()
        [answer] = await running.call("PlaceOrder", request)
        assert not answer.HasField("refusal")
        events = await running.log.read_all(after=before)
        assert len({e.stream_id for e in events if e.type == "order.placed.v2"}) * 2 == len(events)


async def test_a_call_that_takes_too_long_says_so_and_the_command_can_be_sent_again() -> None:
    log = HeldLog()
    async with rpc.services(log=log) as running:
        await rpc.prepare(running)
        log.gate.clear()
        request = rpc.place()
        late = running.open("PlaceOrder", [request], _header(running.token()), timeout=0.3)
        assert await _code(late) is grpc.StatusCode.DEADLINE_EXCEEDED
        log.gate.set()
        [answer] = await running.call("PlaceOrder", request)
        assert not answer.HasField("refusal")


async def test_a_second_service_on_the_same_port_is_an_error(running: Services) -> None:
    taken = RpcServer(f"127.0.0.1:{running.commands.port}", None, reflect=False)  # type: ignore[arg-type]
    with pytest.raises(CannotListen):
        await taken.start([])
    await taken.stop(0)


async def test_health_needs_no_token(running: Services) -> None:
    check = running.channel("PlaceOrder").unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
    )
    answer: Any = await check(health_pb2.HealthCheckRequest(service="patriot.v1.OrderCommands"))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_shows_the_services_where_it_is_switched_on() -> None:
    async with rpc.services(reflection=True) as running:
        ask: Any = running.channel("PlaceOrder").stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = [answer async for answer in ask(iter([request]))]
    names = {service.name for service in answers[0].list_services_response.service}
    assert {"patriot.v1.OrderCommands", "patriot.v1.VenueReports"} <= names
