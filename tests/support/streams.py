"""Relay, workers and all they need in one hand: real servers, processes that can be killed."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from confluent_kafka.admin import AdminClient

from adapters.clock import SystemClock
from adapters.commands.engine import CommandEngine
from adapters.embedded.process import Child
from adapters.kafka.partition import PARTITIONS
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import Verified, verify
from projections.catalogue import PROJECTIONS
from streams.topics import TOPICS
from tests.support.workload import Workload

ROOT = Path(__file__).parents[2]


async def until(
    condition: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 120, pause: float = 0.1
) -> None:
    """Ask again until it is so; fails after the time with what was waited for."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(pause)


def wipe_topics(bootstrap: str) -> None:
    """Delete our topics and wait until they are gone."""
    client = AdminClient({"bootstrap.servers": bootstrap})
    ours = {topic.name for topic in TOPICS} & set(client.list_topics(timeout=10).topics)
    for deletion in client.delete_topics(list(ours)).values() if ours else ():
        deletion.result(timeout=30)
    deadline = time.monotonic() + 30
    while ours & set(client.list_topics(timeout=10).topics):
        assert time.monotonic() < deadline, "topics were not deleted"
        time.sleep(0.1)


@dataclass(slots=True)
class Streams:
    """One test's log, topics, read models and processes."""

    log_dsn: str
    append_dsn: str
    read_dsn: str
    admin_read_dsn: str
    bootstrap: str
    folder: Path
    suffix: str
    children: list[Child] = field(default_factory=list)
    workload: Workload | None = None

    def start(self, role: str, **options: str) -> Child:
        """A relay, or a worker of a kind, as a process of its own."""
        number = len(self.children)
        arguments = {
            "role": role,
            "log_dsn": self.log_dsn,
            "read_dsn": self.read_dsn,
            "bootstrap": self.bootstrap,
            "suffix": self.suffix,
            **options,
        }
        child = Child(
            name=f"{role} {number}",
            command=[sys.executable, "-m", "tests.support.stream_role", json.dumps(arguments)],
            log=self.folder / f"{role}-{number}.log",
            environment={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "TZ": "UTC"},
        )
        child.start()
        self.children.append(child)
        return child

    async def stop(self) -> None:
        """End every process that still runs."""
        await asyncio.gather(*(child.stop() for child in self.children))

    def logs(self) -> str:
        """What the processes said."""
        return "\n".join(
            f"--- {child.name}\n{child.log.read_text(errors='replace')}" for child in self.children
        )

    async def trade(self, orders: int, seed: int = 1) -> int:
        """Put trading into the log; returns the head."""
        log = PostgresEventLog(self.append_dsn)
        await log.open()
        engine = CommandEngine(log, SystemClock())
        engine.start()
        try:
            if self.workload is None:
                self.workload = Workload(seed, followers=True)
                await self.workload.open(engine)
            await self.workload.run(engine, orders)
            return (await log.head()).number
        finally:
            await engine.stop()
            await log.close()

    async def head(self) -> int:
        """Position of the last event."""
        log = PostgresEventLog(self.log_dsn)
        try:
            await log.open()
            return (await log.head()).number
        finally:
            await log.close()

    async def positions(self, names: Iterable[str] | None = None) -> list[int]:
        """The position of each projection in each partition; 0 where there is none yet."""
        async with await psycopg.AsyncConnection.connect(
            self.admin_read_dsn, connect_timeout=5
        ) as connection:
            cursor = await connection.execute(
                "SELECT projection, partition, position FROM read.projection_positions"
            )
            found = {(name, partition): at for name, partition, at in await cursor.fetchall()}
        wanted = list(PROJECTIONS if names is None else names)
        return [found.get((name, p), 0) for name in wanted for p in range(PARTITIONS)]

    async def caught_up(self, head: int, *, seconds: float = 60) -> None:
        """Wait until every projection is at the head in every partition."""

        async def at_head() -> bool:
            return min(await self.positions()) >= head

        await until(at_head, f"projections at position {head}", seconds=seconds)

    async def verified(self) -> Verified:
        """Compare the live tables with a replay of the log."""
        log = PostgresEventLog(self.log_dsn)
        await log.open()
        try:
            return await verify(log, self.read_dsn)
        finally:
            await log.close()

    async def assert_equal_to_replay(self, head: int) -> None:
        """Every projection is at the head, and every row is what a replay says, byte for byte."""
        result = await self.verified()
        assert result.equal, result.differences[:10]
        assert set(result.positions.values()) == {head}
        assert result.rows["orders"] > 0
