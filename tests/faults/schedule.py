"""The faults of a soak, drawn by a seed: processes killed and frozen, the network broken.

Two dice roll at the same time, one for processes and one for the network, so that faults meet.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from tests.faults import processes
from tests.faults.core import Core
from tests.faults.follower import Follower
from tests.support.chaos_proxy import Fault, Way

_Act = Callable[[], Awaitable[None]]
_KILLED = "killed"
"""How the names of kills begin."""


@dataclass
class Schedule:
    """run() it until told to stop; counts what it did, by name."""

    core: Core
    followers: Sequence[Follower]
    seed: int
    long: float = 4.0
    """Seconds of one stall in ten; the long run stalls for longer than every deadline."""
    kills_only: bool = False
    """Nothing but kills, as fast as what was killed comes back."""
    counts: Counter[str] = field(default_factory=Counter)
    _dice: random.Random = field(init=False)
    _wire_dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(f"{self.seed} processes")
        self._wire_dice = random.Random(f"{self.seed} network")

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.counts.items() if name.startswith(_KILLED))

    async def run(self, stop: asyncio.Event) -> None:
        """Faults until told to stop; then everything runs and nothing is in the way."""
        if self.kills_only:
            kills = [act for act in self._of_processes() if act[0].startswith(_KILLED)]
            await self._roll(stop, self._dice, kills, (0.2, 0.8))
        else:
            await self._roll_all(stop)
        self.core.proxy.heal()
        await self.core.revive()

    async def _roll_all(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._roll(stop, self._dice, self._of_processes(), (0.3, 2.0)))
            group.create_task(self._roll(stop, self._wire_dice, self._of_network(), (0.2, 1.0)))

    def _of_processes(self) -> list[tuple[str, int, _Act]]:
        return [
            ("killed service", 9, self._kill_service),
            ("killed database", 4, self._kill_postgres),
            ("killed backend", 2, self._kill_backend),
            ("restarted a consumer", 4, self._restart_follower),
            ("froze database", 2, self._freeze_postgres),
            ("froze service", 2, self._freeze_service),
            ("ended sessions", 2, self._end_sessions),
            ("held the lock", 2, self._hold_lock),
        ]

    def _of_network(self) -> list[tuple[str, int, _Act]]:
        return [
            ("lost replies", 6, self._lose_reply),
            ("lost requests", 4, self._lose_request),
            ("cut everything", 3, self._cut_all),
            ("black holes", 1, self._black_hole),
            ("slow", 3, self._slow),
            ("random cuts", 3, self._random_cuts),
        ]

    async def _roll(
        self,
        stop: asyncio.Event,
        dice: random.Random,
        acts: list[tuple[str, int, _Act]],
        pause: tuple[float, float],
    ) -> None:
        weights = [weight for _, weight, _ in acts]
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), dice.uniform(*pause))
                return
            ((name, _, act),) = dice.choices(acts, weights)
            self.counts[name] += 1
            await act()

    async def _kill_service(self) -> None:
        await self.core.revive()
        await self.core.kill_service()

    async def _kill_postgres(self) -> None:
        await self.core.kill_postgres()

    async def _kill_backend(self) -> None:
        """PostgreSQL then ends all its sessions and recovers by itself."""
        with suppress(psycopg.OperationalError):
            (pid,) = self._dice.choice(
                self.core.rows("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'none'")
            )
            if pid in processes.family(self.core.postgres.child.pid)[1:]:
                processes.send([pid], signal.SIGKILL)

    async def _restart_follower(self) -> None:
        await self._dice.choice(self.followers).restart()

    async def _freeze_postgres(self) -> None:
        async with processes.frozen(self.core.postgres.child):
            await asyncio.sleep(self._stall(self._dice))

    async def _freeze_service(self) -> None:
        await self.core.revive()
        async with processes.frozen(self.core.service):
            await asyncio.sleep(self._stall(self._dice))

    async def _end_sessions(self) -> None:
        with suppress(psycopg.OperationalError):
            self.core.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE %s",
                "patriot%",
            )

    async def _hold_lock(self) -> None:
        with suppress(psycopg.OperationalError):
            async with await psycopg.AsyncConnection.connect(
                self.core.database.admin_url
            ) as somebody:
                await somebody.execute("LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(self._stall(self._dice))

    async def _lose_reply(self) -> None:
        self.core.proxy.on(Way.REPLY, b"appended", self._kind())

    async def _lose_request(self) -> None:
        self.core.proxy.after(Way.REQUEST, self._wire_dice.randrange(500, 60_000), self._kind())

    async def _cut_all(self) -> None:
        self.core.proxy.cut_all()

    async def _black_hole(self) -> None:
        self.core.proxy.black_hole()
        await asyncio.sleep(self._stall(self._wire_dice))
        self.core.proxy.heal()

    async def _slow(self) -> None:
        self.core.proxy.slow(0, 0.05, self.seed)
        await asyncio.sleep(self._wire_dice.uniform(0.5, 2))
        self.core.proxy.slow(0, 0)

    async def _random_cuts(self) -> None:
        self.core.proxy.at_random(self._wire_dice.getrandbits(32), 0.02)
        await asyncio.sleep(self._wire_dice.uniform(0.5, 2))
        self.core.proxy.at_random(0, 0)

    def _kind(self) -> Fault:
        return Fault.CUT if self._wire_dice.random() < 0.7 else Fault.SILENCE

    def _stall(self, dice: random.Random) -> float:
        return self.long if dice.random() < 0.1 else dice.uniform(0.3, 1.5)
