"""One active process among several: an advisory lock that lives as long as its connection.

The database gives the lock back when the holder's connection ends, so a killed holder is replaced
as soon as the server notices. A holder that loses its connection stops working before it asks for
the lock again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.connect import CONNECTING

_logger: Final = logging.getLogger(__name__)

RELAY_LOCK: Final = 7_274_960_452
"""Advisory lock of the active relay of shard 0; further shards count up from it."""

_ASK_INTERVAL: Final = 0.5
_CHECK_INTERVAL: Final = 1.0
_CHECK_TIMEOUT: Final = 5.0


class LeaseLost(Exception):
    """The connection that held the lock is gone: somebody else may be active now."""


class Lease:
    """Runs work while this process holds the lock; one object for each process and lock."""

    def __init__(self, dsn: str, number: int, *, name: str) -> None:
        self._dsn = make_conninfo(dsn, **CONNECTING, application_name=name)
        self._number = number
        self._name = name
        self.waiting_for = ""
        """What keeps this process from being active, in words."""

    async def hold(
        self, stop: asyncio.Event, work: Callable[[asyncio.Event], Awaitable[None]]
    ) -> None:
        """Stand by, become active, work; again after a loss, until told to stop."""
        while not stop.is_set():
            connection: psycopg.AsyncConnection[Any] | None = None
            try:
                connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
                if await self._acquire(connection, stop):
                    self.waiting_for = ""
                    _logger.info("%s: active", self._name)
                    await self._work(connection, stop, work)
            except (psycopg.Error, OSError, LeaseLost) as error:
                self.waiting_for = f"the log's database: {str(error).strip()}"
                _logger.warning("%s: not active: %s", self._name, str(error).strip())
                await wait_or_stop(stop, _ASK_INTERVAL)
            finally:
                if connection is not None:
                    with suppress(psycopg.Error, OSError):
                        await connection.close()

    async def _acquire(self, connection: psycopg.AsyncConnection[Any], stop: asyncio.Event) -> bool:
        while not stop.is_set():
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (self._number,))
            row = await cursor.fetchone()
            if row is not None and row[0]:
                return True
            self.waiting_for = "another one is active: standing by"
            await wait_or_stop(stop, _ASK_INTERVAL)
        return False

    async def _work(
        self,
        connection: psycopg.AsyncConnection[Any],
        stop: asyncio.Event,
        work: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        tasks = [
            asyncio.ensure_future(work(stop)),
            asyncio.create_task(_watch(connection)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _watch(connection: psycopg.AsyncConnection[Any]) -> None:
    """See that the connection, and with it the lock, is still there; raises LeaseLost."""
    while True:
        await asyncio.sleep(_CHECK_INTERVAL)
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT):
                await connection.execute("SELECT 1")
        except (psycopg.Error, OSError, TimeoutError) as error:
            raise LeaseLost("the connection that held the lock is gone") from error


async def wait_or_stop(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for some seconds, or less if told to stop; True if told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
