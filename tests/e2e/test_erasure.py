"""Erasure, end to end: seeded personal data is looked for in every file that the system writes.

Data files and write-ahead log of PostgreSQL, segments of Kafka, logs of every role: none of them
holds a name or an e-mail in clear at any time. After the erasure nobody can read them any more.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg
import pytest
from click.testing import CliRunner

from adapters.cli.users import accounts, users
from adapters.embedded.system import LOG_DATABASE, READ_DATABASE, EmbeddedSystem
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from tests.support.membership import account_id, user_id
from tests.support.streams import until

NAME: Final = "Zuleika Canary-Quetzal"
EMAIL: Final = "zuleika.canary@quetzal.example"
REASON: Final = "Zuleika went to the quetzals"
CANARIES: Final = (b"Zuleika", b"zuleika", b"Quetzal", b"quetzal")
USER: Final = user_id("canary")
ACCOUNT: Final = account_id("canary")
ROLES: Final = ("command-service", "query-service", "relay", "worker-projections")


def _patriot(system: EmbeddedSystem, group: str, *arguments: str, fails: bool = False) -> str:
    ports = system.choices.ports
    environment = {
        "COMMAND_SERVICE_ADDRESS": f"127.0.0.1:{ports.command}",
        "QUERY_SERVICE_ADDRESS": f"127.0.0.1:{ports.query}",
        "OPERATOR_TOKEN": system.token("operator"),
    }
    command = {"users": users, "accounts": accounts}[group]
    result = CliRunner(env=environment).invoke(command, arguments)
    assert (result.exit_code != 0) is fails, result.output
    return str(result.output)


def _leaks(folder: Path) -> list[str]:
    """Files with a canary; every file of the data folder is read as bytes."""
    found, looked_at = [], 0
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue  # a server removed it meanwhile
            looked_at += 1
            found += [f"{path.relative_to(folder)}: {c!r}" for c in CANARIES if c in content]
    assert looked_at > 500, "the data folder was not looked at"
    return found


async def _dump(system: EmbeddedSystem) -> bytes:
    """Every row of every table of both databases, as text."""
    assert system.postgres is not None
    dumped: list[str] = []
    for name in (LOG_DATABASE, READ_DATABASE):
        async with await psycopg.AsyncConnection.connect(system.postgres.url(name)) as connection:
            found = await connection.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                "WHERE schemaname IN ('log', 'keys', 'model', 'migrations')"
            )
            for (table,) in await found.fetchall():
                rows = await connection.execute(f"SELECT t::text FROM {table} AS t".encode())
                for (row,) in await rows.fetchall():
                    # Payloads are bytes, which a dump shows in hexadecimal.
                    dumped += [row, *(_clear(part) for part in row.split(",") if "\\x" in part)]
    return "\n".join(dumped).encode()


def _clear(part: str) -> str:
    digits = part.strip('"()').replace("\\\\x", "").replace("\\x", "")
    return bytes.fromhex(digits).decode(errors="replace")


async def _settled(system: EmbeddedSystem) -> None:
    """Wait until the relay and the read models have everything."""
    async with (
        await psycopg.AsyncConnection.connect(system.log_url(), autocommit=True) as log,
        await psycopg.AsyncConnection.connect(system.read_url(), autocommit=True) as read,
    ):

        async def reached() -> bool:
            head = await (await log.execute("SELECT position FROM log.head")).fetchone()
            at = await (
                await read.execute(
                    "SELECT min(position) FROM read.projection_positions "
                    "WHERE projection IN ('users', 'accounts')"
                )
            ).fetchone()
            return head == at

        await until(reached, "the read models of users and accounts at the head")


async def _assert_nowhere(system: EmbeddedSystem, canaries: Sequence[bytes]) -> None:
    await _settled(system)
    dump = await _dump(system)
    assert USER.encode() in dump, "the dump holds the user's rows"
    assert b"user.registered.v1" in dump
    assert [canary for canary in canaries if canary in dump] == []
    assert await asyncio.to_thread(_leaks, system.choices.data) == []


@pytest.mark.asyncio
async def test_what_was_erased_is_nowhere(system: EmbeddedSystem) -> None:
    await system.start(
        without=frozenset(
            {"strategy", "market-data", "simulated-venue", "worker-market", "worker-execution"}
        )
    )
    run = lambda *arguments, **more: asyncio.to_thread(_patriot, system, *arguments, **more)  # noqa: E731
    registration = ("users", "register", USER, "--name", NAME, "--email", EMAIL)
    assert "is registered" in await run(*registration)
    await run("users", "grant", USER, "trader")
    await run("users", "suspend", USER, "--reason", REASON)
    await run("users", "register", USER, "--name", NAME, "--email", "zuleika", fails=True)
    refused = await run(*registration, fails=True)
    assert "USER_ALREADY_EXISTS" in refused
    await run("users", "reinstate", USER)
    await run("accounts", "open", ACCOUNT, "--user", USER, "--venue", "BINANCE")
    shown = await run("users", "show", USER)
    assert NAME in shown
    assert EMAIL in shown
    await _assert_nowhere(system, CANARIES)
    assert f"{ACCOUNT}  open" in await run("accounts", "list", "--user", USER)

    assert "can no longer be read" in await run("users", "erase", USER, "--yes")
    shown = await run("users", "show", USER)
    assert "name    (erased)" in shown
    assert "e-mail  (erased)" in shown
    assert "Zuleika" not in shown
    assert "USER_ERASED" in await run(*registration, fails=True)
    await _assert_nowhere(system, CANARIES)

    for role in ROLES:
        assert (system.choices.data / "logs" / f"{role}.log").stat().st_size > 0
        await system.restart(role) if not system.supervisor.children[role].running else None
    async with await psycopg.AsyncConnection.connect(system.log_url("patriot_unlock")) as keys:
        rows = await keys.execute(
            "SELECT wrapped_key FROM keys.subjects WHERE subject_id = %s", (USER,)
        )
        assert await rows.fetchall() == [(None,)]
    await verify_chain(system.log_url())
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        assert (await verify(log, system.read_url("patriot_project"))).equal
    finally:
        await log.close()
    assert os.environ.get("OPERATOR_TOKEN") is None
