"""The read-model database: the same migrations everywhere, documented views, roles that bind."""

import psycopg
import pytest
from psycopg import errors, sql

from adapters.postgres.log import PostgresEventLog
from adapters.postgres.rebuild import rebuild
from adapters.postgres.verify import Verified
from projections.catalogue import PROJECTIONS
from projections.marks import CANDLES, LATEST_MARKS, MARKS
from tests.support.servers import Database
from tests.support.streams import ROOT, Streams

SERIES = {"fills", "position_history", "marks", "candles"}
VIEWS = {
    "orders", "fills", "positions", "position_history", "risk_accounts", "risk_violations",
    "candles", "marks", "projection_positions", "users", "accounts",
    "instruments", "margin_tiers", "position_costs", "fundings", "account_cash",
    "account_leverages", "virtual_positions", "venue_keys",
    "limits", "risk_days", "strategies", "signals", "followers", "copies", "strategy_positions",
    "strategy_profit", "risk_halts", "risk_changes", "limits_history",
    "wider_limits", "wider_limits_history", "wider_exposures", "allotments", "allotment_moves",
    "strategy_invitations", "brackets",
}  # fmt: skip


@pytest.fixture(params=["timescale", "plain"])
def either_database(request: pytest.FixtureRequest) -> Database:
    """The read models with and without TimescaleDB."""
    names = {"timescale": "read_database", "plain": "plain_read_database"}
    database: Database = request.getfixturevalue(names[request.param])
    return database


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute(sql.SQL(query)).fetchall()


def test_series_are_hypertables_with_timescale(read_database: Database) -> None:
    found = rows(read_database, "SELECT hypertable_name FROM timescaledb_information.hypertables")
    assert {name for (name,) in found} == SERIES


def test_series_are_plain_tables_without(plain_read_database: Database) -> None:
    assert rows(plain_read_database, "SELECT FROM pg_extension WHERE extname = 'timescaledb'") == []
    found = rows(plain_read_database, "SELECT tablename FROM pg_tables WHERE schemaname = 'model'")
    assert {name for (name,) in found} >= SERIES


def test_every_view_and_column_is_documented(either_database: Database) -> None:
    found = rows(
        either_database,
        """SELECT k.relname, obj_description(k.oid, 'pg_class'), a.attname,
                  col_description(k.oid, a.attnum)
             FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
             JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0
            WHERE n.nspname = 'read' AND k.relkind = 'v'""",
    )
    assert {view for view, *_ in found} == VIEWS
    assert [row for row in found if not row[1] or not row[3]] == []


def test_columns_of_the_rows_are_the_columns_of_the_tables(either_database: Database) -> None:
    tables = [table for projection in PROJECTIONS.values() for table in projection.tables]
    for table in [*tables, LATEST_MARKS, MARKS, CANDLES]:
        found = rows(
            either_database,
            f"""SELECT column_name FROM information_schema.columns
                 WHERE table_schema = 'model' AND table_name = '{table.name}'
                 ORDER BY ordinal_position""",
        )
        assert tuple(name for (name,) in found) == table.columns


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_readers_see_every_view(either_database: Database, view: str) -> None:
    with psycopg.connect(either_database.url("patriot_read")) as connection:
        connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier("read", view)))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM model.orders",
        "INSERT INTO model.positions DEFAULT VALUES",
        "UPDATE model.risk_accounts SET halted = false",
        "DELETE FROM model.fills",
        "TRUNCATE model.orders",
        "CREATE TABLE read.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "SELECT * FROM migrations.applied",
    ],
)
def test_readers_read_views_and_nothing_else(either_database: Database, statement: str) -> None:
    with psycopg.connect(either_database.url("patriot_read")) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.commit()
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE model.orders",
        "DROP TABLE model.orders",
        "ALTER TABLE model.orders ADD COLUMN x int",
        "CREATE TABLE model.mine (x int)",
        "CREATE VIEW read.mine AS SELECT 1",
        "SELECT * FROM migrations.applied",
    ],
)
def test_projections_write_rows_and_change_no_schema(
    either_database: Database, statement: str
) -> None:
    with psycopg.connect(either_database.url("patriot_project")) as connection:
        connection.execute("DELETE FROM model.orders")
        connection.commit()
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)


