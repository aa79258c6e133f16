"""The event log on PostgreSQL: every append is one call of log.append(), one commit.

What an error says is what is known. If the server answered with an error, or was never reached,
nothing was written (LogUnavailable). If the answer is missing, the commit may have happened
(OutcomeUnknown); the same batch sent again is then answered from the log. A LogError that is
neither means a batch that contradicts itself, or a server that is not ours: nothing was written.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from adapters.postgres import append, arrays
from adapters.postgres.connect import CONNECTING, require_durable, within
from adapters.postgres.tail import follow
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    Conflict,
    Duplicates,
    LogError,
    LogUnavailable,
    OutcomeUnknown,
    RecordedCommand,
    StoredSnapshot,
)

_DEADLINE_SECONDS: Final = 5.0
"""After this an append without an answer is unknown and its connection is given up."""
_SERVER_MARGIN_SECONDS: Final = 1.0
_READERS_MAX: Final = 8
_WAITING_MAX: Final = 200

_STREAM: Final = """
    SELECT position, version, type, account_id::text, payload, metadata
      FROM log.events WHERE stream_id = %s AND version > %s ORDER BY version LIMIT %s
"""
_ALL: Final = """
    SELECT position, stream_id::text, version, type, account_id::text, payload, metadata
      FROM log.events WHERE position > %s ORDER BY position LIMIT %s
"""
_SNAPSHOT: Final = """
    SELECT version, position, event_digest, state, checksum
      FROM log.states WHERE stream_id = %s AND shape = %s
"""
_NEWEST_SNAPSHOT: Final = "SELECT position FROM log.states ORDER BY position DESC LIMIT 1"
# One index probe a key, whatever the planner believes of the table's size.
_COMMANDS: Final = """
    SELECT asked.account_id::text, asked.command_id::text, known.*
      FROM unnest(%s::text[]::uuid[], %s::text[]::uuid[]) AS asked (account_id, command_id)
     CROSS JOIN LATERAL (SELECT c.fingerprint, c.result, c.first_position, c.last_position
                           FROM log.commands c
                          WHERE c.account_id = asked.account_id AND c.command_id = asked.command_id
                          LIMIT 1) AS known
