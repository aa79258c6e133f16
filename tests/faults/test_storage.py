"""Disks that fail or are full: what was acknowledged is on the disk, nothing is half written."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import free_port
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    Duplicates,
    LogUnavailable,
    OutcomeUnknown,
)
from tests.faults import processes
from tests.faults.core import Core
from tests.faults.small_disk import OnSmallDisk, released
from tests.faults.tracing import traced
from tests.support import rpc, servers
from tests.support.batches import batch, command, event, only
from tests.support.servers import Database, DatabaseServer

pytestmark = pytest.mark.asyncio

_FAILING: Final = ("-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO")
_LARGE: Final = 150_000


@pytest.fixture
def database(own_postgres: EmbeddedPostgres) -> Iterator[Database]:
    server = DatabaseServer(own_postgres.url("postgres"))
    made = server.create("eventlog")
    yield made
    server.drop(made)


@asynccontextmanager
async def opened(database: Database) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def _insist(
    log: PostgresEventLog, asked: Batch, server: EmbeddedPostgres | None = None
) -> AppendOutcome:
    """Until there is an answer; a server that could not even recover is started again."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await log.append(asked)
            except (LogUnavailable, OutcomeUnknown):
                await asyncio.sleep(0.05)
            if server is not None and not server.child.running:
                await server.start()


async def test_every_answer_comes_after_a_flush(
    own_postgres: EmbeddedPostgres, database: Database, tmp_path: Path
) -> None:
    """As the kernel saw it: between two answers there is a flush that succeeded."""
    written, calls = 60, tmp_path / "calls"
    async with opened(database) as log:
        await log.append(only("warm", "a", 1))
        pids = processes.family(own_postgres.child.pid)[1:]
        watched = ("-e", "trace=fdatasync,sendto", "-s", "256")
        async with traced(pids, calls, *watched):
            for number in range(written):
                await log.append(only(f"c {number}", f"s {number}", 1))
    flushed, answers = False, 0
    for line in calls.read_text().splitlines():
        if "fdatasync" in line and line.endswith("= 0"):
            flushed = True
        elif "sendto" in line and "appended" in line:
            assert flushed, f"answer {answers} was sent before anything was flushed"
            flushed, answers = False, answers + 1
    assert answers == written


async def test_a_flush_that_fails_is_an_unknown_outcome_and_the_repeat_settles_it(
    own_postgres: EmbeddedPostgres, database: Database, tmp_path: Path
) -> None:
    """PostgreSQL must not go on after a failed flush: it crashes and recovers from its log."""
    before = _panics(own_postgres)
    async with opened(database) as log:
        for turn in range(3):
            assert isinstance(await _insist(log, only(f"warm {turn}", "a", 2 * turn + 1)), Appended)
            asked = only(f"c {turn}", "a", 2 * turn + 2)
            pids = processes.family(own_postgres.child.pid)[1:]
            async with traced(pids, tmp_path / f"calls {turn}", *_FAILING):
                with pytest.raises(OutcomeUnknown):
                    await log.append(asked)
                await processes.gone(pids)
            assert isinstance(await _insist(log, asked), Appended | Duplicates)
        events = await log.read_all()
    assert [each.position.number for each in events] == list(range(1, 7))
    assert [each.version for each in events] == list(range(1, 7))
    assert verify_chain(database.url("patriot_tail")).position == 6
    assert _panics(own_postgres) >= before + 3


async def test_the_sender_notices_nothing_of_a_flush_that_fails(core: Core, tmp_path: Path) -> None:
    before, pids = _panics(core.postgres), processes.family(core.postgres.child.pid)[1:]
    orders = [rpc.place() for _ in range(20)]
    async with traced(pids, tmp_path / "calls", *_FAILING):
        answers = await asyncio.gather(*(core.call("PlaceOrder", order) for order in orders))
    assert len({answer.position.number for answer in answers}) == 20
    again = await core.call("PlaceOrder", orders[7])
    assert again == answers[7]
    placed = core.rows("SELECT count(*) FROM log.events WHERE type = 'order.placed.v2'")
    assert placed == [(20,)]
    assert _panics(core.postgres) > before


def _panics(server: EmbeddedPostgres) -> int:
    return (server.folder / "postgres.log").read_text().count("PANIC:  could not fdatasync")


@pytest.fixture(params=[("pg_wal", "80m"), ("base", "120m")], ids=["log full", "data full"])
def small(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[OnSmallDisk]:
    """A stopped server with an empty log, whose WAL or data is on a small disk."""
    name, size = request.param
    folder = server_folder / f"small {name}"
    with servers.postgres(folder) as server:
        DatabaseServer(server.url("postgres")).create("eventlog")
    settings = {"max_wal_size": "64MB", "min_wal_size": "32MB"}
    made = OnSmallDisk(server.binaries, folder, free_port(), servers.PASSWORD, settings)
    with released(made):
        made.mount(name, size)
        asyncio.run(made.start())
        yield made
        asyncio.run(made.stop())


async def test_a_full_disk_is_unavailable_and_nothing_is_half_written(small: OnSmallDisk) -> None:
    with psycopg.connect(small.url("postgres"), autocommit=True) as admin:
        names = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'eventlog%'")
        ((name,),) = names.fetchall()
    database = Database(small.url(name))
    told: Counter[str] = Counter()
    acknowledged = 0
    async with opened(database) as log:
        for number in range(400):
            if number == 20:
                small.fill()
            three = (event(f"s {number}", version, _noise()) for version in (1, 2, 3))
            asked = batch(command(f"c {number}", *three))
            try:
                assert isinstance(await log.append(asked), Appended)
                acknowledged += 1
            except (LogUnavailable, OutcomeUnknown) as error:
                told[type(error).__name__] += 1
                break
        assert told, "the disk was filled and nobody noticed"
        print(f"told {told} after {acknowledged}")
        small.room()
        assert isinstance(await _insist(log, asked, small), Appended | Duplicates)
        assert isinstance(await _insist(log, only("after", "after", 1), small), Appended)
    with psycopg.connect(database.admin_url) as connection:
        groups = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE of = 3) FROM (SELECT count(*) AS of "
            "FROM log.events WHERE octet_length(payload) = %s GROUP BY stream_id) AS counted",
            (_LARGE,),
        ).fetchone()
    assert groups == (acknowledged + 1, acknowledged + 1)
    assert verify_chain(database.url("patriot_tail")).position == 3 * (acknowledged + 1) + 1


def _noise() -> bytes:
    """Bytes that PostgreSQL cannot make smaller."""
    return os.urandom(_LARGE)
