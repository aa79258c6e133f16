"""The hash chain, recomputed from commits and events wherever they are kept.

docs/log.md describes the bytes, so that somebody else can write this again without our code. The
first thing that does not fit ends the check; every error says at which position.

    domain.ports.LogError
    └── ChainBroken          the log is not what was appended: stop, keep everything as it is, and
        │                    compare it with a backup or an archive
        ├── EventAltered     an event, or the time or chain of its commit, is not what was written
        ├── EventMissing     an event or a commit was taken out
        ├── EventSlippedIn   an event is part of no commit, or a commit is beyond the head
        ├── TailCut          the end is gone: the head or a signed head knows of more
        └── ChainRewritten   all fits together, but it is not what was signed
"""

import hashlib
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final, NamedTuple
from uuid import UUID

from adapters.audit.heads import SignedHead, moment
from domain.ports import LogError

EMPTY: Final = hashlib.sha256(b"").digest()
"""Chain of a log that holds nothing."""

_COMMIT: Final = Struct("!qqq").pack
_PLACE: Final = Struct("!q16si").pack
_LENGTH: Final = Struct("!i").pack


class ChainBroken(LogError):
    """What the log holds is not what was appended."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(text)
        self.position = position
        """Where it shows."""


class EventAltered(ChainBroken):
    """The content of a commit does not give the chain that was written with it."""

    def __init__(self, first: int, last: int) -> None:
        where = f"event {first}" if first == last else f"an event from {first} to {last}"
        super().__init__(first, f"{where} was altered, or its commit was")


class EventMissing(ChainBroken):
    """An event or a commit was taken out."""


class EventSlippedIn(ChainBroken):
    """An event that no commit knows, or a commit that the head does not know."""


class TailCut(ChainBroken):
    """The end of the log is gone."""


class ChainRewritten(ChainBroken):
    """The chain fits together, but not with a signed head."""


class Commit(NamedTuple):
    """An append that wrote events."""

    first: int
    last: int
    committed_at: int
    """Microseconds since 1970-01-01 UTC."""
    chain: bytes


class ChainedEvent(NamedTuple):
    """An event as the chain sees it."""

    position: int
    stream_id: UUID
    version: int
    type: str
    account_id: UUID
    payload: bytes
    metadata: bytes


def event_bytes(event: ChainedEvent) -> bytes:
    """Canonical bytes of one event: every part of known length, or behind its length."""
    kind = event.type.encode()
    return b"".join(
        (
            _PLACE(event.position, event.stream_id.bytes, event.version),
            _LENGTH(len(kind)),
            kind,
            event.account_id.bytes,
            _LENGTH(len(event.payload)),
            event.payload,
            _LENGTH(len(event.metadata)),
            event.metadata,
        )
    )


Content = tuple[int, bytes]
"""Position and canonical bytes of an event."""


class Recomputation:
    """Takes commits in order and says at the first one that does not fit what is wrong.

    Signed heads from `after` on are compared as their positions pass.
    """

    def __init__(
        self, heads: Sequence[SignedHead] = (), *, after: int = 0, chain: bytes = EMPTY
    ) -> None:
        self.position = after
        self.chain = chain
        self.events = 0
        self.fitting: SignedHead | None = None
        """The last signed head that the chain passed through."""
        later = (head for head in heads if head.position >= max(after, 1))
        self._heads = sorted(later, key=lambda head: head.position)
        self._next = 0
        self._compare(None)

    def add(self, commit: Commit, contents: Iterator[Content]) -> None:
        """One more commit with its events; raises ChainBroken."""
        first, last, committed_at, recorded = commit
        if first != self.position + 1 or last < first:
            begin = self.position + 1
            raise EventMissing(begin, f"the commit that begins at {begin} is missing")
        parts = [self.chain, _COMMIT(first, last, committed_at)]
        for position in range(first, last + 1):
            found = next(contents, None)
            if found is None or found[0] != position:
                raise EventMissing(position, f"event {position} is missing")
            parts.append(found[1])
        chain = hashlib.sha256(b"".join(parts)).digest()
        if chain != recorded:
            raise EventAltered(first, last)
        self.position, self.chain = last, chain
        self.events += last - first + 1
        if self._next < len(self._heads):
            self._compare(committed_at)

    def end(self, position: int, chain: bytes) -> None:
        """Nothing follows: is this the head that the log names itself? Raises ChainBroken."""
        if position > self.position:
            raise TailCut(
                self.position,
                f"the log was cut off after {self.position}, its head says {position}",
            )
        if position < self.position:
            raise EventSlippedIn(
                position + 1, f"the log ends at {self.position}, its head says {position}"
            )
        if chain != self.chain:
            raise ChainRewritten(position, f"the head's chain is not the chain at {position}")

    def signed_end(self) -> None:
        """Nothing follows: is there a signed head beyond? Raises TailCut."""
        if self._next < len(self._heads):
            beyond = self._heads[-1]
            raise TailCut(
                self.position,
                f"the log was cut off after {self.position}: a head at {beyond.position} was "
                f"signed at {moment(beyond.signed_at)}",
            )

    def _compare(self, committed_at: int | None) -> None:
        """Pass the signed heads up to here; one that is passed without fitting was rewritten."""
        while self._next < len(self._heads):
            head = self._heads[self._next]
            if head.position > self.position:
                return
            fits = head.position == self.position and head.chain == self.chain
            if not fits or committed_at not in {None, head.committed_at}:
                raise ChainRewritten(head.position, self._rewritten(head))
            self.fitting = head
            self._next += 1

    def _rewritten(self, head: SignedHead) -> str:
        since = f"after {self.fitting.position}" if self.fitting else "from its beginning"
        return (
            f"the chain was rewritten somewhere {since}: at {head.position} it is not what was "
            f"signed at {moment(head.signed_at)}"
        )
