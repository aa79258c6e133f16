"""Rebuilding and verifying stop at an event of a newer release; skipping it has to be asked for."""

import pytest

from adapters.memory.log import MemoryEventLog
from adapters.postgres.rebuild import rebuild
from adapters.postgres.verify import verify
from domain.envelope import NewEvent
from domain.ids import StreamId, derived
from domain.ports import Appended
from domain.registry import Unknown, UnknownEventType
from projections.catalogue import PROJECTIONS
from tests.support.batches import ACCOUNT, batch, command
from tests.support.logs import traded_log
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio


async def _log_of_a_newer_release() -> MemoryEventLog:
    log = await traded_log(5, orders=20)
    stream = StreamId(derived("newer", "order"))
    new = NewEvent(stream, 1, "order.teleported.v9", ACCOUNT, b"{}", b'{"occurred_at":1}')
    assert isinstance(await log.append(batch(command("newer", new))), Appended)
    return log


@pytest.mark.parametrize("name", PROJECTIONS)
async def test_a_rebuild_stops_and_changes_nothing(
    plain_read_database: Database, name: str
) -> None:
    log = await _log_of_a_newer_release()
    url = plain_read_database.url("patriot_project")
    place = (await log.head()).number
    with pytest.raises(UnknownEventType, match=rf"'order\.teleported\.v9' at position {place}"):
        await rebuild(log, url, PROJECTIONS[name])
    verified = await verify(MemoryEventLog(), url, [PROJECTIONS[name]])
    assert (verified.equal, set(verified.rows.values())) == (True, {0})


async def test_both_pass_it_by_when_told_to(plain_read_database: Database) -> None:
    log = await _log_of_a_newer_release()
    url = plain_read_database.url("patriot_project")
    for projection in PROJECTIONS.values():
        head = await rebuild(log, url, projection, unknown=Unknown.SKIP)
        assert head == (await log.head()).number
    with pytest.raises(UnknownEventType):
        await verify(log, url)
    verified = await verify(log, url, unknown=Unknown.SKIP)
    assert verified.equal
    assert verified.rows["orders"] == 20
