"""Group commit on the log in memory: one effect for each command, whatever the log does."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.commands.waiting import Overloaded
from adapters.memory.log import MemoryEventLog
from domain.dispatch import Command
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import PLATFORM, AccountId, CommandId, InstrumentId, OrderId, StreamId, derived
from domain.instruments.commands import ListInstrument
from domain.instruments.events import TradingRules
from domain.orders.commands import CancelOrder, OrderType, PlaceOrder, TimeInForce
from domain.ports import (
    AppendOutcome,
    Batch,
    Conflict,
    LogUnavailable,
    OutcomeUnknown,
)
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, SetLimits
from domain.values import Price, Quantity, Side

pytestmark = pytest.mark.asyncio

ACCOUNT = AccountId(derived("test", "account"))
INSTRUMENT = InstrumentId("BINANCE:SUSHIUSDT")
RULES = TradingRules(
    currency="USDT",
    tick=Decimal("0.001"),
    step=Decimal(1),
    minimum_quantity=Decimal(1),
    maximum_quantity=Decimal(100_000),
    maximum_market_quantity=Decimal(10_000),
    minimum_notional=Decimal(5),
    trading=True,
)


class _Clock:
    """Counts calls: a deterministic clock that never stands still."""

    def __init__(self) -> None:
        self.calls = 0

    def now(self) -> int:
        self.calls += 1
        return 1_700_000_000_000_000 + self.calls

    def monotonic(self) -> float:
        self.calls += 1
        return self.calls / 1000

    def new_uuid(self) -> str:
        self.calls += 1
        return derived("test", str(self.calls))


class _FaultyLog(MemoryEventLog):
    """The log in memory with faults in front of it, taken one by one from a list."""

    def __init__(self, faults: Sequence[str] = ()) -> None:
        super().__init__()
        self.faults = list(faults)
        self.appends = 0
        self.loads: list[StreamId] = []

    async def append(self, batch: Batch) -> AppendOutcome:
        self.appends += 1
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "unavailable":
            raise LogUnavailable
        if fault == "conflict":
            return Conflict({next(iter(batch.expected)): 7})
        outcome = await super().append(batch)
        if fault == "reply lost":
            raise OutcomeUnknown
        return outcome

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        self.loads.append(stream_id)
        return await super().read_stream(stream_id, after=after, limit=limit)


def _submission(command: Command, name: str, content: str = "") -> Submission:
    return Submission(
        command=command,
        command_id=CommandId(derived("command", name)),
        account_id=ACCOUNT,
        actor="tester",
        correlation_id=name,
        fingerprint=(content or repr(command)).encode(),
    )


def _place(name: str, *, price: str = "7.600", quantity: int = 10) -> Submission:
    command = PlaceOrder(
        order_id=OrderId(derived("order", name)),
        account_id=ACCOUNT,
        instrument_id=INSTRUMENT,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity(Decimal(quantity)),
        price=Price(Decimal(price)),
    )
    return _submission(command, name)


def _limits(**limits: object) -> Submission:
    values: Mapping[str, object] = {"currency": "USDT", **limits}
    return _submission(SetLimits(ACCOUNT, Limits(**values)), f"limits {limits}")  # type: ignore[arg-type]


@asynccontextmanager
async def _engine(
    log: MemoryEventLog, options: EngineOptions | None = None
) -> AsyncIterator[CommandEngine]:
    engine = CommandEngine(log, _Clock(), options)
    engine.start()
    yield engine
    await engine.stop()


async def _prepared(engine: CommandEngine, **limits: object) -> None:
    listing = _submission(ListInstrument(INSTRUMENT, RULES), "listing")
    assert (await engine.submit(listing)).rejected is None
    assert (await engine.submit(_limits(**limits))).rejected is None


async def _types(log: MemoryEventLog) -> list[str]:
    return [event.type for event in await log.read_all()]


async def test_an_order_and_its_reservation_are_one_append() -> None:
    log = MemoryEventLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        answer = await engine.submit(_place("a"))
    assert answer.rejected is None
    assert answer.stream_version == 1
    assert answer.position == LogPosition(0, 4)
    assert (await _types(log))[2:] == ["risk.order_admitted.v2", "order.placed.v2"]


async def test_an_order_of_the_platform_itself_names_one_stream_twice() -> None:
    log = MemoryEventLog()
    asked = _place("a").command
    assert isinstance(asked, PlaceOrder)
    mine = replace(asked, account_id=PLATFORM)
    async with _engine(log) as engine:
        await _prepared(engine)
        answer = await engine.submit(_submission(mine, "platform"))
    assert answer.rejected is not None
    assert answer.rejected.reason is Reason.LIMITS_NOT_SET


async def test_fifty_concurrent_sends_of_one_command_have_one_effect_and_one_answer() -> None:
    log = _FaultyLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        answers = await asyncio.gather(*(engine.submit(_place("a")) for _ in range(50)))
        later = await engine.submit(_place("a"))
    assert set(answers) == {later}
    assert (await _types(log)).count("order.placed.v2") == 1


async def test_a_repeat_after_a_restart_gets_the_first_answer() -> None:
    log = MemoryEventLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        first = await engine.submit(_place("a"))
    async with _engine(log) as engine:
        assert await engine.submit(_place("a")) == first


async def test_a_repeated_refusal_stays_refused_after_the_limit_was_raised() -> None:
    log = MemoryEventLog()
    async with _engine(log) as engine:
        await _prepared(engine, order_notional=Decimal(10))
        first = await engine.submit(_place("a"))
        await engine.submit(_limits(order_notional=Decimal(1000)))
    async with _engine(log) as engine:
        again = await engine.submit(_place("a"))
    assert first.rejected is not None
    assert first.rejected.reason is Reason.ORDER_NOTIONAL_LIMIT
    assert again == first


@pytest.mark.parametrize("restarted", [False, True])
async def test_one_command_id_for_two_contents_is_refused(*, restarted: bool) -> None:
    log = MemoryEventLog()
    other = _submission(_place("b").command, "a")
    async with _engine(log) as engine:
        await _prepared(engine)
        await engine.submit(_place("a"))
        answer = await engine.submit(other)
    if restarted:
        async with _engine(log) as engine:
            answer = await engine.submit(other)
    assert answer.rejected is not None
    assert answer.rejected.reason is Reason.COMMAND_ID_REUSED
    assert (await _types(log)).count("order.placed.v2") == 1


async def test_a_lost_reply_to_commit_gives_the_first_result() -> None:
    log = _FaultyLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        log.faults = ["reply lost"]
        answers = await asyncio.gather(*(engine.submit(_place(name)) for name in "abc"))
    assert [answer.rejected for answer in answers] == [None, None, None]
    assert (await _types(log)).count("order.placed.v2") == 3


async def test_a_short_outage_is_waited_out_and_a_long_one_is_told() -> None:
    log = _FaultyLog()
    async with _engine(log, EngineOptions(patience=0.2)) as engine:
        await _prepared(engine)
        log.faults = ["unavailable"]
        assert (await engine.submit(_place("a"))).rejected is None
        log.faults = ["unavailable"] * 100
        with pytest.raises(LogUnavailable):
            await engine.submit(_place("b"))
        log.faults = []
        assert (await engine.submit(_place("b"))).rejected is None


async def test_after_an_unknown_outcome_an_outage_is_not_told_as_nothing_written() -> None:
    log = _FaultyLog()
    async with _engine(log, EngineOptions(patience=0.2)) as engine:
        await _prepared(engine)
        log.faults = ["reply lost"] + ["unavailable"] * 100
        with pytest.raises(OutcomeUnknown):
            await engine.submit(_place("a"))
        log.faults = []
        assert (await engine.submit(_place("a"))).rejected is None
    assert (await _types(log)).count("order.placed.v2") == 1


async def test_two_services_on_one_log_never_pass_a_limit_together() -> None:
    log = MemoryEventLog()
    async with _engine(log) as first, _engine(log) as second:
        await _prepared(first, open_orders=1)
        for round_ in range(20):
            mine, theirs = _place(f"mine {round_}"), _place(f"theirs {round_}")
            answers = await asyncio.gather(first.submit(mine), second.submit(theirs))
            admitted = [answer for answer in answers if answer.rejected is None]
            assert len(admitted) == (1 if round_ == 0 else 0)


async def test_a_halt_by_another_service_binds_the_next_commit() -> None:
    log = MemoryEventLog()
    async with _engine(log) as first, _engine(log) as second:
        await _prepared(first)
        assert (await first.submit(_place("a"))).rejected is None
        await second.submit(_submission(HaltTrading(ACCOUNT, "enough"), "halt"))
        answer = await first.submit(_place("b"))
    assert answer.rejected is not None
    assert answer.rejected.reason is Reason.ACCOUNT_HALTED


async def test_an_order_that_exists_is_found_although_it_was_taken_to_be_new() -> None:
    log = MemoryEventLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        await engine.submit(_place("a"))
    async with _engine(log) as engine:
        answer = await engine.submit(_submission(_place("a").command, "another command"))
        neighbour = await engine.submit(_place("b"))
    assert answer.rejected is not None
    assert answer.rejected.reason is Reason.ORDER_ALREADY_EXISTS
    assert neighbour.rejected is None


async def test_endless_races_end_in_a_refusal_and_not_in_a_livelock() -> None:
    log = _FaultyLog()
    async with _engine(log, EngineOptions(races_max=2)) as engine:
        await _prepared(engine)
        log.faults = ["conflict"] * 100
        answer = await engine.submit(_place("a"))
    assert answer.rejected is not None
    assert answer.rejected.reason is Reason.CONCURRENT_CHANGE


async def test_a_refused_neighbour_fails_nobody() -> None:
    log = _FaultyLog()
    async with _engine(log) as engine:
        await _prepared(engine, order_notional=Decimal(100))
        answers = await engine.submit_many(
            [_place("a"), _place("b", quantity=9_999), _place("c"), _cancel("nobody")]
        )
    refused = [a.rejected.reason if isinstance(a, Answer) and a.rejected else None for a in answers]
    assert refused == [None, Reason.ORDER_NOTIONAL_LIMIT, None, Reason.ORDER_UNKNOWN]


async def test_commands_that_wait_together_share_one_commit() -> None:
    log = _FaultyLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        before = log.appends
        await engine.submit_many([_place(f"order {n}") for n in range(300)])
        assert log.appends == before + 1


async def test_a_full_queue_answers_overloaded_and_keeps_what_it_accepted() -> None:
    log = _FaultyLog()
    async with _engine(log, EngineOptions(queue_max=10)) as engine:
        await _prepared(engine)
        outcomes = await engine.submit_many([_place(f"order {n}") for n in range(15)])
    assert [isinstance(outcome, Overloaded) for outcome in outcomes] == [False] * 10 + [True] * 5
    assert (await _types(log)).count("order.placed.v2") == 10


async def test_a_sender_that_gives_up_does_not_undo_its_command() -> None:
    log = _FaultyLog()
    async with _engine(log) as engine:
        await _prepared(engine)
        sender = asyncio.create_task(engine.submit(_place("a")))
        await asyncio.sleep(0)
        sender.cancel()
        answer = await engine.submit(_place("a"))
    assert answer.rejected is None
    assert (await _types(log)).count("order.placed.v2") == 1


async def test_stop_answers_what_was_accepted_and_refuses_the_rest() -> None:
    log = _FaultyLog()
    engine = CommandEngine(log, _Clock())
    engine.start()
    await _prepared(engine)
    senders = [asyncio.create_task(engine.submit(_place(f"order {n}"))) for n in range(200)]
    await asyncio.sleep(0)
    await engine.stop()
    answers = await asyncio.gather(*senders)
    assert all(answer.rejected is None for answer in answers)
    with pytest.raises(Overloaded):
        await engine.submit(_place("late"))


async def test_streams_dropped_from_memory_are_folded_again() -> None:
    log = _FaultyLog()
    async with _engine(log, EngineOptions(aggregates_max=1)) as engine:
        await _prepared(engine, open_orders=2)
        answers = [await engine.submit(_place(name)) for name in "abc"]
    assert [answer.rejected is None for answer in answers] == [True, True, False]


def _cancel(name: str) -> Submission:
    command = CancelOrder(OrderId(derived("order", name)), ACCOUNT)
    return _submission(command, f"cancel {name}")


async def test_somebody_elses_order_looks_like_none_at_all() -> None:
    log = MemoryEventLog()
    stranger = AccountId(derived("test", "stranger"))
    async with _engine(log) as engine:
        await _prepared(engine)
        await engine.submit(_place("a"))
        order_id = OrderId(derived("order", "a"))
        theirs = replace(_cancel("x"), command=CancelOrder(order_id, stranger), account_id=stranger)
        unknown = replace(_cancel("nobody"), account_id=stranger)
        answers = [await engine.submit(each) for each in (theirs, unknown)]
    assert [(a.stream_version, a.position.number) for a in answers] == [(0, 0), (0, 0)]
    assert answers[0].rejected == answers[1].rejected
