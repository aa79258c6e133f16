"""No malformed request gets an answer, an event or a fault of ours: every field of every RPC."""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any, Final

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, log_pb2, orders_pb2, venues_pb2
from domain.reasons import Reason
from tests.support import rpc
from tests.support.rpc import METHODS, Services
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

_HOSTILE: Final = (
    "a\x00b", "x\x1b[31m", "two\r\nlines", "\u202eright to left", "x" * 300, "\u200b", " ",
)  # fmt: skip
_UUIDS: Final = (
    "", "x", rpc.ORDER.upper(), "{" + rpc.ORDER + "}", rpc.ORDER + " ", rpc.ORDER[:-1],
    rpc.ORDER.replace("-", ""), rpc.ORDER[:-1] + "\u0430", "urn:uuid:" + rpc.ORDER, "x" * 1_000_000,
    "../../etc/passwd", "' OR 1=1 --", *_HOSTILE,
)  # fmt: skip
_NUMBERS: Final = (
    "-1", "-0", "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e-30", "1E2", "0x10", "1_000",
    "\u0661\u0662", " 1.5", "1.5\n", "1,5", ".5", "5.", "+1", "1.", "9" * 10_000, "1" * 19,
    "0." + "1" * 19, "\uff11", *_HOSTILE,
)  # fmt: skip
_SYMBOLS: Final = (
    "", "SUSHIUSDT", "binance:sushiusdt", "BINANCE:", ":SUSHIUSDT", "BINANCE:SUSHI USDT",
    "BINANCE:BTCUSDT'; DROP TABLE x--", "BINANCE:" + "A" * 10_000, "BINANCE:\U0001f363",
    "BINANCE:SUSHIUSDT\n", "BIN\u0410NCE:SUSHIUSDT", *_HOSTILE,
)  # fmt: skip
_UINT64_MAX: Final = 2**64 - 1

BAD: Final[Mapping[str, tuple[Any, ...]]] = {
    "uuid": _UUIDS,
    "optional uuid": tuple(value for value in _UUIDS if value),
    "order id": (*_UUIDS, "78aa6610-517c-5e8f-ac5f-3e636900dfa7"),
    "instrument": _SYMBOLS,
    "optional instrument": tuple(value for value in _SYMBOLS if value),
    "positive": ("", "0", "0.0", *_NUMBERS),
    "optional positive": ("0", *_NUMBERS),
    "not negative": ("", *_NUMBERS),
    "optional not negative": _NUMBERS,
    "optional signed": tuple(value for value in _NUMBERS if value != "-1"),
    "signed": ("", *(value for value in _NUMBERS if value != "-1")),
    "position side": (4, 99, -1, 2**31 - 1),
    "execution kind": (6, 99, -1, 2**31 - 1),
    "enum": (0, 3, 99, -1, 2**31 - 1),
    "role": (0, 6, 99, -1, 2**31 - 1),
    "one word": (0, 2, 3, 99, -1, 2**31 - 1),
    "text": ("", "x" * 1_000_000, *_HOSTILE),
    "email": (
        "",
        "ada",
        "@",
        "ada@",
        "@example.com",
        "a@b@c",
        "ada @example.com",
        "ada@exa mple.com",
        "a" * 65 + "@example.com",
        "ada@" + "x" * 10_000,
        "ada@example.com\r\nBcc: x@example.com",
        *_HOSTILE,
    ),
    "venue": ("", "binance", "BINANCE:", "BIN ANCE", "B" * 17, "BIN\u0410NCE", *_HOSTILE),
    "token": ("", "a b", "\u00e9", "x" * 65, *_HOSTILE),
    "currency": ("", "usdt", "U", "U" * 13, "US DT", "\u20ac", *_HOSTILE),
    "page token": ("x", "MS4=", "a" * 10_000, "!!!!", "\u20ac", "MS5hLjE="),
    "page size": (-1, 501, 2**31 - 1, -(2**31)),
    "count": (1_000_001, 2**32 - 1),
    "window": (3_600_000_001, _UINT64_MAX),
    "time": (0, 253_402_300_800_000_000, _UINT64_MAX),
    "shard": (1, 2**32 - 1),
    "position": (1_000_000, 2**63 - 1, 2**63, _UINT64_MAX),
    "version": (2**31, _UINT64_MAX),
    "any": (),
    "name": (
        "", "A", "-x", ".x", "_", "a" * 64, "a b", "a/b", "\u0430", "x" * 1_000_000, "a\n",
        "' OR 1=1 --", "../../etc/passwd",
        *(text for text in _HOSTILE if text != "x" * 300),
    ),
    "event types": ("", "order.filled", "order.filled.v99", "x" * 1_000_000, *_HOSTILE),
    "attempts": (101, 2**32 - 1),
    "window of events": (1001, 2**32 - 1),
    "delay": (60_001, 2**32 - 1),
    "place in the log": (0, 2**63, _UINT64_MAX),
    "any place": (2**63, _UINT64_MAX),
    "why": ("", "x" * 1001, "x" * 1_000_000, *(text for text in _HOSTILE if text != "x" * 300)),
}  # fmt: skip

