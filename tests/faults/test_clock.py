"""Clocks that step: order comes from the log, time-outs from the monotonic clock, tokens bend."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import orjson
import psycopg
import pytest

from adapters.commands.answers import Submission
from adapters.commands.engine import CommandEngine
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from domain.dispatch import Command
from domain.ids import CommandId, derived
from domain.instruments.commands import ListInstrument
from domain.ports import AppendOutcome, Batch
from domain.risk.commands import Limits, SetLimits
from tests.support import rpc, trading
from tests.support.rpc_time import MovableClock
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio

_HOUR = 3_600
_BACK = -300


class _Counting(PostgresEventLog):
    appends = 0

    async def append(self, batch: Batch) -> AppendOutcome:
        self.appends += 1
        return await super().append(batch)


@asynccontextmanager
async def _engine(
    database: Database, clock: MovableClock
) -> AsyncIterator[tuple[CommandEngine, _Counting]]:
    log = _Counting(database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, clock)
    engine.start()
    try:
        yield engine, log
    finally:
        await engine.stop()
        await log.close()


def _submission(command: Command, name: str) -> Submission:
    return Submission(
        command, CommandId(derived("clock", name)), trading.ACCOUNT, "tester", name,
        repr(command).encode(),
    )  # fmt: skip


async def _prepare(engine: CommandEngine) -> None:
    listing = ListInstrument(trading.SUSHI, trading.RULES)
    limits = SetLimits(trading.ACCOUNT, Limits("USDT", open_orders=10_000))
    for name, command in (("listing", listing), ("limits", limits)):
        assert (await engine.submit(_submission(command, name))).rejected is None


async def test_steps_of_the_clock_change_neither_order_nor_answers(log_database: Database) -> None:
    """Five minutes back, an hour on, and everything between, while orders arrive; two lives."""
    seed = 29
    print(f"seed {seed}")
    dice, clock, lives = random.Random(seed), MovableClock(), []
    for life in range(2):
        async with _engine(log_database, clock) as (engine, log):
            before = (await log.head()).number
            await _prepare(engine)
            for turn in range(30):
                clock.offset = dice.choice((0, _BACK, _HOUR, dice.randint(_BACK, _HOUR)))
                orders = [
                    _submission(trading.place(f"{life} {turn} {n}"), f"{life} {turn} {n}")
                    for n in range(5)
                ]
                answers = await asyncio.gather(*map(engine.submit, orders))
                assert [answer.rejected for answer in answers] == [None] * 5
                assert await engine.submit(orders[0]) == answers[0]
            lives.append(await log.read_all(after=before))
        clock.offset = _BACK
    for events in lives:
        times = [orjson.loads(each.metadata)["occurred_at"] for each in events]
        assert times == sorted(times), "decisions of one service are in the order of time"
    positions = [each.position.number for events in lives for each in events]
    assert positions == list(range(1, len(positions) + 1))
    assert verify_chain(log_database.url("patriot_tail")).position == len(positions)


async def test_patience_is_not_measured_by_a_clock_that_steps(log_database: Database) -> None:
    clock = MovableClock()
    async with _engine(log_database, clock) as (engine, log):
        await _prepare(engine)
        with psycopg.connect(log_database.admin_url) as somebody:
            somebody.execute("SELECT FROM log.head FOR UPDATE")
            tried = log.appends
            sending = asyncio.create_task(engine.submit(_submission(trading.place("a"), "a")))
            async with asyncio.timeout(20):
                while log.appends < tried + 1:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                clock.offset = _HOUR
                # The first try ends at the lock's time-out; an hour has passed by the clock.
                while log.appends < tried + 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            somebody.rollback()
        assert (await sending).rejected is None


async def test_tokens_bend_by_their_leeway_and_recover_with_the_clock() -> None:
    async with rpc.services() as running:
        token = running.token(("*",), seconds=600)
        await running.call("ListInstrument", rpc.list_instrument(), token=token)
        for offset, holds in (
            (-25, True), (_BACK, False), (0, True), (_HOUR, False), (620, True), (640, False),
            (0, True),
        ):  # fmt: skip
            running.clock.offset = offset
            if holds:
                await running.call("SetLimits", rpc.set_limits(), token=token)
            else:
                error = await running.refusal("SetLimits", rpc.set_limits(), token=token)
                assert error.code() is grpc.StatusCode.UNAUTHENTICATED, offset
