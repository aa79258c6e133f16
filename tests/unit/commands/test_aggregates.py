"""Aggregates are folded from the log; a log that cannot be read is told as just that."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.commands.aggregates import Aggregates
from adapters.memory.log import MemoryEventLog
from domain.decision import Aggregate, StreamRef
from domain.envelope import RecordedEvent
from domain.ids import AccountId, StreamId, derived
from domain.ports import LogUnavailable

pytestmark = pytest.mark.asyncio

ACCOUNT = AccountId(derived("test", "account"))


class _Away(MemoryEventLog):
    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        await asyncio.sleep(0)
        raise LogUnavailable("the log cannot be read now")


@pytest.mark.parametrize("count", [1, 20])
async def test_a_log_that_cannot_be_read_is_unavailable_and_no_group_of_errors(count: int) -> None:
    """Several streams are read at once and fail at once; the engine knows only LogError."""
    aggregates = Aggregates(_Away(), capacity=100)
    streams = [
        StreamRef(Aggregate.RISK, StreamId(derived("stream", str(number))), ACCOUNT)
        for number in range(count)
    ]
    with pytest.raises(LogUnavailable):
        await aggregates.load(streams)
    assert len(aggregates) == 0
