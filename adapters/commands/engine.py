"""Group commit: commands that arrive while a commit is in flight share the next one.

Each sender still waits only for its own durable commit (input batching, as in LMAX). A refusal, a
repeat or a lost race of one command never fails its neighbours in the batch.

While a batch is being committed, the next one is decided already, on the states that the first one
will leave. Why that is safe:

1. One batch is under way at a time. The next one is handed to the log only after the log said that
   the one before it is durable (`Appended`). So nothing that was decided on states that did not
   come to be is ever sent. Sending both at once was refused for that reason: if the first fails and
   another service writes as many events to the same stream, the versions fit and the states do not.
2. After any other outcome (a repeat, a conflict, an error, a lost answer) what was decided ahead is
   thrown away; its commands go back to the front of their lines and are decided again. Nobody was
   told anything of them: answers and the cache change only after `Appended`.
3. The states that a batch is decided on are those that the batches before it left, in the order in
   which they were appended; append() still asserts every version that was read, so another service
   that came in between is a conflict as ever.
4. A command is in one place at a time: its line, the batch decided ahead, or the batch under way.
   Until it is answered, a repeat joins it (adapters/commands/senders.py).

What a batch lost is decided again by itself, one commit after the other, until it is through:
first the accounts that the conflict did not touch, then the contested ones.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.commands.aggregates import Aggregates
from adapters.commands.answers import Answer, Submission, contended
from adapters.commands.deciding import Decided
from adapters.commands.loading import loaded
from adapters.commands.senders import Senders
from adapters.commands.waiting import Expired, FairQueue, Overloaded, Waiting
from domain.ids import StreamId
from domain.ports import (
    Appended,
    AppendOutcome,
    Batch,
    Clock,
    Conflict,
    Duplicates,
    EventLog,
    LogError,
    LogUnavailable,
    OutcomeUnknown,
)

_logger: Final = logging.getLogger(__name__)
_TURN: Final = 50
"""Commands decided before the loop gets a turn: the log's answer and new requests wait so long."""

_NOTHING: Final = Conflict({})
"""Nothing was written, and nothing is known of why."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Bounds of the engine; every one of them is a number on purpose."""

    queue_max: int = 20_000
    """Commands waiting; more are refused as Overloaded."""
    batch_max: int = 1_000
    """Commands in one commit."""
    aggregates_max: int = 300_000
    answers_max: int = 100_000
    """Answers kept in memory for repeats; older ones are read from the log."""
    races_max: int = 8
    """Lost races before a batch is taken apart, and then before a command is refused."""
    patience: float = 10.0
    """Seconds for which a failing log is tried again before the senders are told."""


@dataclass(slots=True)
class _Attempt:
    """A batch on its way to the log, and who waits for it."""

    entries: list[Waiting] = field(default_factory=list)
    decided: Decided = field(default_factory=Decided)


