"""Archives of the log: whole commits with their events and chain, verifiable without a database.

An archive is one NDJSON file (ndjson.py) or a folder of Parquet files (parquet.py); docs/log.md
describes both. Whatever the form, it is a header and a sequence of records: each commit before its
events, then the commands.

    domain.ports.LogError
    ├── ChainBroken              the events are not what was appended (chain.py)
    └── ArchiveError
        ├── ArchiveUnreadable    it is cut off, or no archive: take another copy
        ├── ArchiveAltered       its checksum says that it is not what was exported: likewise
        ├── ArchiveExists        something has that name: choose another
        └── ArchiveRefused       it does not fit what is asked: the text says what would
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from adapters.audit.chain import (
    EMPTY,
    ChainedEvent,
    Commit,
    Content,
    EventSlippedIn,
    Recomputation,
    event_bytes,
)
from adapters.audit.heads import SignedHead
from domain.ports import LogError


class ArchiveError(LogError):
    """An archive cannot be used."""


class ArchiveUnreadable(ArchiveError):
    """It is cut off, or it is no archive."""


class ArchiveAltered(ArchiveError):
    """Its checksum is not that of its content."""


class ArchiveExists(ArchiveError):
    """Something has that name already."""


class ArchiveRefused(ArchiveError):
    """It does not fit what is asked of it."""


class ArchivedCommand(NamedTuple):
    """A decided command as the log records it; no chain covers it, the archive's checksum does."""

    account_id: UUID
    command_id: UUID
    fingerprint: bytes
    result: bytes
    first_position: int
    last_position: int


@dataclass(frozen=True, slots=True)
class Header:
    """Which part of a log an archive holds; always whole commits."""

    shard: int
    first: int
    """Position of the first event; of an archive without events, the one that would come first."""
    last: int
    """Position of the last event; `first` - 1 without events."""
    before: bytes
    """Chain before the first commit."""
    chain: bytes
    """Chain after the last commit."""


Record = Commit | ChainedEvent | ArchivedCommand


@dataclass(frozen=True, slots=True)
class Archive:
    """A header and its records, which are read as they are asked for, once."""

    header: Header
    records: Iterator[Record]


def checked(archive: Archive, heads: Sequence[SignedHead] = ()) -> Iterator[Record]:
    """The same records, as long as they fit the chain and the signed heads; raises LogError."""
    header, records = archive.header, archive.records
    if header.first == 1 and header.before != EMPTY:
        raise ArchiveUnreadable("the archive begins at 1, but its chain does not begin there")
    going = Recomputation(heads, after=header.first - 1, chain=header.before)
    commands = False
    record = next(records, None)
    while record is not None:
        if isinstance(record, ArchivedCommand):
            commands = True
            yield record
            record = next(records, None)
        elif isinstance(record, Commit) and not commands:
            events, following = _events(records, record.last - record.first + 1)
            going.add(record, _contents(events))
            yield record
            yield from events
            record = following
        else:
            at = record.first if isinstance(record, Commit) else record.position
            raise EventSlippedIn(at, f"event {at} is part of no commit")
    going.end(header.last, header.chain)


def verify_archive(archive: Archive, heads: Sequence[SignedHead] = ()) -> int:
    """Read it to its end; how many events it has. Raises ArchiveError or ChainBroken."""
    return sum(isinstance(record, ChainedEvent) for record in checked(archive, heads))


def _events(records: Iterator[Record], most: int) -> tuple[list[ChainedEvent], Record | None]:
    """The events that come next, and what follows them."""
    events: list[ChainedEvent] = []
    for record in records:
        if len(events) == most or not isinstance(record, ChainedEvent):
            return events, record
        events.append(record)
    return events, None


def _contents(events: Sequence[ChainedEvent]) -> Iterator[Content]:
    return ((event.position, event_bytes(event)) for event in events)
