"""A gRPC server with the limits that every service here has, and a stop that loses nothing.

Exception
└── CannotListen    the address is taken, or not this machine's: choose another
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from adapters.rpc.auth import Verifier
from adapters.rpc.guard import Guard
from adapters.rpc.revocation import RevocationList
from adapters.settings import SettingsError
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock

_logger: Final = logging.getLogger(__name__)
_CHECK_SECONDS: Final = 2.0
_ON_THEIR_WAY_SECONDS: Final = 0.3
_LAST_WORDS_SECONDS: Final = 1.0
"""For answers that were given to be sent; what is open longer watches the health alone."""
_CALLS_MAX: Final = 1_000
"""Calls of all clients at once; more are RESOURCE_EXHAUSTED before their message is read. Health
and reflection are not counted: a busy service is not a dead one."""
_MESSAGE_MAX: Final = 4 * 1024 * 1024
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _MESSAGE_MAX),
    ("grpc.max_send_message_length", _MESSAGE_MAX),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 200),
    # Of calls that nobody has looked at yet; beyond them gRPC answers some CANCELLED, and its own
    # bound is a thousand.
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 20_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 20_000),
    ("grpc.http2.max_ping_strikes", 3),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # What really bounds the wait for a peer that vanished: a minute unless it is set.
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.so_reuseport", 0),  # a second service on the same port is an error, not a lottery
]


class CannotListen(SettingsError):
    """The address is taken, or not this machine's."""


class RpcServer:
    """start() it, tell whether it is `serving`, stop() it."""

    def __init__(self, address: str, verifier: Verifier, *, reflect: bool) -> None:
        self._stopping = asyncio.Event()
        self._guard = Guard(verifier, self._stopping, _CALLS_MAX)
        self.server = grpc.aio.server(interceptors=[self._guard], options=_OPTIONS)
        self._address = address
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        self._reflect = reflect
        self.port = 0

    async def start(self, services: Iterable[str]) -> None:
        """Listen; raises CannotListen."""
        names = list(services)
        if self._reflect:
            known = (*names, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(known, self.server)
        try:
            self.port = self.server.add_insecure_port(self._address)
        except RuntimeError:
            raise CannotListen(
                f"{self._address} cannot be listened on: stop the program that does, or choose "
                "another port"
            ) from None
        await self.server.start()
        _logger.info("serving %s on %s", ", ".join(names), self._address)
        for name in ("", *names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace: float) -> None:
        """Turn new calls away, end the streams, let running calls end within `grace` seconds.

        Calls that are on their way when the signal comes are still taken. The server itself is
        stopped last: from then on it takes new calls of an old connection and leaves them without
        an answer, where the guard says at once that they should go elsewhere.
        """
        self._stopping.set()
        _logger.info("stopping: open calls have %.0f s to end", grace)
        await self._health.enter_graceful_shutdown()
        moment = min(_ON_THEIR_WAY_SECONDS, grace / 10)
        await asyncio.sleep(moment)
        try:
            await asyncio.wait_for(self._guard.last_call(), grace - moment)
        except TimeoutError:
            await self.server.stop(0)
        else:
            await self.server.stop(_LAST_WORDS_SECONDS)


def verifier(public_key: str, clock: Clock, revoked_tokens: str) -> Verifier:
    """What checks tokens; raises WrongKey or RevocationListMissing."""
    if not revoked_tokens:
        return Verifier(public_key, clock)
    return Verifier(public_key, clock, revoked=RevocationList(Path(revoked_tokens)))


async def watched(
    trouble: Callable[[], Awaitable[str]], status: RoleStatus, stop: asyncio.Event
) -> None:
    """Until told to stop, keep the role's readiness true to whether its stores answer."""
    while not stop.is_set():
        status.unready = await trouble()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _CHECK_SECONDS)
    status.unready = "stopping"


def service_names(*modules: Any) -> list[str]:
    """Full names of the services that the given protobuf modules describe."""
    return [
        service.full_name
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
    ]
