"""Logs that archives are made of, and empty ones that they go into."""

from collections.abc import Iterator

import pytest
import pytest_asyncio

from adapters.embedded.postgres import EmbeddedPostgres
from tests.support.audit import write
from tests.support.servers import Database, DatabaseServer


@pytest_asyncio.fixture
async def written(log_database: Database) -> Database:
    """Four commits with events and one command without any."""
    await write(log_database)
    return log_database


@pytest.fixture
def empty_log(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """Another log, with nothing in it."""
    server = DatabaseServer(postgres_server.url("postgres"))
    database = server.create("eventlog")
    yield database
    server.drop(database)
