"""A soak: real processes, seeded faults, clients with a journal, and a verdict with counts.

The same seed gives the same faults in the same order and the same commands; what meets what is up
to the machine, so a seed that found something is run several times.
"""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.core import Core
from tests.faults.load import Load, under_load
from tests.faults.schedule import Schedule

_PROGRESS_SECONDS = 10.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak did and found."""

    load: Load
    schedule: Schedule
    proxy_faults: int
    seed: int
    commit: str

    def lines(self) -> list[str]:
        """The counts of what was done; those of what was found were printed with the verdict."""
        kills = f"kills {self.schedule.kills}, connections broken {self.proxy_faults}"
        return [
            f"{kills}, seed {self.seed}, commit {self.commit}",
            f"faults: {_counted(self.schedule.counts)}",
            f"tries without an answer, all resolved: {_counted(self.load.journal.unknown)}",
        ]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def commit() -> str:
    """The commit that is tested, as git names it."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return found.stdout.strip() or "unknown"


async def soak(
    core: Core,
    *,
    seed: int,
    seconds: float,
    report: Callable[[str], None],
    clients: int = 8,
    long_stall: float = 4.0,
    kills_only: bool = False,
) -> Soaked:
    """Trade under faults for so long, let everything end in peace, and judge."""
    tested, stop = commit(), asyncio.Event()
    async with under_load(core, seed, unary=clients, streams=2) as load:
        schedule = Schedule(core, load.followers, seed, long_stall, kills_only)
        faults = asyncio.create_task(schedule.run(stop))
        await _for(seconds, [*load.tasks, faults], lambda: report(_progress(load, schedule)))
        stop.set()
        await faults
        report("no more faults: every command gets its answer")
    return Soaked(load, schedule, core.proxy.faults, seed, tested)


async def _for(
    seconds: float, tasks: list["asyncio.Task[None]"], progress: Callable[[], None]
) -> None:
    """Wait; a task that ends meanwhile has broken, and is told as itself."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        done, _ = await asyncio.wait(
            tasks, timeout=min(left, _PROGRESS_SECONDS), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
        progress()


def _progress(load: Load, schedule: Schedule) -> str:
    return (
        f"acknowledged {len(load.journal.answers)}, open {len(load.journal.open)}, "
        f"kills {schedule.kills}, connections broken {schedule.core.proxy.faults}"
    )
