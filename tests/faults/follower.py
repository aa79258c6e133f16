"""A consumer that follows the log through everything, and keeps a digest of what it saw.

It is cancelled and begun again from its position, as a consumer process that is killed; at the end
its digest must be that of the log, so a position that it saw and that later held something else is
found as well.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.postgres.log import PostgresEventLog
from domain.envelope import RecordedEvent
from domain.ports import LogUnavailable


@dataclass
class Digest:
    """Events one after the other; a position out of turn is remembered."""

    position: int = 0
    skipped: list[str] = field(default_factory=list)
    _hash: hashlib.blake2b = field(default_factory=hashlib.blake2b)

    def add(self, events: Iterable[RecordedEvent]) -> None:
        for event in events:
            if event.position.number != self.position + 1:
                self.skipped.append(f"{event.position.number} came after {self.position}")
            self.position = event.position.number
            self._hash.update(repr(event).encode())

    def value(self) -> str:
        return self._hash.hexdigest()


@dataclass
class Follower:
    """start() it, restart() it at any moment, reaches() a position, stop() it."""

    url: str
    seen: Digest = field(default_factory=Digest)
    lives: int = 0
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        self.lives += 1
        self._task = asyncio.create_task(self._follow())

    async def restart(self) -> None:
        await self.stop()
        self.start()

    async def stop(self) -> None:
        """End it, whatever it is doing; an error of its own is raised here."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def reaches(self, position: int, seconds: float = 60) -> None:
        """Wait until it has seen the position."""
        assert self._task is not None
        async with asyncio.timeout(seconds):
            while self.seen.position < position and not self._task.done():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        if self._task.done():
            self._task.result()

    async def _follow(self) -> None:
        log = PostgresEventLog(self.url)
        while True:
            try:
                await log.open()
                break
            except LogUnavailable:
                log = PostgresEventLog(self.url)
        try:
            async for events in log.tail(after=self.seen.position, limit=500):
                self.seen.add(events)
        finally:
            await log.close()
