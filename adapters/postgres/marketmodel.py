"""Rows of marks and candles in PostgreSQL; writing the same again changes nothing."""

from collections.abc import Collection
from typing import Any, Final

from psycopg import AsyncConnection, sql

from projections.marks import CANDLES, LATEST_MARKS, MARKS, MarketRows, MarkRow
from projections.tables import Table

_LATEST: Final = """
    SELECT instrument, at, mark, last_price, bid, ask
      FROM model.latest_marks WHERE instrument = ANY(%s)"""


class MarketModel:
    """Marks and candles on one connection."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection
        self._write = {
            LATEST_MARKS.name: _upsert(LATEST_MARKS, "excluded.at >= t.at"),
            MARKS.name: _upsert(MARKS, "true"),
            CANDLES.name: _upsert(
                CANDLES, "NOT t.closed AND (excluded.closed OR excluded.trades >= t.trades)"
            ),
        }

    async def latest(self, instruments: Collection[str]) -> dict[str, MarkRow]:
        """The latest mark of each instrument that has one."""
        cursor = await self._connection.execute(_LATEST, (list(instruments),))
        return {row[0]: MarkRow(*row) for row in await cursor.fetchall()}

    async def write(self, rows: MarketRows) -> None:
        """Write all of it in one commit."""
        async with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, changed in (
                (LATEST_MARKS, sorted(rows.latest.values())),
                (MARKS, sorted(rows.marks.values())),
                (CANDLES, sorted(rows.candles.values())),
            ):
                if changed:
                    await cursor.executemany(self._write[table.name], changed)


def _upsert(table: Table[Any], condition: str) -> sql.Composed:
    """Insert, or replace where the condition says that the row is no older."""
    return sql.SQL(
        "INSERT INTO {} AS t ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {} WHERE {}"
    ).format(
        sql.Identifier("model", table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(table.columns)),
        sql.SQL(", ").join(map(sql.Identifier, table.key)),
        sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))
            for column in table.columns
            if column not in table.key
        ),
        sql.SQL(condition),
    )