class CommandEngine:
    """The one writer of a command service; start() it, submit(), stop() it."""

    def __init__(
        self,
        log: EventLog,
        clock: Clock,
        options: EngineOptions | None = None,
        *,
        observe: Callable[[int, float], None] | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._options = options or EngineOptions()
        self._observe = observe
        self._aggregates = Aggregates(log, capacity=self._options.aggregates_max)
        self.state_of = self._aggregates.fresh
        """What the last commit left of a stream, whoever made it; raises LogError."""
        self._queue = FairQueue(self._options.queue_max)
        self._senders = Senders(answers_max=self._options.answers_max)
        self._news = asyncio.Event()
        """Set when a command arrives, a commit ends, or the engine is to stop."""
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._last_time = 0

    def start(self) -> None:
        """Begin to commit; call from the running event loop."""
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def stop(self) -> None:
        """Refuse new commands, answer all that were accepted, end."""
        self._stopping = True
        self._news.set()
        if self._task is not None:
            await self._task

    @property
    def depth(self) -> int:
        """Commands waiting for a batch."""
        return len(self._queue)

    async def submit(self, submission: Submission, *, within: float | None = None) -> Answer:
        """Decide and append; returns when durable. Raises Overloaded, Expired or a LogError.

        A sender that is cancelled while it waits does not cancel the command. A command that was
        not decided `within` so many seconds is not decided at all, for nobody waits any more.
        """
        return await asyncio.shield(self._enqueue(submission, self._deadline(within)))

    async def submit_many(
        self, submissions: Sequence[Submission], *, within: float | None = None
    ) -> list[Answer | Overloaded | Expired | LogError]:
        """One answer, or the error that kept it from one, for each submission, in order."""
        deadline = self._deadline(within)
        waiting: list[asyncio.Future[Answer] | Overloaded] = []
        for submission in submissions:
            try:
                waiting.append(self._enqueue(submission, deadline))
            except Overloaded as error:
                waiting.append(error)
        outcomes: list[Answer | Overloaded | Expired | LogError] = []
        for entry in waiting:
            if isinstance(entry, Overloaded):
                outcomes.append(entry)
                continue
            try:
                outcomes.append(entry.result() if entry.done() else await asyncio.shield(entry))
            except (Overloaded, Expired, LogError) as error:
                outcomes.append(error)
        return outcomes

    def _deadline(self, within: float | None) -> float | None:
        return None if within is None else self._clock.monotonic() + within

    def _enqueue(self, submission: Submission, deadline: float | None) -> "asyncio.Future[Answer]":
        known = self._senders.known(submission, deadline)
        if known is not None:
            return known
        if self._stopping:
            raise Overloaded
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        entry = Waiting(submission, future, deadline)
        gone = self._queue.push(entry)
        if gone is not None:
            self._fail([gone], Overloaded())
        self._senders.accept(entry)
        self._news.set()
        return future

    async def _run(self) -> None:
        ahead: _Attempt | None = None
        while True:
            attempt = ahead or await self._first()
            if attempt is None:
                return
            started = self._clock.monotonic()
            commit = asyncio.create_task(self._commit(attempt))
            commit.add_done_callback(lambda _: self._news.set())
            ahead = await self._decided_ahead(attempt, commit)
            outcome = await commit
            if not isinstance(outcome, Appended):
                self._queue.put_back(ahead.entries)
                ahead = None
                await self._guarded(attempt.entries, outcome)
            elif not ahead.entries:
                ahead = None
            if self._observe is not None:
                self._observe(len(attempt.entries), self._clock.monotonic() - started)

    async def _first(self) -> _Attempt | None:
        """The next batch while none is under way; None when there is no more to come."""
        attempt = _Attempt()
        while not attempt.entries:
            if self._queue:
                await self._take(attempt, self._options.batch_max)
                continue
            if self._stopping:
                return None
            self._news.clear()
            await self._news.wait()
            # One turn of the loop lets the commands of the same read share the commit.
            await asyncio.sleep(0)
        return attempt

    async def _decided_ahead(
        self, under_way: _Attempt, commit: "asyncio.Task[AppendOutcome | Exception]"
    ) -> _Attempt:
        """Decide what arrives until the commit has ended, on the states that it will leave."""
        ahead = _Attempt(decided=Decided(below=under_way.decided.states))
        while not commit.done():
            room = self._options.batch_max - len(ahead.entries)
            if self._queue and room:
                await self._take(ahead, min(room, _TURN))
                await asyncio.sleep(0)
            else:
                self._news.clear()
                await self._news.wait()
        return ahead

    async def _take(self, attempt: _Attempt, most: int) -> None:
        """Take commands from their lines and decide them at the end of a batch."""
        entries = self._unexpired(self._queue.take(most))
        entries = await self._loaded(entries, attempt.decided)
        attempt.entries += self._decide(entries, attempt.decided)

    def _unexpired(self, entries: Sequence[Waiting]) -> list[Waiting]:
        now = self._clock.monotonic()
        rest = []
        for entry in entries:
            if entry.deadline is not None and entry.deadline <= now:
                self._fail([entry], Expired("the deadline passed before the command was decided"))
            else:
                rest.append(entry)
        return rest

    async def _loaded(
        self, entries: Sequence[Waiting], decided: Decided, existing: Collection[StreamId] = ()
    ) -> list[Waiting]:
        """Those whose streams are in memory now; one that cannot be read fails alone."""
        rest, failed = await loaded(entries, decided, self._aggregates, existing)
        for entry, error in failed:
            self._fail([entry], error)
        return rest

    def _decide(self, entries: Sequence[Waiting], decided: Decided) -> list[Waiting]:
        """Those that could be decided; a command that breaks our code fails alone."""
        done = []
        for entry in entries:
            try:
                decided.add(entry.submission, self._aggregates, self._now())
            except Exception as error:
                _logger.exception("a command broke its decision; it alone is failed")
                self._fail([entry], error)
            else:
                done.append(entry)
        return done

    async def _commit(self, attempt: _Attempt) -> AppendOutcome | Exception:
        """Append and answer; whatever else came out is for the caller to handle."""
        try:
            outcome = await self._append(attempt.decided.batch)
            if isinstance(outcome, Appended):
                self._aggregates.store(attempt.decided.states.items())
                for entry, recorded in zip(attempt.entries, outcome.commands, strict=True):
                    self._senders.answer(entry, recorded)
        except Exception as error:  # noqa: BLE001  (told by _guarded)
            return error
        return outcome

    async def _guarded(
        self, entries: Sequence[Waiting], outcome: AppendOutcome | Exception
    ) -> None:
        """See a batch through that was not appended, and leave nobody waiting."""
        try:
            await self._recover(entries, outcome)
        except Exception as error:
            left = [entry for entry in entries if not entry.future.done()]
            told = isinstance(error, LogError) and type(error) is not LogError
            if len(left) > 1 and not told:
                # One of them is the cause: the log refused it, or it broke our code.
                for entry in left:
                    await self._guarded([entry], _NOTHING)
                return
            if isinstance(error, LogError):
                _logger.warning("%d commands were not recorded: %s", len(left), error)
            else:
                _logger.exception("a command broke the engine; it alone is failed")
            self._fail(left, error)

    async def _recover(
        self, entries: Sequence[Waiting], outcome: AppendOutcome | Exception
    ) -> None:
        """Decide again what was not appended, without repeats, until it is through."""
        left = list(entries)
        races = 0
        existing: set[StreamId] = set()
        while not isinstance(outcome, Appended):
            if isinstance(outcome, Exception):
                raise outcome
            races += 1
            if isinstance(outcome, Duplicates):
                self._doubt(left)
                left = self._senders.answer_repeats(left, outcome.commands)
            else:
                self._aggregates.contradicted(outcome.actual)
                existing.update(outcome.actual)
                clear, contested = _parted(left, outcome.actual)
                if clear and contested:
                    left = contested
                    await self._recover(clear, _NOTHING)
            if races > self._options.races_max:
                await self._take_apart(left)
                return
            attempt = _Attempt()
            left = await self._loaded(left, attempt.decided, existing)
            left = attempt.entries = self._decide(left, attempt.decided)
            if not left:
                return
            outcome = await self._commit(attempt)

    async def _take_apart(self, left: Sequence[Waiting]) -> None:
        if len(left) == 1:
            self._senders.resolve(left[0], contended(left[0].submission))
            return
        for entry in left:
            await self._recover([entry], _NOTHING)

    async def _append(self, batch: Batch) -> AppendOutcome:
        """Append, trying again while the log fails; the command ids make a second try safe."""
        deadline = self._clock.monotonic() + self._options.patience
        pause = 0.05
        unknown: OutcomeUnknown | None = None
        while True:
            try:
                return await self._log.append(batch)
            except OutcomeUnknown as error:
                unknown = error
                failure: LogError = error
            except LogUnavailable as error:
                failure = error
            if self._clock.monotonic() + pause > deadline:
                # Once one try is unknown, "nothing was written" can no longer be said.
                raise unknown or failure
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _fail(self, entries: Sequence[Waiting], error: Exception) -> None:
        """Tell the senders; after an error of the log, what they touched may have moved on."""
        if isinstance(error, LogError):
            self._doubt(entries)
        self._senders.fail(entries, error)

    def _doubt(self, entries: Sequence[Waiting]) -> None:
        self._aggregates.doubt(
            stream.stream_id for entry in entries for stream in entry.submission.streams
        )

    def _now(self) -> int:
        """The clock, kept from going back: decisions of one service are in the order of time."""
        self._last_time = max(self._last_time, self._clock.now())
        return self._last_time


def _parted(
    entries: Sequence[Waiting], contested: Collection[StreamId]
) -> tuple[list[Waiting], list[Waiting]]:
    """Commands of accounts that the contested streams do not touch, and the others.

    By account and not by command, so that a cancel never overtakes the order that it cancels.
    """
    touched = {
        entry.submission.account_id
        for entry in entries
        if any(stream.stream_id in contested for stream in entry.submission.streams)
    }
    clear = [entry for entry in entries if entry.submission.account_id not in touched]
    return clear, [entry for entry in entries if entry.submission.account_id in touched]
