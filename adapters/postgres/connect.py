"""Connections that notice when the other side is gone, and the settings that keep commits safe."""

import asyncio
import os
import socket
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import psycopg

from domain.ports import LogUnsafe

CONNECTING: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    # Without these a connection whose peer vanished without a word waits for ever.
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
"""Parameters of every connection."""

_SAFE: Final = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    # "on" waits for the local flush at least; the other two wait for a standby besides.
    "synchronous_commit": frozenset({"on", "remote_apply", "remote_write"}),
}
_SETTLING_SECONDS: Final = 1.0
_VERSION_LEAST: Final = 170_000

_T = TypeVar("_T")


def require_version(version: int) -> None:
    """Raise LogUnsafe for a server (170002 is 17.2) that cannot end a silent sender's append."""
    if version < _VERSION_LEAST:
        raise LogUnsafe(
            f"the log's server is PostgreSQL {version // 10_000}: version 17 or later is needed, "
            "an older one has no transaction_timeout"
        )


async def require_durable(connection: psycopg.AsyncConnection[Any]) -> None:
    """Raise LogUnsafe if the server can lose a commit that it acknowledged, or is too old."""
    require_version(connection.info.server_version)
    found = await connection.execute(
        "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(_SAFE),)
    )
    settings = dict(await found.fetchall())
    for name, safe in _SAFE.items():
        if settings.get(name) not in safe:
            raise LogUnsafe(
                f"the log's server has {name}={settings.get(name)}: set it to on, "
                "an acknowledged commit could be lost"
            )


async def within(
    seconds: float, connection: psycopg.AsyncConnection[Any], work: Coroutine[Any, Any, _T]
) -> _T:
    """Do some work on the connection; raises TimeoutError after so many seconds.

    At the deadline, and when the caller is cancelled, the connection is cut at its socket: psycopg
    would ask the server to cancel and wait for a peer that may never answer.
    """
    task = asyncio.ensure_future(work)
    done: set[asyncio.Future[_T]] = set()
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not done:
            _cut(connection)
            await asyncio.wait({task}, timeout=_SETTLING_SECONDS)
            task.add_done_callback(_retrieve)
            task.cancel()
    if not done:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return task.result()


def _cut(connection: psycopg.AsyncConnection[Any]) -> None:
    if connection.closed:
        return
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as peer:
        try:
            peer.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the peer was faster


def _retrieve(task: "asyncio.Future[Any]") -> None:
    """Look at the error that the cut caused, so that asyncio does not report it as lost."""
    if not task.cancelled():
        task.exception()
