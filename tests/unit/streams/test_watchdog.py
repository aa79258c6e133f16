"""When a worker is called dead: it has work, it has what it needs, and it does not move."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.kafka.admin import BrokerError
from adapters.kafka.reader import Bounds
from adapters.telemetry.status import RoleStatus
from streams.progress import Progress
from streams.reading import Failure
from streams.watchdog import Flow, Watchdog, Watched

pytestmark = pytest.mark.asyncio


class Clock:
    """A clock that is set."""

    time = 1_000.0

    def now(self) -> int:
        return int(self.time * 1_000_000)

    def monotonic(self) -> float:
        return self.time

    def new_uuid(self) -> str:
        raise AssertionError


class Kafka:
    """What the reader would say."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.ends = 1
        self.away = False

    async def bounds(self, topic: str, partitions: list[int]) -> dict[int, Bounds]:
        if self.away:
            raise BrokerError("Kafka is away")
        return {partition: Bounds(0, self.ends) for partition in partitions}

    async def last(self, topic: str, partition: int, count: int) -> list[Any]:
        span = {"after_position": b"0", "through_position": str(self.head).encode()}
        return [SimpleNamespace(headers=span)]


class Bench:
    """A watchdog over one consumer, with everything around it at will."""

    def __init__(self, *, assigned: set[int] | None = None, flows: tuple[Flow, ...] = ()) -> None:
        self.clock = Clock()
        self.kafka = Kafka(head=50)
        self.progress = Progress("orders")
        self.stored = dict.fromkeys(range(6), 50)
        self.status = RoleStatus()
        self.assigned = set(range(6)) if assigned is None else assigned
        watched = Watched(
            consumers=[cast("Any", SimpleNamespace(progress=self.progress))],
            events=cast("Any", SimpleNamespace(offsets={})),
            assigned=lambda: self.assigned,
            flows=flows,
        )
        reader = cast("Any", self.kafka)
        self.dog = Watchdog(watched, reader, "", self.clock, self.status, stuck_after=30)
        self.dog._positions = self._positions  # type: ignore[method-assign]

    async def _positions(self) -> dict[tuple[str, int], int]:
        return {("orders", partition): at for partition, at in self.stored.items()}

    async def look_after(self, *seconds: float) -> RoleStatus:
        for each in seconds:
            self.clock.time += each
            trouble = await self.dog._look()
            self.dog._judge(trouble, "" if trouble else await self.dog._flows())
        return self.status


async def test_at_the_head_all_is_well_however_long() -> None:
    bench = Bench()
    assert await bench.look_after(0, 100, 100) == RoleStatus(dead="", unready="")


async def test_work_without_movement_is_death_after_a_while() -> None:
    bench = Bench()
    bench.stored[3] = 20
    assert (await bench.look_after(0, 20)).dead == ""
    assert (await bench.look_after(20)).dead == "orders has records to apply and does not move"


async def test_slow_is_not_dead() -> None:
    bench = Bench()
    bench.stored[3] = 20
    for _ in range(5):
        bench.stored[3] += 1
        assert (await bench.look_after(29)).dead == ""


async def test_waiting_for_a_store_is_unready_and_alive() -> None:
    bench = Bench()
    bench.stored[3] = 20
    bench.progress.waiting_for = "the read-model database: away"
    status = await bench.look_after(0, 100)
    assert (status.dead, status.unready) == ("", "the read-model database: away")
    bench.progress.waiting_for = ""
    assert (await bench.look_after(1)).dead == ""  # it gets its time from now on


async def test_kafka_away_is_unready_and_alive() -> None:
    bench = Bench()
    bench.stored[3] = 20
    bench.kafka.away = True
    status = await bench.look_after(0, 100)
    assert (status.dead, status.unready) == ("", "Kafka: Kafka is away")


async def test_a_partition_that_stands_still_is_told_and_no_reason_to_die() -> None:
    bench = Bench()
    bench.stored[3] = 20
    bench.progress.blocked[3] = Failure(21, "no such row")
    status = await bench.look_after(0, 100)
    assert status.dead == ""
    assert status.unready == "orders stands still in partition 3 before position 21: no such row"


async def test_a_spare_worker_lives_while_others_work() -> None:
    bench = Bench(assigned=set())
    bench.stored[3] = 20
    assert (await bench.look_after(0, 100)).dead == ""


async def test_a_worker_without_partitions_dies_if_nobody_has_them() -> None:
    bench = Bench(assigned=set())
    bench.stored = dict.fromkeys(range(6), 20)
    assert (await bench.look_after(0, 100)).dead != ""


async def test_a_topic_that_grows_unread_is_death() -> None:
    clock_of_turns = [1_000.0]
    flow = Flow("market", lambda: {0, 1}, lambda: clock_of_turns[0])
    bench = Bench(flows=(flow,))
    assert (await bench.look_after(0, 100)).dead == ""  # nothing comes: nothing to read
    bench.kafka.ends += 1
    assert (await bench.look_after(1, 20)).dead == ""
    clock_of_turns[0] = bench.clock.time
    assert (await bench.look_after(20, 20)).dead == ""  # it was read
    bench.kafka.ends += 1
    assert (await bench.look_after(1, 31)).dead == "records of market are not read"
