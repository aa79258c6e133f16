"""A log that cannot be read is told as just that, however many streams were asked of it at once."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.clock import SystemClock
from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.memory.log import MemoryEventLog
from domain.envelope import RecordedEvent
from domain.ids import AccountId, CommandId, StreamId, derived
from domain.ports import LogUnavailable
from domain.risk.commands import Limits, SetLimits

pytestmark = pytest.mark.asyncio


class _Unreadable(MemoryEventLog):
    away = True

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        await asyncio.sleep(0)
        if self.away:
            raise LogUnavailable("the log cannot be read now")
        return await super().read_stream(stream_id, after=after, limit=limit)


@pytest.mark.parametrize("count", [1, 20])
async def test_a_log_that_cannot_be_read_is_unavailable_and_no_group_of_errors(count: int) -> None:
    """Streams are read at once and fail at once; senders know only the log's errors."""
    log = _Unreadable()
    engine = CommandEngine(log, SystemClock(), EngineOptions(patience=0.2))
    engine.start()
    submissions = [_limits(AccountId(derived("account", str(number)))) for number in range(count)]
    try:
        async with asyncio.timeout(20):
            outcomes = await engine.submit_many(submissions)
            assert [type(each) for each in outcomes] == [LogUnavailable] * count
            log.away = False
            outcomes = await engine.submit_many(submissions)
            assert [type(each) for each in outcomes] == [Answer] * count
    finally:
        await engine.stop()


def _limits(account: AccountId) -> Submission:
    command = SetLimits(account, Limits("USDT", open_orders=10))
    return Submission(
        command, CommandId(derived("command", account)), account, "tester", account,
        repr(command).encode(),
    )  # fmt: skip
