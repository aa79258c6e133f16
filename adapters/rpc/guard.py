"""The one door of every RPC: form, token, role, deadline, and errors in words that help.

It stands around each handler, so no handler can forget it. A client's mistake never becomes
UNKNOWN or INTERNAL, and no stack trace leaves the house.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from adapters.commands.engine import Overloaded
from adapters.rpc.auth import Caller, PermissionDenied, Unauthenticated, Verifier
from adapters.rpc.rules import OPEN_TO_ALL, RULES
from adapters.rpc.translate import InvalidRequest
from adapters.telemetry import logs
from domain.ports import LogError

_logger: Final = logging.getLogger(__name__)
_DEADLINE_SECONDS: Final = 15.0
"""Of a unary call whose client set none; longer than the log is tried for."""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_caller: ContextVar[Caller] = ContextVar("caller")


def caller() -> Caller:
    """Who is calling; set by the guard before any handler runs."""
    return _caller.get()


class Guard(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in stubs alone
    """Wraps every handler of the server."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

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
        authorization = [
            value
            for key, value in handler_call_details.invocation_metadata
            if key == "authorization"
        ]
        door = _Door(self._verifier, method, authorization, handler)
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


class _Door:
    """One call's checks; requests arrive as bytes so that a bad form is our error to tell."""

    def __init__(
        self, verifier: Verifier, method: str, authorization: list[Any], handler: Any
    ) -> None:
        self._verifier = verifier
        self._method = method
        self._authorization = authorization
        self._parse = handler.request_deserializer
        self._request_streaming = handler.request_streaming

    def unary(
        self, inner: Callable[[Any, _Context], Awaitable[Any]]
    ) -> Callable[[bytes, _Context], Awaitable[Any]]:
        async def call(raw: bytes, context: _Context) -> Any:
            try:
                self._enter()
                remaining = context.time_remaining()
                limit = _DEADLINE_SECONDS if remaining is None else remaining
                async with asyncio.timeout(min(limit, _DEADLINE_SECONDS)):
                    return await inner(self._request(raw), context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:  # noqa: BLE001  (told in words below)
                await self._tell(error, context)

        return call

    def streaming(
        self, inner: Callable[[Any, _Context], AsyncIterator[Any]]
    ) -> Callable[[Any, _Context], AsyncIterator[Any]]:
        async def call(raw: Any, context: _Context) -> AsyncIterator[Any]:
            try:
                expires = self._enter().expires
                requests = self._requests(raw) if self._request_streaming else self._request(raw)
                async with asyncio.timeout(max(0.0, expires - time.time())):
                    async for answer in inner(requests, context):
                        yield answer
            except grpc.aio.AbortError:
                raise
            except TimeoutError:
                await self._tell(Unauthenticated("the token has expired"), context)
            except Exception as error:  # noqa: BLE001  (told in words below)
                await self._tell(error, context)

        return call

    def _enter(self) -> Caller:
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

    async def _requests(self, raw: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for message in raw:
            yield self._request(message)

    async def _tell(self, error: Exception, context: _Context) -> None:
        code, text = _meaning(error)
        if code is grpc.StatusCode.INTERNAL:
            _logger.error("%s broke", self._method, exc_info=error)
        elif code in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}:
            _logger.warning(
                "%s refused: %s",
                self._method,
                text,
                extra={"log_category": "audit", "action": "access_refused"},
            )
        metadata = ()
        if isinstance(error, Overloaded):
            metadata = (("retry-after-ms", str(int(error.retry_after * 1000))),)  # type: ignore[assignment]
        await context.abort(code, text, metadata)


def _meaning(error: Exception) -> tuple[grpc.StatusCode, str]:
    match error:
        case InvalidRequest():
            return grpc.StatusCode.INVALID_ARGUMENT, str(error)
        case Unauthenticated():
            return grpc.StatusCode.UNAUTHENTICATED, str(error)
        case PermissionDenied():
            return grpc.StatusCode.PERMISSION_DENIED, str(error)
        case Overloaded():
            return grpc.StatusCode.RESOURCE_EXHAUSTED, "too many commands wait: send it again"
        case LogError():
            return (
                grpc.StatusCode.UNAVAILABLE,
                "the log did not confirm: send the command again with the same command_id",
            )
        case TimeoutError():
            return (
                grpc.StatusCode.DEADLINE_EXCEEDED,
                "no answer in time: send the command again with the same command_id",
            )
        case _:
            return (
                grpc.StatusCode.INTERNAL,
                "something broke here; the log of the service says what",
            )
