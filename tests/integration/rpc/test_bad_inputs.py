"""No malformed request gets an answer, an event or a fault of ours: every field of every RPC."""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any, Final

import grpc
import pytest
import pytest_asyncio
from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, log_pb2, orders_pb2, venues_pb2
from domain.reasons import Reason
from tests.support import rpc
from tests.support.bad_values import BAD, kind_of, leaves
from tests.support.rpc import METHODS, Services
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

_OF_DATABASES: Final = frozenset(
    {
        "ListOrders", "ListPositions", "GetRisk", "ListCash", "ListInstruments", "ListVenueKeys",
        "ListStrategies", "ListFollowers", "ListSignals", "ListStrategyProfit", "ListInvitations",
        "ListCopies",
        "ListHalts", "ListChanges", "ListLimitsHistory",
        "ListWiderLimits", "ListAllotments",
        "ListVirtualPositions",
    }
) | {
    method.name
    for method in METHODS.values()
    if method.path.startswith("/patriot.v1.Subscriptions")
}  # fmt: skip


def _cases() -> Iterator[tuple[str, int, str]]:
    for name, requests in rpc.examples().items():
        for number, request in enumerate(requests):
            for message, field in leaves(request):
                yield name, number, f"{message.DESCRIPTOR.name}.{field.name}"


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        yield started


async def test_the_examples_hold_every_field_of_every_request() -> None:
    assert rpc.examples().keys() == METHODS.keys()

    def messages(descriptor: Any) -> Iterator[str]:
        yield descriptor.name
        for field in descriptor.fields:
            if field.message_type is not None:
                yield from messages(field.message_type)

    for name, requests in rpc.examples().items():
        seen = {name for _, _, path in _cases() for name in [path.split(".", maxsplit=1)[0]]}
        empty = {
            "Cancellation",
            "NotFound",
            "CommandBatch",
            "OrderCommand",
            "ReportBatch",
            "AccountReportBatch",
        }
        assert set(messages(METHODS[name].request.DESCRIPTOR)) <= seen | empty
        assert requests


@pytest.mark.parametrize(("name", "number", "path"), sorted(set(_cases())))
async def test_a_bad_value_is_refused_by_the_name_of_its_field(
    running: Services, name: str, number: int, path: str
) -> None:
    request = rpc.examples()[name][number]
    leaf, field = next(
        (message, field)
        for message, field in leaves(request)
        if f"{message.DESCRIPTOR.name}.{field.name}" == path
    )
    token = running.token((ACCOUNT, "*"))
    for bad in BAD[kind_of(field)]:
        if field.is_repeated:
            getattr(leaf, field.name)[:] = [bad]
        else:
            setattr(leaf, field.name, bad)
        if name == "SubmitCommands":
            [answer] = await running.call(name, request)
            refusal = answer.results[0].refusal
            assert (refusal.reason, field.name in refusal.detail) == (Reason.MALFORMED, True), bad
            continue
        error = await running.refusal(name, request, token=token)
        said = (error.code(), field.name in (error.details() or ""))
        assert said == (grpc.StatusCode.INVALID_ARGUMENT, True), (bad, error.details())
        assert len(error.details() or "") < 300
    assert await running.written() == 0


@pytest.mark.parametrize("name", ["RecordReports", "SubmitCommands"])
async def test_a_choice_that_was_not_made_is_refused(running: Services, name: str) -> None:
    requests: Mapping[str, Message] = {
        "RecordReports": venues_pb2.ReportBatch(
            reports=[
                venues_pb2.Report(
                    command_id=rpc.fresh(),
                    account_id=ACCOUNT,
                    order_id=rpc.ORDER,
                    instrument=SUSHI,
                    venue_time=TIME,
                )
            ]
        ),
        "SubmitCommands": orders_pb2.CommandBatch(commands=[orders_pb2.OrderCommand()]),
    }
    if name == "SubmitCommands":
        [answer] = await running.call(name, requests[name])
        assert answer.results[0].refusal.reason == Reason.MALFORMED
        return
    error = await running.refusal(name, requests[name])
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_text_that_is_no_utf_8_is_refused(running: Services) -> None:
    marker = "q" * 8
    raw = rpc.place(quantity=marker).SerializeToString()
    for junk in (b"\xff" * 8, b"\xed\xa0\x80" + b"1" * 5, b"1\xc0\x80" + b"1" * 5):
        error = await running.refusal("PlaceOrder", raw.replace(marker.encode(), junk))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("name", sorted(METHODS))
async def test_random_bytes_break_nothing(
    running: Services, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(name)
    call = partial(running.refusal, name)
    # The longest one: some requests say nothing and have no bytes to change.
    example = max((one.SerializeToString() for one in rpc.examples()[name]), key=len)
    allowed = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.PERMISSION_DENIED}
    for round_ in range(60):
        if round_ % 2:
            raw = chance.randbytes(chance.randrange(1, 200))
        else:
            changed = bytearray(example)
            for _ in range(3):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            raw = bytes(changed[: chance.randrange(1, len(changed))])
        try:
            if name == "Subscribe" and _parses(log_pb2.SubscribeRequest(), raw):
                continue  # a subscription that is well-formed by chance never ends
            error = await call(raw)
        except AssertionError:
            continue  # unknown fields and repeated batches are tolerated
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            assert name in _OF_DATABASES  # there is none here
            continue
        assert error.code() in allowed | {grpc.StatusCode.NOT_FOUND}, (raw, error.details())
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def _parses(message: Message, raw: bytes) -> bool:
    try:
        message.ParseFromString(raw)
    except Exception:  # noqa: BLE001  (whatever the library says of junk)
        return False
    return True


async def test_a_message_that_is_too_large_is_turned_away(running: Services) -> None:
    error = await running.refusal("PlaceOrder", b"\x0a" + b"\x00" * (4 * 1024 * 1024))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_gzip_bomb_is_turned_away(running: Services) -> None:
    channel = grpc.aio.insecure_channel(
        f"127.0.0.1:{running.port_of('PlaceOrder')}", compression=grpc.Compression.Gzip
    )
    async with channel:
        start = channel.unary_unary(METHODS["PlaceOrder"].path, bytes, bytes)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await start(
                b"\x0a" + b"\x00" * (64 * 1024 * 1024),
                metadata=(("authorization", f"Bearer {running.token()}"),),
                timeout=30,
            )
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_unknown_fields_are_tolerated_and_count_as_content(running: Services) -> None:
    await rpc.prepare(running)
    request = rpc.place()
    raw = request.SerializeToString()
    await running.call("PlaceOrder", raw + b"\xa2\x06\x03abc")
    error = await running.refusal("PlaceOrder", request)
    assert error.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_unknown_methods_are_unimplemented(running: Services) -> None:
    channel = running.channel("PlaceOrder")
    for path in (
        "/patriot.v1.OrderCommands/placeorder",
        "/patriot.v1.OrderCommands//PlaceOrder",
        "/patriot.v1.ordercommands/PlaceOrder",
        "/grpc.channelz.v1.Channelz/GetServers",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(path, bytes, bytes)(b"", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED, path


async def test_the_position_of_a_request_may_be_left_out(running: Services) -> None:
    request = log_pb2.ReadAllRequest(account_id=ACCOUNT, after=common_pb2.Position())
    assert await running.call("ReadAll", request) == []
