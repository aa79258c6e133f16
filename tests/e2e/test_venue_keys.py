"""A venue key, end to end: typed in by an operator, used by a worker, in clear nowhere at all."""

import asyncio
import base64
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from adapters.audit import ndjson, parquet
from adapters.cli.main import cli
from adapters.embedded.system import EmbeddedSystem
from adapters.keys.master import MasterKey
from adapters.keys.venue import NoVenueKey
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.venue_keys import PostgresVenueCredentials
from adapters.postgres.verify import verify
from tests.e2e.canaries import dump, files_with, records_of, settled
from tests.support.membership import account_id, user_id
from tests.support.rpc_venue_keys import (
    API_KEY,
    OTHER_API_KEY,
    OTHER_SECRET,
    PAYLOAD,
    SECRET,
    SIGNATURE,
)

ACCOUNT: Final = account_id("keyed")
_CANARIES: Final = tuple(
    shown
    for text in (SECRET, OTHER_SECRET, API_KEY[:-4], OTHER_API_KEY[:-4])
    for shown in (
        text.encode(),
        text.encode().hex().encode(),
        base64.b64encode(text.encode())[:80],
    )
)


def _patriot(system: EmbeddedSystem, *arguments: str, typed: str = "", fails: bool = False) -> str:
    ports = system.choices.ports
    environment = {
        "COMMAND_SERVICE_ADDRESS": f"127.0.0.1:{ports.command}",
        "QUERY_SERVICE_ADDRESS": f"127.0.0.1:{ports.query}",
        "OPERATOR_TOKEN": system.token("operator"),
        "DATABASE_URL": system.log_url(),
        "REKEY_DATABASE_URL": system.log_url("patriot_rekey"),
    }
    result = CliRunner(env=environment).invoke(cli, arguments, input=typed)
    assert (result.exit_code != 0) is fails, result.output
    assert not _seen(result.output.encode())
    return str(result.output)


async def _run(
    system: EmbeddedSystem, *arguments: str, typed: str = "", fails: bool = False
) -> str:
    return await asyncio.to_thread(_patriot, system, *arguments, typed=typed, fails=fails)


def _seen(place: bytes) -> list[bytes]:
    return [canary for canary in _CANARIES if canary in place]


async def _signs(system: EmbeddedSystem, master: MasterKey) -> Sequence[tuple[int, str]]:
    worker = PostgresVenueCredentials(system.log_url("patriot_venue"), master)
    await worker.open()
    try:
        found = await worker.usable(ACCOUNT)
        return [(one.version, one.secret.sign(PAYLOAD)) for one in found]
    finally:
        await worker.close()


async def _assert_nowhere(system: EmbeddedSystem, archives: Path) -> None:
    """No secret anywhere; the account, which may be there, shows that it was looked for well."""
    await settled(system, "venue_keys", "accounts")
    assert system.kafka is not None
    records = await asyncio.to_thread(records_of, system.kafka.brokers)
    lines, columns = archives / "log.ndjson", archives / "log.parquet"
    await _run(system, "log", "export", str(lines))
    await _run(system, "log", "export", str(columns), "--format", "parquet")
    archived = [
        "\n".join(str(record) for record in archive.records).encode()
        for archive in (ndjson.read(lines), parquet.read(columns))
    ]
    for place in (await dump(system), b"\n".join(records), *archived):
        assert ACCOUNT.encode() in place
        assert b"account.venue_key_rotated.v1" in place
        assert _seen(place) == []
    data = system.choices.data
    known = await asyncio.to_thread(files_with, data, (ACCOUNT.encode(),))
    assert {name.split("/")[0] for name in known} >= {"postgres", "logs"}
    assert await asyncio.to_thread(files_with, data, _CANARIES) == set()
    assert await asyncio.to_thread(files_with, archives, _CANARIES) == {"secret"}
    lines.unlink()
    shutil.rmtree(columns)


@pytest.mark.asyncio
async def test_a_secret_is_in_clear_nowhere(system: EmbeddedSystem, tmp_path: Path) -> None:
    await system.start(
        without=frozenset(
            {"strategy", "market-data", "simulated-venue", "worker-market", "worker-execution"}
        )
    )
    secret, old, new = tmp_path / "secret", tmp_path / "old", tmp_path / "new"
    secret.write_text(SECRET + "\n")
    old.write_text((system.choices.data / "secrets" / "master_key").read_text())
    master = MasterKey(old.read_text())
    run = partial(_run, system)
    user = user_id("keyed")
    await run("users", "register", user, "--name", "Ada", "--email", "ada@example.com")
    await run("accounts", "open", ACCOUNT, "--user", user, "--venue", "BINANCE")
    assert "has no key" in await run("accounts", "keys", ACCOUNT)
    given = (ACCOUNT, "--venue", "BINANCE", "--label", "desk one")
    from_file = ("--api-key", API_KEY, "--secret-file", str(secret))
    await run("keys", "add", *given, *from_file)
    assert await _signs(system, master) == [(1, SIGNATURE)]
    assert "VENUE_KEY_EXISTS" in await run("keys", "add", *given, *from_file, fails=True)
    rotating = ("keys", "rotate", *given, "--api-key", OTHER_API_KEY)
    typed = f"{OTHER_SECRET}\n"
    refused = await run(*rotating, "--permission", "withdraw", typed=typed, fails=True)
    assert "VENUE_KEY_CAN_WITHDRAW" in refused
    await run(*rotating, typed=typed)
    (current, _), before = await _signs(system, master)
    assert (current, before) == (4, (1, SIGNATURE))
    await _assert_nowhere(system, tmp_path)
    shown = await run("accounts", "keys", ACCOUNT)
    assert [line.split()[:2] for line in shown.splitlines()] == [["4", "current"], ["1", "grace"]]

    await run("keys", "revoke", ACCOUNT, "1")
    await run("keys", "revoke", ACCOUNT, "1", fails=True)
    assert [version for version, _ in await _signs(system, master)] == [4]
    new.write_text(base64.b64encode(bytes(range(32))).decode())
    rotated = await run("keys", "rotate-master", "--old", str(old), "--new", str(new))
    assert "of venue secrets; none is left under another" in rotated
    assert [v for v, _ in await _signs(system, MasterKey(new.read_text()))] == [4]
    await run("keys", "revoke", ACCOUNT, "4")
    with pytest.raises(NoVenueKey):
        await _signs(system, master)
    await _assert_nowhere(system, tmp_path)
    await asyncio.to_thread(verify_chain, system.log_url())
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        assert (await verify(log, system.read_url("patriot_project"))).equal
    finally:
        await log.close()
