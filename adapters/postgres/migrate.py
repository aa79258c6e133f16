"""Numbered SQL files applied in order, once each, forward only.

Each file runs in one transaction under an advisory lock, so two starters do not meet. A file that
was applied and then changed is an error: the database no longer is what the files say.

    Exception
    └── MigrationError     the text names the file and what to do
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

_LOCK: Final = 7_274_960_451  # any number that nobody else uses for an advisory lock
_TRIES: Final = 5
"""Roles are the whole server's: two databases that are migrated at once may meet there."""


class MigrationError(Exception):
    """A migration cannot be applied, or an applied one was changed."""


async def migrate(admin_dsn: str, folder: Path) -> list[str]:
    """Apply what is missing and give the names of what was applied; raises MigrationError."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    if not files:
        raise MigrationError(f"no migrations in {folder}: is the installation whole?")
    try:
        async with await psycopg.AsyncConnection.connect(admin_dsn, autocommit=True) as connection:
            return await _migrate(connection, files)
    except psycopg.OperationalError as error:
        raise MigrationError(f"the database cannot be reached: {error}") from error


async def _migrate(connection: psycopg.AsyncConnection[Any], files: Sequence[Path]) -> list[str]:
    await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    await connection.execute("CREATE SCHEMA IF NOT EXISTS migrations")
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, "
        "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    found = await connection.execute("SELECT name, checksum FROM migrations.applied")
    done = dict(await found.fetchall())
    _refuse_unknown(set(done), files)
    applied: list[str] = []
    for file in files:
        content = file.read_text(encoding="utf-8")
        checksum = hashlib.sha256(content.encode()).hexdigest()
        if file.name not in done:
            await _apply(connection, file.name, content, checksum)
            applied.append(file.name)
        elif done[file.name] != checksum:
            raise MigrationError(
                f"{file.name} was changed after it was applied: restore it and write the "
                "change as a new file"
            )
    return applied


async def set_role_password(admin_dsn: str, role: str, password: str) -> None:
    """Give a service role its password; the statement is not logged with it."""
    async with await psycopg.AsyncConnection.connect(admin_dsn, autocommit=True) as connection:
        await connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )


def _refuse_unknown(done: set[str], files: Sequence[Path]) -> None:
    unknown = done - {file.name for file in files}
    if unknown:
        raise MigrationError(
            f"the database has {min(unknown)}, which this release does not know: "
            "run the release that made it"
        )


async def _apply(
    connection: psycopg.AsyncConnection[Any], name: str, content: str, checksum: str
) -> None:
    for left in range(_TRIES, 0, -1):
        try:
            async with connection.transaction():
                # Without parameters the whole file goes as one simple query: no splitting by us.
                await connection.execute(content)
                await connection.execute(
                    "INSERT INTO migrations.applied (name, checksum) VALUES (%s, %s)",
                    (name, checksum),
                )
        except psycopg.Error as error:
            if left == 1 or not _met_another(error):
                raise MigrationError(f"{name} failed and was undone: {error}") from error
        else:
            return


def _met_another(error: psycopg.Error) -> bool:
    """Whether another database's migration was at the same role: then a second try succeeds."""
    if isinstance(error, psycopg.errors.UniqueViolation):
        return error.diag.schema_name == "pg_catalog"
    # The server gives "tuple concurrently updated" no code of its own.
    return "concurrently updated" in str(error)
