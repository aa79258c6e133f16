"""Duplicates, repetitions, reordering, losses: the rows end as a replay, or a hole is reported."""

import asyncio
import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.codec import read_recorded
from adapters.kafka.partition import PARTITIONS, partition_of
from domain.envelope import RecordedEvent
from domain.registry import Unknown, UnknownEventType
from projections.catalogue import PROJECTIONS
from projections.replay import MemoryRows, replay
from projections.tables import Projection
from streams.packing import Packer
from streams.reading import Failure, Incoming, plan
from streams.record import Record, Span, decode_record, encode_record
from tests.support.logs import everything, traded_log


class Sink:
    """A projection in memory that follows the rules of the real one."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.rows = MemoryRows()
        self.positions = dict.fromkeys(range(PARTITIONS), 0)
        self.holes = 0

    def apply(self, incoming: list[Incoming], stops: dict[int, Failure] | None = None) -> None:
        done = plan(self.positions, incoming, self.projection.types, stop_before=stops)
        for fact in done.facts:
            self.projection.fold(fact, self.rows)
        self.positions.update(done.reached)
        self.holes += len(done.holes)

    def table(self, name: str) -> list[tuple[object, ...]]:
        return sorted(self.rows.tables.get(name, {}).values(), key=repr)


def records_of(events: list[RecordedEvent], batch: int, events_max: int) -> list[Incoming]:
    packer = Packer([0] * PARTITIONS, partition_of, events_max=events_max)
    records: list[Incoming] = []
    for start in range(0, len(events), batch):
        for out in [*packer.pack(events[start : start + batch]), *packer.watermarks()]:
            value = encode_record(0, out.span, out.events)
            records.append(Incoming(out.partition, len(records), decode_record(value)))
    return records


@pytest.fixture(scope="module")
def log() -> list[RecordedEvent]:
    async def make() -> list[RecordedEvent]:
        return await everything(await traded_log(7, orders=60))

    return asyncio.run(make())


def expected(
    log: list[RecordedEvent], projection: Projection
) -> dict[str, list[tuple[object, ...]]]:
    tables = replay(log, [projection], read_recorded)
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


@pytest.mark.parametrize("name", PROJECTIONS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), batch=st.integers(1, 40), events_max=st.integers(1, 9))
def test_repeated_and_interleaved_records_end_as_a_replay(
    log: list[RecordedEvent], name: str, seed: int, batch: int, events_max: int
) -> None:
    rng = random.Random(seed)
    projection = PROJECTIONS[name]
    sink = Sink(projection)
    # The relay may begin again anywhere, with other cuts, and publish what is there already.
    published = [
        *records_of(log, batch, events_max),
        *records_of(log, rng.randint(1, 60), rng.randint(1, 9)),
    ]
    queues = {p: [r for r in published if r.partition == p] for p in range(PARTITIONS)}
    while any(queues.values()):
        partition = rng.choice([p for p, queue in queues.items() if queue])
        size = rng.randint(1, 5)
        taken, queues[partition] = queues[partition][:size], queues[partition][size:]
        sink.apply(taken)
        if rng.random() < 0.3:
            sink.apply(taken)  # delivered again: the offset was not committed
    assert sink.holes == 0
    for table, rows in expected(log, projection).items():
        assert sink.table(table) == rows


def test_a_lost_record_is_a_hole_and_nothing_after_it_is_applied(log: list[RecordedEvent]) -> None:
    projection = PROJECTIONS["orders"]
    records = records_of(log, 10, 3)
    sink = Sink(projection)
    of_one = [record for record in records if record.partition == records[0].partition]
    sink.apply([of_one[0], *of_one[2:]])
    assert sink.holes == 1
    assert sink.positions[of_one[0].partition] == of_one[0].record.through
    sink.apply(of_one[1:])  # delivered again
    assert sink.positions[of_one[0].partition] == of_one[-1].record.through


def test_an_event_of_an_unknown_type_stops_its_partition_before_it(
    log: list[RecordedEvent],
) -> None:
    records = records_of(log, 1_000_000, 1_000_000)
    record = max((r.record for r in records), key=lambda r: len(r.events))
    partition = next(r.partition for r in records if r.record is record)
    middle, strange = _with_a_strange_event(log, record)
    incoming = [Incoming(partition, 0, strange)]
    done = plan({partition: 0}, incoming, PROJECTIONS["fills"].types)
    assert done.failures[partition] == Failure(
        middle, str(UnknownEventType("order.frozen.v9", middle))
    )
    assert done.reached[partition] == middle - 1
    assert all(fact.position < middle for fact in done.facts)
    # The old colour of a blue/green release may be told to pass by what it does not know.
    skipping = plan({partition: 0}, incoming, PROJECTIONS["fills"].types, unknown=Unknown.SKIP)
    assert (skipping.failures, skipping.reached[partition]) == ({}, record.through)
    assert len(skipping.facts) > len(done.facts)


def _with_a_strange_event(log: list[RecordedEvent], record: Record) -> tuple[int, Record]:
    """The record with the type of its middle event changed, and that event's position."""
    middle = record.events[len(record.events) // 2]
    content = orjson.loads(
        encode_record(0, Span(record.after, record.through), _events(log, record))
    )
    for each in content["events"]:
        if each["position"] == middle.position:
            each["type"] = "order.frozen.v9"
    return middle.position, decode_record(orjson.dumps(content))


def test_a_partition_that_stands_still_does_not_hold_up_others(log: list[RecordedEvent]) -> None:
    records = records_of(log, 20, 5)
    partition = records[0].partition
    position = next(
        e.position for r in records if r.partition == partition for e in r.record.events
    )
    sink = Sink(PROJECTIONS["orders"])
    sink.apply(records, stops={partition: Failure(position, "no")})
    assert sink.positions[partition] == position - 1
    ends = {r.partition: r.record.through for r in records}
    assert all(sink.positions[p] == end for p, end in ends.items() if p != partition)


def _events(log: list[RecordedEvent], record: Record) -> list[RecordedEvent]:
    wanted = {event.position for event in record.events}
    return [event for event in log if event.position.number in wanted]
