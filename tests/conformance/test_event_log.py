"""What every event log must do, in memory and on PostgreSQL alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from adapters.memory.log import MemoryEventLog
from adapters.postgres.log import PostgresEventLog
from domain.envelope import LogPosition, NewEvent, RecordedEvent
from domain.ids import AccountId, derived
from domain.ports import Appended, Batch, Conflict, Duplicates, EventLog, LogError
from tests.support.batches import ACCOUNT, at, batch, command, event, only, stream

pytestmark = pytest.mark.asyncio

OTHER = AccountId(derived("batches", "another account"))


@pytest.fixture(params=["memory", "postgres"])
def make_log(request: pytest.FixtureRequest) -> Callable[[], MemoryEventLog | PostgresEventLog]:
    if request.param == "memory":
        return MemoryEventLog
    url = request.getfixturevalue("log_database").url("patriot_append")
    return lambda: PostgresEventLog(url)


@pytest_asyncio.fixture
async def log(make_log: Callable[[], MemoryEventLog | PostgresEventLog]) -> AsyncIterator[EventLog]:
    made = make_log()
    async with AsyncExitStack() as stack:
        if isinstance(made, PostgresEventLog):
            await made.open()
            stack.push_async_callback(made.close)
        yield made


async def test_an_empty_log(log: EventLog) -> None:
    assert await log.head() == LogPosition(0, 0)
    assert list(await log.read_all()) == []
    assert list(await log.read_stream(stream("a"))) == []
    assert list(await log.find_commands([(ACCOUNT, command("c").command_id)])) == []
    assert list(await log.find_commands([])) == []


async def test_what_was_appended_is_read_back_byte_for_byte(log: EventLog) -> None:
    payload = bytes(range(256))
    new = NewEvent(stream("a"), 1, "prüfung.geschah.v1", ACCOUNT, payload, b"")
    await log.append(batch(command("c", new)))
    recorded = RecordedEvent(LogPosition(0, 1), stream("a"), 1, new.type, ACCOUNT, payload, b"")
    assert list(await log.read_all()) == [recorded]
    assert list(await log.read_stream(stream("a"))) == [recorded]
    assert await log.head() == LogPosition(0, 1)


async def test_positions_follow_the_order_of_the_batch(log: EventLog) -> None:
    outcome = await log.append(
        batch(
            command("first", event("a", 1), event("b", 1)),
            command("refused"),
            command("third", event("a", 2)),
            untouched=0,
        )
    )
    assert isinstance(outcome, Appended)
    spans = [(done.first.number, done.last.number) for done in outcome.commands]
    assert spans == [(1, 2), (0, 0), (3, 3)]
    stored = [(e.position.number, e.stream_id, e.version) for e in await log.read_all()]
    assert stored == [(1, stream("a"), 1), (2, stream("b"), 1), (3, stream("a"), 2)]


async def test_an_answer_names_the_commands_as_they_were_sent(log: EventLog) -> None:
    sent = command("c", event("a", 1))
    outcome = await log.append(batch(sent))
    assert isinstance(outcome, Appended)
    (done,) = outcome.commands
    assert (done.account_id, done.command_id) == (sent.account_id, sent.command_id)
    assert (done.fingerprint, done.result) == (sent.fingerprint, sent.result)
    assert list(await log.find_commands([(ACCOUNT, sent.command_id)])) == [done]


async def test_an_empty_batch_is_appended(log: EventLog) -> None:
    assert await log.append(Batch((), {})) == Appended(())
    assert (await log.head()).number == 0


async def test_a_repeat_gets_the_first_answer_and_writes_nothing(log: EventLog) -> None:
    first = await log.append(only("c", "a", 1))
    assert isinstance(first, Appended)
    again = await log.append(only("c", "a", 1))
    assert again == Duplicates(first.commands)
    assert (await log.head()).number == 1


async def test_a_command_without_events_is_remembered_too(log: EventLog) -> None:
    first = await log.append(batch(command("refused")))
    assert isinstance(first, Appended)
    assert await log.append(batch(command("refused"))) == Duplicates(first.commands)


async def test_a_known_command_stops_the_whole_batch_and_is_named_alone(log: EventLog) -> None:
    first = await log.append(only("known", "a", 1))
    assert isinstance(first, Appended)
    outcome = await log.append(
        batch(command("new", event("b", 1)), command("known", event("a", 2)))
    )
    assert outcome == Duplicates(first.commands)
    assert list(await log.read_stream(stream("b"))) == []
    assert list(await log.find_commands([(ACCOUNT, command("new").command_id)])) == []


async def test_a_command_id_belongs_to_its_account(log: EventLog) -> None:
    await log.append(batch(command("c")))
    assert isinstance(await log.append(batch(command("c", account=OTHER))), Appended)


async def test_streams_at_another_version_are_named_and_nothing_is_written(log: EventLog) -> None:
    await log.append(batch(command("one", event("a", 1), event("a", 2), event("b", 1))))
    outcome = await log.append(
        batch(command("two", event("a", 2), event("b", 2), event("new", 1)), missing=7)
    )
    assert outcome == Conflict(at(a=2, missing=0))
    assert (await log.head()).number == 3
    assert list(await log.find_commands([(ACCOUNT, command("two").command_id)])) == []


async def test_a_stream_that_was_only_read_is_checked_as_well(log: EventLog) -> None:
    await log.append(only("halt", "risk", 1))
    stale = batch(command("order", event("order", 1)), risk=0)
    assert await log.append(stale) == Conflict(at(risk=1))
    fresh = batch(command("order", event("order", 1)), risk=1)
    assert isinstance(await log.append(fresh), Appended)


async def test_reading_a_stream_from_a_version_and_up_to_a_limit(log: EventLog) -> None:
    await log.append(batch(command("c", *(event("a", version) for version in range(1, 8)))))
    await log.append(only("d", "b", 1))

    async def versions(after: int, limit: int | None) -> list[int]:
        found = await log.read_stream(stream("a"), after=after, limit=limit)
        return [each.version for each in found]

    assert await versions(0, None) == [1, 2, 3, 4, 5, 6, 7]
    assert await versions(5, None) == [6, 7]
    assert await versions(2, 3) == [3, 4, 5]
    assert await versions(7, 3) == []


async def test_reading_the_log_from_a_position_and_up_to_a_limit(log: EventLog) -> None:
    await log.append(batch(command("c", *(event("a", version) for version in range(1, 8)))))

    async def positions(after: int, limit: int) -> list[int]:
        return [each.position.number for each in await log.read_all(after=after, limit=limit)]

    assert await positions(0, 3) == [1, 2, 3]
    assert await positions(5, 100) == [6, 7]
    assert await positions(7, 100) == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Batch((command("c", event("a", 2)),), at(a=0)), id="a version is left out"),
        pytest.param(Batch((command("c", event("a", 1)),), at(a=1)), id="a version comes again"),
        pytest.param(Batch((command("c", event("a", 2), event("a", 1)),), at(a=0)), id="backwards"),
        pytest.param(
            Batch((command("c", event("a", 1)), command("d", event("a", 1))), at(a=0)), id="twice"
        ),
        pytest.param(Batch((command("c", event("a", 1)),), {}), id="the stream is not expected"),
        pytest.param(Batch((command("c"), command("c")), {}), id="a command comes twice"),
    ],
)
async def test_a_batch_that_contradicts_itself_is_refused(log: EventLog, wrong: Batch) -> None:
    with pytest.raises(LogError):
        await log.append(wrong)
    assert (await log.head()).number == 0
    assert isinstance(await log.append(only("c", "a", 1)), Appended)


async def test_fifty_senders_of_one_command_have_one_effect(log: EventLog) -> None:
    outcomes = await asyncio.gather(*(log.append(only("c", "a", 1)) for _ in range(50)))
    appended = [each for each in outcomes if isinstance(each, Appended)]
    repeats = [each for each in outcomes if isinstance(each, Duplicates)]
    assert len(appended) == 1
    assert repeats == [Duplicates(appended[0].commands)] * 49
    assert (await log.head()).number == 1


async def test_two_writers_with_the_same_expectation(log: EventLog) -> None:
    for turn in range(20):
        outcomes = await asyncio.gather(
            log.append(only(f"left {turn}", "a", turn + 1)),
            log.append(only(f"right {turn}", "a", turn + 1)),
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["Appended", "Conflict"]
        assert Conflict(at(a=turn + 1)) in outcomes


async def _tailed(log: EventLog, count: int, *, after: int = 0, limit: int = 1000) -> list[int]:
    seen: list[int] = []
    async for events in log.tail(after=after, limit=limit):
        assert 0 < len(events) <= limit
        seen += [each.position.number for each in events]
        if len(seen) >= count:
            return seen
    return seen


async def test_a_tail_begins_where_it_is_told(log: EventLog) -> None:
    await log.append(batch(command("c", *(event("a", version) for version in range(1, 11)))))
    async with asyncio.timeout(10):
        assert await _tailed(log, 10, limit=3) == list(range(1, 11))
        assert await _tailed(log, 3, after=7) == [8, 9, 10]


async def test_a_tail_waits_for_what_comes(log: EventLog) -> None:
    tails = [asyncio.create_task(_tailed(log, 30, limit=limit)) for limit in (1, 4, 1000)]
    for version in range(1, 31):
        await log.append(only(f"c {version}", "a", version))
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        seen: Sequence[list[int]] = await asyncio.gather(*tails)
    assert all(each == list(range(1, 31)) for each in seen)
