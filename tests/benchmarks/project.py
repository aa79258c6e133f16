"""project: events a second from Kafka through one Faust worker into rows, beside bare writing."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import psycopg
import uvloop

from adapters.clock import SystemClock
from adapters.kafka.partition import PARTITIONS
from adapters.kafka.reader import Reader
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.readmodel import ReadModel, TableChanges, connect
from projections.catalogue import PROJECTIONS
from projections.tables import Projection, Table
from streams.app import RECORDS_MAX
from streams.reading import Incoming, plan
from streams.record import decode_record
from streams.relay import Relay
from streams.topics import EVENTS
from tests.benchmarks.report import Row
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import Database, DatabaseServer
from tests.support.streams import Streams, until

_EVENTS_A_SECOND: Final = 15_000
"""How many events the log gets for each second that the run shall take."""

Written = list[tuple[Table[Any], list[tuple[Any, ...]], list[tuple[Any, ...]], list[Any]]]


def project(seconds: int) -> Row:
    """One worker with all four read models, from an idle start to the head."""
    with (
        servers.session_folder() as folder,
        servers.postgres(folder / "postgres") as database,
        servers.kafka(folder / "kafka") as broker,
    ):
        timescale = folder / "timescale"
        timescale.mkdir()
        with servers.timescaledb(timescale) as read_server:
            ours, reference, conditions = uvloop.run(
                _measure(
                    database.url("postgres"),
                    read_server.url,
                    broker.brokers,
                    folder,
                    _EVENTS_A_SECOND * seconds,
                )
            )
    return Row(
        "project", ours, reference, ours / reference, ">= 0.6 and >= 60,000", "events/s", conditions
    )


async def _measure(
    log_admin: str, read_admin: str, bootstrap: str, folder: Path, events: int
) -> tuple[float, float, dict[str, object]]:
    made = DatabaseServer(log_admin).create("eventlog")
    read = DatabaseServer(read_admin).create("readmodel")
    head = await _publish(made, bootstrap, events)
    elapsed = await _ours(made, read, bootstrap, folder, head)
    second = DatabaseServer(read_admin).create("readmodel")
    batches, rows = await _batches(bootstrap)
    reference = await _reference(second.url("patriot_project"), batches)
    conditions = {
        "events": head,
        "rows_written": rows,
        "read_models": sorted(PROJECTIONS),
        "store": "TimescaleDB, fsync on, synchronous_commit off on both sides",
        "reference": "the same rows in the same transactions, by COPY and upsert from memory",
    }
    return head / elapsed, head / reference, conditions


async def _publish(made: Database, bootstrap: str, events: int) -> int:
    log = PostgresEventLog(made.url("patriot_append"))
    await log.open()
    head = await fill(log, events)
    stop = asyncio.Event()
    relay = Relay(log, bootstrap, SystemClock())
    publishing = asyncio.create_task(relay.publish(stop))
    while min(relay.state.published) < head:  # noqa: ASYNC110  (a state to look at, not an event)
        await asyncio.sleep(0.05)
    stop.set()
    await publishing
    await log.close()
    return head


async def _ours(made: Database, read: Database, bootstrap: str, folder: Path, head: int) -> float:
    streams = Streams(
        log_dsn=made.url("patriot_tail"),
        append_dsn=made.url("patriot_append"),
        read_dsn=read.url("patriot_project"),
        admin_read_dsn=read.admin_url,
        bootstrap=bootstrap,
        folder=folder,
        suffix="-bench",
    )
    streams.start("projections")
    try:

        async def begun() -> bool:
            return max(await streams.positions()) > 0

        await until(begun, "the worker to begin", pause=0.005)
        started = time.perf_counter()

        async def done() -> bool:
            return min(await streams.positions()) >= head

        await until(done, "the worker to reach the head", seconds=300, pause=0.05)
        elapsed = time.perf_counter() - started
        assert (await streams.verified()).equal
    finally:
        await streams.stop()
    return elapsed


class _Noting:
    """The workspace of a fold that notes what would be written."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Any, tuple[Any, ...]]] = {}
        self.touched: dict[str, tuple[Table[Any], dict[Any, bool]]] = {}

    def get(self, table: Table[Any], key: Any) -> Any:
        return self.rows.get(table.name, {}).get(key)

    def put(self, table: Table[Any], row: tuple[Any, ...]) -> None:
        rows = self.rows.setdefault(table.name, {})
        key = table.key_of(row)
        _, touched = self.touched.setdefault(table.name, (table, {}))
        touched.setdefault(key, key in rows)
        rows[key] = row

    def delete(self, table: Table[Any], key: Any) -> None:
        _, touched = self.touched.setdefault(table.name, (table, {}))
        touched.setdefault(key, True)
        del self.rows[table.name][key]

    def taken(self) -> Written:
        """What has to be written since the last time."""
        written: Written = []
        for table, touched in self.touched.values():
            rows = self.rows[table.name]
            written.append(
                (
                    table,
                    [rows[key] for key, there in touched.items() if not there and key in rows],
                    [rows[key] for key, there in touched.items() if there and key in rows],
                    [key for key, there in touched.items() if there and key not in rows],
                )
            )
        self.touched = {}
        return written


async def _batches(bootstrap: str) -> tuple[list[tuple[Projection, list[Written]]], int]:
    """For each read model what its transactions write, with batches as large as an agent's."""
    reader = Reader(bootstrap, client_id="bench")
    stored = await reader.everything(EVENTS, range(PARTITIONS))
    await reader.close()
    records = [Incoming(each.partition, each.offset, decode_record(each.value)) for each in stored]
    result, rows = [], 0
    for projection in PROJECTIONS.values():
        noting = _Noting()
        positions = dict.fromkeys(range(PARTITIONS), 0)
        transactions = []
        for start in range(0, len(records), RECORDS_MAX):
            batch = plan(positions, records[start : start + RECORDS_MAX], projection.types)
            for fact in batch.facts:
                projection.fold(fact, noting)
            positions.update(batch.reached)
            transactions.append(noting.taken())
            rows += sum(len(part) for written in transactions[-1] for part in written[1:])
        result.append((projection, transactions))
    return result, rows


async def _reference(dsn: str, batches: list[tuple[Projection, list[Written]]]) -> float:
    connection: psycopg.AsyncConnection[Any] = await connect(dsn, "bench")
    started = time.perf_counter()
    for projection, transactions in batches:
        model = ReadModel(connection, projection)
        for written in transactions:
            async with connection.transaction():
                await model.write([TableChanges(*part) for part in written])
    elapsed = time.perf_counter() - started
    await connection.close()
    return elapsed
