"""Logs for the tests of the audit: small ones with known commits, tampered with by a superuser."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack
from typing import Any, Final

import psycopg

from adapters.audit.heads import SignedHead, SigningKey
from adapters.audit.signer import HeadSignerOptions
from adapters.audit.store import HeadFolder, kept_heads, kept_keys
from adapters.postgres.log import PostgresEventLog
from domain.ports import Batch
from tests.support.batches import batch, command, event, only
from tests.support.servers import Database

LAST: Final = 7
_COMMITS: Final[tuple[Batch, ...]] = (
    batch(command("a", event("a", 1), event("a", 2), event("b", 1, b"\x00\xff"))),
    only("b", "a", 3),
    batch(command("c", event("c", 1)), command("d", event("c", 2))),
    batch(command("refused")),
    only("e", "c", 3),
)
"""The positions 1-3, 4, 5-6, none and 7."""


async def write(database: Database, commits: slice = slice(None)) -> None:
    """Append some of the commits above."""
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    for each in _COMMITS[commits]:
        await log.append(each)
    await log.close()


@contextmanager
def criminal(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Somebody with every right, whom the triggers do not stop."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def rewrite_chain(connection: psycopg.Connection[Any]) -> None:
    """Compute every chain anew over what the tables hold now, the head's too."""
    chain, position = hashlib.sha256(b"").digest(), 0
    commits = connection.execute(
        "SELECT first_position, last_position, (extract(epoch FROM committed_at) * 1000000)::bigint"
        "  FROM log.commits ORDER BY last_position"
    ).fetchall()
    for first, position, committed_at in commits:
        content = chain + pack(">qqq", first, position, committed_at)
        for row in connection.execute(
            "SELECT position, stream_id, version, type, account_id, payload, metadata "
            "FROM log.events WHERE position BETWEEN %s AND %s ORDER BY position",
            (first, position),
        ):
            content += pack(">q", row[0]) + row[1].bytes + pack(">i", row[2])
            content += pack(">i", len(row[3].encode())) + row[3].encode() + row[4].bytes
            content += pack(">i", len(row[5])) + row[5] + pack(">i", len(row[6])) + row[6]
        chain = hashlib.sha256(content).digest()
        connection.execute(
            "UPDATE log.commits SET chain = %s WHERE last_position = %s", (chain, position)
        )
    connection.execute("UPDATE log.head SET position = %s, chain = %s", (position, chain))


def options(database: Database, folder: Path, key: str) -> HeadSignerOptions:
    """What a head signer of this log is told."""
    return HeadSignerOptions(
        database.url("patriot_tail"), SigningKey(key), HeadFolder(folder), seconds=0.05
    )


def signed(folder: Path) -> list[SignedHead]:
    """The heads of a folder, each checked."""
    store = HeadFolder(folder)
    return list(kept_heads(store, 0, kept_keys(store)))
