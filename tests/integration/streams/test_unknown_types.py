"""Rebuilding and verifying stop at what they cannot read, and say where it stands.

What a newer release wrote is passed by when that is asked for; what is damaged never is.
"""

from typing import Final

import pytest

from adapters.codec import encode, encode_metadata
from adapters.memory.log import MemoryEventLog
from adapters.postgres.rebuild import rebuild
from adapters.postgres.verify import verify
from domain.envelope import NewEvent
from domain.ids import StreamId, derived
from domain.ports import Appended, LogUnreadable
from domain.registry import EVENT_TYPES, Unknown, UnknownEventType
from projections.catalogue import PROJECTIONS
from tests.contract.examples import EXAMPLES, METADATA
from tests.support.batches import ACCOUNT, batch, command
from tests.support.logs import everything, traded_log
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio


_ACCEPTED: Final = encode(EXAMPLES["order.accepted.v1"])[1]
_CAUSE: Final = encode_metadata(METADATA["metadata"])


async def _log_with(type_name: str, payload: bytes, cause: bytes = _CAUSE) -> MemoryEventLog:
    log = await traded_log(5, orders=20)
    stream = StreamId(derived("newer", "order"))
    new = NewEvent(stream, 1, type_name, ACCOUNT, payload, cause)
    assert isinstance(await log.append(batch(command("newer", new))), Appended)
    return log


async def _log_of_a_newer_release() -> MemoryEventLog:
    return await _log_with("order.teleported.v9", b"{}")


@pytest.mark.parametrize(
    ("payload", "cause"), [(b"{}", _CAUSE), (b"no JSON", _CAUSE), (_ACCEPTED, b"[]")]
)
async def test_an_event_that_cannot_be_read_is_told_with_its_place(
    plain_read_database: Database, payload: bytes, cause: bytes
) -> None:
    log = await _log_with("order.accepted.v1", payload, cause)
    url = plain_read_database.url("patriot_project")
    told = rf"position {(await log.head()).number} cannot be read: .*patriot log verify"
    with pytest.raises(LogUnreadable, match=told):
        await rebuild(log, url, PROJECTIONS["orders"])
    orders = PROJECTIONS["orders"]
    await rebuild(await _log_of_a_newer_release(), url, orders, unknown=Unknown.SKIP)
    with pytest.raises(LogUnreadable, match=told):
        await verify(log, url, [orders], unknown=Unknown.SKIP)


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
    begun = [
        event.type
        for event in await everything(log)
        if event.version == 1 and event.type.startswith("order.") and event.type in EVENT_TYPES
    ]
    assert verified.rows["orders"] == len(begun) >= 20
