"""Health and metrics over HTTP, on a thread of its own so that a stuck event loop still answers.

GET /metrics (Prometheus), /health and /health/live (200 or 503: a restart is the cure),
/health/ready (200 or 503: it does no useful work now, a restart would not help).
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

from adapters.clock import SystemClock

_monotonic: Final = SystemClock().monotonic
_logger: Final = logging.getLogger(__name__)
_REQUEST_SECONDS: Final = 10
"""For a client to send its request; a silent one gives its thread back."""
_BEAT_SECONDS: Final = 0.5
_BLOCKED_SECONDS: Final = 2.0
_STUCK_SECONDS: Final = 30.0

Answer = Callable[[], str]
"""Gives a reason in words, or an empty text when all is well."""


@dataclass(slots=True)
class Health:
    """Whether a role lives and whether it works; reasons are words, empty is well."""

    dead: Answer = str
    unready: Answer = str
    _beat: float = field(default_factory=_monotonic)

    async def beat(self) -> None:
        """Run in the role's event loop: a loop that does not come round is noticed."""
        while True:
            self._beat = _monotonic()
            await asyncio.sleep(_BEAT_SECONDS)

    def why_dead(self) -> str:
        """Why a restart is the cure."""
        silent = _monotonic() - self._beat
        if silent > _STUCK_SECONDS:
            return f"the event loop has been blocked for {silent:.0f} s"
        return _told(self.dead)

    def why_unready(self) -> str:
        """Why no useful work is done now."""
        silent = _monotonic() - self._beat
        if silent > _BLOCKED_SECONDS:
            return f"the event loop has been blocked for {silent:.1f} s"
        return _told(self.unready) or self.why_dead()


def _told(answer: Answer) -> str:
    """The answer; one that breaks is a reason of its own, not a stack trace to whoever asks."""
    try:
        return answer()
    except Exception as error:
        _logger.exception("health cannot be told")
        return f"health cannot be told: {type(error).__name__}"


class HealthServer:
    """The HTTP server of one role; close() ends it."""

    def __init__(
        self, host: str, port: int, health: Health, registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._server = _Server((host, port), _handler(health, registry))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  (theirs)
        """A client that hangs up is no news."""
        _logger.debug("a request from %s broke: %r", client_address, sys.exception())


def _handler(health: Health, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_SECONDS
        server_version = "patriot"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._reply(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            elif self.path in {"/health", "/health/live"}:
                self._health(health.why_dead())
            elif self.path == "/health/ready":
                self._health(health.why_unready())
            else:
                self._reply(404, "text/plain", b"not here\n")

        def _health(self, reason: str) -> None:
            body = {"status": "unavailable", "reason": reason} if reason else {"status": "ok"}
            self._reply(503 if reason else 200, "application/json", orjson.dumps(body))

        def _reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Scrapes are not worth a line."""

    return Handler
