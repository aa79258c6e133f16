"""Appends that stay open and end in every way: a follower, begun anew meanwhile, misses nothing."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
import pytest

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.postgres import append, arrays
from adapters.postgres.log import PostgresEventLog
from domain.ports import Batch, LogUnavailable, OutcomeUnknown
from tests.faults import processes
from tests.faults.follower import Digest, Follower
from tests.support.batches import batch, command, event, only
from tests.support.servers import Database, DatabaseServer

pytestmark = pytest.mark.asyncio

_Session = psycopg.AsyncConnection[Any]
_Ending = Callable[[_Session], Awaitable[None]]


async def _commit(session: _Session) -> None:
    await session.commit()


async def _roll_back(session: _Session) -> None:
    await session.rollback()


async def _kill(session: _Session) -> None:
    """SIGKILL of the backend: PostgreSQL ends every other session too, and recovers."""
    pid = session.info.backend_pid
    processes.send([pid], signal.SIGKILL)
    await processes.gone([pid])


async def _hang_up(session: _Session) -> None:
    await session.close()


@pytest.mark.parametrize(
    ("end", "remains"),
    [(_commit, True), (_roll_back, False), (_kill, False), (_hang_up, False)],
    ids=["commit", "rollback", "backend killed", "client gone"],
)
async def test_a_gap_is_never_seen_however_it_ends(
    own_postgres: EmbeddedPostgres, end: _Ending, *, remains: bool
) -> None:
    server = DatabaseServer(own_postgres.url("postgres"))
    database = server.create("eventlog")
    async with _opened(database) as log, _following(database) as follower:
        written = 0
        for turn in range(2):
            async with _open_append(database, turn) as session:
                others = [
                    asyncio.create_task(_insist(log, only(f"o {turn} {n}", f"o {turn} {n}", 1)))
                    for n in range(3)
                ]
                await _waiting_for_the_lock(database)
                await follower.restart()
                assert follower.seen.position <= written
                await end(session)
            await asyncio.gather(*others)
            written += 6 if remains else 3
            await follower.reaches(written)
        assert follower.seen.skipped == []
        whole = Digest()
        whole.add(await log.read_all())
    assert (whole.position, whole.value()) == (written, follower.seen.value())
    server.drop(database)


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def _following(database: Database) -> AsyncIterator[Follower]:
    follower = Follower(database.url("patriot_tail"))
    follower.start()
    try:
        yield follower
    finally:
        await follower.stop()


@asynccontextmanager
async def _open_append(database: Database, turn: int) -> AsyncIterator[_Session]:
    """A session that has appended three events and not yet committed."""
    three = batch(command(f"late {turn}", *(event(f"late {turn}", v) for v in (1, 2, 3))))
    session = await psycopg.AsyncConnection.connect(database.url("patriot_append"))
    arrays.register(session.adapters)
    try:
        await session.execute(append.STATEMENT, append.arguments(three))
        yield session
    finally:
        with suppress(psycopg.OperationalError):
            await session.close()


async def _insist(log: PostgresEventLog, asked: Batch) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await log.append(asked)
            except (LogUnavailable, OutcomeUnknown):
                await asyncio.sleep(0.05)
            else:
                return


async def _waiting_for_the_lock(database: Database) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with (
        asyncio.timeout(20),
        await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as looking,
    ):
        while await (await looking.execute(query)).fetchone() == (0,):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
