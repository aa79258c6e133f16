"""The log's chain, recomputed from its tables: says where it was altered, removed or cut off.

Events come as rows of a binary COPY, whose parts are the canonical bytes of the chain already: a
row is cut at two places and hashed, no value is ever converted.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain as chained
from struct import Struct
from typing import Any, Final

import psycopg
from psycopg import sql

from adapters.audit.chain import (
    Commit,
    Content,
    EventMissing,
    EventSlippedIn,
    Recomputation,
    TailCut,
)
from adapters.audit.heads import SignedHead
from adapters.postgres.connect import CONNECTING
from domain.ports import LogUnavailable

_COMMITS_AT_ONCE: Final = 5_000
_COPY_HEAD: Final = 19
"""Bytes before the first row of a binary COPY."""
_ROW_LEAST: Final = 46

_POSITION: Final = Struct("!q").unpack_from
_LENGTH: Final = Struct("!i").unpack_from

_COMMITS: Final = """
    SELECT first_position, last_position, (extract(epoch FROM committed_at) * 1000000)::bigint,
           chain
      FROM log.commits WHERE last_position > %s ORDER BY last_position LIMIT %s
"""
_EVENTS: Final = sql.SQL("""
    COPY (SELECT position, stream_id, version, type, account_id, payload, metadata
            FROM log.events WHERE position BETWEEN {} AND {} ORDER BY position)
      TO STDOUT (FORMAT binary)
""")
_OUTSIDE: Final = """
    SELECT position FROM log.events WHERE position < 1 OR position > %s ORDER BY position LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """All of it fits."""

    position: int
    chain: bytes
    signed: SignedHead | None
    """The last signed head that the chain passes through; None if there was none to compare."""


def verify_chain(url: str, heads: Sequence[SignedHead] = ()) -> Recomputed:
    """Recompute the whole chain and compare signed heads; raises ChainBroken, LogUnavailable.

    Reads one snapshot, so appends go on meanwhile.
    """
    try:
        with psycopg.connect(url, **CONNECTING) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            return recompute(connection, heads)
    except psycopg.Error as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error


def recompute(connection: psycopg.Connection[Any], heads: Sequence[SignedHead] = ()) -> Recomputed:
    """The same within a transaction of the caller's, which must see one state of the log."""
    # By the index, whatever the planner believes of the table: sorting what is in order already
    # went to disk and took half of the time.
    for plan in ("enable_sort", "enable_bitmapscan", "enable_seqscan"):
        connection.execute("SELECT set_config(%s, 'off', true)", (plan,))
    row = connection.execute("SELECT position, chain FROM log.head").fetchone()
    assert row is not None
    position, chain = row
    going = Recomputation(heads)
    while commits := _commits(connection, going.position):
        with closing(_contents(connection, commits[0].first, commits[-1].last)) as contents:
            try:
                for commit in commits:
                    going.add(commit, contents)
            except EventMissing as missing:
                if next(contents, None) is None:
                    _tell_cut(connection, missing)
                raise
    going.end(position, chain)
    going.signed_end()
    found = connection.execute(_OUTSIDE, (going.position,)).fetchone()
    if found is not None:
        raise EventSlippedIn(found[0], f"event {found[0]} is part of no commit")
    return Recomputed(going.position, going.chain, going.fitting)


def _commits(connection: psycopg.Connection[Any], after: int) -> list[Commit]:
    cursor = connection.cursor(binary=True)
    cursor.execute(_COMMITS, (after, _COMMITS_AT_ONCE))
    return [Commit(*row) for row in cursor]


def _contents(connection: psycopg.Connection[Any], first: int, last: int) -> Generator[Content]:
    """Position and canonical bytes of every event of a span."""
    query = _EVENTS.format(sql.Literal(first), sql.Literal(last))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        rows = iter(copy)
        begin = bytes(next(rows))[_COPY_HEAD:]
        for row in chained((begin,) if begin else (), rows):
            if len(row) < _ROW_LEAST:
                continue  # the mark of the end
            # Each part stands behind its length: 2 bytes count the parts, then position at 6,
            # stream at 18, version at 38, type behind its length at 42, and so on.
            account = 46 + _LENGTH(row, 42)[0]
            yield (
                _POSITION(row, 6)[0],
                b"".join((row[6:14], row[18:34], row[38:account], row[account + 4 :])),
            )


def _tell_cut(connection: psycopg.Connection[Any], missing: EventMissing) -> None:
    """Raise TailCut if nothing follows what is missing."""
    query = "SELECT FROM log.events WHERE position > %s LIMIT 1"
    if connection.execute(query, (missing.position,)).fetchone() is None:
        raise TailCut(
            missing.position - 1,
            f"the log was cut off after {missing.position - 1}: its commits go on",
        ) from missing
