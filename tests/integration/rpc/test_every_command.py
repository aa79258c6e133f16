"""Every command, whatever is wrong with it: a typed answer, nothing written, the next one served.

The commands come from the descriptors and their fields from tests/support/bad_values.py: a new one
without examples, or with a field that has no kind, fails here.
"""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2
from adapters.rpc.rules import RULES
from adapters.rpc.tokens import Grant, create_key, mint
from domain.reasons import Reason
from tests.support import rpc
from tests.support.bad_values import BAD, kind_of, leaves
from tests.support.rpc import COMMANDS, METHODS, Services
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

_COMMANDS: Final = sorted(
    method.name
    for module in COMMANDS
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
)
_IN_BATCHES: Final = "SubmitCommands"
"""The one call whose malformed commands are answered one by one, since it is a stream."""
_UNKNOWN_FIELD: Final = b"\xa2\x06\x03abc"
_NO_TEXT: Final = (b"\xed\xa0\x80", b"\xff", b"\xc0\x80")
"""A lone surrogate, a byte of no text, an overlong NUL: nothing of it is UTF-8."""

_OPTIONAL: Final = frozenset({"PlaceBracketRequest.stop", "PlaceBracketRequest.target"})
"""Messages that may be left out, one at a time."""
_OF_PARTS: Final = frozenset({"CancelAllOrders"})
"""Calls of which the log has no id: each of their parts has one of its own, derived from it."""


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        yield started


