"""Health and metrics answer by themselves, also when the event loop does not."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from prometheus_client import CollectorRegistry, Counter

from adapters.telemetry import http
from adapters.telemetry.http import Health, HealthServer


@contextmanager
def _server(health: Health) -> Iterator[HealthServer]:
    registry = CollectorRegistry()
    Counter("patriot_examples", "An example.", registry=registry).inc(3)
    server = HealthServer("127.0.0.1", 0, health, registry)
    try:
        yield server
    finally:
        server.close()


def _get(server: HealthServer, path: str, method: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_role_that_works_says_so() -> None:
    with _server(Health()) as server:
        for path in ("/health", "/health/live", "/health/ready"):
            assert _get(server, path) == (200, '{"status":"ok"}')
        status, text = _get(server, "/metrics")
        assert (status, "patriot_examples_total 3.0" in text) == (200, True)
        assert _get(server, "/etc/passwd")[0] == 404
        assert _get(server, "/metrics", "POST")[0] == 501


def test_the_reason_is_told_in_words() -> None:
    with _server(Health(unready=lambda: "the log does not answer")) as server:
        assert _get(server, "/health/live")[0] == 200
        status, text = _get(server, "/health/ready")
        assert (status, json.loads(text)["reason"]) == (503, "the log does not answer")
    with _server(Health(dead=lambda: "a thread ended")) as server:
        assert _get(server, "/health/live")[0] == 503
        assert _get(server, "/health/ready")[0] == 503


def test_health_that_cannot_be_told_is_no_health_and_no_stack_trace() -> None:
    def broken() -> str:
        raise ValueError("a secret")

    with _server(Health(unready=broken)) as server:
        status, text = _get(server, "/health/ready")
        assert status == 503
        assert "secret" not in text
        assert "Traceback" not in text


def test_a_blocked_event_loop_is_told_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BLOCKED_SECONDS", 0.2)
    monkeypatch.setattr(http, "_STUCK_SECONDS", 0.4)
    monkeypatch.setattr(http, "_BEAT_SECONDS", 0.01)
    health = Health()
    with _server(health) as server:

        async def role() -> tuple[list[int], list[int]]:
            beating = asyncio.create_task(health.beat())
            await asyncio.sleep(0.05)
            well = [_get(server, "/health/ready")[0], _get(server, "/health/live")[0]]
            time.sleep(0.5)  # noqa: ASYNC251  (the fault itself)
            stuck = [_get(server, "/health/ready")[0], _get(server, "/health/live")[0]]
            beating.cancel()
            return well, stuck

        assert asyncio.run(role()) == ([200, 200], [503, 503])


def test_a_client_that_says_nothing_or_hangs_up_keeps_nobody_waiting() -> None:
    with _server(Health()) as server:
        silent = socket.create_connection(("127.0.0.1", server.port))
        with socket.create_connection(("127.0.0.1", server.port)) as rude:
            rude.sendall(b"\x00\xff junk\r\n\r\n")
        assert _get(server, "/health")[0] == 200
        silent.close()
