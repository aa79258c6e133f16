"""append and append_stock: durable events a second, in batches as the engine makes them."""

import asyncio
import time
from typing import Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, StreamId, derived
from domain.ports import Appended, Batch, CommandRecord
from tests.benchmarks.reference import pgbench
from tests.benchmarks.report import Row
from tests.support import servers
from tests.support.servers import DatabaseServer

_COMMANDS: Final = 200
_EVENTS: Final = 2
_BATCHES: Final = 50
_ACCOUNT: Final = AccountId(derived("bench", "account"))
_PAYLOAD: Final = b"x" * 250
_METADATA: Final = b"y" * 200


def append(seconds: int) -> Row:
    """Beside pgbench's one-row commits with 32 clients."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = server.url("postgres")
        ours = asyncio.run(_ours(admin, seconds))
        reference = asyncio.run(pgbench(admin, clients=32, seconds=seconds))
    conditions = {
        "events_a_commit": _COMMANDS * _EVENTS,
        "payload_bytes": len(_PAYLOAD),
        "metadata_bytes": len(_METADATA),
        "fsync": "on",
        "reference": "pgbench, 32 clients, prepared one-row inserts of 250 bytes",
    }
    return Row("append", ours, reference, ours / reference, ">= 4.0", "events/s", conditions)


def append_stock(seconds: int) -> Row:
    """Beside a stock eventsourcing application that saves one event at a time."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = server.url("postgres")
        ours = asyncio.run(_ours(admin, seconds))
        database = DatabaseServer(admin).empty()
        reference = _stock(database.admin_url, seconds)
    conditions = {
        "events_a_commit": _COMMANDS * _EVENTS,
        "fsync": "on",
        "reference": "eventsourcing 9.5.6, POSTGRES module, one event a save, one thread",
    }
    return Row("append_stock", ours, reference, ours / reference, ">= 30", "events/s", conditions)


async def _ours(admin: str, seconds: int) -> float:
    database = DatabaseServer(admin).create("eventlog")
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        number, elapsed = 0, 0.0
        while elapsed < seconds:
            # Made outside the clock: making batches is the engine's work, measured by `command`.
            batches = [_batch(number + each) for each in range(_BATCHES)]
            started = time.perf_counter()
            for batch in batches:
                assert isinstance(await log.append(batch), Appended)
            elapsed += time.perf_counter() - started
            number += _BATCHES
    finally:
        await log.close()
    return number * _COMMANDS * _EVENTS / elapsed


def _batch(number: int) -> Batch:
    commands = []
    expected = {}
    for command in range(_COMMANDS):
        stream = StreamId(derived("bench", str(number), str(command)))
        expected[stream] = 0
        events = tuple(
            NewEvent(stream, version, "order.placed.v1", _ACCOUNT, _PAYLOAD, _METADATA)
            for version in range(1, _EVENTS + 1)
        )
        command_id = CommandId(derived("bench command", str(number), str(command)))
        commands.append(CommandRecord(_ACCOUNT, command_id, b"f" * 32, b"{}", events))
    return Batch(tuple(commands), expected)


class _Stock(Aggregate):
    @event("Noted")
    def note(self, text: str) -> None:
        self.text = text


def _stock(url: str, seconds: int) -> float:
    from urllib.parse import urlsplit  # noqa: PLC0415

    parts = urlsplit(url)
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
    aggregate = _Stock()
    application.save(aggregate)
    saved = 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        aggregate.note("x" * 250)
        application.save(aggregate)
        saved += 1
    elapsed = time.perf_counter() - started
    application.close()
    return saved / elapsed
