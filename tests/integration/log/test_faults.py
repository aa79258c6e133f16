"""Networks and servers that fail: the log says what happened, and nothing waits for ever."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from adapters.embedded.process import free_port
from adapters.postgres.log import PostgresEventLog
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    Duplicates,
    LogUnavailable,
    OutcomeUnknown,
)
from tests.support.batches import batch, command, event, only
from tests.support.chaos_proxy import ChaosProxy, Fault, Way, before
from tests.support.servers import Database
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

_DEADLINE = 1.0
_SYNC_BYTES = 5
"""The message that ends a statement and commits it."""
_SLACK = 2.0
"""The machine of a test may be busy; a wait without an end is far longer than this."""


@pytest.fixture
def through_proxy(log_database: Database) -> Iterator[tuple[ChaosProxy, str]]:
    with before(log_database.url("patriot_append")) as pair:
        yield pair


@asynccontextmanager
async def opened(url: str, deadline: float = _DEADLINE) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(url, deadline=deadline)
    await log.open()
    try:
        yield log
    finally:
        await log.close()


def _positions(database: Database) -> list[int]:
    """What is really in the log, asked directly."""
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("SELECT position FROM log.events ORDER BY position").fetchall()
    return [row[0] for row in rows]


def _terminate(database: Database, role: str) -> int:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        cursor = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = %s AND datname = current_database()",
            (role,),
        )
        return cursor.rowcount


async def _sessions_wait(database: Database, number: int) -> bool:
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row is not None and row[0] >= number


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_lost_answer_is_unknown_and_the_repeat_gets_it(
    log_database: Database, through_proxy: tuple[ChaosProxy, str], fault: Fault
) -> None:
    proxy, url = through_proxy
    async with opened(url) as log:
        assert isinstance(await log.append(only("warm", "a", 1)), Appended)
        proxy.on(Way.REPLY, b"appended", fault)
        with pytest.raises(OutcomeUnknown):
            await log.append(only("c", "a", 2))
        assert _positions(log_database) == [1, 2], "it was committed before the answer was lost"
        again = await log.append(only("c", "a", 2))
        assert isinstance(again, Duplicates)
        (done,) = again.commands
        assert (done.first.number, done.last.number) == (2, 2)
        assert done.result == command("c").result
        assert _positions(log_database) == [1, 2]


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_lost_request_is_unknown_and_the_repeat_is_appended(
    log_database: Database, through_proxy: tuple[ChaosProxy, str], fault: Fault
) -> None:
    proxy, url = through_proxy
    async with opened(url) as log:
        await log.append(only("warm", "a", 1))
        proxy.on(Way.REQUEST, b"a payload like no other", fault)
        lost = batch(command("c", event("a", 2, b"a payload like no other")))
        with pytest.raises(OutcomeUnknown):
            await log.append(lost)
        assert _positions(log_database) == [1]
        assert isinstance(await log.append(lost), Appended)


async def test_a_request_cut_anywhere_is_never_half_done(
    log_database: Database, through_proxy: tuple[ChaosProxy, str]
) -> None:
    """Cut after n bytes of the request, for n all over it: an append is whole or it is not."""
    proxy, url = through_proxy
    wanted = [
        batch(command(f"c {n}", *(event(f"s {n}", v, b"p" * 40) for v in (1, 2, 3))))
        for n in range(12)
    ]
    for number, asked in enumerate(wanted):
        proxy.after(Way.REQUEST, 900 + 60 * number, Fault.CUT)
        async with opened_whatever(url) as log:
            await _insist(log, asked)
    assert _positions(log_database) == list(range(1, 3 * len(wanted) + 1))


async def test_a_network_that_goes_silent_at_the_last_bytes_keeps_nobody_waiting(
    log_database: Database, through_proxy: tuple[ChaosProxy, str]
) -> None:
    """The server has done the append and waits, with the head's lock, to be told to commit."""
    proxy, url = through_proxy
    async with opened(url) as log, opened(log_database.url("patriot_append"), 10) as other:
        carried = []
        for version in (1, 2, 3):
            await log.append(only(f"c {version}", "a", version))
            carried.append(proxy.passed(Way.REQUEST))
        whole = carried[2] - carried[1]
        proxy.after(Way.REQUEST, carried[2] + whole - _SYNC_BYTES, Fault.SILENCE)
        with pytest.raises(OutcomeUnknown):
            await log.append(only("c 4", "a", 4))
        assert proxy.faults == 1
        async with asyncio.timeout(20):
            assert isinstance(await _insist(other, only("d", "b", 1)), Appended)
            assert isinstance(await _insist(log, only("c 4", "a", 4)), Appended)
    assert _positions(log_database) == [1, 2, 3, 4, 5]


@asynccontextmanager
async def opened_whatever(url: str) -> AsyncIterator[PostgresEventLog]:
    """An open log, however often that takes."""
    log = PostgresEventLog(url, deadline=_DEADLINE)
    while True:
        try:
            await log.open()
            break
        except LogUnavailable:
            log = PostgresEventLog(url, deadline=_DEADLINE)
    try:
        yield log
    finally:
        await log.close()


async def _insist(log: PostgresEventLog, asked: Batch) -> AppendOutcome:
    while True:
        try:
            return await log.append(asked)
        except (LogUnavailable, OutcomeUnknown):
            continue


