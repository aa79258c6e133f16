"""The hash chain of the log, recomputed: says where a log was altered, removed or cut off.

docs/log.md describes the bytes, so that somebody else can write this again without our code.

    domain.ports.LogError
    └── ChainBroken     the log is not what was appended: stop, keep the database as it is, compare
                        it with a backup
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from struct import Struct
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

import psycopg

from adapters.postgres.connect import CONNECTING
from domain.ports import LogError, LogUnavailable

EMPTY: Final = hashlib.sha256(b"").digest()
"""Chain of a log that holds nothing."""

_COMMIT: Final = Struct("!qqq").pack
_PLACE: Final = Struct("!q16si").pack
_LENGTH: Final = Struct("!i").pack
_ROWS_AT_ONCE: Final = 5_000

_Row = tuple[Any, ...]

_COMMITS: Final = """
    SELECT first_position, last_position, (extract(epoch FROM committed_at) * 1000000)::bigint,
           chain
      FROM log.commits ORDER BY last_position
"""
_EVENTS: Final = """
    SELECT position, stream_id, version, type, account_id, payload, metadata
      FROM log.events ORDER BY position
"""


class ChainBroken(LogError):
    """What the log holds does not give the chain that was written with it."""


class ChainedEvent(NamedTuple):
    """An event as the chain sees it."""

    position: int
    stream_id: UUID
    version: int
    type: str
    account_id: UUID
    payload: bytes
    metadata: bytes


def event_bytes(event: ChainedEvent) -> bytes:
    """Canonical bytes of one event: every part of known length, or behind its length."""
    kind = event.type.encode()
    return b"".join(
        (
            _PLACE(event.position, event.stream_id.bytes, event.version),
            _LENGTH(len(kind)),
            kind,
            event.account_id.bytes,
            _LENGTH(len(event.payload)),
            event.payload,
            _LENGTH(len(event.metadata)),
            event.metadata,
        )
    )


async def verify_chain(url: str) -> int:
    """Recompute the whole chain and give the head's position; raises ChainBroken, LogUnavailable.

    Reads one snapshot, so appends go on meanwhile.
    """
    try:
        async with await psycopg.AsyncConnection.connect(url, **CONNECTING) as connection:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            found = await connection.execute("SELECT position, chain FROM log.head")
            head = await found.fetchone()
            assert head is not None
            async with (
                aclosing(_stream(connection, "commits", _COMMITS)) as commits,
                aclosing(_stream(connection, "events", _EVENTS)) as events,
            ):
                return await _compare(tuple(head), commits, events)
    except psycopg.OperationalError as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error


async def _compare(
    head: tuple[int, bytes], commits: AsyncIterator[_Row], events: AsyncIterator[_Row]
) -> int:
    chain, position = EMPTY, 0
    async for first, last, committed_at, recorded in commits:
        if first != position + 1 or last < first:
            raise ChainBroken(f"the commit that begins at {position + 1} is missing")
        digest = hashlib.sha256(chain + _COMMIT(first, last, committed_at))
        for position in range(first, last + 1):
            row = await anext(events, None)
            if row is None or row[0] != position:
                raise ChainBroken(f"event {position} is missing")
            digest.update(event_bytes(ChainedEvent(*row)))
        chain = digest.digest()
        if chain != recorded:
            raise ChainBroken(f"an event from {first} to {last} was altered")
    if (position, chain) != head:
        raise ChainBroken(f"the log ends at {position}, its head says {head[0]}")
    beyond = await anext(events, None)
    if beyond is not None:
        raise ChainBroken(f"event {beyond[0]} is part of no commit")
    return position


async def _stream(
    connection: psycopg.AsyncConnection[Any], name: str, query: LiteralString
) -> AsyncGenerator[_Row]:
    """Rows of a query, fetched as they are needed."""
    async with connection.cursor(name, binary=True) as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        await cursor.execute(query)
        async for row in cursor:
            yield row
