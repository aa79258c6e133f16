"""The next batch is decided while the last one commits: never early, never on what did not happen.

The log in memory holds each append until the test lets it go, and does with it what the test says.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.commands.waiting import Expired, Overloaded
from adapters.memory.log import MemoryEventLog
from domain.dispatch import Command
from domain.envelope import RecordedEvent
from domain.ids import AccountId, CommandId, StreamId, derived, risk_stream
from domain.instruments.commands import ListInstrument
from domain.ports import AppendOutcome, Batch, LogError, LogUnavailable, OutcomeUnknown
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, SetLimits
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, RULES, SUSHI, cancel, place

pytestmark = pytest.mark.asyncio


class _Clock:
    """Time that moves when the test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> int:
        return 1_700_000_000_000_000 + int(self.seconds * 1e6)

    def monotonic(self) -> float:
        return self.seconds

    def new_uuid(self) -> str:
        raise AssertionError("an engine needs none")


class _HeldLog(MemoryEventLog):
    """Every append waits for let_go(); reads are noted, and can be made to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.holding = False
        self.batches: list[Batch] = []
        self.reads: list[tuple[StreamId, int]] = []
        self.unreadable: set[StreamId] = set()
        self.read = asyncio.Condition()
        self._came = asyncio.Condition()
        self._gates: list[asyncio.Future[Exception | None]] = []

    async def append(self, batch: Batch) -> AppendOutcome:
        self.batches.append(batch)
        if self.holding:
            gate: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
            async with self._came:
                self._gates.append(gate)
                self._came.notify_all()
            error = await gate
            if isinstance(error, OutcomeUnknown):
                await super().append(batch)
            if error is not None:
                raise error
        return await super().append(batch)

    async def held(self) -> None:
        """Wait until an append waits."""
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: any(not gate.done() for gate in self._gates))

    def let_go(self, error: Exception | None = None) -> None:
        """Let the append go on, or fail."""
        [gate] = [gate for gate in self._gates if not gate.done()]
        gate.set_result(error)

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        if stream_id in self.unreadable:
            raise LogUnavailable("not now")
        async with self.read:
            self.reads.append((stream_id, after))
            self.read.notify_all()
        return await super().read_stream(stream_id, after=after, limit=limit)


def _submission(command: Command, name: str, account: AccountId = ACCOUNT) -> Submission:
    command_id = CommandId(derived("command", name))
    return Submission(command, command_id, account, "tester", name, repr(command).encode())


def _order(name: str, account: AccountId = ACCOUNT) -> Submission:
    return _submission(place(name, account=account), name, account)


@asynccontextmanager
async def _engine(
    log: MemoryEventLog, clock: _Clock | None = None, options: EngineOptions | None = None
) -> AsyncIterator[CommandEngine]:
    engine = CommandEngine(log, clock or _Clock(), options)
    engine.start()
    yield engine
    await engine.stop()


async def _prepare(engine: CommandEngine, open_orders: int = 100) -> None:
    await engine.submit(_submission(ListInstrument(SUSHI, RULES), "listing"))
    for account in (ACCOUNT, OTHER_ACCOUNT):
        limits = SetLimits(account, Limits("USDT", open_orders=open_orders))
        await engine.submit(_submission(limits, f"limits {account}", account))


def _send(engine: CommandEngine, submission: Submission) -> "asyncio.Task[Answer]":
    return asyncio.create_task(engine.submit(submission))


def _reason(answer: Answer) -> Reason | None:
    return answer.rejected.reason if answer.rejected is not None else None


async def test_a_batch_is_decided_while_another_commits_and_waits_for_it() -> None:
    log = _HeldLog()
    async with _engine(log) as engine:
        await _prepare(engine)
    async with _engine(log) as engine:
        log.holding = True
        first = _send(engine, _order("a"))
        await log.held()
        log.batches.clear()
        second = _send(engine, _order("b", OTHER_ACCOUNT))
        # Its account is read, so it is being decided; and it is not handed over.
        async with asyncio.timeout(10), log.read:
            await log.read.wait_for(lambda: (risk_stream(OTHER_ACCOUNT), 0) in log.reads)
        assert not log.batches
        assert not first.done()
        log.let_go()
        assert _reason(await first) is None
        await log.held()
        assert [len(batch.commands) for batch in log.batches] == [1]
        log.let_go()
        assert _reason(await second) is None


async def _decided(engine: CommandEngine) -> None:
    """Until nothing waits any more, though a commit is held: the rest was decided ahead."""
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while engine.depth:  # noqa: ASYNC110  (the engine tells nobody that it decided)
            await asyncio.sleep(0)


async def test_the_next_batch_sees_what_the_one_under_way_does() -> None:
    log = _HeldLog()
    async with _engine(log) as engine:
        await _prepare(engine, open_orders=1)
        log.holding = True
        first = _send(engine, _order("a"))
        await log.held()
        rest = [_send(engine, _order("b")), _send(engine, _submission(cancel("a"), "cancel"))]
        await _decided(engine)
        log.holding = False
        log.let_go()
        assert _reason(await first) is None
        assert _reason(await rest[0]) is Reason.OPEN_ORDERS_LIMIT
        assert _reason(await rest[1]) is None


async def test_what_was_decided_on_a_commit_that_failed_is_decided_again() -> None:
    log = _HeldLog()
    async with _engine(log, options=EngineOptions(patience=0)) as engine:
        await _prepare(engine, open_orders=1)
        log.holding = True
        first = _send(engine, _order("a"))
        await log.held()
        second = _send(engine, _order("b"))
        await _decided(engine)
        log.holding = False
        log.let_go(LogUnavailable("nothing was written"))
        with pytest.raises(LogUnavailable):
            await first
        assert _reason(await second) is None


async def test_versions_that_fit_by_chance_do_not_carry_a_wrong_decision() -> None:
    """The batch under way fails, and another service writes as many events to the same stream."""
    log = _HeldLog()
    async with _engine(log, options=EngineOptions(patience=0)) as engine:
        await _prepare(engine)
        log.holding = True
        resumed = _submission(ResumeTrading(ACCOUNT, "go on"), "resume")
        await _halt(engine, log)
        first = _send(engine, resumed)
        await log.held()
        second = _send(engine, _order("a"))
        await _decided(engine)
        log.holding = False
        async with _engine(log) as other:
            limits = SetLimits(ACCOUNT, Limits("USDT", open_orders=3))
            await other.submit(_submission(limits, "other limits"))
        log.let_go(LogUnavailable("nothing was written"))
        with pytest.raises(LogUnavailable):
            await first
        assert _reason(await second) is Reason.ACCOUNT_HALTED


async def _halt(engine: CommandEngine, log: _HeldLog) -> None:
    halting = _send(engine, _submission(HaltTrading(ACCOUNT, "stop"), "halt"))
    await log.held()
    log.let_go()
    assert _reason(await halting) is None


async def test_a_lost_answer_throws_the_next_batch_away_and_loses_nothing() -> None:
    log = _HeldLog()
    async with _engine(log) as engine:
        await _prepare(engine, open_orders=1)
        log.holding = True
        first = _send(engine, _order("a"))
        await log.held()
        second = _send(engine, _order("b"))
        await _decided(engine)
        log.holding = False
        log.let_go(OutcomeUnknown("written, and nobody told"))
        assert _reason(await first) is None
        assert _reason(await second) is Reason.OPEN_ORDERS_LIMIT
    types = [event.type for event in await log.read_all()]
    assert types.count("order.placed.v2") == 1


async def test_a_command_whose_deadline_passed_is_not_decided() -> None:
    log, clock = _HeldLog(), _Clock()
    async with _engine(log, clock, EngineOptions(batch_max=1)) as engine:
        await _prepare(engine)
        log.holding = True
        first = _send(engine, _order("a"))
        await log.held()
        ahead = asyncio.create_task(engine.submit(_order("b"), within=5))
        await _decided(engine)
        late = asyncio.create_task(engine.submit_many([_order("c"), _order("d")], within=5))
        shared = asyncio.create_task(engine.submit(_order("d")))
        await asyncio.sleep(0)
        clock.seconds = 5
        log.holding = False
        log.let_go()
        # What was decided is committed, late or not; what somebody still waits for is decided.
        assert [_reason(await each) for each in (first, ahead, shared)] == [None, None, None]
        expired, joined = await late
        assert isinstance(expired, Expired)
        assert isinstance(joined, Answer)
        assert _reason(await engine.submit(_order("c"))) is None


async def test_a_flood_of_one_account_keeps_nobody_out() -> None:
    log = _HeldLog()
    async with _engine(log, options=EngineOptions(queue_max=20, batch_max=4)) as engine:
        await _prepare(engine)
        log.holding = True
        first = _send(engine, _order("first"))
        await log.held()
        flood = asyncio.create_task(engine.submit_many([_order(f"f{n}") for n in range(50)]))
        await asyncio.sleep(0)
        others = [_send(engine, _order(f"o{n}", OTHER_ACCOUNT)) for n in range(5)]
        await asyncio.sleep(0)
        log.holding = False
        log.let_go()
        assert [_reason(await each) for each in (first, *others)] == [None] * 6
        outcomes = await flood
    done = [isinstance(outcome, Answer) for outcome in outcomes]
    assert done == sorted(done, reverse=True), "the first ones of the flood were kept"
    assert all(isinstance(o, Answer | Overloaded) for o in outcomes)
    assert done.count(True) >= 10
    placed = [event for event in await log.read_all() if event.type == "order.placed.v2"]
    last_of_others = max(n for n, event in enumerate(placed) if event.account_id == OTHER_ACCOUNT)
    assert last_of_others < 16, "they took turns with the flood"


async def test_a_command_that_breaks_its_decision_fails_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = _HeldLog()
    async with _engine(log) as engine:
        await _prepare(engine)
        # A quantity that is none: nothing of the kind gets past the service's translation.
        broken = replace(place("b"), quantity="ten")  # type: ignore[arg-type]
        orders = [_order("a"), _submission(broken, "b"), _order("c")]
        sent = [_send(engine, each) for each in orders]
        assert _reason(await sent[0]) is None
        with pytest.raises(TypeError):
            await sent[1]
        assert _reason(await sent[2]) is None
    assert "it alone is failed" in caplog.text


async def test_a_stream_that_cannot_be_read_fails_its_own_commands_alone() -> None:
    log = _HeldLog()
    async with _engine(log) as engine:
        await _prepare(engine)
    async with _engine(log) as engine:
        log.unreadable = {risk_stream(OTHER_ACCOUNT)}
        mine, theirs = await engine.submit_many([_order("a"), _order("b", OTHER_ACCOUNT)])
        assert isinstance(mine, Answer)
        assert isinstance(theirs, LogUnavailable)
        log.unreadable = set()
        assert _reason(await engine.submit(_order("b", OTHER_ACCOUNT))) is None


async def test_a_command_that_the_log_refuses_fails_alone() -> None:
    log = _PickyLog(CommandId(derived("command", "b")))
    async with _engine(log) as engine:
        await _prepare(engine)
        outcomes = await engine.submit_many([_order("a"), _order("b"), _order("c")])
    assert [type(outcome) for outcome in outcomes] == [Answer, LogError, Answer]


class _PickyLog(MemoryEventLog):
    """Refuses whatever holds one command."""

    def __init__(self, disliked: CommandId) -> None:
        super().__init__()
        self._disliked = disliked

    async def append(self, batch: Batch) -> AppendOutcome:
        if any(command.command_id == self._disliked for command in batch.commands):
            raise LogError("the batch contradicts itself")
        return await super().append(batch)


async def test_after_a_lost_race_only_what_is_new_is_read() -> None:
    log = _HeldLog()
    async with _engine(log) as mine, _engine(log) as other:
        await _prepare(mine)
        for number in range(5):
            await mine.submit(_order(f"mine {number}"))
        await other.submit(_order("theirs"))
        log.reads.clear()
        assert _reason(await mine.submit(_order("a"))) is None
    assert log.reads == [(risk_stream(ACCOUNT), 6)]


async def test_a_contested_account_holds_up_no_other_in_the_batch() -> None:
    """The others of the batch are committed first, in one piece."""
    log = _HeldLog()
    async with _engine(log) as mine, _engine(log) as other:
        await _prepare(mine)
        await mine.submit_many([_order("a"), _order("b", OTHER_ACCOUNT)])
        await other.submit(_order("theirs"))
        log.batches.clear()
        orders = [_order("c"), _order("d", OTHER_ACCOUNT), _order("e"), _order("f", OTHER_ACCOUNT)]
        answers = await mine.submit_many(orders)
    assert all(isinstance(answer, Answer) and not answer.rejected for answer in answers)
    accounts = [[command.account_id for command in batch.commands] for batch in log.batches]
    assert accounts[1:] == [[OTHER_ACCOUNT] * 2, [ACCOUNT] * 2]
