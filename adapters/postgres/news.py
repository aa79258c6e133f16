"""One LISTEN for a whole process: wakes every consumer when the log has grown.

A consumer that is slow must not be the one that reads notifications: PostgreSQL keeps what a
listener has not read, in memory first and then for everybody. This listener only ever reads.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.connect import CONNECTING

_RETRY_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 0.005
"""Between two calls: at thousands of commits a second each is worth many."""


class News:
    """run() it as a task; hearers are called a few milliseconds after a commit.

    Who listens also looks without being told, once a second: news is lost with a connection.
    """

    def __init__(self, url: str) -> None:
        self._url = make_conninfo(url, **CONNECTING, application_name="patriot-news")
        self._hearers: set[Callable[[], None]] = set()

    @contextmanager
    def told_to(self, hearer: Callable[[], None]) -> Iterator[None]:
        """While inside, the hearer is called at each commit; it must not take long."""
        self._hearers.add(hearer)
        try:
            yield
        finally:
            self._hearers.discard(hearer)

    async def run(self) -> None:
        """Listen until cancelled; survives outages of the server."""
        while True:
            listener: psycopg.AsyncConnection[Any] | None = None
            try:
                listener = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                await listener.execute("LISTEN patriot_log")
                self._tell()  # a commit before LISTEN is not notified
                async for _ in listener.notifies():
                    self._tell()
                    await asyncio.sleep(_PAUSE_SECONDS)
            except (psycopg.Error, OSError):
                await asyncio.sleep(_RETRY_SECONDS)
            finally:
                if listener is not None:
                    with suppress(psycopg.Error):
                        await listener.close()

    def _tell(self) -> None:
        for hearer in self._hearers:
            hearer()
