"""Rows of one projection in PostgreSQL: rows and the position they reflect change in one commit.

A transaction first locks the positions of its partitions. So it knows what was applied already, a
second worker that believes it owns the same partition waits, and rows that this process still has
in memory can be trusted exactly if the position is where this process left it.

Many new rows are written by COPY, many changed ones by COPY into a temporary table and one upsert
from there. A few rows go in one pipeline together with the position and the commit: when it is
quiet, what counts is how often the server is waited for.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from psycopg import AsyncConnection, Error, sql
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader

from adapters.postgres.rowsql import Statements
from projections.tables import Key, Projection, RowT, Table

_Connection = AsyncConnection[tuple[Any, ...]]
_Loaded = dict[Key, tuple[Any, ...] | None]

_SETTINGS: Final = (
    "-c TimeZone=UTC -c statement_timeout=60s -c lock_timeout=30s -c synchronous_commit=off"
)
_FEW_ROWS: Final = 24
"""Up to so many rows of a table, single statements in a pipeline are quicker than COPY."""

_LOCK: Final = """
    SELECT partition, position FROM model.projection_positions
     WHERE projection = %s AND shard = %s AND partition = ANY(%s)
     ORDER BY partition FOR UPDATE"""
_BEGIN: Final = """
    INSERT INTO model.projection_positions (projection, shard, partition, position)
    SELECT %s, %s, unnest(%s::smallint[]), 0 ON CONFLICT DO NOTHING"""
_MOVE: Final = """
    UPDATE model.projection_positions p
       SET position = m.position, event_time = coalesce(m.event_time, p.event_time)
      FROM unnest(%s::smallint[], %s::bigint[], %s::timestamptz[])
           AS m(partition, position, event_time)
     WHERE p.projection = %s AND p.shard = %s AND p.partition = m.partition"""


async def connect(dsn: str, name: str) -> _Connection:
    """A connection for projections; raises psycopg.OperationalError.

    A commit does not wait for the disk: should the server lose the last ones in a crash, rows and
    position are lost together, and the records are asked for again from that position.
    """
    connection: _Connection = await AsyncConnection.connect(
        dsn,
        autocommit=True,
        application_name=name,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=15_000,
        options=_SETTINGS,
    )
    connection.adapters.register_loader("uuid", TextLoader)  # ids are texts everywhere
    return connection


async def lock_positions(
    connection: _Connection,
    projection: str,
    shard: int,
    partitions: Collection[int],
    *,
    begin: bool = False,
) -> dict[int, int]:
    """The position of each partition, locked until the transaction ends; 0 where none was.

    With `begin` the transaction is begun on the way.
    """
    wanted = sorted(partitions)
    if begin:
        async with connection.pipeline():
            await connection.execute("BEGIN")
            cursor = await connection.execute(_LOCK, (projection, shard, wanted))
    else:
        cursor = await connection.execute(_LOCK, (projection, shard, wanted))
    found = dict(cast("list[tuple[int, int]]", await cursor.fetchall()))
    if len(found) < len(wanted):
        await connection.execute(_BEGIN, (projection, shard, wanted))
        cursor = await connection.execute(_LOCK, (projection, shard, wanted))
        found = dict(cast("list[tuple[int, int]]", await cursor.fetchall()))
    return found


async def move_positions(
    connection: _Connection,
    projection: str,
    shard: int,
    moves: Mapping[int, tuple[int, datetime | None]],
) -> None:
    """Set the position of partitions, and the time of the last event applied where there is one."""
    partitions = sorted(moves)
    await connection.execute(
        _MOVE,
        (
            partitions,
            [moves[partition][0] for partition in partitions],
            [moves[partition][1] for partition in partitions],
            projection,
            shard,
        ),
    )


async def read_positions(connection: _Connection, shard: int = 0) -> dict[tuple[str, int], int]:
    """The position of each projection in each partition, as it is now."""
    cursor = await connection.execute(
        "SELECT projection, partition, position FROM model.projection_positions WHERE shard = %s",
        (shard,),
    )
    return {(name, partition): position for name, partition, position in await cursor.fetchall()}


class ReadModel:
    """The tables of one projection; one transaction at a time."""

    def __init__(
        self,
        connection: _Connection,
        projection: Projection,
        *,
        shard: int = 0,
        cached_rows_max: int = 20_000,
    ) -> None:
        self._connection = connection
        self._projection = projection
        self._shard = shard
        self._cached_rows_max = cached_rows_max
        self._cache: dict[str, OrderedDict[Key, tuple[Any, ...]]] = {}
        self._left_at: dict[int, int] = {}
        self._staged: set[str] = set()
        self._read: set[str] = set()
        """Tables of which rows are read again; of the others none is kept in memory."""
        self._statements = {table.name: Statements(table) for table in projection.tables}

    @asynccontextmanager
    async def transaction(self, partitions: Collection[int]) -> AsyncIterator["Transaction"]:
        """Positions locked; commits what was written, or leaves everything as it was."""
        connection = self._connection
        try:
            positions = await lock_positions(
                connection, self._projection.name, self._shard, partitions, begin=True
            )
            known = self._left_at
            if any(known.get(each) != position for each, position in positions.items()):
                self.forget()
            transaction = Transaction(self, positions)
            yield transaction
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                await connection.execute("COMMIT")
        except BaseException:
            self.forget()
            if not connection.closed:
                with suppress(Error):
                    await connection.execute("ROLLBACK")
            raise
        self._left_at.update(transaction.positions)
        self._remember(transaction)

    def forget(self) -> None:
        """Trust no row in memory any more."""
        self._cache.clear()
        self._left_at.clear()
        self._staged.clear()

    async def clear(self) -> None:
        """Delete all rows; only within a transaction."""
        self.forget()
        for table in self._projection.tables:
            await self._connection.execute(
                sql.SQL("DELETE FROM {}").format(sql.Identifier("model", table.name))
            )

    def cached(self, table: Table[Any]) -> Mapping[Key, tuple[Any, ...]]:
        """Rows of a table that are in memory."""
        return self._cache.get(table.name, OrderedDict())

    async def fetch(self, table: Table[Any], keys: Collection[Key]) -> list[tuple[Any, ...]]:
        """The rows with these keys."""
        self._read.add(table.name)
        columns = _columns(table, keys)
        cursor = await self._connection.execute(
            self._statements[table.name].select, columns, binary=False
        )
        return [table.row._make(row) for row in await cursor.fetchall()]

    async def write(self, changes: Collection["TableChanges"]) -> None:
        """Write parts of a transaction that are too large for finish()."""
        for change in changes:
            statements = self._statements[change.table.name]
            if change.deleted:
                await self._delete(change)
            if change.inserted:
                await self._copy(statements.copy, change.inserted)
            if change.changed:
                if change.table.name not in self._staged:
                    await self._connection.execute(statements.stage)
                    self._staged.add(change.table.name)
                await self._copy(statements.copy_stage, change.changed)
                await self._connection.execute(statements.merge)

    async def finish(
        self,
        changes: Collection["TableChanges"],
        moves: Mapping[int, tuple[int, datetime | None]],
    ) -> None:
        """Write the small parts and the positions, and commit; the server is waited for once."""
        async with self._connection.pipeline(), self._connection.cursor() as cursor:
            for change in changes:
                statements = self._statements[change.table.name]
                if change.deleted:
                    await self._delete(change)
                if change.inserted:
                    await cursor.executemany(statements.insert, map(_as_text, change.inserted))
                if change.changed:
                    await cursor.executemany(statements.upsert, map(_as_text, change.changed))
            await move_positions(self._connection, self._projection.name, self._shard, moves)
            await self._connection.execute("COMMIT")

    async def _copy(self, statement: sql.Composed, rows: Collection[tuple[Any, ...]]) -> None:
        async with (
            self._connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for row in rows:
                await copy.write_row(row)

    async def _delete(self, change: "TableChanges") -> None:
        columns = _columns(change.table, change.deleted)
        await self._connection.execute(self._statements[change.table.name].delete, columns)

    def _remember(self, transaction: "Transaction") -> None:
        for name in self._read & transaction.loaded.keys():
            rows = transaction.loaded[name]
            cache = self._cache.setdefault(name, OrderedDict())
            for key, row in rows.items():
                if row is None:
                    cache.pop(key, None)
                else:
                    cache[key] = row
                    cache.move_to_end(key)
            while len(cache) > self._cached_rows_max:
                cache.popitem(last=False)


@dataclass(slots=True)
class TableChanges:
    """Rows of one table to insert, to replace, and to remove."""

    table: Table[Any]
    inserted: list[tuple[Any, ...]] = field(default_factory=list)
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    deleted: list[Key] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.inserted) + len(self.changed) + len(self.deleted)


class Transaction:
    """The workspace of a fold: rows loaded, and rows changed since."""

    def __init__(self, model: ReadModel, positions: dict[int, int]) -> None:
        self._model = model
        self.positions = positions
        self.loaded: dict[str, _Loaded] = {}
        self._existing: dict[str, set[Key]] = {}
        self._touched: dict[str, dict[Key, None]] = {}
        self._tables: dict[str, Table[Any]] = {}

    async def load(self, needs: Iterable[tuple[Table[Any], Key]]) -> None:
        """Make sure that these rows are in memory."""
        missing: dict[str, set[Key]] = {}
        for table, key in needs:
            loaded = self.loaded.setdefault(table.name, {})
            if key in loaded:
                continue
            self._tables[table.name] = table
            cached = self._model.cached(table).get(key)
            if cached is None:
                missing.setdefault(table.name, set()).add(key)
            else:
                loaded[key] = cached
                self._existing.setdefault(table.name, set()).add(key)
        for name, keys in missing.items():
            table, loaded = self._tables[name], self.loaded[name]
            existing = self._existing.setdefault(name, set())
            loaded.update(dict.fromkeys(keys))
            for row in await self._model.fetch(table, keys):
                key = table.key_of(row)
                loaded[key] = row
                existing.add(key)

    def get(self, table: Table[RowT], key: Key) -> RowT | None:
        """The current row, or None if there is none."""
        return cast("RowT | None", self.loaded.get(table.name, {}).get(key))

    def put(self, table: Table[RowT], row: RowT) -> None:
        """Insert a row, or replace the one with its key."""
        key = table.key_of(row)
        self.loaded.setdefault(table.name, {})[key] = row
        self._touched.setdefault(table.name, {})[key] = None
        self._tables[table.name] = table

    def delete(self, table: Table[RowT], key: Key) -> None:
        """Remove a row that is there."""
        self.loaded[table.name][key] = None
        self._touched.setdefault(table.name, {})[key] = None

    async def write(self, moves: Mapping[int, tuple[int, datetime | None]]) -> None:
        """Write every change and the new positions, and commit."""
        changes = self._changes()
        small = [change for change in changes if change.size <= _FEW_ROWS]
        await self._model.write([change for change in changes if change.size > _FEW_ROWS])
        await self._model.finish(small, moves)
        self.positions.update({partition: position for partition, (position, _) in moves.items()})

    async def flush(self) -> None:
        """Write the changes so far; the transaction goes on."""
        await self._model.write(self._changes())

    def _changes(self) -> "list[TableChanges]":
        """What is not written yet, by table."""
        changes = []
        for name, touched in self._touched.items():
            loaded, existing = self.loaded[name], self._existing.setdefault(name, set())
            change = TableChanges(self._tables[name])
            for key in touched:
                row = loaded[key]
                if row is None:
                    if key in existing:
                        change.deleted.append(key)
                elif key in existing:
                    change.changed.append(row)
                else:
                    change.inserted.append(row)
            existing.update(key for key in touched if loaded[key] is not None)
            existing.difference_update(change.deleted)
            changes.append(change)
        self._touched.clear()
        return changes

    def trim(self, rows_max: int) -> None:
        """Forget rows that were written, where there are more than so many."""
        for name, loaded in self.loaded.items():
            if len(loaded) > rows_max:
                self.loaded[name] = {}
                self._existing[name] = set()


def _columns(table: Table[Any], keys: Collection[Key]) -> list[list[Any]]:
    """Keys as one list for each column of the key."""
    if len(table.key) == 1:
        return [list(keys)]
    return [list(column) for column in zip(*cast("Iterable[Any]", keys), strict=True)]


def _as_text(row: tuple[Any, ...]) -> list[str | None]:
    """Values as texts without a type: one prepared statement, whatever is null or small."""
    return [None if value is None else str(value) for value in row]
