"""What the core needs from the outside world, as protocols; adapters implement them.

Every implementation of a port passes the same suite in tests/conformance, the one in memory too.

    Exception
    ├── LogError
    │   ├── LogUnavailable     nothing was written: try again later
    │   ├── OutcomeUnknown     the commit's answer was lost: send the same batch again, its command
    │   │                      ids make that safe
    │   ├── LogUnsafe          the server may lose acknowledged commits: fix its settings
    │   ├── LogUnreadable      the log holds what this release cannot read: run the release that
    │   │                      wrote it
    │   └── SnapshotAhead      a kept state is newer than the log: an older log was restored; stop
    │                          until it is clear which one is right
    └── VenueError
        ├── VenueUnavailable   no answer: the venue may or may not have it; ask again, the client
        │                      order id makes that safe
        └── VenueRefused       the venue does not understand the request: asking again is no use
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from domain.envelope import LogPosition, NewEvent, RecordedEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.orders.events import (
    OrderAmendRequested,
    OrderCancelRequested,
    OrderPlaced,
    OrderResizeRequested,
)


class LogError(Exception):
    """The log could not do what was asked."""


class LogUnavailable(LogError):
    """Nothing was written; try again later."""


class OutcomeUnknown(LogError):
    """The commit may or may not have happened; send the same batch again."""


class LogUnsafe(LogError):
    """The server is set so that an acknowledged commit can be lost."""


class LogUnreadable(LogError):
    """The log holds an event that this release cannot read; the text says where and what to do."""


class SnapshotAhead(LogError):
    """A kept state reflects what the log does not hold: an older log was restored."""


class VenueError(Exception):
    """The venue could not do what was asked."""


class VenueUnavailable(VenueError):
    """No answer; the request may or may not have arrived."""


class VenueRefused(VenueError):
    """The request itself is wrong; what a venue thinks of an order comes as a report instead."""


class Clock(Protocol):
    """Time and fresh identities; the only way in which either reaches the core."""

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back, for time-outs only."""

    def new_uuid(self) -> str:
        """A fresh random UUID in canonical text."""


class CommandRecord(NamedTuple):
    """One decided command: its identity, its answer and its events (none for a plain refusal)."""

    account_id: AccountId
    command_id: CommandId
    fingerprint: bytes
    """SHA-256 of the command's content; the same id with another content is refused."""
    result: bytes
    """The encoded answer, given again to whoever sends the command again."""
    events: tuple[NewEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit appends: commands in order, and the stream versions they were decided on.

    `expected` holds the version of every stream that was read or written, as it was before the
    first command of the batch; 0 is a stream that does not exist yet.
    """

    commands: tuple[CommandRecord, ...]
    expected: Mapping[StreamId, int]


class RecordedCommand(NamedTuple):
    """A command of the log; positions are 0 when it appended no event."""

    account_id: AccountId
    command_id: CommandId
    fingerprint: bytes
    result: bytes
    first: LogPosition
    last: LogPosition


@dataclass(frozen=True, slots=True)
class Appended:
    """The batch is durable; one record for each command, in order."""

    commands: tuple[RecordedCommand, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Nothing was written: these commands are in the log already (by account and id)."""

    commands: tuple[RecordedCommand, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: these streams are at another version than expected."""

    actual: Mapping[StreamId, int]


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A state as it was kept beside the log; a cache, so whoever reads it checks it."""

    stream_id: StreamId
    shape: str
    """Fingerprint of the state's fields: another shape is another snapshot."""
    version: int
    position: LogPosition
    """Of the last event that the state reflects."""
    event_digest: bytes
    """SHA-256 of that event: the log must hold the very same one."""
    state: bytes
    checksum: bytes


AppendOutcome = Appended | Duplicates | Conflict


class EventLog(Protocol):
    """The append-only log: gap-free, in commit order, the only authority."""

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append all or nothing, durably; raises LogUnavailable or OutcomeUnknown."""

    async def find_commands(
        self, keys: Sequence[tuple[AccountId, CommandId]]
    ) -> Sequence[RecordedCommand]:
        """The recorded commands among these keys, in no particular order."""

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        """Events of one stream with a version above `after`, in order."""

    async def read_snapshot(self, stream_id: StreamId, shape: str) -> StoredSnapshot | None:
        """The state that was kept of a stream in this shape, unchecked, or None."""

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        """Events with a position above `after`, in order, at most `limit`."""

    async def head(self) -> LogPosition:
        """Position of the last event; number 0 while the log is empty."""

    def tail(self, *, after: int = 0, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Batches of events above `after` for ever, waiting for new ones; never skips one."""


class VenueView(NamedTuple):
    """What a venue knows of an order of ours."""

    venue_order_id: str
    open: bool
    """Whether it may still trade there; an order that ended is told of by reports."""
    filled: Decimal


class Venue(Protocol):
    """An exchange that takes intents; idempotent by client order id.

    Every call returns when the venue has the request, and raises a VenueError otherwise. Whether
    the order was accepted, filled, amended or cancelled comes back as reports.
    """

    async def submit(self, order: OrderPlaced) -> None:
        """Send an order."""

    async def cancel(self, request: OrderCancelRequested) -> None:
        """Ask for an order to be taken off the book."""

    async def amend(self, request: OrderAmendRequested | OrderResizeRequested) -> None:
        """Ask for another quantity and price of an order, or for another quantity alone.

        Once for each amendment of it. A venue that amends no such order answers with a rejection.
        """

    async def find(self, order: OrderPlaced) -> VenueView | None:
        """What the venue knows of an order; None when it is sure never to have had it."""
