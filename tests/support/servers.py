"""The real servers of a test session, and databases of a test's own made from templates.

Every session has its own ports and folders and takes its servers down; two sessions can run side
by side. A missing server is a failure with an instruction.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from adapters.embedded.downloads import Servers, fetch
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.paths import MIGRATIONS, POM, default_cache
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import free_port
from adapters.postgres.migrate import migrate
from tests.support import timescale

PASSWORD: Final = "test-only-password"
_ROLES: Final = (
    "patriot_append",
    "patriot_tail",
    "patriot_snapshot",
    "patriot_subscribe",
    "patriot_follow",
    "patriot_keys",
    "patriot_unlock",
    "patriot_venue",
    "patriot_rekey",
    "patriot_project",
    "patriot_read",
)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database of one test."""

    admin_url: str

    def url(self, role: str) -> str:
        """Address for one of the service roles."""
        parts = urlsplit(self.admin_url)
        host = f"{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=f"{role}:{PASSWORD}@{host}"))


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A PostgreSQL, with or without TimescaleDB, that makes databases quickly."""

    admin_url: str
    """Superuser's address of the database postgres."""

    def create(self, template: str) -> Database:
        """A new database from a migrated template ("eventlog" or "readmodel")."""
        self._ensure_template(template)
        name = f"{template}_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(_template(template))
                )
            )
            _grant_as_migrated(connection, name)
        return Database(self._database(name))

    def empty(self) -> Database:
        """A new database without any migration."""
        name = f"empty_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return Database(self._database(name))

    def drop(self, database: Database) -> None:
        """Remove a database, whoever is connected."""
        name = urlsplit(database.admin_url).path.lstrip("/")
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(name)))

    def _database(self, name: str) -> str:
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{name}"))

    def _ensure_template(self, template: str) -> None:
        name = _template(template)
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            query = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(query, (name,)).fetchone() is not None:
                return
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        _run(migrate(self._database(name), MIGRATIONS / template))
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            # TimescaleDB's own workers visit every database; a visited one cannot be copied.
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            known = connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(_ROLES),)
            )
            for (role,) in known.fetchall():
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(PASSWORD)
                    )
                )


def _template(name: str) -> str:
    return f"template_{name}_{os.getpid()}"


def _grant_as_migrated(connection: psycopg.Connection, name: str) -> None:
    """Rights on a database itself are not copied from its template: give them as migrations do."""
    roles = [
        row[0]
        for row in connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(_ROLES),)
        )
    ]
    database = sql.Identifier(name)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in roles:
        rights = "CONNECT, TEMPORARY" if role == "patriot_project" else "CONNECT"
        connection.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}").format(
                sql.SQL(rights), database, sql.Identifier(role)
            )
        )


def _run(work: "object") -> None:
    """Run a coroutine whether or not this thread already runs an event loop."""
    import threading  # noqa: PLC0415

    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001  (handed to the caller)
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


@contextmanager
def session_folder() -> Iterator[Path]:
    """A folder that an unprivileged server can reach, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="patriot-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Servers:
    """Kafka and PostgreSQL from the cache, downloaded if needed."""
    return fetch(POM, default_cache(), lambda line: print(line, flush=True))


@contextmanager
def postgres(folder: Path, settings: dict[str, str] | None = None) -> Iterator[EmbeddedPostgres]:
    """An embedded PostgreSQL of one's own."""
    server = EmbeddedPostgres(
        programs().postgres, folder, free_port(), PASSWORD, settings=settings or {}
    )
    asyncio.run(server.start())
    try:
        yield server
    finally:
        asyncio.run(server.stop())


@contextmanager
def kafka(folder: Path) -> Iterator[EmbeddedKafka]:
    """An embedded Kafka of one's own."""
    broker = EmbeddedKafka(programs(), folder, free_port(), free_port())
    asyncio.run(broker.start())
    try:
        yield broker
    finally:
        asyncio.run(broker.stop())


@contextmanager
def timescaledb(folder: Path) -> Iterator[timescale.Timescale]:
    """A real TimescaleDB."""
    server = timescale.start(default_cache(), folder)
    try:
        yield server
    finally:
        server.stop()
