"""One LISTEN for a whole process: wakes every consumer when the log has grown.

A consumer that is slow must not be the one that reads notifications: PostgreSQL keeps what a
listener has not read, in memory first and then for everybody. This listener only ever reads.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.connect import CONNECTING

_RETRY_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.005
"""Between two wakings: at thousands of commits a second each waking is worth many."""


class News:
    """run() it as a task; sleepers are woken a few milliseconds after a commit.

    Who sleeps also looks without being told, once a second: news is lost with a connection.
    """

    def __init__(self, url: str) -> None:
        self._url = make_conninfo(url, **CONNECTING, application_name="patriot-news")
        self._sleepers: set[asyncio.Event] = set()

    @contextmanager
    def waking(self, sleeper: asyncio.Event) -> Iterator[None]:
        """While inside, the event is set at each commit."""
        self._sleepers.add(sleeper)
        try:
            yield
        finally:
            self._sleepers.discard(sleeper)

    async def run(self) -> None:
        """Listen until cancelled; survives outages of the server."""
        while True:
            listener: psycopg.AsyncConnection[Any] | None = None
            try:
                listener = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                await listener.execute("LISTEN patriot_log")
                self._wake()  # a commit before LISTEN is not notified
                async for _ in listener.notifies():
                    self._wake()
                    await asyncio.sleep(_PAUSE_SECONDS)
            except (psycopg.Error, OSError):
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                if listener is not None:
                    with suppress(psycopg.Error):
                        await listener.close()

    def _wake(self) -> None:
        for sleeper in self._sleepers:
            sleeper.set()
