"""The SQL of one table of the read models, composed once from its columns and key."""

from typing import Any

from psycopg import sql

from projections.tables import Table


class Statements:
    """The SQL of one table, composed once."""

    def __init__(self, table: Table[Any]) -> None:
        target = sql.Identifier("model", table.name)
        stage = sql.Identifier("stage_" + table.name)
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        key = sql.SQL(", ").join(map(sql.Identifier, table.key))
        assignments = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))
            for column in table.columns
            if column not in table.key
        )
        matching = _matching(table)
        self.select = sql.SQL("SELECT {} FROM {} WHERE {}").format(columns, target, matching)
        self.delete = sql.SQL("DELETE FROM {} WHERE {}").format(target, matching)
        values = sql.SQL(", ").join(sql.Placeholder() * len(table.columns))
        self.insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(target, columns, values)
        replace = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(key, assignments)
        self.upsert = self.insert + replace
        self.copy = sql.SQL("COPY {} ({}) FROM STDIN").format(target, columns)
        self.stage = sql.SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS"
        ).format(stage, target)
        self.copy_stage = sql.SQL("COPY {} ({}) FROM STDIN").format(stage, columns)
        self.merge = (
            sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(target, columns, stage)
            + replace
        )


def _matching(table: Table[Any]) -> sql.Composable:
    """Condition on a table's key, with one array parameter for each of its columns."""
    if len(table.key) == 1:
        return sql.SQL("{} = ANY(%s::{}[])").format(
            sql.Identifier(table.key[0]), _sql_type(table.key[0])
        )
    return sql.SQL("({}) IN (SELECT * FROM unnest({}))").format(
        sql.SQL(", ").join(map(sql.Identifier, table.key)),
        sql.SQL(", ").join(sql.SQL("%s::{}[]").format(_sql_type(column)) for column in table.key),
    )


def _sql_type(column: str) -> sql.SQL:
    if column.endswith("_id"):
        return sql.SQL("uuid")
    if column == "position" or column.endswith("_version"):
        return sql.SQL("bigint")
    if column == "key_version":
        return sql.SQL("integer")
    return sql.SQL("timestamptz") if column.endswith("_at") else sql.SQL("text")
