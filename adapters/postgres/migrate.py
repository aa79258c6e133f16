"""Numbered SQL files applied in order, once each, forward only.

Each file runs in one transaction under an advisory lock, so two starters do not meet. A file that
was applied and then changed is an error: the database no longer is what the files say.

    Exception
    └── MigrationError     the text names the file and what to do
"""

import hashlib
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

_LOCK: Final = 7_274_960_451  # any number that nobody else uses for an advisory lock


class MigrationError(Exception):
    """A migration cannot be applied, or an applied one was changed."""


async def migrate(admin_dsn: str, folder: Path) -> list[str]:
    """Apply what is missing and give the names of what was applied; raises MigrationError."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    if not files:
        raise MigrationError(f"no migrations in {folder}: is the installation whole?")
    applied: list[str] = []
    async with await psycopg.AsyncConnection.connect(admin_dsn, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        await connection.execute("CREATE SCHEMA IF NOT EXISTS migrations")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, "
            "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {
            name: checksum
            async for name, checksum in await connection.execute(
                "SELECT name, checksum FROM migrations.applied"
            )
        }
        _refuse_unknown(set(done), files)
        for file in files:
            content = file.read_text(encoding="utf-8")
            checksum = hashlib.sha256(content.encode()).hexdigest()
            if file.name in done:
                if done[file.name] != checksum:
                    raise MigrationError(
                        f"{file.name} was changed after it was applied: restore it and write the "
                        "change as a new file"
                    )
                continue
            await _apply(connection, file.name, content, checksum)
            applied.append(file.name)
    return applied


async def set_role_password(admin_dsn: str, role: str, password: str) -> None:
    """Give a service role its password; the statement is not logged with it."""
    async with await psycopg.AsyncConnection.connect(admin_dsn, autocommit=True) as connection:
        await connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )


def _refuse_unknown(done: set[str], files: list[Path]) -> None:
    unknown = done - {file.name for file in files}
    if unknown:
        raise MigrationError(
            f"the database has {min(unknown)}, which this release does not know: "
            "run the release that made it"
        )


async def _apply(
    connection: psycopg.AsyncConnection, name: str, content: str, checksum: str
) -> None:
    try:
        async with connection.transaction():
            # Without parameters the whole file goes as one simple query: no splitting by us.
            await connection.execute(content)
            await connection.execute(
                "INSERT INTO migrations.applied (name, checksum) VALUES (%s, %s)", (name, checksum)
            )
    except psycopg.Error as error:
        raise MigrationError(f"{name} failed and was undone: {error}") from error
