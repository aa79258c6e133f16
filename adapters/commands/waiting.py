"""Commands that wait for a batch: a line for each account, and every account gets its turn.

A batch takes one command of each account in turn, so that an account with thousands of commands
waiting delays another by one round and not by thousands. Within an account the order is kept.

When there is no room left, the account with the longest line makes some: its newest command is sent
away for one of an account with a shorter line. So a single account may use the whole queue while
nobody else wants it, and can keep nobody out. A fixed share for each account was refused: it
wastes the queue on one busy account and does not protect it from many.

    Exception
    ├── Overloaded     no room: send again after `retry_after` seconds
    └── Expired        nobody waits for the answer any more: nothing was done with the command
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.commands.answers import Answer, Submission
from domain.ids import AccountId


class Overloaded(Exception):
    """The queue is full; nothing was done with the command."""

    retry_after = 0.2
    """Seconds after which a slot is likely to be free."""


class Expired(Exception):
    """The deadline passed before the command was decided; nothing was done with it."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A command, who waits for its answer, and until when anybody does."""

    submission: Submission
    future: "asyncio.Future[Answer]"
    deadline: float | None = None
    """On the monotonic clock; None waits for ever."""

    def extend(self, deadline: float | None) -> None:
        """Another sender waits for the same answer: until the later of both deadlines."""
        if self.deadline is not None:
            self.deadline = None if deadline is None else max(self.deadline, deadline)

    def fail(self, error: Exception) -> None:
        """Tell all senders why there is no answer."""
        if not self.future.done():
            self.future.set_exception(error)
            # A sender may be gone by now; the error is not lost, whoever raised it has logged it.
            self.future.exception()


class FairQueue:
    """At most `capacity` commands, taken in turns of the accounts."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._lines: OrderedDict[AccountId, deque[Waiting]] = OrderedDict()

    def __len__(self) -> int:
        """How many commands wait."""
        return self._size

    def push(self, entry: Waiting) -> Waiting | None:
        """Wait at the end of the account's line; raises Overloaded.

        Returns the command that had to go for it, if one had to.
        """
        account = entry.submission.account_id
        line = self._lines.get(account)
        gone = None
        if self._size >= self._capacity:
            gone = self._displaced(0 if line is None else len(line))
        if line is None:
            line = self._lines[account] = deque()
        line.append(entry)
        self._size += 1
        return gone

    def take(self, most: int) -> list[Waiting]:
        """The next commands, one of each account in turn."""
        taken: list[Waiting] = []
        lines = self._lines
        while lines and len(taken) < most:
            account, line = next(iter(lines.items()))
            taken.append(line.popleft())
            if line:
                lines.move_to_end(account)
            else:
                del lines[account]
        self._size -= len(taken)
        return taken

    def put_back(self, entries: Sequence[Waiting]) -> None:
        """Commands that were taken in this order and not decided after all; they are next again."""
        for entry in reversed(entries):
            account = entry.submission.account_id
            line = self._lines.get(account)
            if line is None:
                line = self._lines[account] = deque()
            line.appendleft(entry)
            self._lines.move_to_end(account, last=False)
        self._size += len(entries)

    def _displaced(self, waiting: int) -> Waiting:
        """The newest command of the longest line, if that is longer than the newcomer's by two.

        With a line of the average length or more, the newcomer is refused without a search.
        """
        if waiting * len(self._lines) >= self._size:
            raise Overloaded
        longest = max(self._lines.values(), key=len)
        if len(longest) <= waiting + 1:
            raise Overloaded
        self._size -= 1
        return longest.pop()
