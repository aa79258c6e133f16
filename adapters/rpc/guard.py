"""The one door of every RPC: form, token, role, deadline, and errors in words that help.

It stands around each handler, so no handler can forget it. A client's mistake never becomes
UNKNOWN or INTERNAL, and no stack trace leaves the house. Streams end when the token does, and when
the service stops.

    Exception
    ├── Stopping      the service goes down: connect again, to another one or a moment later
    ├── Exhausted     a bound of this service is reached: come back later
    └── Contended     nothing was decided: send the same commands again
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from adapters.commands.waiting import Expired, Overloaded
from adapters.postgres.tail import GapInLog
from adapters.proto.v1 import common_pb2
from adapters.rpc.auth import Caller, PermissionDenied, Unauthenticated, Verifier
from adapters.rpc.places import TURNED_AWAY, Places, call_later
from adapters.rpc.rules import OPEN_TO_ALL, RULES
from adapters.rpc.translate import InvalidRequest
from adapters.subscriptions.definition import (
    AlreadyDefined,
    ConsumerActive,
    NoSuchSubscription,
    Superseded,
    TooMany,
)
from adapters.subscriptions.state import NotDelivered
from adapters.telemetry import logs
from domain.ports import LogError, LogUnreadable, SnapshotAhead
from domain.reasons import Reason

_logger: Final = logging.getLogger(__name__)
_DEADLINE_SECONDS: Final = 5.0
"""Of a unary call whose client set none."""
_DEADLINE_MAX_SECONDS: Final = 15.0
"""Of any unary call; longer than the engine keeps trying a failing log."""
_RECHECK_SECONDS: Final = 5.0
"""How often a quiet stream's token is looked at again: it may have been revoked."""
_CONNECT_AGAIN: Final = "the service is stopping: connect again"

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_caller: ContextVar[Caller] = ContextVar("caller")
_END: Final = object()


class Stopping(Exception):
    """The service is going down."""


class Exhausted(Exception):
    """A bound of this service is reached."""


class Contended(Exception):
    """Other writers won every race."""


def caller() -> Caller:
    """Who is calling; set by the guard before any handler runs."""
    return _caller.get()


def time_left(context: _Context) -> float:
    """Seconds for a unary call: what the client asks for, within reason."""
    remaining: float | None = context.time_remaining()
    return _DEADLINE_SECONDS if remaining is None else min(remaining, _DEADLINE_MAX_SECONDS)


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in stubs alone
    """Wraps every handler of the server, for so many calls at once; `stopping` ends the streams."""

    def __init__(self, verifier: Verifier, stopping: asyncio.Event, most: int) -> None:
        self._verifier = verifier
        self._stopping = stopping
        self._open = _Open()
        self._places = Places(most)

    async def last_call(self) -> None:
        """Turn new calls away from now on; returns when none is open any more."""
        self._open.closed = True
        await self._open.none.wait()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """The handler with the guard around it; None stays None (UNIMPLEMENTED)."""
        handler: Any = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(OPEN_TO_ALL):
            return handler
        if not self._places.take():
            return TURNED_AWAY
        authorization = [
            value
            for key, value in handler_call_details.invocation_metadata
            if key == "authorization"
        ]
        door = _Door(self._verifier, self._stopping, self._open, method, authorization, handler)
        if handler.response_streaming:
            inner = handler.stream_stream or handler.unary_stream
            make = (
                grpc.stream_stream_rpc_method_handler
                if handler.request_streaming
                else grpc.unary_stream_rpc_method_handler
            )
            return make(door.streaming(inner), None, handler.response_serializer)
        return grpc.unary_unary_rpc_method_handler(
            door.unary(handler.unary_unary), None, handler.response_serializer
        )


class _Open:
    """Counts the calls that are open; `none` is set while there is none."""

    def __init__(self) -> None:
        self.closed = False
        self._count = 0
        self.none = asyncio.Event()
        self.none.set()

    def __enter__(self) -> None:
        self._count += 1
        self.none.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self.none.set()