@pytest.mark.parametrize("seed", range(3))
async def test_every_command_has_one_effect_on_a_bad_network(
    log_database: Database, through_proxy: tuple[ChaosProxy, str], seed: int
) -> None:
    proxy, url = through_proxy
    async with opened(url) as log:
        proxy.at_random(seed, 0.1)

        async def write(writer: int) -> None:
            for version in range(1, 41):
                await _insist(log, only(f"{writer} {version}", f"stream {writer}", version))

        async with asyncio.timeout(120):
            await asyncio.gather(*(write(writer) for writer in range(3)))
        proxy.at_random(seed, 0)
        assert proxy.faults > 5
    assert _positions(log_database) == list(range(1, 121))
    with psycopg.connect(log_database.admin_url) as connection:
        found = connection.execute(
            "SELECT count(*), max(version) FROM log.events GROUP BY stream_id"
        ).fetchall()
    assert found == [(40, 40)] * 3


async def test_a_black_hole_ends_at_the_deadline(through_proxy: tuple[ChaosProxy, str]) -> None:
    proxy, url = through_proxy
    async with opened(url) as log:
        await log.append(only("warm", "a", 1))
        await log.head()
        proxy.black_hole()
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            await log.append(only("c", "a", 2))
        assert time.monotonic() - started < _DEADLINE + _SLACK
        started = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.read_all()
        assert time.monotonic() - started < 2 * _DEADLINE + _SLACK
        # The old connections are given up; a new one is not answered either.
        started = time.monotonic()
        with pytest.raises(LogUnavailable):
            await log.append(only("c", "a", 2))
        assert time.monotonic() - started < 2 * _DEADLINE + _SLACK
        proxy.black_hole(dark=False)
        assert isinstance(await log.append(only("c", "a", 2)), Appended)
        assert len(await log.read_all()) == 2


async def test_no_server_is_unavailable(log_database: Database) -> None:
    url = log_database.url("patriot_append")
    nowhere = url.replace(url.rpartition(":")[2].partition("/")[0], str(free_port()))
    with pytest.raises(LogUnavailable):
        await PostgresEventLog(nowhere, deadline=_DEADLINE).open()


async def test_sessions_that_the_server_ended_are_replaced(log_database: Database) -> None:
    async with opened(log_database.url("patriot_append")) as log:
        await log.append(only("c", "a", 1))
        with psycopg.connect(log_database.admin_url) as connection:
            connection.execute("LOCK TABLE log.events")
            reads = asyncio.gather(*(log.read_all() for _ in range(20)))
            await until(lambda: _sessions_wait(log_database, 3), "several reads at once")
        await reads
        assert _terminate(log_database, "patriot_append") > 3, "the writing one too"
        assert len(await log.read_all()) == 1
        with pytest.raises(OutcomeUnknown):
            await log.append(only("d", "a", 2))
        assert isinstance(await log.append(only("d", "a", 2)), Appended)


async def test_a_log_that_somebody_locked_is_unavailable_for_now(log_database: Database) -> None:
    async with opened(log_database.url("patriot_append"), deadline=10) as log:
        with psycopg.connect(log_database.admin_url) as connection:
            connection.execute("SELECT FROM log.head FOR UPDATE")
            with pytest.raises(LogUnavailable, match="lock timeout"):
                await log.append(only("c", "a", 1))
            connection.rollback()
        assert isinstance(await log.append(only("c", "a", 1)), Appended)


async def test_a_server_that_only_reads_is_unavailable(log_database: Database) -> None:
    """As after a failover: the address leads to what has become a standby."""
    with psycopg.connect(log_database.admin_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE patriot_append SET default_transaction_read_only = on")
        try:
            async with opened(log_database.url("patriot_append")) as log:
                for _ in range(2):
                    with pytest.raises(LogUnavailable, match="read-only"):
                        await log.append(only("c", "a", 1))
                connection.execute("ALTER ROLE patriot_append RESET default_transaction_read_only")
                assert isinstance(await log.append(only("c", "a", 1)), Appended)
        finally:
            connection.execute("ALTER ROLE patriot_append RESET default_transaction_read_only")


async def test_a_cancelled_append_leaves_a_log_that_works(log_database: Database) -> None:
    chosen = random.Random(7)
    async with opened(log_database.url("patriot_append")) as log:
        for number in range(1, 41):
            asked = only(f"c {number}", "a", number)
            sending = asyncio.create_task(log.append(asked))
            await asyncio.sleep(chosen.random() * 0.004)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            outcome = await _insist(log, asked)
            assert isinstance(outcome, Appended | Duplicates)
    assert _positions(log_database) == list(range(1, 41))


async def test_a_storm_of_cancelled_readers_costs_no_connection(log_database: Database) -> None:
    async with opened(log_database.url("patriot_append")) as log:
        await log.append(only("c", "a", 1))
        chosen = random.Random(11)
        for _ in range(20):
            readers = [asyncio.create_task(log.read_all()) for _ in range(20)]
            await asyncio.sleep(chosen.random() * 0.003)
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        async with asyncio.timeout(10):
            found = await asyncio.gather(*(log.read_all() for _ in range(50)))
        assert all(len(each) == 1 for each in found)
