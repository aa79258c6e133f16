"""append and append_stock: durable events a second, in batches as the engine makes them.

Ours and the reference take turns on one server, so that a neighbour's load meets both.
"""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import uvloop
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, StreamId, derived
from domain.ports import Appended, Batch, CommandRecord
from tests.benchmarks.reference import pgbench
from tests.benchmarks.report import Row
from tests.support import servers
from tests.support.servers import Database, DatabaseServer

WRITERS: Final = 2
COMMANDS: Final = 200
EVENTS: Final = 2
BATCHES: Final = 50
TURNS: Final = 2
_STOCK_THREADS: Final = (1, 8)
_ACCOUNT: Final = AccountId(derived("bench", "account"))
PAYLOAD: Final = b"x" * 250
METADATA: Final = b"y" * 200
CONDITIONS: Final = {
    "writers": WRITERS,
    "events_a_commit": COMMANDS * EVENTS,
    "commands_a_commit": COMMANDS,
    "payload_bytes": len(PAYLOAD),
    "metadata_bytes": len(METADATA),
    "fsync": "on",
    "synchronous_commit": "on",
    "excluded": "deciding and encoding: batches are made before the clock starts",
}


def append(seconds: int) -> Row:
    """Beside pgbench's one-row commits with 32 clients."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = server.url("postgres")
        writing = Writing(DatabaseServer(admin).create("eventlog"))
        share = max(1, seconds // TURNS)
        reference = 0.0
        for _ in range(TURNS):
            uvloop.run(writing.run(share))
            reference += asyncio.run(pgbench(admin, clients=32, seconds=share)) / TURNS
    ours = writing.rate
    conditions = {
        **CONDITIONS,
        "reference": "pgbench, 32 clients, prepared one-row inserts of 250 bytes",
    }
    return Row("append", ours, reference, ours / reference, ">= 4.0", "events/s", conditions)


def append_stock(seconds: int) -> Row:
    """Beside a stock eventsourcing application that saves one event at a time."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = DatabaseServer(server.url("postgres"))
        writing = Writing(admin.create("eventlog"))
        stock = admin.empty()
        share = max(1, seconds // TURNS)
        rates: dict[int, float] = {}
        for threads in _STOCK_THREADS:
            uvloop.run(writing.run(share))
            rates[threads] = _stock(stock, share, threads)
    ours, reference = writing.rate, max(rates.values())
    conditions = {
        **CONDITIONS,
        "reference": "eventsourcing 9.5.6, POSTGRES module, one event of 250 bytes a save, "
        "the better of 1 and 8 threads",
        "reference_by_threads": rates,
    }
    return Row("append_stock", ours, reference, ours / reference, ">= 30", "events/s", conditions)


class Writing:
    """Writers beside each other on one log, as command services would be; may run in parts."""

    def __init__(self, database: Database) -> None:
        self._url = database.url("patriot_append")
        self._batches = 0
        self._elapsed = 0.0

    @property
    def rate(self) -> float:
        """Durable events a second over all parts."""
        return self._batches * COMMANDS * EVENTS / self._elapsed

    async def run(self, seconds: float) -> None:
        """Write for so long; making the batches does not count."""
        logs = [PostgresEventLog(self._url) for _ in range(WRITERS)]
        for log in logs:
            await log.open()
        end = self._elapsed + seconds
        try:
            while self._elapsed < end:
                batches = [_batch(self._batches + number) for number in range(BATCHES)]
                left = iter(batches)
                started = time.perf_counter()
                await asyncio.gather(*(_write(log, left) for log in logs))
                self._elapsed += time.perf_counter() - started
                self._batches += BATCHES
        finally:
            for log in logs:
                await log.close()


async def _write(log: PostgresEventLog, batches: Iterator[Batch]) -> None:
    for batch in batches:
        assert isinstance(await log.append(batch), Appended)


def _batch(number: int) -> Batch:
    commands = []
    expected = {}
    for command in range(COMMANDS):
        stream = StreamId(derived("bench", str(number), str(command)))
        expected[stream] = 0
        events = tuple(
            NewEvent(stream, version, "order.placed.v2", _ACCOUNT, PAYLOAD, METADATA)
            for version in range(1, EVENTS + 1)
        )
        command_id = CommandId(derived("bench command", str(number), str(command)))
        commands.append(CommandRecord(_ACCOUNT, command_id, b"f" * 32, b"{}", events))
    return Batch(tuple(commands), expected)


class _Stock(Aggregate):
    @event("Noted")
    def note(self, text: str) -> None:
        self.text = text


def _stock(database: Database, seconds: int, threads: int) -> float:
    parts = urlsplit(database.admin_url)
    application: Application[UUID] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": parts.path.lstrip("/"),
            "POSTGRES_HOST": str(parts.hostname),
            "POSTGRES_PORT": str(parts.port),
            "POSTGRES_USER": str(parts.username),
            "POSTGRES_PASSWORD": str(parts.password),
        }
    )
    started = time.perf_counter()

    def save() -> int:
        aggregate = _Stock()
        saved = 0
        while time.perf_counter() - started < seconds:
            aggregate.note("x" * 250)
            application.save(aggregate)
            saved += 1
        return saved

    with application, ThreadPoolExecutor(threads) as pool:
        saved = sum(future.result() for future in [pool.submit(save) for _ in range(threads)])
        return saved / (time.perf_counter() - started)
