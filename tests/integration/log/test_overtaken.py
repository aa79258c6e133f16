"""An append that was overtaken between its look at the log and its lock: the lock's truth counts.

The overtaking append waits with the head's lock until the other one has looked and waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import psycopg
import pytest

from adapters.postgres import append, arrays
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from domain.envelope import NewEvent
from domain.ids import StreamId
from domain.ports import Appended, AppendOutcome, Batch, Conflict, Duplicates, LogError
from tests.support.batches import at, batch, command, event, only, stream
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio

_WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def _overtaken(database: Database, log: PostgresEventLog, asked: Batch, by: Batch) -> object:
    """The outcome of one batch that looked before the other was committed and locks after it."""
    url = database.url("patriot_append")
    async with await psycopg.AsyncConnection.connect(url) as faster:
        arrays.register(faster.adapters)
        await faster.execute(append.STATEMENT, append.arguments(by))
        slower = asyncio.create_task(_tried(log, asked))
        async with (
            await psycopg.AsyncConnection.connect(database.admin_url, autocommit=True) as admin,
            asyncio.timeout(10),
        ):
            waiting = 0
            while not waiting:
                cursor = await admin.execute(_WAITING)
                ((waiting,),) = await cursor.fetchall()
        await faster.commit()
    return await slower


async def _tried(log: PostgresEventLog, asked: Batch) -> AppendOutcome | LogError:
    try:
        return await log.append(asked)
    except LogError as error:
        return error


async def _held(log: PostgresEventLog) -> list[tuple[StreamId, int]]:
    return [(each.stream_id, each.version) for each in await log.read_all(limit=100)]


_SAME = batch(command("c", event("a", 3)), command("d", event("d", 1)))


@pytest.mark.parametrize(
    ("asked", "by", "versions"),
    [
        pytest.param(only("c", "a", 3), only("other", "a", 3), at(a=3), id="written by both"),
        pytest.param(only("c", "new", 1), only("other", "new", 1), at(new=1), id="begun by both"),
        pytest.param(
            batch(command("c", event("d", 1)), a=2), only("other", "a", 3), at(a=3), id="only read"
        ),
        pytest.param(
            batch(command("c"), halt=0), only("other", "halt", 1), at(halt=1), id="read, no event"
        ),
        pytest.param(
            batch(command("c", event("d", 1), event("a", 3)), halt=0),
            batch(command("other", event("a", 3), event("a", 4), event("halt", 1))),
            at(a=4, halt=1),
            id="written and read",
        ),
    ],
)
async def test_a_stream_moved_meanwhile_is_a_conflict(
    log_database: Database, asked: Batch, by: Batch, versions: Mapping[StreamId, int]
) -> None:
    async with _opened(log_database) as log:
        await log.append(batch(command("warm", event("a", 1), event("a", 2))))
        assert await _overtaken(log_database, log, asked, by) == Conflict(versions)
        overtaking = [(each.stream_id, each.version) for each in _events(by)]
        assert await _held(log) == [(stream("a"), 1), (stream("a"), 2), *overtaking]
        assert (
            await log.find_commands([(each.account_id, each.command_id) for each in asked.commands])
            == []
        )
        assert isinstance(await log.append(only("next", "z", 1)), Appended)
    assert verify_chain(log_database.admin_url).position == 3 + len(overtaking)


@pytest.mark.parametrize(
    "by",
    [
        pytest.param(_SAME, id="the same batch"),
        pytest.param(batch(command("d", event("a", 3))), id="one of them, and its stream moved"),
        pytest.param(batch(command("c"), command("e", event("a", 3))), id="without events there"),
    ],
)
async def test_a_command_sent_twice_at_once_is_a_repeat_and_no_conflict(
    log_database: Database, by: Batch
) -> None:
    async with _opened(log_database) as log:
        await log.append(batch(command("warm", event("a", 1), event("a", 2))))
        outcome = await _overtaken(log_database, log, _SAME, by)
        assert isinstance(outcome, Duplicates)
        known = {each.command_id for each in by.commands} & {
            each.command_id for each in _SAME.commands
        }
        assert {each.command_id for each in outcome.commands} == known
        assert len(await _held(log)) == 2 + len(_events(by))


async def test_what_did_not_matter_is_no_conflict(log_database: Database) -> None:
    async with _opened(log_database) as log:
        outcome = await _overtaken(
            log_database, log, batch(command("c", event("a", 1)), b=0), only("other", "z", 1)
        )
        assert isinstance(outcome, Appended)
        assert await _held(log) == [(stream("z"), 1), (stream("a"), 1)]
    assert verify_chain(log_database.admin_url).position == 2


async def test_a_stream_that_comes_where_it_was_expected_meanwhile_is_as_expected(
    log_database: Database,
) -> None:
    """The look found it behind; that is no answer, because the lock found it there."""
    async with _opened(log_database) as log:
        outcome = await _overtaken(log_database, log, only("c", "a", 2), only("other", "a", 1))
        assert isinstance(outcome, Appended)
        assert await _held(log) == [(stream("a"), 1), (stream("a"), 2)]


async def test_a_repeat_waits_for_no_lock(log_database: Database) -> None:
    """Commands that are in the log stay there, whoever is appending."""
    async with _opened(log_database) as log:
        await log.append(only("c", "a", 1))
        with psycopg.connect(log_database.admin_url) as connection:
            connection.execute("SELECT FROM log.head FOR UPDATE")
            assert isinstance(await log.append(only("c", "a", 1)), Duplicates)


@pytest.mark.parametrize(
    "versions", [(1, 0), (0, 1, 0), (0, 0, 1)], ids=["behind", "behind again", "twice"]
)
async def test_a_version_of_nothing_yet_is_the_first_or_none(
    log_database: Database, versions: tuple[int, ...]
) -> None:
    """Streams of the eventsourcing library begin at 0, and there is one 0 in each."""
    async with _opened(log_database) as log:
        events = tuple(event("a", version) for version in versions)
        with pytest.raises(LogError):
            await log.append(Batch((command("c", *events),), at(a=0)))
        assert await _held(log) == []
        first = Batch((command("c", event("a", 0), event("a", 1)),), at(a=0))
        assert isinstance(await log.append(first), Appended)


def _events(asked: Batch) -> list[NewEvent]:
    return [event for command in asked.commands for event in command.events]
