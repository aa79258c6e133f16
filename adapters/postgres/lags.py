"""How far the log is, how old what somebody has not done is, and what holds the log up.

Read by the role patriot_tail over one connection that is made anew when it breaks; times are the
database server's own, so that no two clocks are compared.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.connect import CONNECTING, within
from domain.ports import LogUnavailable

_SECONDS: Final = 5.0
# One index probe a position: the commit that holds the first event above it.
_LOOK: Final = """
    SELECT (SELECT position FROM log.head),
           ARRAY(SELECT greatest(0, coalesce(extract(epoch FROM statement_timestamp()
                                                     - next.committed_at), 0))::float8
                   FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (position, place)
                   LEFT JOIN LATERAL (SELECT c.committed_at FROM log.commits c
                                       WHERE c.last_position > asked.position
                                       ORDER BY c.last_position LIMIT 1) AS next ON true
                  ORDER BY asked.place)
"""


@dataclass(frozen=True, slots=True)
class Look:
    """The head, and for each position asked for the age in seconds of the event after it."""

    head: int
    ages: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OpenTransactions:
    """Transactions that are open in the log's database."""

    oldest_seconds: float
    oldest_pid: int | None
    oldest_program: str | None
    idle_seconds: float
    idle: int
    complete: bool
    """False where the sessions of other roles cannot be seen."""


class LagReader:
    """One connection; raises LogUnavailable."""

    def __init__(self, url: str) -> None:
        self._url = make_conninfo(url, **CONNECTING, application_name="patriot-monitor")
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Give up the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def look(self, positions: Sequence[int]) -> Look:
        """The head, and ages: 0 for a position with nothing after it."""
        head, ages = await self._row(_LOOK, (list(positions),))
        return Look(head, tuple(ages))

    async def transactions(self) -> OpenTransactions:
        """What is open now, this connection apart."""
        return OpenTransactions(*await self._row("SELECT * FROM log.open_transactions()", ()))

    async def _row(self, query: str, arguments: Sequence[Any]) -> tuple[Any, ...]:
        async with self._turn:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = await psycopg.AsyncConnection.connect(
                        self._url, autocommit=True
                    )
                return await within(
                    _SECONDS, self._connection, _one(self._connection, query, arguments)
                )
            except (psycopg.OperationalError, TimeoutError) as error:
                raise LogUnavailable(f"the log cannot be looked at now: {error}") from error


async def _one(
    connection: psycopg.AsyncConnection[Any], query: str, arguments: Sequence[Any]
) -> tuple[Any, ...]:
    # Planned each time: a plan made while the log was small would scan it when it is large.
    found = await connection.execute(query.encode(), arguments, prepare=False)
    row = await found.fetchone()
    assert row is not None
    return tuple(row)
