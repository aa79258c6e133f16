"""Folding with a snapshot: the same state, fewer events, and no trust in what was kept."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.commands.aggregates import Aggregates
from adapters.commands.folding import SHORT, fold
from adapters.memory.log import MemoryEventLog
from adapters.snapshots import kept
from domain.decision import StreamRef
from domain.envelope import NewEvent, RecordedEvent
from domain.ids import StreamId
from domain.orders.state import Order
from domain.ports import (
    Batch,
    CommandRecord,
    LogUnavailable,
    LogUnreadable,
    SnapshotAhead,
    StoredSnapshot,
)
from domain.risk import decide as risks
from tests.support.batches import command
from tests.support.logs import everything, traded_log

pytestmark = pytest.mark.asyncio


class _CountingLog(MemoryEventLog):
    """The log in memory, counting the events that were read of streams."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0
        self.broken = False

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        if self.broken:
            raise LogUnavailable("gone")
        events = await super().read_stream(stream_id, after=after, limit=limit)
        self.read += len(events)
        return events


async def _log(orders: int = 120) -> tuple[_CountingLog, StreamRef]:
    """A trading log with one account, and its risk: the longest stream."""
    source = await traded_log(7, orders=orders, accounts=1)
    log = _CountingLog()
    for event in await everything(source):
        await _append(log, event)
    account = next(e.account_id for e in await everything(log) if e.type == "risk.limits_set.v2")
    return log, risks.stream(account)


async def _append(log: MemoryEventLog, event: RecordedEvent) -> None:
    new = NewEvent(
        event.stream_id,
        event.version,
        event.type,
        event.account_id,
        event.payload,
        event.metadata,
    )
    record: CommandRecord = command(f"{event.position.number}", new)
    await log.append(Batch((record,), {event.stream_id: event.version - 1}))


async def _keep(log: MemoryEventLog, stream: StreamRef) -> StoredSnapshot:
    state, last = await fold(log, stream)
    assert last is not None
    snapshot = kept(state, last)
    log.snapshots[snapshot.stream_id, snapshot.shape] = snapshot
    return snapshot


async def test_a_snapshot_spares_the_events_before_it() -> None:
    log, stream = await _log()
    whole = await fold(log, stream, short=10)
    assert whole.version > 100
    assert log.read == whole.version
    await _keep(log, stream)
    log.read = 0
    assert await fold(log, stream, short=10) == whole
    assert log.read == 10 + 1


async def test_a_short_stream_never_asks_for_one() -> None:
    log, stream = await _log(orders=5)
    whole = await fold(log, stream)
    assert whole.version < SHORT
    snapshot = await _keep(log, stream)
    log.snapshots[snapshot.stream_id, snapshot.shape] = replace(snapshot, event_digest=b"wrong")
    assert await fold(log, stream) == whole


@pytest.mark.parametrize(
    "damage",
    [
        {"state": b""},
        {"state": b"\xff\x00 no message pack"},
        {"checksum": b"x" * 32},
        {"version": 3},
        {"event_digest": b"y" * 32},
        {"shape": "0" * 16},
    ],
)
async def test_a_damaged_snapshot_is_passed_by(
    damage: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    log, stream = await _log()
    whole = await fold(log, stream, short=10)
    snapshot = await _keep(log, stream)
    place = (snapshot.stream_id, snapshot.shape)
    log.snapshots[place] = replace(snapshot, **damage)  # type: ignore[arg-type]
    assert await fold(log, stream, short=10) == whole
    assert "is damaged and ignored: it" in caplog.text


async def test_a_sound_snapshot_of_another_kind_of_state_is_passed_by_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, stream = await _log()
    whole = await fold(log, stream, short=10)
    assert whole.last is not None
    snapshot = await _keep(log, stream)
    log.snapshots[snapshot.stream_id, snapshot.shape] = kept(Order(), whole.last)
    assert await fold(log, stream, short=10) == whole
    assert "damaged and ignored: it has the shape of another state" in caplog.text


async def test_a_snapshot_that_is_newer_than_the_log_stops_the_reader() -> None:
    log, stream = await _log()
    await _keep(log, stream)
    last = (await fold(log, stream, short=10)).last
    assert last is not None
    shorter = _CountingLog()
    for event in (await everything(log))[: last.position.number - 1]:
        await _append(shorter, event)
    shorter.snapshots = log.snapshots
    with pytest.raises(SnapshotAhead, match="an older log was restored"):
        await fold(shorter, stream, short=10)


async def test_a_history_that_went_another_way_stops_the_reader() -> None:
    """An older log was restored and then grew past the snapshot with other events."""
    log, stream = await _log()
    await _keep(log, stream)
    events = list(await everything(log))
    last = (await fold(log, stream, short=10)).last
    assert last is not None
    other = _CountingLog()
    for event in events:
        changed = event.position == last.position
        metadata = event.metadata.replace(b"workload", b"somebody") if changed else event.metadata
        await _append(other, event._replace(metadata=metadata))
    other.snapshots = log.snapshots
    with pytest.raises(SnapshotAhead, match=rf"position {last.position.number}"):
        await fold(other, stream, short=10)


@pytest.mark.parametrize(
    ("type_name", "payload", "told"),
    [
        ("risk.moved.v9", b"{}", r"'risk\.moved\.v9' at position {}: run the release"),
        ("risk.trading_halted.v1", b"{{}}", "position {} cannot be read: the stored risk.trading"),
    ],
)
async def test_what_cannot_be_read_stops_with_its_place(
    type_name: str, payload: bytes, told: str
) -> None:
    log, stream = await _log(orders=3)
    version = (await fold(log, stream)).version + 1
    place = (await log.head()).number + 1
    new = NewEvent(stream.stream_id, version, type_name, stream.account_id, payload, b"{}")
    await log.append(Batch((command("strange", new),), {stream.stream_id: version - 1}))
    with pytest.raises(LogUnreadable, match=told.format(place)):
        await fold(log, stream)


async def test_a_log_that_cannot_be_read_is_named_for_each_stream() -> None:
    log, stream = await _log(orders=3)
    log.broken = True
    aggregates = Aggregates(log, capacity=10)
    asked = [stream, risks.stream(stream.account_id)]
    failed = await aggregates.load(asked)
    assert failed.keys() == {each.stream_id for each in asked}
    assert {type(error) for error in failed.values()} == {LogUnavailable}
