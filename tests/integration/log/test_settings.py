"""A server that can lose an acknowledged commit is refused at the start."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.postgres.connect import require_version
from adapters.postgres.log import PostgresEventLog
from domain.ports import Appended, LogUnsafe
from tests.support import servers
from tests.support.batches import only
from tests.support.servers import Database, DatabaseServer

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module", params=["fsync", "full_page_writes", "synchronous_commit"])
def unsafe(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[tuple[str, Database]]:
    setting: str = request.param
    with servers.postgres(server_folder / f"without-{setting}", {setting: "off"}) as server:
        yield setting, _database(server)


def _database(server: EmbeddedPostgres) -> Database:
    return DatabaseServer(server.url("postgres")).create("eventlog")


async def test_an_unsafe_server_is_refused_by_name(unsafe: tuple[str, Database]) -> None:
    setting, database = unsafe
    with pytest.raises(LogUnsafe, match=f"{setting}=off: set it to on"):
        await PostgresEventLog(database.url("patriot_append")).open()


async def test_a_server_without_a_transaction_timeout_is_refused_by_its_version() -> None:
    require_version(170_000)
    with pytest.raises(LogUnsafe, match="PostgreSQL 16: version 17 or later"):
        require_version(160_011)


async def test_tests_may_allow_it(unsafe: tuple[str, Database]) -> None:
    _, database = unsafe
    log = PostgresEventLog(database.url("patriot_append"), allow_unsafe=True)
    await log.open()
    assert isinstance(await log.append(only("c", "a", 1)), Appended)
    await log.close()


async def test_a_setting_of_the_role_is_seen_too(log_database: Database) -> None:
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE patriot_append SET synchronous_commit = off")
        try:
            with pytest.raises(LogUnsafe, match="synchronous_commit=off"):
                await PostgresEventLog(log_database.url("patriot_append")).open()
        finally:
            admin.execute("ALTER ROLE patriot_append RESET synchronous_commit")


async def test_a_setting_that_changed_is_seen_when_the_writer_connects_again(
    log_database: Database,
) -> None:
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE patriot_append SET synchronous_commit = off")
        try:
            with pytest.raises(LogUnsafe):
                await log.append(only("c", "a", 1))
            assert (await log.head()).number == 0
        finally:
            admin.execute("ALTER ROLE patriot_append RESET synchronous_commit")
            await log.close()
