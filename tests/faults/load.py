"""Trading and following while a test does something bad; afterwards everything is judged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.faults.core import Core
from tests.faults.follower import Follower
from tests.faults.journal import Journal, StreamClient, UnaryClient
from tests.faults.oracle import Verdict, judge

_DRAIN_SECONDS = 90.0


@dataclass
class Load:
    """Clients at work; their journal, and in the end the verdict."""

    core: Core
    journal: Journal
    followers: list[Follower]
    tasks: list["asyncio.Task[None]"]
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def violations(self) -> list[str]:
        """What was promised and not kept."""
        by_itself = [f"the service ended by itself: {each}" for each in self.core.ended]
        return [*self.verdict.violations, *by_itself]

    def broken(self) -> None:
        """Raise the error of a client that broke, as itself."""
        for task in self.tasks:
            if task.done():
                task.result()

    async def answers(self, count: int, seconds: float = 60) -> None:
        """Wait for so many more commands to be answered."""
        enough = len(self.journal.answers) + count
        async with asyncio.timeout(seconds):
            while len(self.journal.answers) < enough:
                self.broken()
                await asyncio.sleep(0.02)


@asynccontextmanager
async def under_load(
    core: Core, seed: int, *, unary: int = 4, streams: int = 1
) -> AsyncIterator[Load]:
    """Clients send inside the block; after it they get their answers, and the log is read."""
    print(f"seed {seed}")
    journal, stop = Journal(), asyncio.Event()
    followers = [Follower(core.tail_url), Follower(core.database.url("patriot_tail"))]
    senders: list[UnaryClient | StreamClient] = [
        *(UnaryClient(core, journal, f"unary {number}", seed) for number in range(unary)),
        *(StreamClient(core, journal, f"stream {number}", seed) for number in range(streams)),
    ]
    for follower in followers:
        follower.start()
    tasks = [asyncio.create_task(sender.trade(stop)) for sender in senders]
    load = Load(core, journal, followers, tasks)
    try:
        yield load
        stop.set()
        async with asyncio.timeout(_DRAIN_SECONDS):
            await asyncio.gather(*tasks)
        ((head,),) = core.rows("SELECT position FROM log.head")
        for follower in followers:
            await follower.reaches(head)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for follower in followers:
            await follower.stop()
    seen = [follower.seen for follower in followers]
    load.verdict = await judge(core.database.admin_url, journal, seen)
    print(load.verdict)
