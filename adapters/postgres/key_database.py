"""The few connections that lie beside a store of keys, and its errors, which say what to do."""

from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from adapters.postgres.connect import CONNECTING
from domain.ports import LogUnavailable


class KeyDatabase:
    """Connects when it is first asked; `what` is what cannot be reached when it fails."""

    def __init__(self, url: str, what: str) -> None:
        self._what = what
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
            url,
            kwargs={"autocommit": True, **CONNECTING},
            min_size=0,
            max_size=4,
            max_waiting=200,
            timeout=5,
            open=False,
        )

    async def open(self) -> None:
        """Let calls connect."""
        await self._pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def rows(self, query: bytes, arguments: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """What a query gives; raises LogUnavailable."""
        try:
            async with self._pool.connection() as connection:
                return await (await connection.execute(query, arguments)).fetchall()
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as error:
            # The text of an error may repeat what was sent: it is ciphertext, and still no news.
            raise LogUnavailable(f"{self._what} cannot be reached now: try again") from error
