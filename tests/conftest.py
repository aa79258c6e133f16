"""Fixtures of real servers, started once a session and only if a test asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.postgres import EmbeddedPostgres
from tests.support import random_tests, servers
from tests.support.servers import Database, DatabaseServer
from tests.support.timescale import Timescale

random_tests.load_profile()


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Folder of the session's servers."""
    with servers.session_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL of the session."""
    with servers.postgres(server_folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def kafka_server(server_folder: Path) -> Iterator[EmbeddedKafka]:
    """The embedded Kafka of the session."""
    with servers.kafka(server_folder / "kafka") as broker:
        yield broker


@pytest.fixture(scope="session")
def timescale_server(server_folder: Path) -> Iterator[Timescale]:
    """The TimescaleDB of the session."""
    folder = server_folder / "timescale"
    folder.mkdir()
    with servers.timescaledb(folder) as server:
        yield server


@pytest.fixture
def log_database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """A fresh log."""
    server = DatabaseServer(postgres_server.url("postgres"))
    database = server.create("eventlog")
    yield database
    server.drop(database)


@pytest.fixture
def read_database(timescale_server: Timescale) -> Iterator[Database]:
    """Fresh read models in TimescaleDB."""
    server = DatabaseServer(timescale_server.url)
    database = server.create("readmodel")
    yield database
    server.drop(database)


@pytest.fixture
def plain_read_database(postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """Fresh read models in PostgreSQL without the extension."""
    server = DatabaseServer(postgres_server.url("postgres"))
    database = server.create("readmodel")
    yield database
    server.drop(database)
