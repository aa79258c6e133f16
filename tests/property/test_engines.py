"""Engines on one log, at every order of events that a seed can think of.

Each seed draws engines with bounds of their own, clients that send, give up, repeat and contradict
themselves, and a log whose commits fail, conflict, are lost or late. Time is virtual and nothing
else is random, so a seed that fails fails again. What must hold, whatever happened:

- The log is what one engine alone, deciding one command after the other, would have written: this
  is what fails when a batch is kept that was decided on states which did not come to be.
- A command has one effect; every answer is the one that the log has, the same to every sender.
- Commands of one call and one account are recorded in the order in which they were sent.
- Everybody gets an answer once the weather is fine, and no engine keeps anything back.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import orjson
import pytest

from adapters.codec import decode_metadata, encode
from adapters.commands.answers import Answer, Submission, answer_of, stored_result
from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.commands.waiting import Expired, Overloaded
from domain.decision import StreamRef
from domain.dispatch import Command, State, decide, evolve, initial, streams_of, streams_read
from domain.ids import PLATFORM, AccountId, CommandId, StreamId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import OrderCommand
from domain.ports import CommandRecord, LogError
from domain.reasons import Reason
from domain.registry import event_class
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, RiskCommand, SetLimits
from domain.risk.events import AmendAdmitted, AmendRefused
from domain.strategies.commands import PauseStrategy, StartStrategy, StrategyCommand
from tests.support import virtual_time
from tests.support.life import amend, amended, replacing
from tests.support.strategies import LEADER, STRATEGY, running
from tests.support.trading import (
    RULES,
    START,
    SUSHI,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    expired,
    filled,
    place,
    rejected,
)
from tests.support.virtual_time import VirtualClock
from tests.support.weather import Door, Weather

SEEDS = range(300)
_COMMANDS = 60
_PATIENCE = 1_000
"""Times that a client sends a command again before the test calls it lost."""

_Content = tuple[AccountId, CommandId, bytes]
"""What makes two commands one."""


@dataclass(slots=True)
class _World:
    """Everything that one seed made, and what its clients were told."""

    random: random.Random
    weather: Weather
    engines: list[CommandEngine]
    sent: Counter[CommandId] = field(default_factory=Counter)
    calls: list[list[Submission]] = field(default_factory=list)
    contents: dict[_Content, Submission] = field(default_factory=dict)
    answers: dict[_Content, set[Answer]] = field(default_factory=dict)

    def told(self, submission: Submission, outcome: object) -> bool:
        """Keep an answer; False if the command has to be sent again."""
        if not isinstance(outcome, Answer):
            assert isinstance(outcome, Overloaded | Expired | LogError), outcome
            return False
        if outcome.rejected is not None and outcome.rejected.reason is Reason.CONCURRENT_CHANGE:
            return False
        self.answers.setdefault(_content(submission), set()).add(outcome)
        return True


@pytest.mark.parametrize("seed", SEEDS)
def test_one_effect_a_command_and_every_answer_in_the_log(seed: int) -> None:
    world = virtual_time.run(_trade(seed))
    _replay(world)
    virtual_time.run(_compare(world))


def test_the_weather_brings_all_that_can_happen() -> None:
    """Otherwise the test above would prove little."""
    seen: Counter[str] = Counter()
    for seed in range(20):
        seen += virtual_time.run(_trade(seed)).weather.seen
    assert set(seen) == {
        "", "Appended", "Duplicates", "Conflict", "refused", "not reached", "answer lost", "late",
        "unreadable",
    }  # fmt: skip


def test_the_stories_bring_amends_of_every_outcome() -> None:
    """Admitted, refused by the order itself, and refused by a strategy that another call paused."""
    seen: Counter[str] = Counter()
    for seed in range(30):
        for record in virtual_time.run(_trade(seed)).weather.journal:
            for event in record.events:
                decoded = event_class(event.type)
                if decoded in {AmendAdmitted, AmendRefused}:
                    check = orjson.loads(event.payload).get("check", "admitted")
                    seen[check] += 1
    assert {"admitted", "strategy", "halt"} <= set(seen), seen


async def _trade(seed: int) -> _World:
    draw = random.Random(seed)
    weather = Weather(draw, rough=draw.choice([0.0, 0.05, 0.3]))
    engines = [
        CommandEngine(Door(weather), VirtualClock(), _options(draw))
        for _ in range(draw.randrange(1, 4))
    ]
    world = _World(draw, weather, engines)
    for engine in engines:
        engine.start()
    await _send(world, [_submission(ListInstrument(SUSHI, RULES), PLATFORM, "listing")])
    commands = _commands(draw)
    clients = []
    while commands:
        size = draw.choice([1, 1, 2, 5, 12])
        clients.append(asyncio.create_task(_send(world, commands[:size])))
        del commands[:size]
        await weather.delay()
    for client in draw.sample(clients, len(clients) // 8):
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    weather.rough = 0
    # What a client gave up is sent again, as somebody who wants to know would.
    for submission in list(world.contents.values()):
        await _send(world, [submission])
    await asyncio.gather(*weather.late)
    for engine in engines:
        await engine.stop()
        assert engine.depth == 0
    for client in clients:
        assert client.cancelled() or client.exception() is None, client.exception()
    return world


def _options(draw: random.Random) -> EngineOptions:
    return EngineOptions(
        queue_max=draw.choice([8, 1000]),
        batch_max=draw.choice([1, 3, 50]),
        aggregates_max=draw.choice([1, 5, 1000]),
        answers_max=draw.choice([1, 1000]),
        races_max=draw.choice([1, 2, 8]),
        patience=draw.choice([0.0, 0.3, 5.0]),
    )


def _commands(draw: random.Random) -> list[Submission]:
    """Few accounts and few orders, so that commands meet; some of them twice, or contradicted."""
    accounts = [AccountId(derived("account", str(number))) for number in range(3)]
    limits = [
        SetLimits(each, Limits("USDT", open_orders=draw.choice([1, 2, 5]))) for each in accounts
    ]
    made = [_submission(each, each.account_id, f"limits {each.account_id}") for each in limits]
    made += [_submission(each, LEADER, repr(each)) for each in running(STRATEGY, LEADER)]
    for number in range(_COMMANDS):
        account = draw.choice(accounts)
        name = f"{account} {draw.randrange(8)}"
        kinds: list[OrderCommand | RiskCommand | StrategyCommand] = [
            place(name, account=account),
            cancel(name, account=account),
            replace(cancelled(name), account_id=account),
            replace(rejected(name), account_id=account),
            HaltTrading(account, "a test"),
            ResumeTrading(account, "a test"),
            HaltTrading(PLATFORM, "a test"),
            ResumeTrading(PLATFORM, "a test"),
            SetLimits(account, Limits("USDT", order_notional=Decimal(draw.choice([50, 500])))),
            PauseStrategy(STRATEGY, LEADER),
            StartStrategy(STRATEGY, LEADER),
        ]
        [command] = draw.choices(kinds, [8, 2, 2, 2, 1, 2, 1, 2, 1, 1, 2])
        made.append(_submission(command, command.account_id, str(number)))
        if draw.random() < 0.15:
            made += _amended(draw, account, f"{account} amended {number}")
        if draw.random() < 0.15:
            made += _replaced(draw, account, f"{account} replaced {number}")
        if draw.random() < 0.2:
            made.append(made[draw.randrange(len(made))])
        if draw.random() < 0.05:
            other = place(f"{account} other", account=account)
            made.append(_submission(other, account, str(draw.randrange(number + 1))))
    return made


def _amended(draw: random.Random, account: AccountId, name: str) -> list[Submission]:
    """An order that is amended, with something on the way that may forbid it."""
    order = place(name, account=account)
    if draw.random() < 0.7:
        order = replace(order, strategy_id=STRATEGY)
    between: list[RiskCommand | StrategyCommand] = [
        PauseStrategy(STRATEGY, LEADER),
        StartStrategy(STRATEGY, LEADER),
        HaltTrading(account, "a test"),
        ResumeTrading(account, "a test"),
    ]
    story: list[OrderCommand | RiskCommand | StrategyCommand] = [
        order,
        replace(accepted(name), account_id=account),
        amend(name, 11, account=account),
        draw.choice(between),
        replace(amended(name, 11, number=draw.randrange(2)), account_id=account),
        amend(name, 12, account=account),
        draw.choice(between),
    ]
    return [
        _submission(each, each.account_id, f"{name} {number}") for number, each in enumerate(story)
    ]


def _replaced(draw: random.Random, account: AccountId, name: str) -> list[Submission]:
    """An order that is replaced, told of in one way or another, its replacement cancelled or not.

    What a report on it is decided on, its order alone names: those streams are read in a second
    step, while other engines write to them.
    """
    order, heir = place(name, account=account), f"{name} by"
    if draw.random() < 0.5:
        order = replace(order, strategy_id=STRATEGY)
    ends: list[OrderCommand] = [
        replace(cancelled(name), account_id=account),
        replace(cancel_rejected(name), account_id=account),
        replace(filled(name, "all", 10), account_id=account),
        replace(expired(name), account_id=account),
    ]
    between: list[OrderCommand | RiskCommand | StrategyCommand] = [
        HaltTrading(account, "a test"),
        ResumeTrading(account, "a test"),
        PauseStrategy(STRATEGY, LEADER),
        StartStrategy(STRATEGY, LEADER),
        cancel(heir, account=account),
        cancel(name, account=account),
    ]
    story: list[OrderCommand | RiskCommand | StrategyCommand] = [
        order,
        replacing(name, heir, draw.choice([8, 10, 12]), account=account),
        draw.choice(between),
        replace(filled(name, "some", 3), account_id=account),
        draw.choice(ends),
        draw.choice(ends),
        replacing(heir, f"{heir} again", 9, account=account),
        replace(cancelled(heir), account_id=account),
    ]
    return [
        _submission(each, each.account_id, f"{name} {number}") for number, each in enumerate(story)
    ]


def _submission(command: Command, account: AccountId, name: str) -> Submission:
    fingerprint = repr(command).encode()
    return Submission(
        command, CommandId(derived("command", name)), account, "tester", name, fingerprint
    )


async def _send(world: _World, submissions: Sequence[Submission]) -> None:
    """Send to some engine, and what was not answered again, to some engine."""
    left = list(submissions)
    world.calls.append(left)
    for submission in left:
        world.contents[_content(submission)] = submission
    for _ in range(_PATIENCE):
        world.sent.update(submission.command_id for submission in left)
        engine = world.random.choice(world.engines)
        within = world.random.choice([None, None, 0.0, 0.1, 3.0])
        outcomes = await engine.submit_many(left, within=within)
        left = [
            submission
            for submission, outcome in zip(left, outcomes, strict=True)
            if not world.told(submission, outcome)
        ]
        if not left:
            return
        await asyncio.sleep(world.random.random() * 0.5)
    raise AssertionError(f"never answered: {left}")


def _replay(world: _World) -> None:
    """What one engine would have written that decides one command after the other."""
    states: dict[StreamId, State] = {}
    versions: Counter[StreamId] = Counter()

    def known(ref: StreamRef) -> State:
        return states.get(ref.stream_id, initial(ref.aggregate))

    for record in world.weather.journal:
        submission = world.contents[_content(record)]
        streams = streams_of(submission.command)
        before = [known(each) for each in streams_read(submission.command, known)]
        metadata = [decode_metadata(event.metadata) for event in record.events]
        at = metadata[0].occurred_at if metadata else START
        decision = decide(submission.command, before, at)
        expected = []
        for change in decision.changes:
            stream_id = change.stream.stream_id
            versions[stream_id] += 1
            expected.append((stream_id, versions[stream_id], *encode(change.event)))
            states[stream_id] = evolve(known(change.stream), change.event)
        written = [(e.stream_id, e.version, e.type, e.payload) for e in record.events]
        assert written == expected
        unknown = decision.rejected and decision.rejected.reason is Reason.ORDER_UNKNOWN
        main = 0 if unknown else versions[streams[0].stream_id]
        assert record.result == stored_result(main, decision.rejected)
        assert {each.command_id for each in metadata} <= {record.command_id}


async def _compare(world: _World) -> None:
    """Answers beside the log."""
    ids = Counter((record.account_id, record.command_id) for record in world.weather.journal)
    assert set(ids.values()) == {1}, "a command had two effects"
    assert set(ids) == {content[:2] for content in world.contents}
    recorded = {
        (each.account_id, each.command_id, each.fingerprint): answer_of(each)
        for each in await world.weather.log.find_commands(list(ids))
    }
    contents = Counter(content[:2] for content in world.contents)
    for content, answers in world.answers.items():
        for answer in answers:
            if answer.rejected and answer.rejected.reason is Reason.COMMAND_ID_REUSED:
                assert contents[content[:2]] > 1
            else:
                assert answer == recorded[content]
    place_of = {_content(record): place for place, record in enumerate(world.weather.journal)}
    for call in world.calls:
        places: dict[AccountId, list[int]] = {}
        for submission in call:
            key = _content(submission)
            if world.sent[submission.command_id] == 1 and key in place_of:
                places.setdefault(submission.account_id, []).append(place_of[key])
        for each in places.values():
            assert each == sorted(each), "an account's commands overtook each other"


def _content(of: Submission | CommandRecord) -> _Content:
    return of.account_id, of.command_id, of.fingerprint
