"""Who waits for which command, and what was answered: the memory behind one answer a command.

A command that is sent again while the first one waits joins it; one that was answered lately is
answered from memory, and an older one from the log. The same id with other content is refused.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from adapters.commands.answers import Answer, Submission, answer_of, reused
from adapters.commands.waiting import Waiting
from domain.ids import AccountId, CommandId
from domain.ports import RecordedCommand

_Key = tuple[AccountId, CommandId]


class Senders:
    """Commands that were accepted and not answered yet, and the last answers."""

    def __init__(self, *, answers_max: int) -> None:
        self._answers_max = answers_max
        self._pending: dict[_Key, Waiting] = {}
        self._answers: OrderedDict[_Key, tuple[bytes, Answer]] = OrderedDict()

    def known(
        self, submission: Submission, deadline: float | None
    ) -> "asyncio.Future[Answer] | None":
        """What a repeat waits for; None for a command that is new here."""
        key = _key(submission)
        answered = self._answers.get(key)
        if answered is None:
            pending = self._pending.get(key)
            if pending is None:
                return None
            if pending.submission.fingerprint == submission.fingerprint:
                pending.extend(deadline)
                return pending.future
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        same = answered is not None and answered[0] == submission.fingerprint
        future.set_result(answered[1] if answered is not None and same else reused(submission))
        return future

    def accept(self, entry: Waiting) -> None:
        """From now on repeats join this one."""
        self._pending[_key(entry.submission)] = entry

    def answer(self, entry: Waiting, recorded: RecordedCommand) -> None:
        """Tell what the log holds, and keep it for repeats."""
        answer = answer_of(recorded)
        self._answers[_key(entry.submission)] = (entry.submission.fingerprint, answer)
        if len(self._answers) > self._answers_max:
            self._answers.popitem(last=False)
        self.resolve(entry, answer)

    def answer_repeats(
        self, entries: Sequence[Waiting], commands: Sequence[RecordedCommand]
    ) -> list[Waiting]:
        """Answer those that the log has already; returns the others."""
        recorded = {(command.account_id, command.command_id): command for command in commands}
        rest: list[Waiting] = []
        for entry in entries:
            first = recorded.get(_key(entry.submission))
            if first is None:
                rest.append(entry)
            elif first.fingerprint == entry.submission.fingerprint:
                self.answer(entry, first)
            else:
                self.resolve(entry, reused(entry.submission))
        return rest

    def resolve(self, entry: Waiting, answer: Answer) -> None:
        """Tell an answer that is not kept."""
        self._pending.pop(_key(entry.submission), None)
        if not entry.future.done():
            entry.future.set_result(answer)

    def fail(self, entries: Sequence[Waiting], error: Exception) -> None:
        """Tell why there is no answer; a repeat begins anew."""
        for entry in entries:
            self._pending.pop(_key(entry.submission), None)
            entry.fail(error)


def _key(submission: Submission) -> _Key:
    return submission.account_id, submission.command_id
