"""One consumer's session: reads the log, delivers within the window, makes its answers durable.

Each turn does what can be done: settle, deliver again, deliver new; then it sleeps until there is
an answer, a commit, or something due. It holds at most one batch of the log and the positions of
the window, however slow the consumer is; a consumer that does not read stops its own turns alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from adapters.postgres.tail import GapInLog
from adapters.subscriptions import state as machine
from adapters.subscriptions.definition import Kept
from adapters.subscriptions.state import Handed, Outcome, Refused, State
from domain.envelope import RecordedEvent
from domain.ports import Clock

_BATCH: Final = 500
_ANSWERS_AHEAD: Final = 16
"""Messages of the consumer that are read before they are worked on; more wait in the network."""
_CHECK_SECONDS: Final = 1.0
_SETTLE_SECONDS: Final = 0.05
"""Acknowledgements of this time share a commit; the log's disk has better things to do."""
_SCANNED_SECONDS: Final = 1.0
"""The same for what nobody asked for: losing it costs nothing but looking again."""
_NOTHING: Final = Outcome()


class _Log(Protocol):
    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]: ...


class _News(Protocol):
    def told_to(self, hearer: Callable[[], None]) -> AbstractContextManager[None]: ...


class _Lease(Protocol):
    kept: Kept

    async def failures(self) -> Mapping[int, int]: ...
    async def replays(self) -> Sequence[int]: ...
    async def settle(self, checkpoint: int, outcome: Outcome) -> None: ...


@dataclass(frozen=True, slots=True)
class Answers:
    """What a consumer says in one message."""

    acknowledged: tuple[int, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a consumer is told in one message."""

    events: tuple[tuple[RecordedEvent, Handed], ...] = ()
    checkpoint: int | None = None
    """Durable; None when it has not moved."""


class Session:
    """listen() in a task of its own, then go through run()."""

    def __init__(self, log: _Log, news: _News, lease: _Lease, clock: Clock, window: int) -> None:
        definition = lease.kept.definition
        self._log = log
        self._news = news
        self._lease = lease
        self._clock = clock
        self._definition = definition
        self._window = min(window or definition.window, definition.window)
        self._state = State(lease.kept.checkpoint)
        self._settled = lease.kept.checkpoint
        self._settled_at = clock.monotonic()
        self._checked_at = clock.monotonic()
        self._acknowledged = False
        self._ahead: deque[RecordedEvent] = deque()
        self._answers: asyncio.Queue[Answers] = asyncio.Queue(_ANSWERS_AHEAD)
        self._woken = asyncio.Event()
        self._ended = False

    async def listen(self, messages: AsyncIterator[Answers]) -> None:
        """Take the consumer's messages until it says no more."""
        try:
            async for answers in messages:
                await self._answers.put(answers)
                self._woken.set()
        finally:
            self._ended = True
            self._woken.set()

    async def run(self) -> AsyncGenerator[Delivered, None]:
        """What to tell the consumer, until it says no more; raises NotDelivered, SubscriptionError.

        Also raises LogError; whatever ends it, the next consumer begins at the durable checkpoint.
        """
        failures = await self._lease.failures()
        self._state = machine.resumed(self._settled, failures, await self._lease.replays())
        told = self._settled
        yield Delivered(checkpoint=told)
        with self._news.told_to(self._hear):
            while True:
                self._woken.clear()
                last = self._ended
                await self._take_answers()
                await self._settle(at_once=last)
                if self._settled > told:
                    told = self._settled
                    yield Delivered(checkpoint=told)
                if last:
                    return
                await self._look_for_replays()
                again = await self._again()
                if again:
                    yield Delivered(again)
                scanned = self._state.scanned
                new = await self._new()
                if new:
                    yield Delivered(new)
                if not again and self._state.scanned == scanned:
                    await self._sleep()

    def _hear(self) -> None:
        """The log has grown; who has no room for it is not woken, an answer will do that."""
        if self._state.room(self._window):
            self._woken.set()

    async def _take_answers(self) -> None:
        while not self._answers.empty():
            answers = self._answers.get_nowait()
            self._state, outcome = machine.answered(
                self._state,
                answers.acknowledged,
                answers.refused,
                self._clock.monotonic(),
                self._definition.rules,
            )
            self._acknowledged = True
            if outcome != _NOTHING:
                # At once: a replay that is handled must be gone before replays are looked for.
                await self._settle(at_once=True, outcome=outcome)

    async def _settle(self, *, at_once: bool, outcome: Outcome = _NOTHING) -> None:
        """Write what has moved, if it is time to."""
        checkpoint = self._state.checkpoint
        now = self._clock.monotonic()
        waited = now - self._settled_at
        due = at_once or waited >= (_SETTLE_SECONDS if self._acknowledged else _SCANNED_SECONDS)
        if outcome == _NOTHING and (checkpoint <= self._settled or not due):
            return
        await self._lease.settle(checkpoint, outcome)
        self._settled = max(self._settled, checkpoint)
        self._settled_at = now
        self._acknowledged = False

    async def _look_for_replays(self) -> None:
        """Also how a reset, a deletion and a lost connection are noticed."""
        now = self._clock.monotonic()
        if now - self._checked_at >= _CHECK_SECONDS:
            self._checked_at = now
            self._state = machine.with_replays(self._state, await self._lease.replays())

    async def _again(self) -> tuple[tuple[RecordedEvent, Handed], ...]:
        now = self._clock.monotonic()
        self._state, ready = machine.taken_due(self._state, now, self._window)
        found = []
        for item in ready:
            # Read anew: keeping what is with the consumer would cost memory all the time.
            events = await self._log.read_all(after=item.position - 1, limit=1)
            if not events or events[0].position.number != item.position:
                raise GapInLog(f"position {item.position} was delivered once and is missing now")
            found.append((events[0], Handed(item.attempt, item.replayed)))
        return tuple(found)

    async def _new(self) -> tuple[tuple[RecordedEvent, Handed], ...]:
        room = self._state.room(self._window)
        if room == 0:
            return ()
        scanned = self._state.scanned
        if not self._ahead:
            self._ahead.extend(await self._log.read_all(after=scanned, limit=_BATCH))
        picked: list[RecordedEvent] = []
        while self._ahead and len(picked) < room:
            event = self._ahead.popleft()
            if event.position.number != scanned + 1:
                raise GapInLog(
                    f"position {scanned + 1} is missing: the next event is at "
                    f"{event.position.number}"
                )
            scanned += 1
            if self._definition.wants(event):
                picked.append(event)
        positions = [event.position.number for event in picked]
        self._state, handed = machine.offered(self._state, positions, scanned)
        return tuple(zip(picked, handed, strict=True))

    async def _sleep(self) -> None:
        now = self._clock.monotonic()
        until = [now + _CHECK_SECONDS, *(item.not_before for item in self._state.due)]
        if self._state.checkpoint > self._settled:
            pause = _SETTLE_SECONDS if self._acknowledged else _SCANNED_SECONDS
            until.append(self._settled_at + pause)
        try:
            async with asyncio.timeout(max(0.001, min(until) - now)):
                await self._woken.wait()
        except TimeoutError:
            return
