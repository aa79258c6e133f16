"""Archives for the tests: written, read and imported as the command line does it."""

from pathlib import Path
from typing import Final

import psycopg
import pytest

from adapters.audit import ndjson, parquet
from adapters.audit.archive import Archive
from adapters.cli.main import cli, run
from adapters.postgres.archive import exported
from tests.support.servers import Database

FORMS: Final = {"ndjson": ndjson, "parquet": parquet}
TABLES: Final = (
    "SELECT * FROM log.events ORDER BY position",
    "SELECT * FROM log.commits ORDER BY last_position",
    "SELECT * FROM log.commands ORDER BY account_id, command_id",
    "SELECT position, chain FROM log.head",
)


def export(database: Database, file: Path, form: str = "ndjson", **span: int) -> Archive:
    """Write the part of a log with these positions."""
    with exported(database.url("patriot_tail"), **span) as archive:
        FORMS[form].write(file, archive)
        return archive


def read(file: Path) -> Archive:
    """An archive of either form."""
    return parquet.read(file) if file.is_dir() else ndjson.read(file)


def run_log(database: Database, *arguments: str, admin: str = "") -> int:
    """The exit status of `patriot log ...` on a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", database.url("patriot_tail"))
        patch.setenv("LOG_ADMIN_URL", admin or database.admin_url)
        return run(cli, ["log", *arguments])


def content(database: Database) -> list[list[tuple[object, ...]]]:
    """All rows of the log, byte for byte."""
    with psycopg.connect(database.admin_url) as connection:
        return [connection.execute(query.encode()).fetchall() for query in TABLES]
