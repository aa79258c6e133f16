"""All wrapped keys under another master key, while everything runs; stopped, it goes on later.

1. Take the next few keys that are not under the new master key; what is wrapped says by which.
2. Open each with the old one, wrap it with the new one, and put it back if nobody changed it.
3. Until none is left. A service may still have wrapped a key with the old one meanwhile, so the
   last run comes after every service wraps with the new one.

Each key is one commit of its own: at every moment it opens with one of the two, and a key that was
erased stays erased. Raises WrongMasterKey or AlteredKey at a key that does not open; it and what
comes after stays as it was.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import psycopg

from adapters.keys.master import AlteredKey, MasterKey, WrongMasterKey, of_subject
from adapters.keys.venue import Slot
from adapters.postgres.connect import CONNECTING
from domain.ids import AccountId, UserId

_LEFT: Final = (
    "wrapped_key IS NOT NULL AND (get_byte(wrapped_key, 0) <> 2 "
    "OR substring(wrapped_key FROM 2 FOR 8) <> %(id)s)"
)
_SUBJECTS: Final = f"""
    SELECT subject_id::text, wrapped_key FROM keys.subjects
     WHERE {_LEFT} ORDER BY subject_id LIMIT %(page)s
""".encode()  # noqa: S608  (constants)
_SECRETS: Final = f"""
    SELECT account_id::text, key_version, venue, wrapped_key FROM keys.venue_secrets
     WHERE {_LEFT} ORDER BY account_id, key_version LIMIT %(page)s
""".encode()  # noqa: S608  (constants)
_REWRAP_SUBJECT: Final = b"SELECT keys.rewrap_subject(%s, %s, %s)::integer"
_REWRAP_SECRET: Final = b"SELECT keys.rewrap_venue_secret(%s, %s, %s, %s)::integer"
_PAGE: Final = 500


class Counts(NamedTuple):
    """Keys that were wrapped anew."""

    subjects: int = 0
    venue_secrets: int = 0


async def rotate_master_key(
    url: str, old: MasterKey, new: MasterKey, progress: Callable[[Counts], None]
) -> Counts:
    """Wrap everything anew; `url` is for the role patriot_rekey."""
    if old.id == new.id:
        raise WrongMasterKey("the old and the new master key are the same: make a fresh one")
    counts = Counts()
    asked = {"id": new.id, "page": _PAGE}
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, **CONNECTING
    ) as connection:
        while rows := await (await connection.execute(_SUBJECTS, asked)).fetchall():
            for subject, wrapped in rows:
                owner = of_subject(UserId(subject))
                anew = _anew(old, new, owner, wrapped, f"subject {subject}")
                done = await connection.execute(_REWRAP_SUBJECT, (subject, wrapped, anew))
                counts = counts._replace(subjects=counts.subjects + await _one(done))
            progress(counts)
        while rows := await (await connection.execute(_SECRETS, asked)).fetchall():
            for account, version, venue, wrapped in rows:
                owner = Slot(AccountId(account), venue, version).bytes
                whose = f"venue key {version} of account {account}"
                anew = _anew(old, new, owner, wrapped, whose)
                arguments = (account, version, wrapped, anew)
                done = await connection.execute(_REWRAP_SECRET, arguments)
                counts = counts._replace(venue_secrets=counts.venue_secrets + await _one(done))
            progress(counts)
    return counts


async def _one(done: psycopg.AsyncCursor[Any]) -> int:
    """1 if the key was still what it had been, 0 if somebody changed it meanwhile."""
    row = await done.fetchone()
    return row[0] if row is not None else 0


def _anew(old: MasterKey, new: MasterKey, owner: bytes, wrapped: bytes, whose: str) -> bytes:
    try:
        return new.wrap_for(owner, old.unwrap_for(owner, wrapped))
    except (WrongMasterKey, AlteredKey) as error:
        raise type(error)(f"the key of {whose} stays as it was: {error}") from error
