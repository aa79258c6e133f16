"""Write the snapshots of long streams, off the path of commands, as a role that can do no more.

The policy: whenever a stream's version passes a multiple of `every`, its state is kept. The writer
looks once a second, folds like everybody else (from the snapshot before, if that is sound) and
replaces the row. It needs no memory of its own: what is due is a question to the two tables. A lost
or damaged snapshot costs time and nothing else; so do two writers at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import psycopg

from adapters.commands.folding import fold
from adapters.postgres.connect import CONNECTING
from adapters.postgres.log import PostgresEventLog
from adapters.snapshots import ahead, kept, restored, shape_of
from domain.decision import Aggregate, StreamRef
from domain.dispatch import initial
from domain.envelope import LogPosition
from domain.ids import AccountId, StreamId
from domain.ports import LogUnavailable, StoredSnapshot

EVERY: Final = 1_000
"""Events of a stream between two snapshots."""
_LOOK_SECONDS: Final = 1.0
_SHAPES: Final = {shape_of(initial(kind)): type(initial(kind)) for kind in Aggregate}

_UPSERT: Final = """
    INSERT INTO log.states (stream_id, shape, version, position, event_digest, state, checksum)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (stream_id, shape) DO UPDATE
       SET version = excluded.version, position = excluded.position,
           event_digest = excluded.event_digest, state = excluded.state,
           checksum = excluded.checksum
"""
_DUE: Final = """
    SELECT e.stream_id::text, min(e.type), min(e.account_id::text)
      FROM log.events e
     WHERE e.position > %s AND e.position <= %s AND e.version %% %s = 0 AND e.version > 0
       AND split_part(e.type, '.', 1) = ANY(%s)
       AND NOT EXISTS (SELECT FROM log.states s
                        WHERE s.stream_id = e.stream_id AND s.shape = ANY(%s)
                          AND s.version >= e.version)
     GROUP BY e.stream_id
"""
"""Streams that passed a multiple and have no snapshot of that version or a later one."""
_KEPT: Final = """
    SELECT s.stream_id::text, s.shape, s.version, s.position, s.event_digest, s.state, s.checksum,
           e.type, e.account_id::text
      FROM log.states s
      JOIN log.events e ON e.stream_id = s.stream_id AND e.version = 1
     WHERE s.shape = ANY(%s)
"""
"""With the first event of each stream: its type says what kind of stream it is."""


async def require_not_ahead(log: PostgresEventLog) -> None:
    """Raise SnapshotAhead if a snapshot is newer than the log; LogUnavailable without an answer."""
    newest = await log.newest_snapshot()
    head = await log.head()  # read after it, so that a growing log is never taken for an old one
    if newest > head:
        raise ahead(newest.number, f"the log ends at {head.number}")


class SnapshotWriter:
    """Keeps the states of long streams; made for the role patriot_snapshot."""

    def __init__(self, log: PostgresEventLog, url: str, *, every: int = EVERY) -> None:
        self._log = log
        self._url = url
        self._every = every

    async def rebuild(self) -> int:
        """Forget every snapshot and write anew those of long streams; returns how many."""
        await self._execute("DELETE FROM log.states", ())
        return await self._write_due(0, (await self._log.head()).number)

    async def follow(self, stop: asyncio.Event, told: Callable[[str], None]) -> None:
        """Mend what is damaged, then keep states as streams grow, until told to stop.

        `told` hears what keeps it from working, and an empty text when nothing does. Raises
        SnapshotAhead, and LogUnreadable: both need a person.
        """
        position, mended = 0, False
        while not stop.is_set():
            try:
                if not mended:
                    await require_not_ahead(self._log)
                    await self.mend()
                    mended = True
                head = (await self._log.head()).number
                if head > position:
                    await self._write_due(position, head)
                    position = head
                told("")
            except LogUnavailable as error:
                told(str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)

    async def mend(self) -> int:
        """Write damaged snapshots anew; returns how many."""
        damaged = 0
        for *row, type_name, account in await _fetched(self._url, _KEPT, (list(_SHAPES),)):
            stream_id, shape, version, position, *rest = row
            place = LogPosition(0, position)
            snapshot = StoredSnapshot(StreamId(stream_id), shape, version, place, *rest)
            if restored(snapshot, _SHAPES[shape]) is None:
                await self._write(_stream(stream_id, type_name, account))
                damaged += 1
        return damaged

    async def _write_due(self, after: int, until: int) -> int:
        kinds = [kind.value for kind in Aggregate]
        asked = (after, until, self._every, kinds, list(_SHAPES))
        due = await _fetched(self._url, _DUE, asked)
        for stream_id, type_name, account in due:
            await self._write(_stream(stream_id, type_name, account))
        return len(due)

    async def _write(self, stream: StreamRef) -> None:
        """Keep the state of a stream as it is now."""
        state, last = await fold(self._log, stream)
        if last is None:
            return
        new = kept(state, last)
        place = (UUID(new.stream_id), new.shape, new.version, new.position.number)
        await self._execute(_UPSERT, (*place, new.event_digest, new.state, new.checksum))

    async def _execute(self, statement: Any, arguments: Sequence[Any]) -> None:
        try:
            async with await _connected(self._url) as connection:
                await connection.execute(statement, arguments)
        except psycopg.OperationalError as error:
            raise LogUnavailable(f"a snapshot cannot be written now: {error}") from error


def _stream(stream_id: str, type_name: str, account_id: str) -> StreamRef:
    """A stored name begins with the kind of its stream."""
    kind = Aggregate(type_name.partition(".")[0])
    return StreamRef(kind, StreamId(stream_id), AccountId(account_id))


async def _connected(url: str) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, **CONNECTING)


async def _fetched(url: str, query: Any, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    try:
        async with await _connected(url) as connection:
            found = await connection.execute(query, arguments)
            return await found.fetchall()
    except psycopg.OperationalError as error:
        raise LogUnavailable(f"the snapshots cannot be read now: {error}") from error
