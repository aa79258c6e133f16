"""Named subscriptions in the log's database, by a role that can touch nothing of the log.

Definitions and checkpoints are rows of the schema `subscriptions`. What a consumer changes goes
through its lease (subscription_lease.py); everything here may be done by anybody at any time.
"""

import hashlib
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from adapters.postgres.connect import CONNECTING
from adapters.postgres.subscription_lease import LOCK_CLASS, Lease
from adapters.subscriptions.definition import (
    AlreadyDefined,
    ConsumerActive,
    Definition,
    Kept,
    Key,
    NoSuchSubscription,
    ParkedRow,
    TooMany,
)
from domain.ids import AccountId
from domain.ports import LogUnavailable

_POOL_MAX: Final = 4
_WAITING_MAX: Final = 100
_SECONDS: Final = 5.0
_OF_ACCOUNT_MAX: Final = 100
_IN_ALL_MAX: Final = 1_000
_CREATING_LOCK: Final = int.from_bytes(hashlib.sha256(b"subscriptions").digest()[:4]) >> 1

# All locks are looked at once, not once a subscription: looking stops whoever takes one.
_KEPT: Final = f"""
    SELECT n.id, n.account_id::text, n.name, n.event_types, n.max_attempts, n.window_max,
           n.retry_delay_ms, n.start_position, n.checkpoint, n.generation,
           (SELECT count(*) FROM subscriptions.parked p WHERE p.subscription_id = n.id),
           n.id::bigint IN (SELECT l.objid::bigint FROM pg_locks l
                             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                               AND l.classid = {LOCK_CLASS}
                               AND l.database = (SELECT oid FROM pg_database
                                                  WHERE datname = current_database())),
           n.created_by, (extract(epoch FROM n.created_at) * 1000000)::bigint
      FROM subscriptions.named n
"""  # noqa: S608  (a number of ours)
_INSERT: Final = """
    INSERT INTO subscriptions.named (account_id, name, event_types, max_attempts, window_max,
                                     retry_delay_ms, start_position, checkpoint, created_by)
    VALUES (%(account)s, %(name)s, %(types)s, %(attempts)s, %(window)s, %(delay)s, %(start)s,
            %(start)s, %(by)s)
"""
_OF: Final = "SELECT id FROM subscriptions.named WHERE account_id = %s AND name = %s"
_PARKED: Final = """
    SELECT position, attempts, reason, (extract(epoch FROM parked_at) * 1000000)::bigint, replay
      FROM subscriptions.parked
     WHERE subscription_id = %s AND position > %s ORDER BY position LIMIT %s
"""