_KINDS: Final[Mapping[str, str]] = {
    "command_id": "uuid",
    "account_id": "uuid",
    "stream_id": "uuid",
    "user_id": "uuid",
    "ListAccountsRequest.account_id": "optional uuid",
    "ListAccountsRequest.user_id": "optional uuid",
    "RegisterUserRequest.name": "text",
    "email": "email",
    "role": "role",
    "venue": "venue",
    "margin_mode": "enum",
    "position_mode": "one word",
    "order_id": "order id",
    "strategy_id": "optional uuid",
    "instrument": "instrument",
    "quantity": "positive",
    "price": "optional positive",
    "Fill.price": "positive",
    "tick": "positive",
    "step": "positive",
    "minimum_quantity": "positive",
    "maximum_quantity": "positive",
    "maximum_market_quantity": "positive",
    "minimum_notional": "not negative",
    "contract_size": "optional positive",
    "maker_fee": "optional signed",
    "taker_fee": "optional not negative",
    "up_to": "positive",
    "maximum_leverage": "positive",
    "maintenance_rate": "not negative",
    "deduction": "optional not negative",
    "ListInstrumentsRequest.instrument": "optional instrument",
    "order_quantity": "optional positive",
    "order_notional": "optional positive",
    "position_notional": "optional positive",
    "price_collar": "optional positive",
    "loss": "optional positive",
    "fee": "signed",
    "side": "enum",
    "type": "enum",
    "time_in_force": "enum",
    "liquidity": "enum",
    "position_side": "position side",
    "kind": "execution kind",
    "FundingPayment.quantity": "signed",
    "funding_id": "token",
    "rate": "signed",
    "mark_price": "positive",
    "payment": "signed",
    "balance": "signed",
    "reason": "text",
    "venue_order_id": "token",
    "execution_id": "token",
    "currency": "currency",
    "fee_currency": "currency",
    "page_token": "page token",
    "page_size": "page size",
    "open_orders": "count",
    "duplicate_window": "window",
    "venue_time": "time",
    "shard": "shard",
    "number": "position",
    "after_version": "version",
    "reduce_only": "any",
    "trading": "any",
    "open_only": "any",
    "name": "name",
    "event_types": "event types",
    "max_attempts": "attempts",
    "window": "window of events",
    "retry_delay_ms": "delay",
    "at_head": "any",
    "all": "any",
    "acknowledged": "place in the log",
    "RefusedEvent.position": "place in the log",
    "RefusedEvent.reason": "why",
    "positions": "place in the log",
    "after_position": "any place",
}
_OPTIONAL_ACCOUNT: Final = frozenset(
    {
        "HaltRequest", "ResumeRequest", "ReadAllRequest", "SubscribeRequest", "ConsumeRequest",
        "CreateSubscriptionRequest", "ListSubscriptionsRequest", "SubscriptionRequest",
        "ResetSubscriptionRequest", "ListParkedRequest", "ParkedRequest",
    }
)  # fmt: skip

_OF_DATABASES: Final = frozenset(
    {"ListOrders", "ListPositions", "GetRisk", "ListCash", "ListInstruments"}
) | {
    method.name
    for method in METHODS.values()
    if method.path.startswith("/patriot.v1.Subscriptions")
}


def _kind(field: FieldDescriptor) -> str:
    """Kind of a field; a new field without a row fails here."""
    assert field.containing_type is not None
    owner = field.containing_type.name
    if field.name == "account_id" and owner in _OPTIONAL_ACCOUNT:
        return "optional uuid"
    return _KINDS.get(f"{owner}.{field.name}") or _KINDS[field.name]


def _leaves(message: Message) -> Iterator[tuple[Message, Any]]:
    """Every field that is no message, of a request and of what it holds."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None:
            yield message, field
        elif field.is_repeated:
            for item in getattr(message, field.name):
                yield from _leaves(item)
        elif message.HasField(field.name):
            yield from _leaves(getattr(message, field.name))


def _cases() -> Iterator[tuple[str, int, str]]:
    for name, requests in rpc.examples().items():
        for number, request in enumerate(requests):
            for message, field in _leaves(request):
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
        for message, field in _leaves(request)
        if f"{message.DESCRIPTOR.name}.{field.name}" == path
    )
    token = running.token((ACCOUNT, "*"))
    for bad in BAD[_kind(field)]:
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
    example = rpc.examples()[name][0].SerializeToString()
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