@pytest.mark.parametrize("name", _COMMANDS)
async def test_whatever_is_wrong_is_told_and_nothing_is_written(
    running: Services, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, cases = await running.written(), 0
    for what, request in _malformed(name):
        said = await _answer(running, name, request)
        assert said == (Reason.MALFORMED, grpc.StatusCode.INVALID_ARGUMENT), what
        cases += 1
    for what, metadata, code in _tokens(running):
        for request in rpc.examples()[name]:
            error = await running.refusal(name, request, metadata=metadata)
            assert error.code() is code, what
            cases += 1
    assert cases > 20, "a command has at least an id and an account, each wrong in many ways"
    assert await running.written() == before
    await _reused(running, name)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    limits = rpc.set_limits(account_id=OTHER_ACCOUNT)
    await running.call("SetLimits", limits, token=running.token(("*",)))


_GOVERNING: Final = [
    name
    for name in _COMMANDS
    if RULES[METHODS[name].path] & {"operator", "risk_manager"} and name not in _OF_PARTS
]


@pytest.mark.parametrize("name", _GOVERNING)
async def test_what_governs_others_leaves_a_line_for_audits(
    running: Services, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "adapters.rpc")
    action = "_".join(word.lower() for word in re.findall("[A-Z][a-z]*", name))
    for request in rpc.examples()[name]:
        caplog.clear()
        code, *_ = await _outcome(running, name, request, running.token(("*", ACCOUNT)))
        [said] = [r.getMessage() for r in caplog.records if getattr(r, "action", "") == action]
        assert said.startswith(f"{action} of "), said
        assert said.endswith(": done") is not isinstance(code, grpc.StatusCode), said


async def _reused(running: Services, name: str) -> None:
    """An answer is given again to the same command, and to no other one under its id."""
    token = running.token(("*", ACCOUNT))
    for request in rpc.examples()[name]:
        first = await _outcome(running, name, request, token)
        before = await running.written()
        assert await _outcome(running, name, request, token) == first
        if name in _OF_PARTS:
            continue
        for command in _identified(request):
            command.MergeFromString(_UNKNOWN_FIELD)
        found = await _answer(running, name, request)
        assert found == (Reason.COMMAND_ID_REUSED, grpc.StatusCode.ALREADY_EXISTS)
        assert await running.written() == before


async def _outcome(running: Services, name: str, request: Message, token: str) -> tuple[Any, ...]:
    """What was answered, whether it was done or refused."""
    try:
        return tuple(await running.call(name, request, token=token))
    except grpc.aio.AioRpcError as error:
        return error.code(), error.details(), rpc.trailing(error).get("patriot-refusal-bin")


async def _answer(
    running: Services, name: str, request: Message | bytes
) -> tuple[Reason, grpc.StatusCode]:
    """The reason and the status of a refusal, wherever the call carries it."""
    token = running.token(("*", ACCOUNT))
    try:
        answers = await running.call(name, request, token=token)
    except grpc.aio.AioRpcError as error:
        return _typed(error)
    refusals = [result.refusal for answer in answers for result in answer.results]
    reason = Reason(refusals[0].reason)
    assert all(each.reason == reason for each in refusals)
    of_reason = {
        Reason.MALFORMED: grpc.StatusCode.INVALID_ARGUMENT,
        Reason.COMMAND_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
    }
    return reason, of_reason[reason]


def _typed(error: grpc.aio.AioRpcError) -> tuple[Reason, grpc.StatusCode]:
    refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
    assert refusal.name == Reason(refusal.reason).name
    assert 10 < len(error.details() or "") < 300, "a sentence, and no echo of what was sent"
    return Reason(refusal.reason), error.code()


def _malformed(name: str) -> Iterator[tuple[str, Message | bytes]]:
    """Every example of a command with one thing wrong, in every way that is known."""
    for number in range(len(rpc.examples()[name])):
        yield from _wrong_values(name, number)
        yield from _left_out(name, number)
    fields = METHODS[name].request.DESCRIPTOR.fields
    if not all(field.is_repeated for field in fields):  # an empty batch asks for nothing
        yield "nothing at all", METHODS[name].request()
    if name != _IN_BATCHES:
        yield "no message", b"\xff\xff"


def _wrong_values(name: str, number: int) -> Iterator[tuple[str, Message | bytes]]:
    for place, (_, field) in enumerate(leaves(rpc.examples()[name][number])):
        where = f"{field.containing_type.name}.{field.name}"
        for bad in BAD[kind_of(field)]:
            request = rpc.examples()[name][number]
            leaf, _ = list(leaves(request))[place]
            _put(leaf, field, bad)
            yield f"{where} = {str(bad)[:40]!r}", request
        if field.type == FieldDescriptor.TYPE_STRING and name != _IN_BATCHES:
            for junk in _NO_TEXT:
                yield f"{where} = {junk!r}", _with_bytes(name, number, place, junk)


def _left_out(name: str, number: int) -> Iterator[tuple[str, Message]]:
    for place, (owner, field) in enumerate(_messages(rpc.examples()[name][number])):
        request = rpc.examples()[name][number]
        holder, _ = list(_messages(request))[place]
        if f"{owner.DESCRIPTOR.name}.{field.name}" in _OPTIONAL:
            continue
        holder.ClearField(field.name)
        yield f"no {owner.DESCRIPTOR.name}.{field.name}", request


def _put(leaf: Message, field: FieldDescriptor, value: Any) -> None:
    if field.is_repeated:
        getattr(leaf, field.name)[:] = [value]
    else:
        setattr(leaf, field.name, value)


def _with_bytes(name: str, number: int, place: int, junk: bytes) -> bytes:
    """A request with bytes in a text field that are no text; of the same length as a marker."""
    request = rpc.examples()[name][number]
    leaf, field = list(leaves(request))[place]
    marker = "q" * len(junk)
    _put(leaf, field, f"{marker}-{marker}")
    plain = request.SerializeToString()
    return plain.replace(f"{marker}-{marker}".encode(), junk + b"-" + junk)


def _messages(message: Message) -> Iterator[tuple[Message, Any]]:
    """Fields of a request that are one message each, and so can be left out."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None:
            continue
        if field.is_repeated:
            for item in getattr(message, field.name):
                yield from _messages(item)
        elif message.HasField(field.name):
            yield message, field
            yield from _messages(getattr(message, field.name))


def _identified(message: Message) -> Iterator[Message]:
    """The commands of a request: whatever has a command_id."""
    if "command_id" in message.DESCRIPTOR.fields_by_name:
        yield message
        return
    for field in message.DESCRIPTOR.fields:
        if field.is_repeated:
            for item in getattr(message, field.name):
                yield from _identified(item)
        elif field.message_type is not None and message.HasField(field.name):
            yield from _identified(getattr(message, field.name))


def _tokens(
    running: Services,
) -> Iterator[tuple[str, list[tuple[str, str | bytes]], grpc.StatusCode]]:
    unknown, denied = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED
    now = running.clock.now() // 1_000_000
    stranger = mint(create_key(), Grant("x", ("*",), rpc.EVERY_ROLE, 3_600), now=now)
    yield "no token", [], unknown
    for what, text, code in (
        ("an empty one", "", unknown),
        ("no token at all", "Bearer x.y.z", unknown),
        ("one that is over", f"Bearer {running.token(seconds=-60)}", unknown),
        ("one of a stranger", f"Bearer {stranger}", unknown),
        ("one without a role", f"Bearer {running.token(('*', ACCOUNT), ())}", denied),
        ("one of another account", f"Bearer {running.token((rpc.ORDER,))}", denied),
    ):
        yield what, [("authorization", text)], code
