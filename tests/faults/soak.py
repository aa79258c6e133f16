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
from tests.faults.follower import Follower
from tests.faults.journal import Journal, StreamClient, UnaryClient
from tests.faults.oracle import Verdict, judge
from tests.faults.schedule import Schedule

_PROGRESS_SECONDS = 10.0
_DRAIN_SECONDS = 90.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak did and found."""

    verdict: Verdict
    schedule: Schedule
    journal: Journal
    proxy_faults: int
    seed: int
    ended: list[str]

    @property
    def violations(self) -> list[str]:
        by_itself = [f"the service ended by itself: {each}" for each in self.ended]
        return [*self.verdict.violations, *by_itself]

    def lines(self) -> list[str]:
        """The counts, for people."""
        kills = f"kills {self.schedule.kills}, connections broken {self.proxy_faults}"
        return [
            str(self.verdict),
            f"{kills}, seed {self.seed}, commit {commit()}",
            f"faults: {_counted(self.schedule.counts)}",
            f"tries without an answer, all resolved: {_counted(self.journal.unknown)}",
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
    freeze_max: float = 4.0,
) -> Soaked:
    """Trade under faults for so long, let everything end in peace, and judge."""
    journal = Journal()
    followers = [Follower(core.tail_url), Follower(core.database.url("patriot_tail"))]
    for follower in followers:
        follower.start()
    schedule = Schedule(core, followers, seed, freeze_max=freeze_max)
    stop = asyncio.Event()
    senders: list[UnaryClient | StreamClient] = [
        *(UnaryClient(core, journal, f"unary {number}", seed) for number in range(clients)),
        *(StreamClient(core, journal, f"stream {number}", seed) for number in range(2)),
    ]
    trading = [asyncio.create_task(sender.trade(stop)) for sender in senders]
    faults = asyncio.create_task(schedule.run(stop))
    await _for(seconds, [*trading, faults], lambda: report(_progress(journal, schedule)))
    stop.set()
    await faults
    report("no more faults: every command gets its answer")
    async with asyncio.timeout(_DRAIN_SECONDS):
        await asyncio.gather(*trading)
    (head,) = core.rows("SELECT position FROM log.head")[0]
    for follower in followers:
        await follower.reaches(head)
        await follower.stop()
    verdict = await judge(core.database.admin_url, journal, [each.seen for each in followers])
    return Soaked(verdict, schedule, journal, core.proxy.faults, seed, core.ended)


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


def _progress(journal: Journal, schedule: Schedule) -> str:
    return (
        f"acknowledged {len(journal.answers)}, open {len(journal.open)}, kills {schedule.kills}, "
        f"connections broken {schedule.core.proxy.faults}"
    )
