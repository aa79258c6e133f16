"""verify: events a second recomputed and compared, beside psycopg streaming the same rows."""

import time
from collections.abc import Callable
from typing import Final

import psycopg
import uvloop

from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from tests.benchmarks.report import Row
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import DatabaseServer

_EVENTS_A_SECOND: Final = 30_000
"""How many events are put into the log for each second that the run shall take."""
_RUNS: Final = 5
_ROWS: Final = """
    SELECT position, stream_id, version, type, account_id, payload, metadata
      FROM log.events ORDER BY position
"""


def verify(seconds: int) -> Row:
    """The median of a few runs; ours and the reference take turns."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        made = DatabaseServer(server.url("postgres")).create("eventlog")
        head = uvloop.run(_filled(made.url("patriot_append"), _EVENTS_A_SECOND * seconds))
        url = made.url("patriot_tail")
        ours, references = [], []
        for _ in range(_RUNS):
            ours.append(head / _timed(lambda: verify_chain(url).position, head))
            references.append(head / _timed(lambda: _stream(url), head))
    middle, reference = sorted(ours)[_RUNS // 2], sorted(references)[_RUNS // 2]
    conditions = {
        "events": head,
        "runs": _RUNS,
        "reference": "psycopg, binary server-side cursor of 5,000 rows, the same columns",
    }
    goal = ">= 0.5 and >= 100,000 events/s"
    return Row("verify", middle, reference, middle / reference, goal, "events/s", conditions)


async def _filled(url: str, events: int) -> int:
    log = PostgresEventLog(url)
    await log.open()
    try:
        return await fill(log, events)
    finally:
        await log.close()


def _timed(work: Callable[[], int], expected: int) -> float:
    started = time.perf_counter()
    assert work() == expected
    return time.perf_counter() - started


def _stream(url: str) -> int:
    rows = 0
    with psycopg.connect(url) as connection, connection.cursor("rows", binary=True) as cursor:
        cursor.itersize = 5_000
        cursor.execute(_ROWS)
        for _ in cursor:
            rows += 1
    return rows
