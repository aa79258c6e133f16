"""append_umadb: durable events a second beside UmaDB, an event store written in Rust.

The same number of clients, events in a commit and bytes in an event; both flush before they answer.
UmaDB is asked for no condition, which ours always checks, and gives no chain and no command ids.
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
        events, elapsed = 0, 0.0
        for turn in range(TURNS):
            uvloop.run(writing.run(share))
            wrote, took = _write(url, turn, share)
            events, elapsed = events + wrote, elapsed + took
    ours, reference = writing.rate, events / elapsed
    conditions = {
        **CONDITIONS,
        "reference": "UmaDB's own server and Python client, as many clients, commits and bytes as "
        "ours, no append condition",
    }
    ratio = ours / reference
    return Row("append_umadb", ours, reference, ratio, ">= 2", "events/s", conditions)


def _write(url: str, turn: int, seconds: float) -> tuple[int, float]:
    """Events and the time they took; making them does not count."""
    total, elapsed, part = 0, 0.0, 0
    with ThreadPoolExecutor(WRITERS) as pool:
        clients = [umadb.Client(url) for _ in range(WRITERS)]
        while elapsed < seconds:
            batches = iter([_batch(turn, part, number) for number in range(BATCHES)])
            part += 1
            started = time.perf_counter()
            writers = [pool.submit(_append, client, batches) for client in clients]
            total += sum(writer.result() for writer in writers)
            elapsed += time.perf_counter() - started
    return total, elapsed


def _append(client: umadb.Client, batches: Iterator[list[umadb.Event]]) -> int:
    wrote = 0
    for batch in batches:
        client.append(batch)
        wrote += len(batch)
    return wrote


def _batch(turn: int, part: int, number: int) -> list[umadb.Event]:
    return [
        umadb.Event(
            "order.placed.v1",
            PAYLOAD,
            [derived("bench", str(turn), str(part), str(number), str(command))],
            metadata={"": METADATA.decode()},
        )
        for command in range(COMMANDS)
        for _ in range(EVENTS)
    ]


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
