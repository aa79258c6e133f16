"""The keys of subjects in PostgreSQL, beside the log: wrapped by the master key, taken by commits.

Roles: patriot_keys makes and reads keys (command service), patriot_unlock reads (query service);
none can change or delete one. The trigger of `user.erased.v1` does that (0005_subject_keys.sql).
"""

import os
from collections.abc import Sequence
from typing import Any, Final

from adapters.keys.cipher import KEY_BYTES, Entropy
from adapters.keys.master import NAME, MasterKey
from adapters.postgres.key_database import KeyDatabase
from adapters.settings import SettingsError
from domain.ids import UserId, user_stream

_FIND: Final = b"SELECT wrapped_key FROM keys.subjects WHERE subject_id = %s"
_ENSURE: Final = b"SELECT keys.ensure(%s, %s, %s)"
_ANY: Final = (
    b"SELECT subject_id::text, wrapped_key FROM keys.subjects WHERE wrapped_key IS NOT NULL LIMIT 1"
)


class PostgresSubjectKeys:
    """Implements adapters.keys.subjects.SubjectKeys; open() it, close() it."""

    def __init__(self, url: str, master: MasterKey, entropy: Entropy = os.urandom) -> None:
        self._master = master
        self._entropy = entropy
        self._database = KeyDatabase(url, "the database of subjects' keys")

    async def open(self) -> None:
        """Try the master key on a stored key; raises LogUnavailable or WrongMasterKey."""
        await self._database.open()
        for subject, wrapped in await self._database.rows(_ANY, ()):
            self._master.unwrap(UserId(subject), wrapped)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def ensure(self, subject: UserId) -> bytes | None:
        """The subject's key, made if there never was one; None once erased."""
        fresh = self._master.wrap(subject, self._entropy(KEY_BYTES), self._entropy)
        arguments = (subject, user_stream(subject), fresh)
        return self._key(subject, await self._database.rows(_ENSURE, arguments))

    async def find(self, subject: UserId) -> bytes | None:
        """The subject's key; None if there never was one, and once erased."""
        return self._key(subject, await self._database.rows(_FIND, (subject,)))

    def _key(self, subject: UserId, rows: Sequence[tuple[Any, ...]]) -> bytes | None:
        wrapped = rows[0][0] if rows else None
        return self._master.unwrap(subject, wrapped) if wrapped is not None else None


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
