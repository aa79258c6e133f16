"""Whoever follows the log sees every event once, in order, whatever writers and servers do."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import psycopg
import pytest

from adapters.postgres import append, arrays
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.tail import GapInLog, follow
from domain.envelope import RecordedEvent
from domain.ports import Appended, Conflict, EventLog
from tests.support.batches import batch, command, event, only
from tests.support.chaos_proxy import Fault, Way, before
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio


class _Follower:
    """Reads a tail in a task of its own; fails at the first position out of turn."""

    def __init__(self, log: EventLog, limit: int) -> None:
        self.seen = 0
        self._grown = asyncio.Condition()
        self._task = asyncio.create_task(self._follow(log, limit))

    async def _follow(self, log: EventLog, limit: int) -> None:
        async for events in log.tail(limit=limit):
            for each in events:
                assert each.position.number == self.seen + 1
                self.seen += 1
            async with self._grown:
                self._grown.notify_all()

    async def reaches(self, position: int, seconds: float = 20) -> None:
        async def wait() -> None:
            async with self._grown:
                await self._grown.wait_for(lambda: self.seen >= position)

        waiting = asyncio.create_task(wait())
        done, _ = await asyncio.wait(
            {waiting, self._task}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        assert waiting in done, f"the tail stands at {self.seen} of {position}"

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@asynccontextmanager
async def following(url: str, limit: int = 1000) -> AsyncIterator[_Follower]:
    log = PostgresEventLog(url)
    await log.open()
    follower = _Follower(log, limit)
    try:
        yield follower
    finally:
        await follower.stop()
        await log.close()


@asynccontextmanager
async def writing(database: Database) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def test_late_commits_and_rollbacks_leave_no_hole(log_database: Database) -> None:
    """A session appends and keeps its transaction open, others append meanwhile, then it ends."""
    chosen = random.Random(3)
    url = log_database.url("patriot_append")
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(writing(log_database))
        follower = await stack.enter_async_context(following(url, limit=7))
        slow = await stack.enter_async_context(await psycopg.AsyncConnection.connect(url))
        arrays.register(slow.adapters)
        written = 0
        for turn in range(30):
            late = batch(command(f"late {turn}", *(event(f"late {turn}", v) for v in (1, 2, 3))))
            await slow.execute(append.STATEMENT, append.arguments(late))
            others = [
                asyncio.create_task(log.append(only(f"{turn} {n}", f"other {turn} {n}", 1)))
                for n in range(3)
            ]
            # Time for the others to reach the lock, and for the tail to see what it must not.
            await asyncio.sleep(chosen.random() * 0.02)
            assert not any(each.done() for each in others), "nobody overtakes an open append"
            assert follower.seen <= written
            if chosen.random() < 0.5:
                await slow.commit()
                written += 3
            else:
                await slow.rollback()
            for each in await asyncio.gather(*others):
                assert isinstance(each, Appended)
            written += 3
            await follower.reaches(written)
        assert (await log.head()).number == written


async def test_many_writers_and_a_tail(log_database: Database) -> None:
    """Six sessions write single events as fast as they can; the library's functions lose some."""
    writers, each = 6, 150
    async with AsyncExitStack() as stack:
        followers = [
            await stack.enter_async_context(following(log_database.url(role), limit))
            for role, limit in (("patriot_tail", 1000), ("patriot_append", 3))
        ]

        async def write(writer: int) -> None:
            async with writing(log_database) as log:
                for version in range(1, each + 1):
                    outcome = await log.append(
                        only(f"{writer} {version}", f"stream {writer}", version)
                    )
                    assert isinstance(outcome, Appended)

        await asyncio.gather(*(write(writer) for writer in range(writers)))
        for follower in followers:
            await follower.reaches(writers * each)


async def test_two_sessions_with_the_same_expectation(log_database: Database) -> None:
    async with writing(log_database) as left, writing(log_database) as right:
        for version in range(1, 101):
            outcomes = await asyncio.gather(
                left.append(only(f"left {version}", "a", version)),
                right.append(only(f"right {version}", "a", version)),
            )
            assert {type(each) for each in outcomes} == {Appended, Conflict}


async def test_a_tail_survives_what_happens_to_its_connections(log_database: Database) -> None:
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(writing(log_database))
        proxy, url = stack.enter_context(before(log_database.url("patriot_tail")))
        follower = await stack.enter_async_context(following(url, limit=5))
        admin = stack.enter_context(psycopg.connect(log_database.admin_url, autocommit=True))
        for turn in range(1, 10):
            await log.append(batch(command(f"c {turn}", event("a", 2 * turn - 1))))
            match turn % 3:
                case 0:
                    proxy.cut_all()
                case 1:
                    admin.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE usename = 'patriot_tail' AND datname = current_database()"
                    )
                case _:
                    proxy.on(Way.REPLY, b"test.happened.v1", Fault.CUT)
            await log.append(batch(command(f"d {turn}", event("a", 2 * turn))))
            await follower.reaches(2 * turn)


async def test_lost_news_is_made_up_for(log_database: Database) -> None:
    """Notifications stop coming while the connection looks alive: the poll finds the events."""
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(writing(log_database))
        proxy, url = stack.enter_context(before(log_database.url("patriot_tail")))
        follower = await stack.enter_async_context(following(url))
        await log.append(only("c 1", "a", 1))
        await follower.reaches(1)
        proxy.on(Way.REPLY, b"patriot_log", Fault.SILENCE)
        for version in (2, 3, 4):
            await log.append(only(f"c {version}", "a", version))
            await follower.reaches(version, seconds=20)


async def test_news_from_somebody_else_does_no_harm(log_database: Database) -> None:
    async with writing(log_database) as log, following(log_database.url("patriot_tail")) as tail:
        with psycopg.connect(log_database.url("patriot_append"), autocommit=True) as anybody:
            for payload in ("", "nonsense", "-1", "99999999999999999999", "²"):
                anybody.execute("SELECT pg_notify('patriot_log', %s)", (payload,))
        await log.append(only("c", "a", 1))
        await tail.reaches(1)


async def test_a_hole_stops_the_tail_and_is_named(log_database: Database) -> None:
    async with writing(log_database) as log:
        await log.append(batch(command("c", *(event("a", version) for version in (1, 2, 3, 4)))))
        with psycopg.connect(log_database.admin_url, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute("DELETE FROM log.events WHERE position = 3")
        with pytest.raises(GapInLog, match="position 3 is missing"):
            async for _ in log.tail():
                pass


async def test_a_tail_leaves_nothing_behind(log_database: Database) -> None:
    async with following(log_database.url("patriot_tail")) as follower:
        async with writing(log_database) as log:
            await log.append(only("c", "a", 1))
        await follower.reaches(1)
    with psycopg.connect(log_database.admin_url, autocommit=True) as admin:
        async with asyncio.timeout(10):
            while True:
                row = admin.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'patriot%' "
                    "AND datname = current_database()"
                ).fetchone()
                if row == (0,):
                    break
                await asyncio.sleep(0.02)


async def test_who_leaves_while_beginning_to_listen_leaves_no_connection(
    log_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[psycopg.AsyncConnection[object]] = []

    async def cancelled(connection: psycopg.AsyncConnection[object], query: str) -> None:
        begun.append(connection)
        raise asyncio.CancelledError(query)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", cancelled)
    with pytest.raises(asyncio.CancelledError, match="LISTEN"):
        await anext(follow(_Unread(), log_database.url("patriot_tail"), after=0, limit=1))
    assert [connection.closed for connection in begun] == [True]


class _Unread:
    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        raise AssertionError((after, limit))
