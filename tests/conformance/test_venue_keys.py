"""Both keepers of venue secrets behave alike: usable by the event that adds, gone by another."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from adapters.codec import encode
from adapters.keys.master import MasterKey, create_master_key
from adapters.keys.venue import NoVenueKey, VenueCredentials, VenueSecret, VenueSecrets
from adapters.memory.log import MemoryEventLog
from adapters.memory.venue_keys import MemoryVenueKeys
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.venue_keys import PostgresVenueCredentials, PostgresVenueSecrets
from domain.accounts.events import KeyScheme, VenueKeyAdded, VenueKeyRevoked, VenueKeyRotated
from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, account_stream, derived
from domain.ports import Batch, CommandRecord, EventLog
from domain.registry import Event
from tests.support.membership import venue_key
from tests.support.rpc_venue_keys import API_KEY, OTHER_API_KEY, OTHER_SECRET, SECRET
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

FIRST = VenueSecret(KeyScheme.HMAC_SHA256, API_KEY, SECRET)
SECOND = VenueSecret(KeyScheme.HMAC_SHA256, OTHER_API_KEY, OTHER_SECRET)


@dataclass
class Kept:
    """A keeper as its writer and its reader see it, and the log that both follow."""

    secrets: VenueSecrets
    credentials: VenueCredentials
    log: EventLog
    versions: dict[AccountId, int] = field(default_factory=dict)

    async def append(self, event: Event, account: AccountId = ACCOUNT, late: int = 0) -> None:
        """An event of an account; `late` many versions too far, it is a conflict."""
        stream = account_stream(account)
        version = self.versions.get(account, 0) + 1 + late
        type_name, payload = encode(event)
        new = NewEvent(stream, version, type_name, account, payload, b"{}")
        known_as = CommandId(derived("venue key test", account, str(version)))
        record = CommandRecord(account, known_as, bytes(32), b"{}", (new,))
        await self.log.append(Batch((record,), {stream: version - 1}))
        self.versions[account] = version

    async def usable(self, account: AccountId = ACCOUNT) -> list[tuple[int, str]]:
        """Versions with what they sign, the current one first."""
        found = await self.credentials.usable(account)
        return [(one.version, one.secret.sign(b"payload")) for one in found]


@pytest.fixture(params=["memory", "postgres"])
def database(request: pytest.FixtureRequest) -> Database | None:
    """The log's database; none for the keeper in memory."""
    if request.param == "memory":
        return None
    found: Database = request.getfixturevalue("log_database")
    return found


@pytest_asyncio.fixture
async def kept(database: Database | None) -> AsyncIterator[Kept]:
    if database is None:
        log = MemoryEventLog()
        keys = MemoryVenueKeys(log)
        yield Kept(keys, keys, log)
        return
    stored = PostgresEventLog(database.url("patriot_append"))
    master = MasterKey(create_master_key())
    secrets = PostgresVenueSecrets(database.url("patriot_keys"), master)
    credentials = PostgresVenueCredentials(database.url("patriot_venue"), master)
    for opened in (stored, secrets, credentials):
        await opened.open()
    yield Kept(secrets, credentials, stored)
    for opened in (stored, secrets, credentials):
        await opened.close()


async def test_a_secret_is_used_from_the_event_on_that_names_it(kept: Kept) -> None:
    version = await kept.secrets.stage(ACCOUNT, "BINANCE", FIRST)
    with pytest.raises(NoVenueKey, match="add one"):
        await kept.usable()
    await kept.append(VenueKeyAdded(ACCOUNT, venue_key(version)))
    assert await kept.usable() == [(version, FIRST.sign(b"payload"))]
    with pytest.raises(NoVenueKey):
        await kept.usable(OTHER_ACCOUNT)


async def test_both_are_used_until_the_older_is_revoked(kept: Kept) -> None:
    old = await kept.secrets.stage(ACCOUNT, "BINANCE", FIRST)
    await kept.append(VenueKeyAdded(ACCOUNT, venue_key(old)))
    new = await kept.secrets.stage(ACCOUNT, "BINANCE", SECOND)
    assert await kept.usable() == [(old, FIRST.sign(b"payload"))]
    await kept.append(VenueKeyRotated(ACCOUNT, venue_key(new), old))
    signs = [(new, SECOND.sign(b"payload")), (old, FIRST.sign(b"payload"))]
    assert await kept.usable() == signs
    await kept.append(VenueKeyRevoked(ACCOUNT, old))
    assert await kept.usable() == signs[:1]
    await kept.append(VenueKeyRevoked(ACCOUNT, new))
    with pytest.raises(NoVenueKey):
        await kept.usable()


async def test_a_version_is_never_given_twice(kept: Kept) -> None:
    given = await asyncio.gather(
        *(kept.secrets.stage(ACCOUNT, "BINANCE", FIRST) for _ in range(10))
    )
    assert sorted(given) == list(range(1, 11))
    await kept.append(VenueKeyAdded(ACCOUNT, venue_key(10)))
    await kept.append(VenueKeyRevoked(ACCOUNT, 10))
    assert await kept.secrets.stage(ACCOUNT, "BINANCE", FIRST) == 11
    assert await kept.secrets.stage(OTHER_ACCOUNT, "BINANCE", FIRST) == 1


async def test_an_event_that_was_not_committed_changes_nothing(kept: Kept) -> None:
    version = await kept.secrets.stage(ACCOUNT, "BINANCE", FIRST)
    added = VenueKeyAdded(ACCOUNT, venue_key(version))
    before = dict(kept.versions)
    await kept.append(added, late=6)
    kept.versions = before
    with pytest.raises(NoVenueKey):
        await kept.usable()
    await kept.append(added)
    assert [found for found, _ in await kept.usable()] == [version]
