"""Erasure, end to end: seeded personal data is looked for in every file that the system writes.

Data files and write-ahead log of PostgreSQL, segments of Kafka, logs of every role: none of them
holds a name or an e-mail in clear at any time. After the erasure nobody can read them any more.
"""

import asyncio
from functools import partial
from typing import Final

import psycopg
import pytest
from click.testing import CliRunner

from adapters.cli.users import accounts, users
from adapters.embedded.system import EmbeddedSystem
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from tests.e2e.canaries import dump, files_with, records_of, settled
from tests.support.membership import account_id, user_id

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


async def _run(system: EmbeddedSystem, *arguments: str, fails: bool = False) -> str:
    return await asyncio.to_thread(_patriot, system, *arguments, fails=fails)


async def _assert_nowhere(system: EmbeddedSystem) -> None:
    """No canary anywhere; the user's id, which may be there, shows that it was looked for well."""
    await settled(system, "users", "accounts")
    assert system.kafka is not None
    records = await asyncio.to_thread(records_of, system.kafka.brokers)
    for place in (await dump(system), b"\n".join(records)):
        assert b"user.registered.v1" in place
        assert USER.encode() in place
        assert [canary for canary in CANARIES if canary in place] == []
    data = system.choices.data
    known = await asyncio.to_thread(files_with, data, (USER.encode(),))
    assert {name.split("/")[0] for name in known} >= {"postgres", "logs"}
    assert await asyncio.to_thread(files_with, data, CANARIES) == set()


@pytest.mark.asyncio
async def test_what_was_erased_is_nowhere(system: EmbeddedSystem) -> None:
    await system.start(
        without=frozenset(
            {"strategy", "market-data", "simulated-venue", "worker-market", "worker-execution"}
        )
    )
    run = partial(_run, system)
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
    await _assert_nowhere(system)
    assert f"{ACCOUNT}  open" in await run("accounts", "list", "--user", USER)

    assert "can no longer be read" in await run("users", "erase", USER, "--yes")
    shown = await run("users", "show", USER)
    assert "name    (erased)" in shown
    assert "e-mail  (erased)" in shown
    assert "Zuleika" not in shown
    assert "USER_ERASED" in await run(*registration, fails=True)
    await _assert_nowhere(system)

    for role in ROLES:
        assert (system.choices.data / "logs" / f"{role}.log").stat().st_size > 0
    async with await psycopg.AsyncConnection.connect(system.log_url("patriot_unlock")) as keys:
        rows = await keys.execute(
            "SELECT wrapped_key FROM keys.subjects WHERE subject_id = %s", (USER,)
        )
        assert await rows.fetchall() == [(None,)]
    await asyncio.to_thread(verify_chain, system.log_url())
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        assert (await verify(log, system.read_url("patriot_project"))).equal
    finally:
        await log.close()
