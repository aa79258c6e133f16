"""The log up to a position, read as a stream: all of it, or some streams in the order of the log.

Rows come by a server-side cursor, so a log of any length needs no more memory than one page. What
is read of some streams is found by the index of streams, one probe each, and sorted by the server:
an account's history costs what the account has, not what the log has.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from adapters.postgres.connect import CONNECTING
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import StreamId
from domain.ports import LogUnavailable

_ROWS_AT_ONCE: Final = 5_000

_EVERYTHING: Final = """
    SELECT position, stream_id::text, version, type, account_id::text, payload, metadata
      FROM log.events WHERE position <= %s ORDER BY position
"""
# OFFSET 0 keeps the planner from turning the probes into one scan of the log in its order, and + 0
# from looking up every position below the bound to intersect them with a stream of ten events.
_STREAMS: Final = """
    SELECT found.*
      FROM unnest(%s::uuid[]) AS wanted (stream_id)
     CROSS JOIN LATERAL (SELECT e.position, e.stream_id::text, e.version, e.type,
                                e.account_id::text, e.payload, e.metadata
                           FROM log.events e
                          WHERE e.stream_id = wanted.stream_id AND e.position + 0 <= %s
                          OFFSET 0) AS found
     ORDER BY found.position
"""
_COMMIT_FROM: Final = """
    SELECT first_position, last_position, committed_at
      FROM log.commits WHERE last_position >= %s ORDER BY last_position LIMIT 1
"""

Page = Sequence[RecordedEvent]


class History:
    """A connection that only reads; every read ends at a position and so is always the same."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], shard: int) -> None:
        self._connection = connection
        self._shard = shard

    async def head(self) -> int:
        """Position of the last event; 0 while the log is empty."""
        found = await self._connection.execute("SELECT position FROM log.head")
        ((position,),) = await found.fetchall()
        return int(position)

    async def position_at(self, time: datetime) -> int:
        """The last position that was committed by then, found by bisection over the commits.

        Commits are in the order of the log; should the server's clock have been set back, the
        answer is one of the commits around that hour.
        """
        low, high = 0, await self.head()
        while low < high:
            found = await self._connection.execute(_COMMIT_FROM, ((low + high + 1) // 2,))
            rows = await found.fetchall()
            if not rows:
                break
            first, last, committed_at = rows[0]
            if committed_at <= time:
                low = last
            else:
                high = first - 1
        return low

    def everything(self, until: int) -> AsyncGenerator[Page]:
        """Every event up to a position, by pages; to be closed by the reader."""
        return self._rows(_EVERYTHING, (until,))

    def streams(self, wanted: Collection[StreamId], until: int) -> AsyncGenerator[Page]:
        """The events of some streams up to a position, in the order of the log; likewise."""
        return self._rows(_STREAMS, ([UUID(stream_id) for stream_id in wanted], until))

    async def _rows(self, query: Any, arguments: Sequence[Any]) -> AsyncGenerator[Page]:
        shard = self._shard
        async with (
            self._connection.transaction(),
            self._connection.cursor("history", binary=True) as cursor,
        ):
            await cursor.execute(query, arguments)
            while rows := await cursor.fetchmany(_ROWS_AT_ONCE):
                yield [
                    RecordedEvent(
                        LogPosition(shard, position), stream, version, kind, account, payload, cause
                    )
                    for position, stream, version, kind, account, payload, cause in rows
                ]


@asynccontextmanager
async def opened(url: str, *, shard: int = 0) -> AsyncIterator[History]:
    """A history of the log at an address; raises LogUnavailable, also for what is read of it."""
    try:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, **CONNECTING
        ) as connection:
            yield History(connection, shard)
    except psycopg.OperationalError as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error
