"""How much the log holds, of which types, and since when; one snapshot."""

from dataclasses import dataclass
from typing import Final

import psycopg

from adapters.postgres.connect import CONNECTING
from domain.ports import LogUnavailable

_TYPES: Final = """
    SELECT type, count(*), sum(octet_length(payload) + octet_length(metadata))::bigint
      FROM log.events GROUP BY type ORDER BY count(*) DESC, type
"""
_TOTALS: Final = """
    SELECT (SELECT position FROM log.head), (SELECT encode(chain, 'hex') FROM log.head),
           (SELECT count(*) FROM (SELECT DISTINCT stream_id FROM log.events) AS s),
           (SELECT count(*) FROM (SELECT DISTINCT account_id FROM log.events) AS a),
           (SELECT count(*) FROM log.commits), (SELECT count(*) FROM log.commands),
           pg_total_relation_size('log.events') + pg_total_relation_size('log.commits')
           + pg_total_relation_size('log.commands'),
           (SELECT (extract(epoch FROM min(committed_at)) * 1000000)::bigint FROM log.commits),
           (SELECT (extract(epoch FROM max(committed_at)) * 1000000)::bigint FROM log.commits)
"""


@dataclass(frozen=True, slots=True)
class TypeStatistics:
    """Events of one type."""

    type: str
    events: int
    content_bytes: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the log holds; times in microseconds since 1970-01-01 UTC."""

    position: int
    chain: str
    events: int
    streams: int
    accounts: int
    commits: int
    commands: int
    content_bytes: int
    """Payloads and metadata."""
    table_bytes: int
    """Tables and indexes on disk."""
    first_committed_at: int | None
    last_committed_at: int | None
    types: tuple[TypeStatistics, ...]


def read_statistics(url: str) -> Statistics:
    """Count everything, which reads everything; raises LogUnavailable."""
    try:
        with psycopg.connect(url, **CONNECTING) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            types = tuple(TypeStatistics(*row) for row in connection.execute(_TYPES))
            row = connection.execute(_TOTALS).fetchone()
            assert row is not None
    except psycopg.Error as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error
    position, chain, streams, accounts, commits, commands, size, first, last = row
    return Statistics(
        position=position,
        chain=chain,
        events=sum(each.events for each in types),
        streams=streams,
        accounts=accounts,
        commits=commits,
        commands=commands,
        content_bytes=sum(each.content_bytes for each in types),
        table_bytes=size,
        first_committed_at=first,
        last_committed_at=last,
        types=types,
    )
