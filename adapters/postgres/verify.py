"""Prove that the live read models are what the log says: byte for byte, while everything runs.

One snapshot of the read-model database holds the rows and the positions they reflect. The log is
folded anew in memory up to those positions, the result is loaded beside the live tables, and the
database compares the two as text, row by row.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection, IsolationLevel, sql

from adapters.codec import read_recorded
from adapters.kafka.partition import partition_of
from adapters.postgres.readmodel import connect, read_positions
from domain.ports import EventLog
from domain.registry import Unknown
from projections.catalogue import PROJECTIONS
from projections.replay import Replay
from projections.tables import Projection, Table

_PAGE: Final = 5_000
_SHOWN_MAX: Final = 100
"""Rows of a table that are shown when they differ; all are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what the log says; column is empty where a whole row is."""

    table: str
    key: str
    column: str
    expected: str | None
    actual: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared, and what differs."""

    positions: Mapping[str, int]
    """For each projection the log position up to which all its partitions were compared."""
    rows: Mapping[str, int]
    """For each table the number of rows that the log says."""
    wrong_rows: Mapping[str, int]
    """For each table that differs the number of rows that do."""
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether the live tables are what the log says."""
        return not self.wrong_rows


async def verify(
    log: EventLog,
    read_dsn: str,
    projections: Collection[Projection] | None = None,
    *,
    unknown: Unknown = Unknown.STOP,
) -> Verified:
    """Compare; raises LogError, UnknownEventType or psycopg.Error where that is not possible."""
    chosen = tuple(PROJECTIONS.values() if projections is None else projections)
    connection = await connect(read_dsn, "patriot-verify")
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        async with connection.transaction():
            stored = await read_positions(connection)
            tables = await _expected(log, chosen, stored, unknown)
            wrong: dict[str, int] = {}
            differences: list[Difference] = []
            for projection in chosen:
                for table in projection.tables:
                    count, found = await _compare(connection, table, tables[table.name])
                    if count:
                        wrong[table.name] = count
                    differences += found
    finally:
        await connection.close()
    return Verified(
        positions={
            one.name: min((at for (name, _), at in stored.items() if name == one.name), default=0)
            for one in chosen
        },
        rows={name: len(rows) for name, rows in tables.items()},
        wrong_rows=wrong,
        differences=tuple(differences),
    )


async def _expected(
    log: EventLog,
    projections: Collection[Projection],
    stored: Mapping[tuple[str, int], int],
    unknown: Unknown,
) -> dict[str, list[tuple[Any, ...]]]:
    replays = {one.name: Replay((one,), read_recorded, unknown=unknown) for one in projections}
    last = max((at for (name, _), at in stored.items() if name in replays), default=0)
    position = 0
    while position < last:
        page = await log.read_all(after=position, limit=min(_PAGE, last - position))
        if not page:
            break  # the tables are ahead of the log: their rows will differ
        for name, run in replays.items():
            run.apply(
                event
                for event in page
                if event.position.number <= stored.get((name, partition_of(event.account_id)), 0)
            )
        position = page[-1].position.number
    return {name: rows for run in replays.values() for name, rows in run.tables().items()}


async def _compare(
    connection: AsyncConnection[Any], table: Table[Any], rows: list[tuple[Any, ...]]
) -> tuple[int, list[Difference]]:
    live = sql.Identifier("model", table.name)
    expected = sql.Identifier("expected_" + table.name)
    columns = [sql.Identifier(column) for column in table.columns]
    await connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP").format(expected, live)
    )
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(expected, sql.SQL(", ").join(columns))
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)
    differing = sql.SQL(
        "FROM {} e FULL JOIN {} a USING ({}) WHERE e::text IS DISTINCT FROM a::text"
    ).format(expected, live, sql.SQL(", ").join(map(sql.Identifier, table.key)))
    counted = await connection.execute(sql.SQL("SELECT count(*) ") + differing)
    ((count,),) = await counted.fetchall()
    if not count:
        return 0, []
    shown = await connection.execute(
        sql.SQL("SELECT {}, {} {} LIMIT {}").format(
            sql.SQL(", ").join(sql.SQL("e.{}::text").format(column) for column in columns),
            sql.SQL(", ").join(sql.SQL("a.{}::text").format(column) for column in columns),
            differing,
            _SHOWN_MAX,
        )
    )
    return count, [
        difference for row in await shown.fetchall() for difference in _differences(table, row)
    ]


def _differences(table: Table[Any], row: tuple[Any, ...]) -> list[Difference]:
    width = len(table.columns)
    expected, actual = row[:width], row[width:]
    positions = [table.columns.index(column) for column in table.key]
    present = expected if expected[positions[0]] is not None else actual
    key = ", ".join(str(present[position]) for position in positions)
    if expected[positions[0]] is None:
        return [Difference(table.name, key, "", None, "a row that the log does not say")]
    if actual[positions[0]] is None:
        return [Difference(table.name, key, "", "a row", None)]
    return [
        Difference(table.name, key, column, wanted, found)
        for column, wanted, found in zip(table.columns, expected, actual, strict=True)
        if wanted != found
    ]