class _Door:
    """One call's checks; requests arrive as bytes so that a bad form is our error to tell."""

    def __init__(
        self,
        verifier: Verifier,
        stopping: asyncio.Event,
        open_calls: "_Open",
        method: str,
        authorization: Sequence[str | bytes],
        handler: Any,
    ) -> None:
        self._verifier = verifier
        self._stopping = stopping
        self._open = open_calls
        self._method = method
        self._authorization = authorization
        self._parse = handler.request_deserializer
        self._request_streaming = handler.request_streaming

    def unary(
        self, inner: Callable[[Any, _Context], Awaitable[Any]]
    ) -> Callable[[bytes, _Context], Awaitable[Any]]:
        async def call(raw: bytes, context: _Context) -> Any:
            try:
                with self._open:
                    self._enter()
                    async with asyncio.timeout(time_left(context)):
                        return await inner(self._request(raw), context)
            except grpc.aio.AbortError as error:
                raw = b""
                _let_go(error)
                raise
            except Exception as error:  # noqa: BLE001  (told in words below)
                raw = b""
                await self._tell(error, context)

        return call

    def streaming(
        self, inner: Callable[[Any, _Context], AsyncGenerator[Any, None]]
    ) -> Callable[[Any, _Context], AsyncIterator[Any]]:
        async def call(raw: Any, context: _Context) -> AsyncIterator[Any]:
            try:
                with self._open:
                    who = self._enter()
                    streaming = self._request_streaming
                    requests = self._requests(raw) if streaming else self._request(raw)
                    async with aclosing(self._until_end(inner(requests, context), who)) as answers:
                        async for answer in answers:
                            yield answer
            except grpc.aio.AbortError as error:
                _let_go(error)
                raise
            except Exception as error:  # noqa: BLE001  (told in words below)
                await self._tell(error, context)

        return call

    def _enter(self) -> Caller:
        if self._open.closed:
            raise Stopping(_CONNECT_AGAIN)
        who = self._verifier.caller(self._authorization)
        roles = RULES.get(self._method)
        if roles is None:
            raise PermissionDenied("nobody may call this")
        who.require(roles)
        _caller.set(who)
        logs.user_id.set(who.subject)
        return who

    def _request(self, raw: bytes) -> Any:
        try:
            return self._parse(raw)
        except DecodeError:
            raise InvalidRequest("the request is not a message of this call") from None

    async def _until_end(
        self, answers: AsyncGenerator[Any, None], who: Caller
    ) -> AsyncGenerator[Any, None]:
        """The answers, until there are no more, the token ends or the service stops.

        A stream of commands is not cut when the service stops: no more are read, and those that
        were read are answered first.
        """
        cut = not self._request_streaming
        stopping = asyncio.ensure_future(self._stopping.wait())
        step: asyncio.Future[Any] | None = None
        try:
            while True:
                step = asyncio.ensure_future(_next(answers))
                waiting = {step, stopping} if cut else {step}
                while not step.done() and not (cut and stopping.done()):
                    left = min(self._verifier.remaining(who), _RECHECK_SECONDS)
                    await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if not step.done() or (answer := step.result()) is _END:
                    break
                yield answer
            if self._stopping.is_set():
                raise Stopping(_CONNECT_AGAIN)
        finally:
            stopping.cancel()
            if step is not None:
                await _ended(step)
            await answers.aclose()

    async def _requests(self, raw: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        received = aiter(raw)
        stopping = asyncio.ensure_future(self._stopping.wait())
        step: asyncio.Future[Any] | None = None
        try:
            while True:
                step = asyncio.ensure_future(_next(received))
                await asyncio.wait({step, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done() or (message := step.result()) is _END:
                    return
                yield self._request(message)
        finally:
            stopping.cancel()
            if step is not None:
                await _ended(step)

    async def _tell(self, error: Exception, context: _Context) -> None:
        code, text = _meaning(error)
        if code is grpc.StatusCode.INTERNAL:
            _logger.error("%s broke", self._method, exc_info=error)
        elif isinstance(error, tuple(_FOR_OPERATORS)):
            _logger.error("%s: %s", self._method, error)
        elif code in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}:
            _logger.warning(
                "%s refused: %s",
                self._method,
                text,
                extra={"log_category": "audit", "action": "access_refused"},
            )
        metadata: tuple[tuple[str, str | bytes], ...] = ()
        if isinstance(error, Overloaded):
            metadata = call_later(retry_after_ms(error))
        elif isinstance(error, InvalidRequest):
            metadata = (("patriot-refusal-bin", _malformed(text)),)
        _let_go(error)
        await context.abort(code, text, metadata)


def _malformed(text: str) -> bytes:
    """The same refusal that a batch has for one malformed command among others."""
    reason = Reason.MALFORMED
    refusal = common_pb2.Refusal(reason=int(reason), name=reason.name, detail=text)
    return refusal.SerializeToString()


def _let_go(error: BaseException) -> None:
    """Forget where an error came from, once that is logged: frames hold the request.

    gRPC keeps the error of an aborted call in a cycle with the call. A request of megabytes would
    stay with it until the collector comes round, and a few hundred of them fill the memory. Frames
    are not cleared instead: the engine's own, on their way to the next batch, may be among them.
    """
    left: BaseException | None = error
    while left is not None and left.__traceback__ is not None:
        left.__traceback__ = None
        left = left.__cause__ or left.__context__


async def _next(items: AsyncIterator[Any]) -> Any:
    return await anext(items, _END)


async def _ended(step: "asyncio.Future[Any]") -> None:
    """Cancel, and wait until it is over: a generator must not be left in the middle of a step."""
    step.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await step


def retry_after_ms(error: Overloaded) -> int:
    """When to send a command again that found no room."""
    return int(error.retry_after * 1000)


# Errors whose own text says what to do.
_TOLD: Final[tuple[tuple[type[Exception], grpc.StatusCode], ...]] = (
    (InvalidRequest, grpc.StatusCode.INVALID_ARGUMENT),
    (NotDelivered, grpc.StatusCode.INVALID_ARGUMENT),
    (Unauthenticated, grpc.StatusCode.UNAUTHENTICATED),
    (PermissionDenied, grpc.StatusCode.PERMISSION_DENIED),
    (Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (TooMany, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (Contended, grpc.StatusCode.ABORTED),
    (Superseded, grpc.StatusCode.ABORTED),
    (NoSuchSubscription, grpc.StatusCode.NOT_FOUND),
    (AlreadyDefined, grpc.StatusCode.ALREADY_EXISTS),
    (ConsumerActive, grpc.StatusCode.FAILED_PRECONDITION),
    (Stopping, grpc.StatusCode.UNAVAILABLE),
)


# What trying again does not mend; which event it is stands in the service's log, for the operator.
_FOR_OPERATORS: Final[dict[type[LogError], str]] = {
    LogUnreadable: (
        "the log holds an event that this service cannot read: an operator has to look, the log "
        "of the service says where; then try again with the same command_id"
    ),
    SnapshotAhead: (
        "a kept state is newer than the log, so an older log was restored: an operator has to say "
        "which one is right; then try again with the same command_id"
    ),
    GapInLog: (
        "events are missing from the log where this reader stands: an operator has to verify it; "
        "nothing was delivered beyond them"
    ),
}


def _meaning(error: Exception) -> tuple[grpc.StatusCode, str]:
    for kind, code in _TOLD:
        if isinstance(error, kind):
            return code, str(error)
    for failure, text in _FOR_OPERATORS.items():
        if isinstance(error, failure):
            return grpc.StatusCode.UNAVAILABLE, text
    match error:
        case Overloaded():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, "too many commands wait: send it again"
        case LogError():
            return (
                grpc.StatusCode.UNAVAILABLE,
                "the database does not answer: try again; a command with the same command_id",
            )
        case TimeoutError() | Expired():
            return (
                grpc.StatusCode.DEADLINE_EXCEEDED,
                "no answer in time: try again; a command with the same command_id",
            )
        case _:
            return (
                grpc.StatusCode.INTERNAL,
                "something broke here; the log of the service says what",
            )
