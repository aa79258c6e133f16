"""Erasure, end to end: seeded personal data is looked for in every file that the system writes.

Data files and write-ahead log of PostgreSQL, segments of Kafka, logs of every role: none of them
holds a name or an e-mail in clear at any time. After the erasure nobody can read them any more.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
import pytest
from click.testing import CliRunner
from confluent_kafka import Consumer, TopicPartition

from adapters.cli.users import accounts, users
from adapters.embedded.system import LOG_DATABASE, READ_DATABASE, EmbeddedSystem
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from streams.topics import EVENTS
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


def _found(folder: Path, words: Sequence[bytes]) -> set[str]:
    """Files with one of the words; every file below the folder is read as bytes."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):  # a server removed it meanwhile
                content = path.read_bytes()
                if any(word in content for word in words):
                    found.add(str(path.relative_to(folder)))
    return found


def _records(brokers: str) -> list[bytes]:
    """Every record of the events topic, unpacked."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "canaries"})
    records: list[bytes] = []
    try:
        known = consumer.list_topics(EVENTS, timeout=10).topics[EVENTS].partitions
        for number in known:
            partition = TopicPartition(EVENTS, number, 0)
            _, end = consumer.get_watermark_offsets(partition, timeout=10)
            consumer.assign([partition])
            while end > 0:
                message = consumer.poll(10)
                assert message is not None, "the topic could not be read"
                assert message.error() is None
                records.append(message.value() or b"")
                if (message.offset() or 0) + 1 >= end:
                    break
    finally:
        consumer.close()
    return records


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


async def _run(system: EmbeddedSystem, *arguments: str, fails: bool = False) -> str:
    return await asyncio.to_thread(_patriot, system, *arguments, fails=fails)


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


async def _assert_nowhere(system: EmbeddedSystem) -> None:
    """No canary anywhere; the user's id, which may be there, shows that it was looked for well."""
    await _settled(system)
    assert system.kafka is not None
    records = await asyncio.to_thread(_records, system.kafka.brokers)
    for place in (await _dump(system), b"\n".join(records)):
        assert b"user.registered.v1" in place
        assert USER.encode() in place
        assert [canary for canary in CANARIES if canary in place] == []
    data = system.choices.data
    known = await asyncio.to_thread(_found, data, (USER.encode(),))
    assert {name.split("/")[0] for name in known} >= {"postgres", "logs"}
    assert await asyncio.to_thread(_found, data, CANARIES) == set()


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
