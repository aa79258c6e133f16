"""One log in memory behind doors that let commits fail, be lost, be late, each at a seeded moment.

Each engine has a door of its own. The journal has every durable command in the order of commit,
also those without events, which have no position.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from adapters.memory.log import MemoryEventLog
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    CommandRecord,
    LogUnavailable,
    OutcomeUnknown,
    RecordedCommand,
    StoredSnapshot,
)


@dataclass(slots=True)
class Weather:
    """The log that all doors lead to, and what was done to the commits on their way."""

    random: random.Random
    rough: float
    """Share of the calls that something happens to."""
    log: MemoryEventLog = field(default_factory=MemoryEventLog)
    journal: list[CommandRecord] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    late: set[asyncio.Task[AppendOutcome]] = field(default_factory=set)
    """Commits whose sender was told nothing and that are still on their way."""

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append and keep the journal."""
        outcome = await self.log.append(batch)
        self.seen[type(outcome).__name__] += 1
        if isinstance(outcome, Appended):
            self.journal += batch.commands
        return outcome

    async def delay(self) -> None:
        """Let others run, for some turns of the loop or for some time."""
        for _ in range(self.random.randrange(6)):
            await asyncio.sleep(0)
        if self.random.random() < 0.3:
            await asyncio.sleep(self.random.random() * 0.2)

    def fault(self, *kinds: str) -> str:
        """What happens to a call now; mostly nothing."""
        kind = self.random.choice(kinds) if self.random.random() < self.rough else ""
        self.seen[kind] += 1
        return kind


class Door:
    """Implements domain.ports.EventLog for one engine."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self._log = weather.log

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append, unless the weather has it otherwise."""
        weather = self._weather
        await weather.delay()
        match weather.fault("refused", "not reached", "answer lost", "late"):
            case "refused":
                raise LogUnavailable("nothing was written")
            case "not reached":
                raise OutcomeUnknown("lost on the way there")
            case "answer lost":
                await weather.append(batch)
                await weather.delay()
                raise OutcomeUnknown("lost on the way back")
            case "late":
                task = asyncio.create_task(self._later(batch))
                weather.late.add(task)
                task.add_done_callback(weather.late.discard)
                raise OutcomeUnknown("still on its way")
        outcome = await weather.append(batch)
        await weather.delay()
        return outcome

    async def _later(self, batch: Batch) -> AppendOutcome:
        await asyncio.sleep(self._weather.random.random())
        return await self._weather.append(batch)

    async def find_commands(
        self, keys: Sequence[tuple[AccountId, CommandId]]
    ) -> Sequence[RecordedCommand]:
        """As the log has them."""
        await self._weather.delay()
        return await self._log.find_commands(keys)

    async def read_snapshot(self, stream_id: StreamId, shape: str) -> StoredSnapshot | None:
        """As the log has it."""
        await self._weather.delay()
        return await self._log.read_snapshot(stream_id, shape)

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        """As the log has them, sometimes old by the time they arrive, sometimes not at all."""
        await self._weather.delay()
        if self._weather.fault("unreadable"):
            raise LogUnavailable("cannot be read now")
        found = await self._log.read_stream(stream_id, after=after, limit=limit)
        await self._weather.delay()
        return found

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        """As the log has them."""
        return await self._log.read_all(after=after, limit=limit)

    async def head(self) -> LogPosition:
        """As the log has it."""
        return await self._log.head()

    def tail(self, *, after: int = 0, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
        """As the log has them."""
        return self._log.tail(after=after, limit=limit)
