"""Append-only by permission: what a service may do to the log, and what not even its owner may."""

import psycopg
import pytest

from adapters.postgres.log import PostgresEventLog
from adapters.postgres.migrate import set_role_password
from tests.support.batches import only, stream
from tests.support.servers import Database

_TABLES = ("events", "commands", "commits", "head")
_CHANGES = (
    "INSERT INTO log.{} DEFAULT VALUES",
    "UPDATE log.{0} SET {1} = {1}",
    "DELETE FROM log.{}",
    "TRUNCATE log.{}",
    "LOCK TABLE log.{} IN EXCLUSIVE MODE",
    "SELECT FROM log.{} FOR UPDATE",
    "ALTER TABLE log.{} ADD COLUMN more text",
    "ALTER TABLE log.{} DISABLE TRIGGER ALL",
    "DROP TABLE log.{}",
)
_FIRST_COLUMN = {
    "events": "position",
    "commands": "result",
    "commits": "chain",
    "head": "position",
}


async def _one_event(database: Database) -> None:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    await log.append(only("c", "a", 1))
    await log.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("role", ["patriot_append", "patriot_tail"])
async def test_a_service_can_read_and_nothing_else(log_database: Database, role: str) -> None:
    await _one_event(log_database)
    with psycopg.connect(log_database.url(role), autocommit=True) as connection:
        # The tail's role is read-only by setting as well; permission alone has to be enough.
        connection.execute("SET default_transaction_read_only = off")
        for table in _TABLES:
            for change in _CHANGES:
                statement = change.format(table, _FIRST_COLUMN[table])
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                    connection.transaction(),
                ):
                    connection.execute(statement.encode())
            assert connection.execute(f"SELECT FROM log.{table}".encode()).rowcount == 1


@pytest.mark.asyncio
async def test_the_tail_cannot_append(log_database: Database) -> None:
    with psycopg.connect(log_database.url("patriot_tail"), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "SELECT log.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', "
                "'{}', '{}', '{}')"
            )


@pytest.mark.parametrize("role", ["patriot_append", "patriot_tail"])
@pytest.mark.parametrize(
    "step",
    [
        "SET ROLE patriot_owner",
        "SET SESSION AUTHORIZATION postgres",
        "CREATE TABLE log.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMPORARY TABLE events (x int)",
        "CREATE FUNCTION log.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
        "ALTER FUNCTION log.append SECURITY INVOKER",
        "DROP FUNCTION log.append",
        "SET session_replication_role = replica",
    ],
)
def test_a_service_gets_no_further(log_database: Database, role: str, step: str) -> None:
    with psycopg.connect(log_database.url(role), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(step.encode())


@pytest.mark.asyncio
async def test_the_owner_cannot_log_in(log_database: Database) -> None:
    # Even with a password, which nobody gives it.
    await set_role_password(log_database.admin_url, "patriot_owner", "guessed")
    url = log_database.url("patriot_owner").replace("test-only-password", "guessed")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(url)


@pytest.mark.asyncio
@pytest.mark.parametrize("table", ["events", "commands", "commits"])
@pytest.mark.parametrize("user", ["postgres", "patriot_owner"])
async def test_what_is_written_stays_whoever_asks(
    log_database: Database, user: str, table: str
) -> None:
    await _one_event(log_database)
    with psycopg.connect(log_database.admin_url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {user}".encode())
        column = _FIRST_COLUMN[table]
        for change in (
            f"UPDATE log.{table} SET {column} = {column}",
            f"DELETE FROM log.{table}",
            f"TRUNCATE log.{table}",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(change.encode())


@pytest.mark.asyncio
async def test_the_head_stays_too(log_database: Database) -> None:
    with psycopg.connect(log_database.admin_url, autocommit=True) as connection:
        for change in (b"DELETE FROM log.head", b"TRUNCATE log.head"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(change)


@pytest.mark.asyncio
async def test_the_path_of_the_caller_does_not_reach_into_append(log_database: Database) -> None:
    """A function of ours named like one of PostgreSQL's is not what append() calls."""
    with psycopg.connect(log_database.admin_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA evil")
        connection.execute(
            "CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT ''x''::bytea'"
        )
        connection.execute("GRANT USAGE ON SCHEMA evil TO patriot_append")
    url = log_database.url("patriot_append") + "?options=-csearch_path%3Devil,pg_catalog"
    log = PostgresEventLog(url)
    await log.open()
    await log.append(only("c", "a", 1))
    await log.close()
    with psycopg.connect(log_database.admin_url) as connection:
        row = connection.execute("SELECT octet_length(chain) FROM log.commits").fetchone()
    assert row == (32,)


def test_a_service_can_add_snapshots_but_not_change_them(log_database: Database) -> None:
    with psycopg.connect(log_database.url("patriot_append"), autocommit=True) as connection:
        connection.execute("INSERT INTO log.snapshots VALUES (%s, 1, 't', '')", (stream("a"),))
        for change in (
            b"UPDATE log.snapshots SET version = 2",
            b"DELETE FROM log.snapshots",
            b"TRUNCATE log.snapshots",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)