async def filled(streams: Streams) -> int:
    streams.start("relay")
    streams.start("projections")
    head = await streams.trade(120)
    await streams.caught_up(head)
    return head


async def spoil(streams: Streams, *statements: str) -> None:
    async with await psycopg.AsyncConnection.connect(streams.admin_read_dsn) as connection:
        for statement in statements:
            await connection.execute(statement)


def told(result: Verified) -> set[tuple[str, str]]:
    return {(difference.table, difference.column) for difference in result.differences}


@pytest.mark.asyncio
async def test_verify_names_what_differs_and_a_rebuild_mends_it(streams: Streams) -> None:
    head = await filled(streams)
    assert (await streams.verified()).equal
    await spoil(
        streams,
        "UPDATE model.orders SET filled_notional = filled_notional + 0.000000000000000001 "
        "WHERE order_id = (SELECT min(order_id::text)::uuid FROM model.orders)",
        # The same number in other bytes is a difference, too.
        "UPDATE model.positions SET fees = (fees || '0')::numeric WHERE fees::text LIKE '%.%'",
        "DELETE FROM model.fills WHERE position = (SELECT max(position) FROM model.fills)",
        "INSERT INTO model.risk_violations VALUES (1, to_timestamp(0), "
        "'00000000-0000-0000-0000-000000000000', 'x', 'x', null, null, null, null, null, null, "
        "'', '', '')",
    )
    result = await streams.verified()
    assert not result.equal
    assert told(result) == {
        ("orders", "filled_notional"),
        ("positions", "fees"),
        ("fills", ""),
        ("risk_violations", ""),
    }
    assert result.wrong_rows["orders"] == result.wrong_rows["fills"] == 1
    log = PostgresEventLog(streams.log_dsn)
    await log.open()
    for projection in PROJECTIONS.values():
        assert await rebuild(log, streams.read_dsn, projection) == head
    await log.close()
    await streams.assert_equal_to_replay(head)


@pytest.mark.asyncio
async def test_rebuild_under_a_live_worker(streams: Streams) -> None:
    await filled(streams)
    log = PostgresEventLog(streams.log_dsn)
    await log.open()
    for projection in PROJECTIONS.values():
        await streams.trade(30)
        await rebuild(log, streams.read_dsn, projection)
    await log.close()
    head = await streams.trade(30)
    await streams.caught_up(head)
    await streams.assert_equal_to_replay(head)


@pytest.mark.asyncio
async def test_readers_see_the_old_rows_during_a_rebuild_that_fails(streams: Streams) -> None:
    await filled(streams)
    log = PostgresEventLog(streams.log_dsn)
    await log.open()

    def shown() -> int:
        with psycopg.connect(streams.admin_read_dsn) as connection:
            ((seen,),) = connection.execute("SELECT count(*) FROM read.orders").fetchall()
        return int(seen)

    before = shown()
    assert before >= 120

    def stop_half_way(position: int, head: int) -> None:
        assert shown() == before
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild(log, streams.read_dsn, PROJECTIONS["orders"], stop_half_way)
    await log.close()
    assert (await streams.verified()).equal


def test_the_document_tells_what_the_views_tell(plain_read_database: Database) -> None:
    text = (ROOT / "docs" / "read-models.md").read_text(encoding="utf-8")
    found = rows(
        plain_read_database,
        """SELECT k.relname, a.attname, col_description(k.oid, a.attnum)
             FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
             JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0
            WHERE n.nspname = 'read' AND k.relkind = 'v'""",
    )
    for view, column, meaning in found:
        section = text.partition(f"### read.{view}\n")[2].partition("\n### ")[0]
        lines = [line for line in section.splitlines() if line.startswith(f"| `{column}` |")]
        assert len(lines) == 1, f"docs/read-models.md does not tell of {view}.{column}"
        assert lines[0].endswith(f"| {meaning} |")
