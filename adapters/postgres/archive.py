"""Archives out of the log and back into one; what goes either way fits the chain.

Exporting reads one snapshot. Importing is one transaction, and the log is recomputed before it
commits: an archive is in the log whole, or not at all. An archive goes where it came from alone:
behind a log that ends, with the same chain, right before it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg

from adapters.audit.archive import (
    Archive,
    ArchivedCommand,
    ArchiveRefused,
    Header,
    Record,
    checked,
)
from adapters.audit.chain import EMPTY, ChainedEvent, Commit
from adapters.postgres.chain import Recomputed, recompute
from adapters.postgres.connect import CONNECTING
from domain.ports import LogUnavailable

_ROWS_AT_ONCE: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_CHAIN_AT: Final = "SELECT chain FROM log.commits WHERE last_position = %s"
_COMMIT_OF: Final = """
    SELECT first_position, last_position, chain FROM log.commits
     WHERE last_position >= %s ORDER BY last_position LIMIT 1
"""
_COMMITS: Final = """
    SELECT first_position, last_position, (extract(epoch FROM committed_at) * 1000000)::bigint,
           chain
      FROM log.commits WHERE last_position BETWEEN %s AND %s ORDER BY last_position
"""
_EVENTS: Final = """
    SELECT position, stream_id, version, type, account_id, payload, metadata
      FROM log.events WHERE position BETWEEN %s AND %s ORDER BY position
"""
# Commands without events have no position: they belong to the archives that begin at 1.
_COMMANDS: Final = """
    SELECT account_id, command_id, fingerprint, result, first_position, last_position
      FROM log.commands
     WHERE last_position <= %(last)s AND (first_position >= %(first)s OR %(first)s = 1)
     ORDER BY last_position, account_id, command_id
"""
_INTO: Final[dict[type, tuple[LiteralString, list[str]]]] = {
    ChainedEvent: (
        (
            "COPY log.events (position, stream_id, version, type, account_id, payload, metadata) "
            "FROM STDIN (FORMAT binary)"
        ),
        ["int8", "uuid", "int4", "text", "uuid", "bytea", "bytea"],
    ),
    Commit: (
        (
            "COPY log.commits (first_position, last_position, committed_at, chain) "
            "FROM STDIN (FORMAT binary)"
        ),
        ["int8", "int8", "timestamptz", "bytea"],
    ),
    ArchivedCommand: (
        (
            "COPY log.commands (account_id, command_id, fingerprint, result, first_position, "
            "last_position) FROM STDIN (FORMAT binary)"
        ),
        ["uuid", "uuid", "bytea", "bytea", "int8", "int8"],
    ),
}


@contextmanager
def exported(
    url: str, *, first: int = 1, last: int | None = None, shard: int = 0
) -> Iterator[Archive]:
    """The part of the log with these positions, in whole commits, checked as it is read.

    Raises ArchiveRefused if the log ends before, ChainBroken, LogUnavailable.
    """
    try:
        with psycopg.connect(url, **CONNECTING) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            header = _header(connection, first, last, shard)
            archive = Archive(header, _records(connection, header))
            yield Archive(header, checked(archive))
    except psycopg.Error as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error


def imported(url: str, archive: Archive) -> Recomputed:
    """Write an archive behind the log; `url` is that of the log's owner or a superuser.

    Raises ArchiveRefused, ArchiveError, ChainBroken, LogUnavailable; then nothing was written.
    """
    try:
        with psycopg.connect(url, **CONNECTING) as connection:
            _require_fitting(connection, archive.header)
            _fill(connection, checked(archive))
            connection.execute(
                "UPDATE log.head SET position = %s, chain = %s",
                (archive.header.last, archive.header.chain),
            )
            return recompute(connection)
    except psycopg.OperationalError as error:
        raise LogUnavailable(f"the log cannot be written now: {error}") from error
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise ArchiveRefused(
            "importing needs the address of the log's owner or of a superuser: services can only "
            "append"
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise ArchiveRefused("there is no log in this database: patriot migrate") from error
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise ArchiveRefused(f"the log does not take the archive: {error}") from error


def _header(
    connection: psycopg.Connection[Any], first: int, last: int | None, shard: int
) -> Header:
    """Widen the positions to whole commits."""
    head = connection.execute("SELECT position, chain FROM log.head").fetchone()
    assert head is not None
    end = head[0] if last is None else last
    if end == 0 and first == 1:
        return Header(shard, 1, 0, EMPTY, EMPTY)
    if first > end or end > head[0]:
        raise ArchiveRefused(f"the log has the positions 1 to {head[0]}: choose some of these")
    begin = connection.execute(_COMMIT_OF, (first,)).fetchone()
    until = connection.execute(_COMMIT_OF, (end,)).fetchone()
    if begin is None or until is None:
        raise ArchiveRefused("the log has no commits at its end: patriot log verify")
    before = connection.execute(_CHAIN_AT, (begin[0] - 1,)).fetchone()
    return Header(shard, begin[0], until[1], before[0] if before else EMPTY, until[2])


def _records(connection: psycopg.Connection[Any], header: Header) -> Iterator[Record]:
    span = (header.first, header.last)
    with (
        connection.cursor("commits", binary=True) as commits,
        connection.cursor("events", binary=True) as events,
    ):
        for cursor, query in ((commits, _COMMITS), (events, _EVENTS)):
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(query, span)
        rows = iter(events)
        for row in commits:
            commit = Commit(*row)
            yield commit
            yield from (
                ChainedEvent(*event) for event in islice(rows, commit.last - commit.first + 1)
            )
        yield from (ChainedEvent(*event) for event in rows)  # of no commit: the check says so
    with connection.cursor("commands", binary=True) as commands:
        commands.itersize = _ROWS_AT_ONCE
        commands.execute(_COMMANDS, {"first": header.first, "last": header.last})
        yield from (ArchivedCommand(*row) for row in commands)


def _require_fitting(connection: psycopg.Connection[Any], header: Header) -> None:
    """Hold the head, so that nobody appends meanwhile, and see that the archive follows it."""
    connection.execute("SET LOCAL lock_timeout = '5s'")
    head = connection.execute("SELECT position, chain FROM log.head FOR UPDATE").fetchone()
    assert head is not None
    position, chain = head
    if header.first == 1:
        row = connection.execute(
            "SELECT NOT EXISTS (SELECT FROM log.events) AND NOT EXISTS (SELECT FROM log.commits) "
            "AND NOT EXISTS (SELECT FROM log.commands)"
        ).fetchone()
        if position or row != (True,):
            raise ArchiveRefused(
                f"the log is not empty, it ends at {position}: an archive that begins at 1 is "
                "imported into an empty one only"
            )
    if header.first != position + 1:
        raise ArchiveRefused(
            f"the archive begins at {header.first}, and the log ends at {position}: the one that "
            f"begins at {position + 1} comes first"
        )
    if header.before != chain:
        raise ArchiveRefused(
            f"the archive is of another log: its chain before {header.first} is not this one's"
        )


def _fill(connection: psycopg.Connection[Any], records: Iterator[Record]) -> None:
    while some := list(islice(records, _ROWS_AT_ONCE)):
        for kind, (statement, types) in _INTO.items():
            rows = [record for record in some if type(record) is kind]
            if not rows:
                continue
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(_columns(row))


def _columns(record: Record) -> tuple[int | str | bytes | UUID | datetime, ...]:
    """A record as its table takes it."""
    if isinstance(record, Commit):
        time = _EPOCH + timedelta(microseconds=record.committed_at)
        return (record.first, record.last, time, record.chain)
    return tuple(record)
