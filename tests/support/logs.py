"""A log in memory, filled by the real engine with seeded trading."""

from adapters.commands.engine import CommandEngine
from adapters.memory.log import MemoryEventLog
from domain.envelope import RecordedEvent
from domain.risk.govern import LIFETIME
from tests.support import allotting, governing
from tests.support.workload import Workload


class SteppingClock:
    """A clock that moves by a millisecond at each look; ids count up."""

    def __init__(self) -> None:
        self._now = 1_626_912_000_000_000
        self._ids = 0

    def now(self) -> int:
        self._now += 1_000
        return self._now

    def pass_by(self, microseconds: int) -> None:
        """Let time pass."""
        self._now += microseconds

    def monotonic(self) -> float:
        return self._now / 1_000_000

    def new_uuid(self) -> str:
        self._ids += 1
        return f"00000000-0000-4000-8000-{self._ids:012x}"


async def traded_log(
    seed: int, orders: int, accounts: int = 12, *, governed: bool = False
) -> MemoryEventLog:
    """A log that holds this much trading; `governed` adds what two persons decide together."""
    log, clock = MemoryEventLog(), SteppingClock()
    engine = CommandEngine(log, clock)
    engine.start()
    workload = Workload(seed, accounts=accounts, followers=True)
    await workload.open(engine)
    await workload.run(engine, orders)
    if governed:
        proposal, too_late = governing.late(workload.label)
        await workload.submit(
            engine, [*allotting.story(workload.label), *governing.story(workload.label), proposal]
        )
        clock.pass_by(LIFETIME)
        await workload.submit(engine, [too_late])
    await engine.stop()
    return log


async def everything(log: MemoryEventLog) -> list[RecordedEvent]:
    """All events of a log."""
    return list(await log.read_all(after=0, limit=1_000_000))
