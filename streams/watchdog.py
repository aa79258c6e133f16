"""Looks at a worker from outside: what Kafka holds, what the store says, and whether it moves.

Faust can stop consuming without a word, and a topic can be made anew under a running consumer. So
this asks Kafka by a client of its own, and the database by a connection of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from adapters.kafka.admin import BrokerError
from adapters.kafka.partition import PARTITIONS
from adapters.kafka.reader import Reader
from adapters.postgres.readmodel import connect, read_positions
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock
from streams.events_consumer import Consumer, EventsConsumer
from streams.progress import Progress
from streams.record import span_of
from streams.topics import EVENTS

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """The worker that is looked at."""

    consumers: Sequence[Consumer]
    events: EventsConsumer
    assigned: Callable[[], set[int]]
    """Partitions of the events topic that this worker has now."""
    others: Callable[[], str] = str
    """What else keeps the worker from its work, in words."""
    flows: Sequence["Flow"] = ()
    """Topics whose records must keep being handled."""


@dataclass(slots=True)
class Flow:
    """A topic without positions of its own: when it grows, somebody must turn."""

    topic: str
    assigned: Callable[[], set[int]]
    last_turn: Callable[[], float]
    _ends: dict[int, int] = field(default_factory=dict)
    _grown_at: float | None = None

    def stuck_for(self, ends: dict[int, int], now: float) -> float:
        """Seconds since the partitions grew without being read; 0 while all is well."""
        if self._grown_at is not None and self.last_turn() >= self._grown_at:
            self._grown_at = None
        if ends.keys() != self._ends.keys():
            self._grown_at = None
        elif ends != self._ends and self._grown_at is None:
            self._grown_at = now
        self._ends = ends
        return 0.0 if self._grown_at is None else now - self._grown_at


class Watchdog:
    """Keeps a worker's status and metrics true, and its rewinds going; run() it beside one."""

    def __init__(
        self,
        watched: Watched,
        reader: Reader,
        read_dsn: str,
        clock: Clock,
        status: RoleStatus,
        *,
        stuck_after: float,
        interval: float = 2.0,
    ) -> None:
        self._watched = watched
        self._reader = reader
        self._read_dsn = read_dsn
        self._clock = clock
        self._status = status
        self._stuck_after = stuck_after
        self._interval = interval
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._stored: dict[tuple[str, int], int] = {}
        self._head = 0
        self._moved: dict[str, tuple[int, float]] = {}
        """For each consumer the sum of its positions in the store, and since when it is that."""

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        try:
            while True:
                trouble = await self._look()
                stuck = "" if trouble else await self._flows()
                self._judge(trouble, stuck)
                await self._watched.events.insist()
                await asyncio.sleep(self._interval)
        finally:
            await self._disconnect()

    async def _look(self) -> str:
        """Bring positions and the known head up to date; what cannot be asked, in words."""
        assigned = self._watched.assigned()
        for consumer in self._watched.consumers:
            consumer.progress.keep(assigned)
        try:
            head = await self._kafka(assigned)
        except BrokerError as error:
            return f"Kafka: {error}"
        try:
            self._stored = await self._positions()
        except (psycopg.Error, OSError) as error:
            await self._disconnect()
            return f"the read-model database: {str(error).strip() or type(error).__name__}"
        for consumer in self._watched.consumers:
            progress = consumer.progress
            progress.seen = max(progress.seen, head)
            for partition in assigned - progress.positions.keys():
                progress.positions[partition] = self._stored.get((progress.name, partition), 0)
            progress.show(self._clock.now())
        self._head = head
        return ""

    async def _kafka(self, assigned: set[int]) -> int:
        head = 0
        # Before the bounds are asked for: what is handled meanwhile is beyond them.
        offsets = dict(self._watched.events.offsets)
        # Without partitions of its own a worker looks at all: perhaps nobody has them.
        bounds = await self._reader.bounds(EVENTS, sorted(assigned) or range(PARTITIONS))
        for partition, (low, high) in bounds.items():
            handled = offsets.get(partition)
            if handled is not None and high <= handled:
                _logger.warning("partition %d began anew: reading it again", partition)
                self._watched.events.offsets.pop(partition, None)
                await self._watched.events.rewind(partition, 0)
            if high > low:
                for record in await self._reader.last(EVENTS, partition, 1):
                    span = span_of(record.headers)
                    head = max(head, span.through if span is not None else 0)
        return head

    async def _positions(self) -> dict[tuple[str, int], int]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._read_dsn, "patriot-watchdog")
        return await read_positions(self._connection)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error, OSError):
                await self._connection.close()
            self._connection = None

    async def _flows(self) -> str:
        """Which topic is not being read, in words."""
        if self._watched.others():
            return ""
        for flow in self._watched.flows:
            try:
                bounds = await self._reader.bounds(flow.topic, sorted(flow.assigned()))
            except BrokerError:
                return ""
            ends = {partition: bound.high for partition, bound in bounds.items()}
            if flow.stuck_for(ends, self._clock.monotonic()) > self._stuck_after:
                return f"records of {flow.topic} are not read"
        return ""

    def _judge(self, trouble: str, dead: str) -> None:
        """Ready: it does its work. Dead: it has work and what it needs, and does not move."""
        now = self._clock.monotonic()
        unready = [trouble, self._watched.others()]
        for consumer in self._watched.consumers:
            progress = consumer.progress
            unready.append(progress.waiting_for)
            unready += [
                f"{progress.name} stands still in partition {partition} before position "
                f"{failure.position}: {failure.error}"
                for partition, failure in progress.blocked.items()
            ]
            if trouble or progress.waiting_for:
                self._moved.pop(progress.name, None)
            elif self._still_for(progress, now) > self._stuck_after:
                dead = f"{progress.name} has records to apply and does not move"
        self._status.unready = "; ".join(filter(None, unready))
        self._status.dead = dead

    def _still_for(self, progress: Progress, now: float) -> float:
        """Seconds for which nothing moved in the store although there is more to apply."""
        assigned = self._watched.assigned()
        positions = [
            self._stored.get((progress.name, partition), 0)
            for partition in (assigned or set(range(PARTITIONS))) - progress.blocked.keys()
        ]
        behind = [position < self._head for position in positions]
        # Without a partition of its own a worker is a spare one, unless nobody has any.
        work = any(behind) if assigned else all(behind)
        total, since = self._moved.get(progress.name, (-1, now))
        if total != sum(positions) or not work:
            since = now
        self._moved[progress.name] = (sum(positions), since)
        return now - since
