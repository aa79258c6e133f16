"""A partition is delivered again until what was asked for has come, whatever else comes first."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from adapters.kafka.admin import BrokerError
from adapters.kafka.reader import Bounds
from streams.events_consumer import EventsConsumer
from streams.progress import Progress
from streams.topics import EVENTS
from tests.unit.streams.test_watchdog import Clock

pytestmark = pytest.mark.asyncio

HERE = TP(EVENTS, 3)


def _headers(offset: int) -> dict[str, bytes]:
    """Ten positions a record."""
    return {
        "after_position": str(offset * 10).encode(),
        "through_position": str(offset * 10 + 10).encode(),
    }


class Bench:
    """A worker with one partition of eight records, and Kafka and Faust at will."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.seeks: list[int] = []
        self.assigned = {HERE}
        self.away = False
        self.meanwhile: int | None = None
        """What somebody else asks for while a place is being looked for."""
        app = SimpleNamespace(consumer=self)
        parts = cast("Any", app), cast("Any", self), cast("Any", None), self.clock
        self.events = EventsConsumer(*parts)
        self.progress = Progress("orders")
        self.progress.positions[HERE.partition] = 1_000

    # Of Faust's consumer.

    def assignment(self) -> set[TP]:
        return self.assigned

    async def seek_wait(self, places: dict[TP, int]) -> None:
        self.seeks.append(places[HERE])

    # Of the reader.

    async def bounds(self, topic: str, partitions: list[int]) -> dict[int, Bounds]:
        del topic
        if self.away:
            raise BrokerError("Kafka is away")
        return {partition: Bounds(0, 8) for partition in partitions}

    async def record(self, topic: str, partition: int, offset: int) -> Any:
        del topic
        if self.meanwhile is not None:
            position, self.meanwhile = self.meanwhile, None
            await self.events.rewind(partition, position)
        return SimpleNamespace(headers=_headers(offset))

    # What happens.

    async def comes(self, *offsets: int) -> None:
        """Records that are handed over; what is in them is known already."""
        events = [
            SimpleNamespace(
                message=SimpleNamespace(
                    partition=HERE.partition,
                    offset=offset,
                    value=b"",
                    headers=_headers(offset).items(),
                )
            )
            for offset in offsets
        ]
        await self.events.feed(cast("Any", self), cast("Any", events))

    async def apply(self, incoming: object) -> None:
        assert not incoming

    async def wait(self, seconds: float) -> list[int]:
        """Where it was sought to by the next look."""
        before = len(self.seeks)
        self.clock.time += seconds
        await self.events.insist()
        return self.seeks[before:]


async def test_what_came_is_not_asked_for_again() -> None:
    bench = Bench()
    await bench.events.rewind(HERE.partition, 25)
    assert bench.seeks == [2]
    await bench.comes(7, 2, 3)
    assert await bench.wait(100) == []


async def test_a_seek_that_was_lost_is_made_again_and_again() -> None:
    bench = Bench()
    await bench.events.rewind(HERE.partition, 25)
    await bench.comes(7)
    assert await bench.wait(2) == []  # it may be on its way
    assert await bench.wait(3) == [2]
    assert await bench.wait(5) == [2]
    await bench.comes(2, 3)
    assert await bench.wait(100) == []


async def test_what_is_on_its_way_is_asked_for_once() -> None:
    bench = Bench()
    for position in (25, 25, 60):
        await bench.events.rewind(HERE.partition, position)
    assert bench.seeks == [2]


async def test_who_needs_more_than_what_is_on_its_way_gets_it_next() -> None:
    bench = Bench()
    await bench.events.rewind(HERE.partition, 25)
    await bench.events.rewind(HERE.partition, 5)
    await bench.comes(2, 3)
    assert bench.seeks == [2]
    assert await bench.wait(5) == [0]


async def test_who_needs_more_while_a_place_is_looked_for_gets_it_next() -> None:
    bench = Bench()
    bench.meanwhile = 5
    await bench.events.rewind(HERE.partition, 55)
    await bench.comes(5, 6)
    assert bench.seeks == [5]
    assert await bench.wait(5) == [0]


async def test_a_place_that_could_not_be_asked_for_is_asked_for_later() -> None:
    bench = Bench()
    bench.away = True
    await bench.events.rewind(HERE.partition, 25)
    assert await bench.wait(5) == []
    bench.away = False
    assert await bench.wait(5) == [2]


async def test_a_partition_of_another_worker_is_left_alone() -> None:
    bench = Bench()
    await bench.events.rewind(HERE.partition, 25)
    bench.assigned = set()
    assert await bench.wait(5) == []
    bench.assigned = {HERE}
    assert await bench.wait(5) == []
