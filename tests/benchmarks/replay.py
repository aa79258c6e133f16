"""replay: events a second from the log into states, beside psycopg streaming the same rows.

Two numbers: the scan alone, and scan, decode and evolve of every stream, all in one process on one
core. Ours and the reference take turns.
"""

import asyncio
import time
from typing import Final

import psycopg

from adapters import collector
from adapters.codec import decode
from adapters.postgres.history import opened
from adapters.postgres.log import PostgresEventLog
from adapters.replay import everything
from projections.asof import AsOf
from tests.benchmarks.report import Row
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import DatabaseServer

_EVENTS_A_SECOND: Final = 15_000
_TURNS: Final = 3
_PAGE: Final = 5_000
_ROWS: Final = """
    SELECT position, stream_id::text, version, type, account_id::text, payload, metadata
      FROM log.events WHERE position <= %s ORDER BY position
"""


def replay(seconds: int) -> Row:
    """As `patriot replay` reads, once without and once with deriving the decisions again."""
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        database = DatabaseServer(server.url("postgres")).create("eventlog")
        head = asyncio.run(_filled(database.url("patriot_append"), _EVENTS_A_SECOND * seconds))
        url = database.url("patriot_tail")
        best: dict[str, float] = {}
        collector.spare()  # as the command does
        for _ in range(_TURNS):
            turn = asyncio.run(_turn(url, head)) | {"reference": _reference(url, head)}
            for name, rate in turn.items():
                best[name] = max(best.get(name, 0.0), rate)
    reference = best.pop("reference")
    conditions = {
        "events": head,
        "cores": 1,
        "turns": _TURNS,
        "figure": "the best of the turns, because a neighbour's load only ever slows one down",
        "reference": "psycopg, server-side cursor, binary, pages of 5,000 of the same columns",
        "audit": "as states, and every admission and refusal derived and explained again",
    }
    ratio = {name: rate / reference for name, rate in best.items()}
    goal = "scan >= 0.6, states >= 100,000/s"
    return Row("replay", best, reference, ratio, goal, "events/s", conditions)


async def _filled(url: str, events: int) -> int:
    log = PostgresEventLog(url)
    await log.open()
    try:
        return await fill(log, events, commit=2_000)
    finally:
        await log.close()


async def _turn(url: str, head: int) -> dict[str, float]:
    rates = {}
    async with opened(url) as history:
        started, seen = time.perf_counter(), 0
        async for page in history.everything(head):
            seen += len(page)
        rates["scan"] = seen / (time.perf_counter() - started)
        assert seen == head
        started, states = time.perf_counter(), AsOf(only=())
        async for page in history.everything(head):
            for recorded in page:
                states.apply(recorded, decode(recorded.type, recorded.payload))
        rates["states"] = head / (time.perf_counter() - started)
        started = time.perf_counter()
        audited = await everything(history, head)
        rates["audit"] = head / (time.perf_counter() - started)
        assert audited.differences == 0
        assert audited.states == states.states
    return rates


def _reference(url: str, head: int) -> float:
    with psycopg.connect(url) as connection, connection.cursor("bench", binary=True) as cursor:
        started, seen = time.perf_counter(), 0
        cursor.execute(_ROWS, (head,))
        while rows := cursor.fetchmany(_PAGE):
            seen += len(rows)
        assert seen == head
        return seen / (time.perf_counter() - started)