"""
# The statement was refused as a whole; its transaction is over and nothing of it remains. 25006 is
# a server that has become a standby.
_TEMPORARY: Final = ("40", "53", "55", "57", "58", "25006")


class PostgresEventLog:
    """Implements domain.ports.EventLog; open() before use, close() after."""

    def __init__(
        self,
        url: str,
        *,
        shard: int = 0,
        allow_unsafe: bool = False,
        deadline: float = _DEADLINE_SECONDS,
    ) -> None:
        connecting = {**CONNECTING, "connect_timeout": math.ceil(deadline)}
        self._url = make_conninfo(url, **connecting)
        self._shard = shard
        self._allow_unsafe = allow_unsafe
        self._deadline = deadline
        self._writer: psycopg.AsyncConnection[Any] | None = None
        self._turn = asyncio.Lock()
        self._readers = AsyncConnectionPool(
            self._url,
            min_size=0,
            max_size=_READERS_MAX,
            max_waiting=_WAITING_MAX,
            timeout=deadline,
            kwargs={"autocommit": True},
            open=False,
        )

    async def open(self) -> None:
        """Connect and check the server's settings; raises LogUnsafe or LogUnavailable."""
        await self._readers.open()
        try:
            # On a reader: roles that only tail the log may not even connect to write.
            async with self._readers.connection() as reader:
                if not self._allow_unsafe:
                    await _checked(reader, self._deadline)
        except (psycopg.OperationalError, PoolTimeout, TimeoutError) as error:
            await self._readers.close()
            raise LogUnavailable(f"the log's server cannot be reached: {error}") from error
        except BaseException:
            await self._readers.close()
            raise

    async def close(self) -> None:
        """Give up all connections."""
        if self._writer is not None:
            await self._writer.close()
        await self._readers.close()

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append all or nothing, durably; raises LogUnavailable or OutcomeUnknown."""
        async with self._turn:
            writer = await self._connected()
            row = await self._call(writer, append.arguments(batch))
        outcome, first, accounts, ids, streams, versions = row
        if outcome == "appended":
            return Appended(append.recorded(batch.commands, self._shard, first))
        if outcome == "conflict":
            return Conflict(
                {
                    StreamId(stream): version
                    for stream, version in zip(streams, versions, strict=True)
                }
            )
        keys = [
            (AccountId(account), CommandId(command))
            for account, command in zip(accounts, ids, strict=True)
        ]
        return Duplicates(tuple(await self.find_commands(keys)))

    async def find_commands(
        self, keys: Sequence[tuple[AccountId, CommandId]]
    ) -> Sequence[RecordedCommand]:
        """The recorded commands among these keys, in no particular order."""
        rows = await self._read(
            _COMMANDS, ([account for account, _ in keys], [command for _, command in keys])
        )
        return [
            RecordedCommand(
                AccountId(account),
                CommandId(command),
                fingerprint,
                result,
                LogPosition(self._shard, first),
                LogPosition(self._shard, last),
            )
            for account, command, fingerprint, result, first, last in rows
        ]

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        """Events of one stream with a version above `after`, in order."""
        rows = await self._read(_STREAM, (UUID(stream_id), after, limit))
        shard = self._shard
        return [
            RecordedEvent(
                LogPosition(shard, position), stream_id, version, kind, AccountId(account), *rest
            )
            for position, version, kind, account, *rest in rows
        ]

    async def read_snapshot(self, stream_id: StreamId, shape: str) -> StoredSnapshot | None:
        """The state that was kept of a stream in this shape, unchecked, or None."""
        rows = await self._read(_SNAPSHOT, (UUID(stream_id), shape))
        if not rows:
            return None
        version, position, *rest = rows[0]
        place = LogPosition(self._shard, position)
        return StoredSnapshot(stream_id, shape, version, place, *rest)

    async def newest_snapshot(self) -> LogPosition:
        """The furthest position that any snapshot reflects; number 0 without snapshots."""
        rows = await self._read(_NEWEST_SNAPSHOT, ())
        return LogPosition(self._shard, rows[0][0] if rows else 0)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        """Events with a position above `after`, in order, at most `limit`."""
        rows = await self._read(_ALL, (after, limit))
        shard = self._shard
        return [
            RecordedEvent(
                LogPosition(shard, position),
                StreamId(stream),
                version,
                kind,
                AccountId(account),
                payload,
                metadata,
            )
            for position, stream, version, kind, account, payload, metadata in rows
        ]

    async def head(self) -> LogPosition:
        """Position of the last event; number 0 while the log is empty."""
        rows = await self._read("SELECT position FROM log.head", ())
        return LogPosition(self._shard, rows[0][0])

    def tail(self, *, after: int = 0, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Batches of events above `after` for ever, waiting for new ones; never skips one."""
        return follow(self, self._url, after=after, limit=limit)

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        """The writer's connection, made anew if the last one is broken."""
        if self._writer is not None and not self._writer.closed:
            return self._writer
        try:
            writer = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, target_session_attrs="primary"
            )
            if not self._allow_unsafe:
                await _checked(writer, self._deadline)
            await _bounded(writer, self._deadline)
        except (psycopg.OperationalError, TimeoutError) as error:
            raise LogUnavailable(f"the log's server cannot be reached: {error}") from error
        arrays.register(writer.adapters)
        self._writer = writer
        return writer

    async def _call(
        self, writer: psycopg.AsyncConnection[Any], arguments: Sequence[Any]
    ) -> tuple[Any, ...]:
        """Run log.append(); after the deadline the connection is cut, never waited for."""
        try:
            return await within(self._deadline, writer, _execute(writer, arguments))
        except TimeoutError as error:
            raise OutcomeUnknown(f"the log did not answer an append: {error}") from error
        except psycopg.Error as error:
            meaning = _meaning(error, lost=writer.closed)
            if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
                # A standby by now: of several hosts in the address, another one may be the primary.
                await writer.close()
            raise meaning from error

    async def _read(self, query: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        # A restart leaves broken connections in the pool; reading is tried again past all of them.
        for left in range(_READERS_MAX, -1, -1):
            lost = False
            try:
                async with self._readers.connection() as connection:
                    try:
                        return await within(
                            self._deadline, connection, _fetch(connection, query, arguments)
                        )
                    finally:
                        lost = connection.closed
            except (psycopg.OperationalError, PoolTimeout, TooManyRequests, TimeoutError) as error:
                if lost and left and not isinstance(error, TimeoutError):
                    continue
                raise LogUnavailable(f"the log cannot be read now: {error}") from error
        raise AssertionError("the last turn returns or raises")


async def _checked(writer: psycopg.AsyncConnection[Any], seconds: float) -> None:
    try:
        await within(seconds, writer, require_durable(writer))
    except BaseException:
        await writer.close()
        raise


async def _bounded(writer: psycopg.AsyncConnection[Any], seconds: float) -> None:
    """Let the server end an append whose sender went silent: it would keep the head's lock.

    That is after our own deadline, when nobody waits for the answer any more. Keepalives do not
    help where a proxy stands in between, and without them a server waits for hours.
    """
    limit = str(int((seconds + _SERVER_MARGIN_SECONDS) * 1000))
    setting = writer.execute("SELECT set_config('transaction_timeout', %s, false)", (limit,))
    try:
        await within(seconds, writer, setting)
    except BaseException:
        await writer.close()
        raise


async def _execute(
    writer: psycopg.AsyncConnection[Any], arguments: Sequence[Any]
) -> tuple[Any, ...]:
    cursor = await writer.execute(append.STATEMENT, arguments, prepare=True)
    row = await cursor.fetchone()
    assert row is not None
    return tuple(row)


async def _fetch(
    connection: psycopg.AsyncConnection[Any], query: str, arguments: Sequence[Any]
) -> list[tuple[Any, ...]]:
    cursor = connection.cursor(binary=True)
    await cursor.execute(query, arguments)
    return await cursor.fetchall()


def _meaning(error: psycopg.Error, *, lost: bool) -> LogError:
    """What an error says about the commit."""
    if lost:
        return OutcomeUnknown(f"the connection broke during an append: {error}")
    if error.sqlstate is not None and error.sqlstate.startswith(_TEMPORARY):
        return LogUnavailable(f"the log refused an append for now: {error}")
    return LogError(f"the log refused an append: {error}")
