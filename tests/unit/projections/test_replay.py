"""A replay stops at what it does not know, says where, and passes it by only when told to."""

import pytest

from adapters.codec import read_recorded
from domain.envelope import LogPosition, RecordedEvent
from domain.registry import Unknown, UnknownEventType
from projections.catalogue import PROJECTIONS
from projections.replay import Replay
from tests.support.logs import everything, traded_log

_EVERY = list(PROJECTIONS.values())


async def _with_a_strange_event() -> tuple[list[RecordedEvent], RecordedEvent]:
    events = await everything(await traded_log(5, orders=20))
    last = events[-1]
    strange = RecordedEvent(
        LogPosition(0, last.position.number + 1),
        last.stream_id,
        last.version + 1,
        "order.teleported.v9",
        last.account_id,
        b"{}",
        last.metadata,
    )
    return events, strange


@pytest.mark.asyncio
async def test_an_unknown_type_stops_a_replay_with_its_place() -> None:
    events, strange = await _with_a_strange_event()
    run = Replay(_EVERY, read_recorded)
    with pytest.raises(UnknownEventType) as stopped:
        run.apply([*events, strange])
    assert str(stopped.value) == (
        f"unknown event type 'order.teleported.v9' at position {strange.position.number}: "
        "run the release that wrote it or a later one"
    )


@pytest.mark.asyncio
async def test_an_unknown_type_is_skipped_only_when_the_caller_says_so() -> None:
    events, strange = await _with_a_strange_event()
    run = Replay(_EVERY, read_recorded, unknown=Unknown.SKIP)
    run.apply([*events[:40], strange, *events[40:]])
    plain = Replay(_EVERY, read_recorded)
    plain.apply(events)
    assert run.tables() == plain.tables()
