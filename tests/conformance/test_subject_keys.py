"""Both keepers of subjects' keys behave alike: made once, taken by the event, never made again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from adapters.codec import encode
from adapters.keys.master import MasterKey, create_master_key
from adapters.keys.subjects import SubjectKeys
from adapters.memory.keys import MemorySubjectKeys
from adapters.memory.log import MemoryEventLog
from adapters.postgres.keys import PostgresSubjectKeys
from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent
from domain.ids import PLATFORM, CommandId, UserId, derived, user_stream
from domain.ports import Batch, CommandRecord, EventLog
from domain.registry import Event
from domain.users.events import Role, RoleGranted, UserErased
from tests.support.membership import user_id
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio

ADA, BOB = user_id("ada"), user_id("bob")


@dataclass(frozen=True, slots=True)
class Kept:
    """A keeper, and the log whose events take its keys."""

    keys: SubjectKeys
    log: EventLog


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
        yield Kept(MemorySubjectKeys(log), log)
        return
    stored = PostgresEventLog(database.url("patriot_append"))
    keys = PostgresSubjectKeys(database.url("patriot_keys"), MasterKey(create_master_key()))
    await stored.open()
    await keys.open()
    yield Kept(keys, stored)
    await keys.close()
    await stored.close()


async def _append(kept: Kept, subject: UserId, event: Event, version: int = 1) -> None:
    stream = user_stream(subject)
    type_name, payload = encode(event)
    new = NewEvent(stream, version, type_name, PLATFORM, payload, b"{}")
    known_as = CommandId(derived("key test", type_name, subject, str(version)))
    record = CommandRecord(PLATFORM, known_as, bytes(32), b"{}", (new,))
    await kept.log.append(Batch((record,), {stream: version - 1}))


async def test_a_key_is_made_once_and_found(kept: Kept) -> None:
    assert await kept.keys.find(ADA) is None
    key = await kept.keys.ensure(ADA)
    assert key is not None
    assert len(key) == 32
    assert await kept.keys.ensure(ADA) == key
    assert await kept.keys.find(ADA) == key


async def test_every_subject_has_its_own(kept: Kept) -> None:
    assert await kept.keys.ensure(ADA) != await kept.keys.ensure(BOB)


async def test_who_asks_at_once_gets_the_same(kept: Kept) -> None:
    found = await asyncio.gather(*(kept.keys.ensure(ADA) for _ in range(20)))
    assert len(set(found)) == 1


async def test_the_event_takes_the_key_and_it_never_comes_back(kept: Kept) -> None:
    await kept.keys.ensure(ADA)
    other = await kept.keys.ensure(BOB)
    await _append(kept, ADA, UserErased(ADA))
    assert await kept.keys.find(ADA) is None
    assert await kept.keys.ensure(ADA) is None
    assert await kept.keys.ensure(ADA) is None
    assert await kept.keys.find(BOB) == other


async def test_other_events_take_nothing(kept: Kept) -> None:
    key = await kept.keys.ensure(ADA)
    await _append(kept, ADA, RoleGranted(ADA, Role.TRADER))
    assert await kept.keys.find(ADA) == key


async def test_an_erasure_that_was_not_committed_takes_nothing(kept: Kept) -> None:
    key = await kept.keys.ensure(ADA)
    await _append(kept, ADA, UserErased(ADA), version=7)  # a conflict: the stream is empty
    assert await kept.keys.find(ADA) == key
