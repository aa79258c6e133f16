"""The keys of subjects in PostgreSQL, beside the log: wrapped by the master key, taken by commits.

Roles: patriot_keys makes and reads keys (command service), patriot_unlock reads (query service);
none can change or delete one. The trigger of `user.erased.v1` does that (0005_subject_keys.sql).
"""

import os
from typing import Any, Final

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from adapters.keys.cipher import KEY_BYTES, Entropy
from adapters.keys.master import NAME, MasterKey
from adapters.postgres.connect import CONNECTING
from adapters.settings import SettingsError
from domain.ids import UserId, user_stream
from domain.ports import LogUnavailable

_FIND: Final = "SELECT wrapped_key FROM keys.subjects WHERE subject_id = %s"
_ENSURE: Final = "SELECT keys.ensure(%s, %s, %s)"
_ANY: Final = (
    "SELECT subject_id::text, wrapped_key FROM keys.subjects WHERE wrapped_key IS NOT NULL LIMIT 1"
)


class PostgresSubjectKeys:
    """Implements adapters.keys.subjects.SubjectKeys; open() it, close() it."""

    def __init__(self, url: str, master: MasterKey, entropy: Entropy = os.urandom) -> None:
        self._master = master
        self._entropy = entropy
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
        """Try the master key on a stored key; raises LogUnavailable or WrongMasterKey."""
        await self._pool.open()
        row = await self._row(_ANY, ())
        if row is not None:
            self._master.unwrap(UserId(row[0]), row[1])

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def ensure(self, subject: UserId) -> bytes | None:
        """The subject's key, made if there never was one; None once erased."""
        fresh = self._master.wrap(subject, self._entropy(KEY_BYTES), self._entropy)
        return self._key(subject, await self._row(_ENSURE, (subject, user_stream(subject), fresh)))

    async def find(self, subject: UserId) -> bytes | None:
        """The subject's key; None if there never was one, and once erased."""
        return self._key(subject, await self._row(_FIND, (subject,)))

    def _key(self, subject: UserId, row: tuple[Any, ...] | None) -> bytes | None:
        wrapped = row[0] if row is not None else None
        return self._master.unwrap(subject, wrapped) if wrapped is not None else None

    async def _row(self, query: str, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
        try:
            async with self._pool.connection() as connection:
                found = await connection.execute(query.encode(), arguments)
                row: tuple[Any, ...] | None = await found.fetchone()
                return row
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as error:
            raise LogUnavailable(f"the keys of subjects cannot be read now: {error}") from error


def subject_keys(url: str, master_key: str) -> PostgresSubjectKeys | None:
    """The keys, not yet open; None where a service is set up without; raises SettingsError."""
    if not url and not master_key:
        return None
    if not url or not master_key:
        raise SettingsError(
            f"KEYS_DATABASE_URL and {NAME} belong together: set both, or none for a service "
            "without personal data"
        )
    return PostgresSubjectKeys(url, MasterKey(master_key))