class SubscriptionStore:
    """open() before use, close() after; raises LogUnavailable while the database is away."""

    def __init__(self, url: str) -> None:
        connecting = {**CONNECTING, "connect_timeout": math.ceil(_SECONDS)}
        self._url = make_conninfo(url, **connecting, application_name="patriot-subscriptions")
        self._pool = AsyncConnectionPool(
            self._url,
            min_size=0,
            max_size=_POOL_MAX,
            max_waiting=_WAITING_MAX,
            timeout=_SECONDS,
            kwargs={"autocommit": True},
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def open(self) -> None:
        """Let connections be made; none is made yet."""
        await self._pool.open()

    async def close(self) -> None:
        """Give up all connections but those of leases."""
        await self._pool.close()

    async def create(self, definition: Definition, *, at_head: bool, by: str) -> Kept:
        """Keep a new subscription; the same again is answered as it is.

        `at_head` says that the start was not chosen but is where the log happened to end: then it
        is no part of what makes two definitions the same.
        """
        key = definition.key
        async with self._connection() as connection, connection.transaction():
            # One at a time, so that the bounds hold and no name is taken twice.
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CREATING_LOCK,))
            known = await _find(connection, key)
            if known is not None:
                if not _same(known.definition, definition, at_head=at_head):
                    raise AlreadyDefined(
                        f"{key.name} is defined otherwise: choose another name, or delete it first"
                    )
                return known
            await _require_room(connection, key.account_id)
            arguments = {
                "account": key.account_id,
                "name": key.name,
                "types": list(definition.event_types),
                "attempts": definition.max_attempts,
                "window": definition.window,
                "delay": definition.retry_delay_ms,
                "start": definition.start,
                "by": by,
            }
            await connection.execute(_INSERT, arguments)
            return await _found(connection, key)

    async def all_of(self, account_id: AccountId | None) -> Sequence[Kept]:
        """Every subscription of an account by name; of everybody for None."""
        where = "" if account_id is None else " WHERE n.account_id = %s"
        arguments = () if account_id is None else (account_id,)
        async with self._connection() as connection:
            query = f"{_KEPT}{where} ORDER BY n.account_id, n.name".encode()
            rows = await (await connection.execute(query, arguments)).fetchall()
        return [_kept(row) for row in rows]

    async def get(self, key: Key) -> Kept:
        """One subscription; raises NoSuchSubscription."""
        async with self._connection() as connection:
            return await _found(connection, key)

    async def delete(self, key: Key) -> None:
        """Forget a subscription and what it parked; raises NoSuchSubscription."""
        async with self._connection() as connection:
            deleted = await connection.execute(
                "DELETE FROM subscriptions.named WHERE account_id = %s AND name = %s",
                (key.account_id, key.name),
            )
        if deleted.rowcount == 0:
            raise _missing(key)

    async def reset(self, key: Key, position: int) -> Kept:
        """Move the checkpoint; what was parked above it comes again in its turn."""
        async with self._connection() as connection, connection.transaction():
            moved = await connection.execute(
                "UPDATE subscriptions.named SET checkpoint = %s, generation = generation + 1 "
                "WHERE account_id = %s AND name = %s RETURNING id",
                (position, key.account_id, key.name),
            )
            row = await moved.fetchone()
            if row is None:
                raise _missing(key)
            await connection.execute(
                "DELETE FROM subscriptions.failed WHERE subscription_id = %s", row
            )
            await connection.execute(
                "DELETE FROM subscriptions.parked WHERE subscription_id = %s AND position > %s",
                (row[0], position),
            )
            return await _found(connection, key)

    async def parked(self, key: Key, after: int, limit: int) -> Sequence[ParkedRow]:
        """Parked events above a position, in the order of the log."""
        async with self._connection() as connection:
            number = await _id(connection, key)
            rows = await connection.execute(_PARKED, (number, after, limit))
            return [ParkedRow(*row) for row in await rows.fetchall()]

    async def replay(self, key: Key, positions: Sequence[int] | None) -> int:
        """Ask for parked events, or all for None, to be delivered again; how many there are."""
        return await self._on_parked(
            key, "UPDATE subscriptions.parked SET replay = true", positions
        )

    async def drop(self, key: Key, positions: Sequence[int] | None) -> int:
        """Give parked events up, or all for None; how many there were."""
        return await self._on_parked(key, "DELETE FROM subscriptions.parked", positions)

    @asynccontextmanager
    async def lease(self, key: Key) -> AsyncIterator[Lease]:
        """Be the one consumer of a subscription; raises NoSuchSubscription or ConsumerActive.

        The lease is a lock of a connection of its own: it ends with the connection, however that
        ends, and nothing can be written for the consumer by anything but that connection.
        """
        try:
            connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        except psycopg.OperationalError as error:
            raise _unavailable(error) from error
        try:
            try:
                number = await _id(connection, key)
                asked = await connection.execute(
                    "SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, number)
                )
                row = await asked.fetchone()
                if row is None or not row[0]:
                    raise ConsumerActive(
                        f"{key.name} has a consumer already: come back when that one has ended"
                    )
                # Only now: the one before may have moved it until it lost the lock.
                kept = await _found(connection, key)
            except psycopg.OperationalError as error:
                raise _unavailable(error) from error
            yield Lease(connection, kept)
        finally:
            await connection.close()

    async def _on_parked(self, key: Key, change: str, positions: Sequence[int] | None) -> int:
        only = "" if positions is None else " AND position = ANY(%s)"
        async with self._connection() as connection:
            number = await _id(connection, key)
            arguments = (number,) if positions is None else (number, list(positions))
            query = f"{change} WHERE subscription_id = %s{only}".encode()
            return (await connection.execute(query, arguments)).rowcount

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> LogUnavailable:
    return LogUnavailable(f"the subscriptions cannot be reached now: {error}")


def _missing(key: Key) -> NoSuchSubscription:
    return NoSuchSubscription(f"there is no subscription {key.name} here: create it first")


async def _find(connection: psycopg.AsyncConnection[Any], key: Key) -> Kept | None:
    query = f"{_KEPT} WHERE n.account_id = %s AND n.name = %s".encode()
    row = await (await connection.execute(query, (key.account_id, key.name))).fetchone()
    return None if row is None else _kept(row)


async def _found(connection: psycopg.AsyncConnection[Any], key: Key) -> Kept:
    found = await _find(connection, key)
    if found is None:
        raise _missing(key)
    return found


async def _id(connection: psycopg.AsyncConnection[Any], key: Key) -> int:
    row = await (await connection.execute(_OF, (key.account_id, key.name))).fetchone()
    if row is None:
        raise _missing(key)
    return int(row[0])


async def _require_room(connection: psycopg.AsyncConnection[Any], account_id: AccountId) -> None:
    counted = await connection.execute(
        "SELECT count(*) FILTER (WHERE account_id = %s), count(*) FROM subscriptions.named",
        (account_id,),
    )
    row = await counted.fetchone()
    assert row is not None
    if row[0] >= _OF_ACCOUNT_MAX:
        raise TooMany(f"there are {_OF_ACCOUNT_MAX} subscriptions here already: delete some")
    if row[1] >= _IN_ALL_MAX:
        raise TooMany(f"there are {_IN_ALL_MAX} subscriptions in all: delete some")


def _same(known: Definition, wanted: Definition, *, at_head: bool) -> bool:
    return (
        known.event_types == wanted.event_types
        and known.max_attempts == wanted.max_attempts
        and known.window == wanted.window
        and known.retry_delay_ms == wanted.retry_delay_ms
        and (at_head or known.start == wanted.start)
    )


def _kept(row: tuple[Any, ...]) -> Kept:
    (number, account, name, types, attempts, window, delay, start, checkpoint, generation,
     parked, connected, by, at) = row  # fmt: skip
    definition = Definition(
        Key(AccountId(account), name), tuple(types), attempts, window, delay, start
    )
    return Kept(number, definition, checkpoint, generation, parked, connected, by, at)
