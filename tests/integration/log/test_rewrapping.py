"""The master key is changed while everything runs: killed in the middle, all keys keep opening."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import pytest
import pytest_asyncio

from adapters.codec import encode
from adapters.keys.master import MasterKey, WrongMasterKey, create_master_key
from adapters.keys.venue import Credential, VenueSecret
from adapters.postgres.keys import PostgresSubjectKeys
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.rewrapping import Counts, rotate_master_key
from adapters.postgres.venue_keys import PostgresVenueCredentials, PostgresVenueSecrets
from domain.accounts.events import KeyScheme, VenueKeyAdded
from domain.envelope import NewEvent
from domain.ids import (
    PLATFORM,
    AccountId,
    CommandId,
    StreamId,
    UserId,
    account_stream,
    derived,
    user_stream,
)
from domain.ports import Batch, CommandRecord
from domain.registry import Event
from domain.users.events import UserErased
from tests.support.membership import account_id, user_id, venue_key
from tests.support.rpc_venue_keys import API_KEY, PAYLOAD, SECRET, SIGNATURE
from tests.support.servers import Database
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

_USERS: Final = tuple(user_id(f"user {number}") for number in range(1_200))
_ACCOUNTS: Final = tuple(account_id(f"account {number}") for number in range(20))
_SECRET: Final = VenueSecret(KeyScheme.HMAC_SHA256, API_KEY, SECRET)


@dataclass
class Keys:
    """A database full of keys under the old master key, and readers that hold both."""

    database: Database
    old: Path
    new: Path
    both: PostgresSubjectKeys
    worker: PostgresVenueCredentials
    known: dict[UserId, bytes]

    async def all_open(self) -> None:
        """Every key opens, and is what it was."""
        for user, key in list(self.known.items()):
            found = await self.both.find(user)
            assert found == key or user not in self.known, "only who is erased has none"
        for account in _ACCOUNTS:
            assert _signature(await self.worker.usable(account)) == SIGNATURE

    def under(self, path: Path) -> tuple[int, int]:
        """How many keys of subjects and of venue secrets are under a master key."""
        name = MasterKey(path.read_text()).id
        with psycopg.connect(self.database.admin_url) as connection:
            found = connection.execute(
                "SELECT (SELECT count(*) FROM keys.subjects "
                "         WHERE substring(wrapped_key FROM 2 FOR 8) = %(name)s), "
                "       (SELECT count(*) FROM keys.venue_secrets "
                "         WHERE substring(wrapped_key FROM 2 FOR 8) = %(name)s)",
                {"name": name},
            ).fetchone()
        assert found is not None
        return found[0], found[1]

    async def rotate(self) -> asyncio.subprocess.Process:
        """`patriot keys rotate-master`, on its way."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.cli", "keys", "rotate-master",
            "--old", str(self.old), "--new", str(self.new),
            env={**os.environ, "REKEY_DATABASE_URL": self.database.url("patriot_rekey")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip


def _signature(found: object) -> str:
    assert isinstance(found, list)
    [credential] = found
    assert isinstance(credential, Credential)
    return credential.secret.sign(PAYLOAD)


async def _append(log: PostgresEventLog, stream: StreamId, owner: AccountId, event: Event) -> None:
    type_name, payload = encode(event)
    new = NewEvent(stream, 1, type_name, owner, payload, b"{}")
    known_as = CommandId(derived("rewrapping test", stream))
    record = CommandRecord(owner, known_as, bytes(32), b"{}", (new,))
    await log.append(Batch((record,), {stream: 0}))


@pytest_asyncio.fixture
async def keys(log_database: Database, tmp_path: Path) -> AsyncIterator[Keys]:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text(create_master_key() + "\n")
    new.write_text(create_master_key() + "\n")
    before = MasterKey(old.read_text())
    first = PostgresSubjectKeys(log_database.url("patriot_keys"), before)
    secrets = PostgresVenueSecrets(log_database.url("patriot_keys"), before)
    log = PostgresEventLog(log_database.url("patriot_append"))
    ring = MasterKey(f"{old.read_text()} {new.read_text()}")
    both = PostgresSubjectKeys(log_database.url("patriot_unlock"), ring)
    worker = PostgresVenueCredentials(log_database.url("patriot_venue"), ring)
    for opened in (first, secrets, log, both, worker):
        await opened.open()
    made = [await first.ensure(user) for user in _USERS]
    for account in _ACCOUNTS:
        version = await secrets.stage(account, "BINANCE", _SECRET)
        added = VenueKeyAdded(account, venue_key(version))
        await _append(log, account_stream(account), account, added)
    known = {user: key for user, key in zip(_USERS, made, strict=True) if key is not None}
    yield Keys(log_database, old, new, both, worker, known)
    for opened in (first, secrets, log, both, worker):
        await opened.close()


async def test_every_key_opens_at_every_moment_and_a_killed_run_goes_on(keys: Keys) -> None:
    stop = asyncio.Event()

    async def read_all_the_time() -> int:
        rounds = 0
        while not stop.is_set():
            await keys.all_open()
            rounds += 1
        return rounds

    reading = asyncio.create_task(read_all_the_time())
    held = sorted(_USERS)[700]
    with psycopg.connect(keys.database.admin_url) as holder:
        holder.execute("SELECT FROM keys.subjects WHERE subject_id = %s FOR UPDATE", (held,))
        killed = await keys.rotate()
        await until(lambda: _stands_at(keys, 700), "the change to stand in the middle")
        killed.send_signal(signal.SIGKILL)
        assert await killed.wait() == -signal.SIGKILL
        assert (keys.under(keys.new), keys.under(keys.old)) == ((700, 0), (500, 20))
    erased = sorted(_USERS)[900]
    log = PostgresEventLog(keys.database.url("patriot_append"))
    await log.open()
    del keys.known[erased]
    await _append(log, user_stream(erased), PLATFORM, UserErased(erased))
    await log.close()
    again = await keys.rotate()
    said, complaints = await again.communicate()
    assert again.returncode == 0, complaints
    # The one that the killed run waited for may have been finished by its server.
    assert re.search(rb": 49[89] keys of subjects, 20 of venue secrets; none is left", said), said
    stop.set()
    assert await reading >= 1
    assert (keys.under(keys.new), keys.under(keys.old)) == ((1_199, 20), (0, 0))
    await keys.all_open()
    assert await keys.both.find(erased) is None, "what was erased stays erased"
    await _only_the_new_one_opens(keys)


async def _stands_at(keys: Keys, count: int) -> bool:
    return (await asyncio.to_thread(keys.under, keys.new))[0] == count


async def _only_the_new_one_opens(keys: Keys) -> None:
    for path in (keys.new, keys.old):
        alone = MasterKey(path.read_text())
        subjects = PostgresSubjectKeys(keys.database.url("patriot_unlock"), alone)
        worker = PostgresVenueCredentials(keys.database.url("patriot_venue"), alone)
        await worker.open()
        user, account = next(iter(keys.known)), _ACCOUNTS[0]
        if path == keys.new:
            await subjects.open()
            assert await subjects.find(user) == keys.known[user]
            assert _signature(await worker.usable(account)) == SIGNATURE
        else:
            with pytest.raises(WrongMasterKey, match="bring back the right one"):
                await subjects.open()
            with pytest.raises(WrongMasterKey, match="bring back the right one"):
                await worker.usable(account)
        await subjects.close()
        await worker.close()


async def test_a_wrong_old_key_and_the_same_key_twice_are_told_and_change_nothing(
    keys: Keys, tmp_path: Path
) -> None:
    url = keys.database.url("patriot_rekey")
    old, new = (MasterKey(path.read_text()) for path in (keys.old, keys.new))
    other = tmp_path / "other"
    other.write_text(create_master_key())

    def silent(counts: Counts) -> None:
        del counts

    with pytest.raises(WrongMasterKey, match=r"stays as it was.*bring back the right one"):
        await rotate_master_key(url, MasterKey(other.read_text()), new, silent)
    with pytest.raises(WrongMasterKey, match="the same"):
        await rotate_master_key(url, old, old, silent)
    assert keys.under(keys.old) == (1_200, 20)
    wrong = Keys(keys.database, other, keys.new, keys.both, keys.worker, keys.known)
    process = await wrong.rotate()
    _, complaints = await process.communicate()
    assert process.returncode == 1
    assert complaints.decode().count("\n") == 1, "one sentence and no traceback"
    assert other.read_text() not in complaints.decode()


async def test_a_key_that_was_altered_stops_the_change_at_its_place(keys: Keys) -> None:
    first = min(_USERS)
    with psycopg.connect(keys.database.admin_url) as connection:
        connection.execute(
            "UPDATE keys.subjects SET wrapped_key = set_byte(wrapped_key, 40, "
            "get_byte(wrapped_key, 40) # 1) WHERE subject_id = %s",
            (first,),
        )
    process = await keys.rotate()
    _, complaints = await process.communicate()
    assert process.returncode == 1
    assert first in complaints.decode()
    assert keys.under(keys.new) == (0, 0)
