"""recovery: from starting the command service's process to its first answer, on a large log.

The first order is one of an account whose risk alone has 200,000 events, so a service that folded
them would show it; the same is measured on a log that holds a twentieth. The reference is a bare
connection to PostgreSQL. Kafka is not running: the service starts without it.
"""

import asyncio
import os
import signal
import statistics
import sys
import time
from pathlib import Path
from typing import Final

import grpc
import psycopg

from adapters.embedded.process import free_port
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.snapshots import SnapshotWriter
from adapters.proto.v1 import orders_pb2_grpc
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from tests.benchmarks import hot_account
from tests.benchmarks.report import Row
from tests.benchmarks.system import order
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import Database, DatabaseServer

_EVENTS: Final = 1_000_000
_SMALL: Final = 50_000
_HOT_SHARE: Final = 5
_STARTS: Final = 3
_CONNECTS: Final = 20


def recovery(seconds: int) -> Row:
    """Seconds, the median of some starts; each one ends with SIGKILL."""
    del seconds  # the log's size is the point
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = DatabaseServer(server.url("postgres"))
        small, large = admin.create("eventlog"), admin.create("eventlog")
        figures = {}
        for name, database, events in (("small", small, _SMALL), ("large", large, _EVENTS)):
            asyncio.run(_fill(database, events))
            without = "large_without_snapshots"
            if name == "large":
                figures[without] = asyncio.run(_starts(database, folder, without))
            kept = asyncio.run(_keep(database))
            assert kept >= 1
            figures[name] = asyncio.run(_starts(database, folder, name))
        reference = _connects(large.url("patriot_append"))
    conditions = {
        "events": _EVENTS,
        "events_of_the_account": _EVENTS // _HOT_SHARE,
        "seconds": figures,
        "starts": _STARTS,
        "reference": "psycopg.connect",
    }
    ours = figures["large"]
    ratio = {"to the reference": ours / reference, "to the small log": ours / figures["small"]}
    return Row("recovery", ours, reference, ratio, "<= 3 s, flat", "s", conditions)


async def _fill(database: Database, events: int) -> None:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        await hot_account.trade(log, events // _HOT_SHARE)
        await fill(log, events, commit=4_000)
    finally:
        await log.close()


async def _keep(database: Database) -> int:
    url = database.url("patriot_snapshot")
    log = PostgresEventLog(url)
    await log.open()
    try:
        return await SnapshotWriter(log, url).rebuild()
    finally:
        await log.close()


async def _starts(database: Database, folder: Path, name: str) -> float:
    return statistics.median(
        [await _start(database, folder, f"{name} {number}") for number in range(_STARTS)]
    )


async def _start(database: Database, folder: Path, name: str) -> float:
    key, port = create_key(), free_port()
    public = folder / "public.pem"
    public.write_text(public_key(key))
    public.chmod(0o600)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "DATABASE_URL": database.url("patriot_append"),
        "KAFKA_BROKERS": "127.0.0.1:1",
        "JWT_PUBLIC_KEY_FILE": str(public),
        "PATRIOT_GRPC_PORT": str(port),
        "PATRIOT_HTTP_PORT": "0",
        "LOG_LEVEL": "ERROR",
    }
    grant = Grant("bench", ("*",), ("trader",), 3600)
    metadata = (("authorization", f"Bearer {mint(key, grant, now=int(time.time()))}"),)
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "adapters.cli", "command-service"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with grpc.aio.insecure_channel(
            f"127.0.0.1:{port}",
            options=[
                ("grpc.initial_reconnect_backoff_ms", 20),
                ("grpc.max_reconnect_backoff_ms", 50),
            ],
        ) as channel:
            stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
            result = await stub.PlaceOrder(
                order(hot_account.ACCOUNT, name), metadata=metadata, wait_for_ready=True
            )
            assert not result.refusal.reason, result.refusal
            return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


def _connects(url: str) -> float:
    samples = []
    for _ in range(_CONNECTS):
        started = time.perf_counter()
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")
        samples.append(time.perf_counter() - started)
    return statistics.median(samples)
