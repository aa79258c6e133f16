"""Group commit: commands that arrive while a commit is in flight share the next one.

Each sender still waits only for its own durable commit (input batching, as in LMAX). A refusal, a
repeat or a lost race of one command never fails its neighbours in the batch.

    Exception
    └── Overloaded     the queue is full: send again after `retry_after` seconds
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.commands.aggregates import Aggregates
from adapters.commands.answers import Answer, Submission, answer_of, contended, reused
from adapters.commands.deciding import decide_all, streams_to_load
from domain.ids import AccountId, CommandId
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
    RecordedCommand,
)

_logger: Final = logging.getLogger(__name__)

_Key = tuple[AccountId, CommandId]
_Waiting = tuple[Submission, "asyncio.Future[Answer]"]


class Overloaded(Exception):
    """The queue is full; nothing was done with the command."""

    retry_after = 0.2
    """Seconds after which a slot is likely to be free."""


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
        self._queue: deque[_Waiting] = deque()
        self._pending: dict[_Key, _Waiting] = {}
        self._answers: OrderedDict[_Key, tuple[bytes, Answer]] = OrderedDict()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._last_time = 0

    def start(self) -> None:
        """Begin to commit; call from the running event loop."""
        self._task = asyncio.create_task(self._run(), name="group-commit")

    async def stop(self) -> None:
        """Refuse new commands, answer all that were accepted, end."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task

    @property
    def depth(self) -> int:
        """Commands waiting for a batch."""
        return len(self._queue)

    async def submit(self, submission: Submission) -> Answer:
        """Decide and append; returns when durable. Raises Overloaded or a LogError.

        A sender that is cancelled while it waits does not cancel the command.
        """
        return await asyncio.shield(self._enqueue(submission))

    async def submit_many(
        self, submissions: Sequence[Submission]
    ) -> list[Answer | Overloaded | LogError]:
        """One answer, or the error that kept it from one, for each submission, in order."""
        waiting: list[asyncio.Future[Answer] | Overloaded] = []
        for submission in submissions:
            try:
                waiting.append(self._enqueue(submission))
            except Overloaded as error:
                waiting.append(error)
        outcomes: list[Answer | Overloaded | LogError] = []
        for entry in waiting:
            if isinstance(entry, Overloaded):
                outcomes.append(entry)
                continue
            try:
                outcomes.append(entry.result() if entry.done() else await asyncio.shield(entry))
            except LogError as error:
                outcomes.append(error)
        return outcomes

    def _enqueue(self, submission: Submission) -> "asyncio.Future[Answer]":
        key = (submission.account_id, submission.command_id)
        future: asyncio.Future[Answer]
        known = self._answers.get(key)
        pending = self._pending.get(key)
        if known is None and pending is not None:
            if pending[0].fingerprint == submission.fingerprint:
                return pending[1]
            known = (b"", reused(submission))
        if known is not None:
            future = asyncio.get_running_loop().create_future()
            same = known[0] == submission.fingerprint
            future.set_result(known[1] if same else reused(submission))
            return future
        if self._stopping or len(self._queue) >= self._options.queue_max:
            raise Overloaded
        future = asyncio.get_running_loop().create_future()
        # A sender may be gone by the time an error is set; it is not lost, it was logged there.
        future.add_done_callback(_retrieve)
        self._pending[key] = (submission, future)
        self._queue.append((submission, future))
        self._arrived.set()
        return future

    async def _run(self) -> None:
        while True:
            if not self._queue:
                if self._stopping:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                # One turn of the loop lets the commands of the same read share the commit.
                await asyncio.sleep(0)
                continue
            size = min(len(self._queue), self._options.batch_max)
            waiting = [self._queue.popleft() for _ in range(size)]
            started = self._clock.monotonic()
            await self._guarded(waiting)
            if self._observe is not None:
                self._observe(size, self._clock.monotonic() - started)

    async def _guarded(self, waiting: Sequence[_Waiting]) -> None:
        """Commit, and leave nobody waiting: a command that breaks our code fails alone."""
        try:
            await self._commit(waiting, alone=len(waiting) == 1)
        except LogError as error:
            _logger.warning("%d commands were not recorded: %s", len(waiting), error)
            self._fail(waiting, error)
        except Exception as error:
            if len(waiting) == 1:
                _logger.exception("a command broke the engine; it alone is failed")
                self._fail(waiting, error)
                return
            for entry in waiting:
                if not entry[1].done():
                    await self._guarded([entry])

    async def _commit(self, waiting: Sequence[_Waiting], *, alone: bool) -> None:
        """Answer every waiting command; loops while repeats or races are taken out."""
        left = list(waiting)
        known = False
        races = 0
        while left:
            submissions = [submission for submission, _ in left]
            await self._aggregates.load(streams_to_load(submissions, known=known))
            decided = decide_all(submissions, self._aggregates, self._now)
            outcome = await self._append(decided.batch)
            match outcome:
                case Appended(commands):
                    self._aggregates.store(decided.states.items())
                    for (submission, future), recorded in zip(left, commands, strict=True):
                        self._answer(submission, future, recorded)
                    return
                case Duplicates(commands):
                    left = self._answer_repeats(left, commands)
                    self._aggregates.forget(decided.states)
                case Conflict(actual):
                    self._aggregates.forget(actual)
                    known = True
                    races += 1
                    if races > self._options.races_max:
                        await self._take_apart(left, alone=alone)
                        return

    async def _take_apart(self, left: Sequence[_Waiting], *, alone: bool) -> None:
        if alone:
            for submission, future in left:
                self._resolve(submission, future, contended(submission))
            return
        for entry in left:
            await self._commit([entry], alone=True)

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

    def _answer_repeats(
        self, left: Sequence[_Waiting], commands: Sequence[RecordedCommand]
    ) -> list[_Waiting]:
        recorded = {(command.account_id, command.command_id): command for command in commands}
        rest: list[_Waiting] = []
        for submission, future in left:
            first = recorded.get((submission.account_id, submission.command_id))
            if first is None:
                rest.append((submission, future))
            elif first.fingerprint == submission.fingerprint:
                self._answer(submission, future, first)
            else:
                self._pending.pop((submission.account_id, submission.command_id), None)
                _set(future, reused(submission))
        return rest

    def _answer(
        self, submission: Submission, future: "asyncio.Future[Answer]", recorded: RecordedCommand
    ) -> None:
        answer = answer_of(recorded)
        key = (submission.account_id, submission.command_id)
        self._answers[key] = (submission.fingerprint, answer)
        if len(self._answers) > self._options.answers_max:
            self._answers.popitem(last=False)
        self._resolve(submission, future, answer)

    def _resolve(
        self, submission: Submission, future: "asyncio.Future[Answer]", answer: Answer
    ) -> None:
        self._pending.pop((submission.account_id, submission.command_id), None)
        _set(future, answer)

    def _fail(self, waiting: Sequence[_Waiting], error: Exception) -> None:
        self._aggregates.forget(
            stream.stream_id
            for stream in streams_to_load([submission for submission, _ in waiting], known=True)
        )
        for submission, future in waiting:
            self._pending.pop((submission.account_id, submission.command_id), None)
            if not future.done():
                future.set_exception(error)

    def _now(self) -> int:
        """The clock, kept from going back: decisions of one service are in the order of time."""
        self._last_time = max(self._last_time, self._clock.now())
        return self._last_time


def _set(future: "asyncio.Future[Answer]", answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)


def _retrieve(future: "asyncio.Future[Answer]") -> None:
    if not future.cancelled():
        future.exception()
