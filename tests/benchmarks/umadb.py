"""append_umadb: durable events a second beside UmaDB, an event store written in Rust.

The same number of clients, events in a commit and bytes in an event; both flush before they answer.
UmaDB checks the same as ours, that each stream is new, by a condition; it gives no chain and no
command ids. Its rate without the condition stands beside it.
"""

import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Final

import umadb
import uvloop

from adapters.embedded.process import free_port
from domain.ids import derived
from tests.benchmarks.append import (
    BATCHES,
    COMMANDS,
    CONDITIONS,
    EVENTS,
    METADATA,
    PAYLOAD,
    TURNS,
    WRITERS,
    Writing,
)
from tests.benchmarks.report import Row
from tests.support import servers
from tests.support.servers import DatabaseServer

_Batch = tuple[list[umadb.Event], umadb.AppendCondition | None]
_START_SECONDS: Final = 30
_SERVER: Final = "import sys, umadb; umadb.run_server_from_args(sys.argv)"


def append_umadb(seconds: int) -> Row:
    """Beside UmaDB with as many clients and the same batches."""
    with (
        servers.session_folder() as folder,
        servers.postgres(folder / "postgres") as server,
        _umadb(folder / "umadb") as url,
    ):
        writing = Writing(DatabaseServer(server.url("postgres")).create("eventlog"))
        share = max(1, seconds // TURNS)
        rates = {True: 0.0, False: 0.0}
        for turn in range(TURNS):
            uvloop.run(writing.run(share))
            for checked in rates:
                rates[checked] += _write(url, turn, share, checked=checked) / TURNS
    ours, reference = writing.rate, rates[True]
    conditions = {
        **CONDITIONS,
        "reference": "UmaDB's own server and Python client, as many clients, commits and bytes as "
        "ours, a condition for every stream",
        "reference_without_condition": rates[False],
    }
    ratio = ours / reference
    return Row("append_umadb", ours, reference, ratio, ">= 2", "events/s", conditions)


def _write(url: str, turn: int, seconds: float, *, checked: bool) -> float:
    """Events a second; making them does not count."""
    total, elapsed, part = 0, 0.0, 0
    with ThreadPoolExecutor(WRITERS) as pool:
        clients = [umadb.Client(url) for _ in range(WRITERS)]
        while elapsed < seconds:
            name = f"{turn} {part} {checked}"
            batches = iter([_batch(f"{name} {number}", checked) for number in range(BATCHES)])
            part += 1
            started = time.perf_counter()
            writers = [pool.submit(_append, client, batches) for client in clients]
            total += sum(writer.result() for writer in writers)
            elapsed += time.perf_counter() - started
    return total / elapsed


def _append(client: umadb.Client, batches: Iterator[_Batch]) -> int:
    wrote = 0
    for events, condition in batches:
        client.append(events, condition)
        wrote += len(events)
    return wrote


def _batch(name: str, checked: bool) -> _Batch:  # noqa: FBT001
    streams = [derived("bench", name, str(command)) for command in range(COMMANDS)]
    new = umadb.Query([umadb.QueryItem(tags=[stream]) for stream in streams])
    events = [
        umadb.Event("order.placed.v2", PAYLOAD, [stream], metadata={"": METADATA.decode()})
        for stream in streams
        for _ in range(EVENTS)
    ]
    return events, umadb.AppendCondition(new) if checked else None


@contextmanager
def _umadb(folder: Path) -> Iterator[str]:
    """A server of its own on loopback."""
    folder.mkdir()
    address = f"127.0.0.1:{(port := free_port())}"
    arguments = ["--listen", address, "--db-path", str(folder / "uma.db")]
    process = Popen(
        [sys.executable, "-P", "-c", _SERVER, *arguments], stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("UmaDB did not start")
            time.sleep(0.05)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()
