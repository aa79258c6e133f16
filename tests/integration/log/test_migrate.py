"""Migrations: each file once, whole or not at all, by whoever comes first."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded.paths import MIGRATIONS
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import free_port
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.migrate import MigrationError, migrate, set_role_password
from tests.support import servers
from tests.support.batches import batch, command, event
from tests.support.servers import Database, DatabaseServer

pytestmark = pytest.mark.asyncio

_LOG = MIGRATIONS / "eventlog"
_NAMES = sorted(file.name for file in _LOG.glob("*.sql"))


@pytest.fixture
def server(postgres_server: EmbeddedPostgres) -> DatabaseServer:
    return DatabaseServer(postgres_server.url("postgres"))


@pytest.fixture
def empty(server: DatabaseServer) -> Iterator[Database]:
    database = server.empty()
    yield database
    server.drop(database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_one.sql").write_text("CREATE TABLE one (x int); INSERT INTO one VALUES (1);")
    (tmp_path / "0002_two.sql").write_text("CREATE TABLE two (x int);")
    (tmp_path / "README.md").write_text("no migration")
    return tmp_path


def _ask(database: Database, query: str) -> object:
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]


async def test_each_file_is_applied_once_in_order(empty: Database, folder: Path) -> None:
    assert await migrate(empty.admin_url, folder) == ["0001_one.sql", "0002_two.sql"]
    assert await migrate(empty.admin_url, folder) == []
    (folder / "0003_three.sql").write_text("INSERT INTO two SELECT x FROM one;")
    assert await migrate(empty.admin_url, folder) == ["0003_three.sql"]
    assert _ask(empty, "SELECT count(*) FROM two") == 1


async def test_a_changed_file_is_an_error(empty: Database, folder: Path) -> None:
    await migrate(empty.admin_url, folder)
    (folder / "0001_one.sql").write_text("CREATE TABLE one (x bigint);")
    with pytest.raises(MigrationError, match=r"0001_one\.sql was changed after it was applied"):
        await migrate(empty.admin_url, folder)


async def test_a_newer_database_is_an_error(empty: Database, folder: Path) -> None:
    await migrate(empty.admin_url, folder)
    (folder / "0002_two.sql").unlink()
    with pytest.raises(MigrationError, match=r"0002_two\.sql, which this release does not know"):
        await migrate(empty.admin_url, folder)


async def test_a_file_that_fails_leaves_nothing(empty: Database, folder: Path) -> None:
    (folder / "0002_two.sql").write_text("CREATE TABLE two (x int); SELECT 1 / 0;")
    with pytest.raises(MigrationError, match=r"0002_two\.sql failed and was undone: division"):
        await migrate(empty.admin_url, folder)
    assert _ask(empty, "SELECT to_regclass('one')::text") == "one"
    assert _ask(empty, "SELECT to_regclass('two')::text") is None
    (folder / "0002_two.sql").write_text("CREATE TABLE two (x int);")
    assert await migrate(empty.admin_url, folder) == ["0002_two.sql"]


async def test_a_folder_without_migrations_is_an_error(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="no migrations in"):
        await migrate(empty.admin_url, tmp_path)


async def test_no_server_is_an_error_too(folder: Path) -> None:
    with pytest.raises(MigrationError, match="cannot be reached"):
        await migrate(f"postgresql://postgres@127.0.0.1:{free_port()}/x", folder)


async def test_several_starters_apply_each_file_once(empty: Database, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(empty.admin_url, folder) for _ in range(5)))
    assert sorted(name for names in applied for name in names) == ["0001_one.sql", "0002_two.sql"]
    assert _ask(empty, "SELECT count(*) FROM one") == 1


@pytest.fixture
def new_server(server_folder: Path) -> Iterator[DatabaseServer]:
    """A server on which the roles do not exist yet."""
    with servers.postgres(server_folder / "new") as made:
        yield DatabaseServer(made.url("postgres"))


async def test_logs_of_one_new_server_may_be_made_at_once(new_server: DatabaseServer) -> None:
    """Roles are the whole server's, and the advisory lock is only the database's."""
    databases = [new_server.empty() for _ in range(6)]
    applied = await asyncio.gather(*(migrate(each.admin_url, _LOG) for each in databases))
    assert applied == [_NAMES] * 6


async def test_a_role_gets_a_password(log_database: Database) -> None:
    await set_role_password(log_database.admin_url, "patriot_tail", 'it\'s "secret" \\ %s')
    url = log_database.url("patriot_tail")
    try:
        with psycopg.connect(url, password='it\'s "secret" \\ %s') as connection:
            assert connection.execute("SELECT count(*) FROM log.events").fetchone() == (0,)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url)
    finally:
        await set_role_password(log_database.admin_url, "patriot_tail", servers.PASSWORD)


async def test_strangers_cannot_connect_to_the_log(empty: Database) -> None:
    await migrate(empty.admin_url, _LOG)
    asked = "SELECT has_database_privilege('{}', current_database(), '{}')"
    assert _ask(empty, asked.format("patriot_append", "CONNECT")) is True
    assert _ask(empty, asked.format("patriot_tail", "CONNECT")) is True
    assert _ask(empty, asked.format("public", "CONNECT")) is False
    assert _ask(empty, asked.format("patriot_append", "TEMPORARY")) is False


async def test_a_log_goes_on_in_its_chain_whichever_release_wrote_its_beginning(
    empty: Database, tmp_path: Path
) -> None:
    first_release = [file for file in sorted(_LOG.glob("*.sql")) if file.name < "0008"]
    for file in first_release:
        (tmp_path / file.name).write_text(file.read_text())
    await migrate(empty.admin_url, tmp_path)
    for turn, new_in_between in enumerate((True, False)):
        log = PostgresEventLog(empty.admin_url)
        await log.open()
        await log.append(
            batch(
                command(f"a {turn}", event("a", 2 * turn + 1), event(f"b {turn}", 1, b"\x00\xff")),
                command(f"without events {turn}"),
                command(f"c {turn}", event("a", 2 * turn + 2)),
            )
        )
        await log.close()
        if new_in_between:
            assert len(await migrate(empty.admin_url, _LOG)) == len(_NAMES) - len(first_release)
    assert verify_chain(empty.admin_url).position == 6


async def test_rows_that_a_release_cannot_complete_are_made_anew(
    empty: Database, tmp_path: Path
) -> None:
    """The projections then begin at the first event, as after a loss (streams/test_outages.py)."""
    folder = MIGRATIONS / "readmodel"
    for file in folder.glob("*.sql"):
        if file.name < "0016":
            (tmp_path / file.name).write_text(file.read_text())
    await migrate(empty.admin_url, tmp_path)
    with psycopg.connect(empty.admin_url) as connection:
        connection.execute(
            "INSERT INTO model.projection_positions "
            "SELECT name, 0, 3, 70, now() FROM unnest(%s::text[]) name",
            (["positions", "orders", "fills"],),
        )
        connection.execute(
            "INSERT INTO model.position_costs "
            "VALUES (gen_random_uuid(), 'BINANCE:SUSHIUSDT', 'net', 'USDT', 1, 0, 70)"
        )
    await migrate(empty.admin_url, folder)
    assert _ask(empty, "SELECT string_agg(projection, ' ') FROM model.projection_positions") == (
        "fills"
    )
    assert _ask(empty, "SELECT count(*) FROM model.position_costs") == 0
