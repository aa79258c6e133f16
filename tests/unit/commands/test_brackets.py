"""Brackets in the engine: what a killed service left is all that the next one needs.

Each command of a story is decided by an engine that was just started, with nothing in memory but
what it reads from the log; or by two engines in turn, each of which believes what it remembers.
"""

import hashlib
from collections.abc import Sequence

import pytest

from adapters.commands.answers import Submission
from adapters.commands.engine import CommandEngine
from adapters.memory.log import MemoryEventLog
from domain.dispatch import Command
from domain.ids import CommandId, OrderId, derived, order_stream
from domain.instruments.commands import ListInstrument
from domain.orders.commands import CancelOrder
from domain.registry import TYPE_NAMES
from domain.risk.commands import SetLimits
from tests.support.brackets import Venue, bracket, exit_of, protect
from tests.support.logs import SteppingClock
from tests.support.trading import ACCOUNT, NO_LIMITS, RULES, SUSHI, Desk, order_id

pytestmark = pytest.mark.asyncio

ENTRY, STOP, TARGET = order_id("entry"), exit_of("stop"), exit_of("target")


class _Story:
    """What was decided in one place, command by command."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.venue = Venue(self.desk)
        self.commands: list[Command] = []

    def do(self, command: Command) -> None:
        self.desk.do(command)
        self.commands.append(command)

    def stream(self, of: OrderId) -> list[str]:
        """Events of an order's stream, by their stored names."""
        return [
            TYPE_NAMES[type(change.event)]
            for change in self.desk.changes
            if change.stream.stream_id == order_stream(of)
        ]


def _told() -> _Story:
    story = _Story()
    venue = story.venue
    story.do(ListInstrument(SUSHI, RULES))
    story.do(SetLimits(ACCOUNT, NO_LIMITS))
    story.do(bracket())
    story.do(venue.accepted(ENTRY))
    story.do(venue.filled(ENTRY, 4))
    story.do(venue.accepted(STOP))
    story.do(venue.accepted(TARGET))
    story.do(venue.filled(ENTRY, 3))
    story.do(venue.amended(STOP))
    story.do(venue.amend_rejected(TARGET))
    story.do(venue.cancelled(TARGET))
    story.do(CancelOrder(exit_of("target", 2), ACCOUNT))
    story.do(venue.cancelled(exit_of("target", 2)))
    story.do(protect())
    story.do(venue.accepted(exit_of("target", 3)))
    story.do(venue.filled(exit_of("target", 3), 2))
    story.do(venue.amended(STOP))
    story.do(venue.cancelled(ENTRY))
    story.do(venue.filled(STOP, 5))
    story.do(venue.cancelled(exit_of("target", 3)))
    return story


def _submission(command: Command, number: int) -> Submission:
    return Submission(
        command=command,
        command_id=CommandId(derived("bracket test", str(number))),
        account_id=ACCOUNT,
        actor="test",
        correlation_id="",
        fingerprint=hashlib.sha256(repr(command).encode()).digest(),
    )


async def _as_in_the_story(log: MemoryEventLog, story: _Story) -> None:
    written = [event.type for event in await log.read_all(after=0, limit=10_000)]
    assert written == [TYPE_NAMES[type(change.event)] for change in story.desk.changes]


async def _submit(engine: CommandEngine, submissions: Sequence[Submission]) -> None:
    for submission in submissions:
        await engine.submit(submission)


async def test_every_command_after_a_kill_is_decided_as_if_there_had_been_none() -> None:
    log, clock, story = MemoryEventLog(), SteppingClock(), _told()
    for number, command in enumerate(story.commands):
        engine = CommandEngine(log, clock)
        engine.start()
        await _submit(engine, [_submission(command, number)])
        await engine.stop()
    await _as_in_the_story(log, story)
    assert story.stream(STOP).count("order.resize_requested.v1") == 2


async def test_a_report_that_is_sent_again_after_a_lost_answer_protects_once() -> None:
    log, clock, story = MemoryEventLog(), SteppingClock(), _told()
    for number, command in enumerate(story.commands):
        for _ in range(2):
            engine = CommandEngine(log, clock)
            engine.start()
            await _submit(engine, [_submission(command, number)])
            await engine.stop()
    await _as_in_the_story(log, story)


async def test_two_services_in_turn_decide_as_one() -> None:
    log, clock, story = MemoryEventLog(), SteppingClock(), _told()
    engines = [CommandEngine(log, clock) for _ in range(2)]
    for engine in engines:
        engine.start()
    for number, command in enumerate(story.commands):
        await _submit(engines[number % 2], [_submission(command, number)])
    for engine in engines:
        await engine.stop()
    await _as_in_the_story(log, story)


async def test_a_batch_that_begins_with_the_bracket_knows_its_exits() -> None:
    log, clock, story = MemoryEventLog(), SteppingClock(), _told()
    engine = CommandEngine(log, clock)
    engine.start()
    await engine.submit_many([_submission(each, n) for n, each in enumerate(story.commands)])
    await engine.stop()
    await _as_in_the_story(log, story)
