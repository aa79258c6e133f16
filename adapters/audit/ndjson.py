"""Archives as one file of JSON lines: a head, commits each before its events, commands, an end.

The last line holds how many there were and the SHA-256 of all bytes before it, so a file that was
cut off is never taken for a shorter one.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from adapters.audit.archive import (
    Archive,
    ArchiveAltered,
    ArchivedCommand,
    ArchiveError,
    ArchiveExists,
    ArchiveUnreadable,
    Header,
    Record,
)
from adapters.audit.chain import ChainedEvent, Commit

FORMAT: Final = "patriot.archive.v1"
_LINE_MAX: Final = 64 * 1024 * 1024
_FLUSH_BYTES: Final = 1024 * 1024

_Place = Annotated[int, Meta(ge=0, le=2**62)]
_Version = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_Time = Annotated[int, Meta(ge=0, le=253_402_300_799_999_999)]
_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class _Head(msgspec.Struct, tag_field="kind", tag="archive", forbid_unknown_fields=True):
    format: str
    shard: _Version
    first: Annotated[int, Meta(ge=1, le=2**62)]
    last: _Place
    before: _Hash
    chain: _Hash


class _Commit(msgspec.Struct, tag_field="kind", tag="commit", forbid_unknown_fields=True):
    first: _Place
    last: _Place
    committed_at: _Time
    chain: _Hash


class _Event(msgspec.Struct, tag_field="kind", tag="event", forbid_unknown_fields=True):
    position: _Place
    stream_id: UUID
    version: _Version
    type: str
    account_id: UUID
    payload: bytes
    metadata: bytes


class _Command(msgspec.Struct, tag_field="kind", tag="command", forbid_unknown_fields=True):
    account_id: UUID
    command_id: UUID
    fingerprint: bytes
    result: bytes
    first_position: _Place
    last_position: _Place


class _End(msgspec.Struct, tag_field="kind", tag="end", forbid_unknown_fields=True):
    commits: int
    events: int
    commands: int
    sha256: _Hash


_Line = _Head | _Commit | _Event | _Command | _End
_DECODER: Final = msgspec.json.Decoder(_Line)
_encode: Final = msgspec.json.Encoder().encode


def write(path: Path, archive: Archive) -> None:
    """Write a new file, whole or not at all; raises ArchiveExists, ArchiveError."""
    if path.exists():
        raise ArchiveExists(f"{path} exists: choose another name")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as output:
            _write(output, archive)
            output.flush()
            os.fsync(output.fileno())
        partial.rename(path)
    except OSError as error:
        raise ArchiveError(f"the archive cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def read(path: Path) -> Archive:
    """Open an archive; its records raise ArchiveUnreadable or ArchiveAltered where they end."""
    lines = _lines(path)
    head = next(lines, None)
    if not isinstance(head, _Head) or head.format != FORMAT:
        raise ArchiveUnreadable(f"{path} is no archive of the log of this version")
    header = Header(
        head.shard, head.first, head.last, bytes.fromhex(head.before), bytes.fromhex(head.chain)
    )
    return Archive(header, _records(path, lines))


def _write(output: BinaryIO, archive: Archive) -> None:
    digest = hashlib.sha256()
    counts = {Commit: 0, ChainedEvent: 0, ArchivedCommand: 0}
    pending: list[bytes] = []
    size = 0

    def flush() -> None:
        content = b"".join(pending)
        digest.update(content)
        output.write(content)
        pending.clear()

    header = archive.header
    pending.append(
        _line(
            _Head(
                FORMAT,
                header.shard,
                header.first,
                header.last,
                header.before.hex(),
                header.chain.hex(),
            )
        )
    )
    for record in archive.records:
        counts[type(record)] += 1
        line = _line(_STORED[type(record)](record))
        pending.append(line)
        size += len(line)
        if size > _FLUSH_BYTES:
            flush()
            size = 0
    flush()
    commits, events, commands = counts.values()
    output.write(_line(_End(commits, events, commands, digest.hexdigest())))


def _line(stored: _Line) -> bytes:
    return _encode(stored) + b"\n"


_STORED: Final[dict[type, Callable[..., _Line]]] = {
    Commit: lambda commit: _Commit(
        commit.first, commit.last, commit.committed_at, commit.chain.hex()
    ),
    ChainedEvent: lambda event: _Event(*event),
    ArchivedCommand: lambda command: _Command(*command),
}


def _lines(path: Path) -> Iterator[_Line]:
    """Every line, checked for its form; the last one against the bytes before it."""
    digest = hashlib.sha256()
    number = 0
    try:
        with path.open("rb") as source:
            while line := source.readline(_LINE_MAX):
                number += 1
                try:
                    stored = _DECODER.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise ArchiveUnreadable(
                        f"line {number} of {path} is not of an archive: {error}"
                    ) from error
                if isinstance(stored, _End):
                    if stored.sha256 != digest.hexdigest():
                        raise ArchiveAltered(f"{path} was altered: its checksum does not fit")
                    if source.read(1):
                        raise ArchiveUnreadable(f"{path} goes on after its end")
                    yield stored
                    return
                digest.update(line)
                yield stored
    except OSError as error:
        raise ArchiveUnreadable(f"the archive cannot be read: {error}") from error
    raise ArchiveUnreadable(f"{path} is cut off after line {number}")


def _records(path: Path, lines: Iterator[_Line]) -> Iterator[Record]:
    counts = [0, 0, 0]
    for stored in lines:
        if isinstance(stored, _Event):
            counts[1] += 1
            yield ChainedEvent(
                stored.position,
                stored.stream_id,
                stored.version,
                stored.type,
                stored.account_id,
                stored.payload,
                stored.metadata,
            )
        elif isinstance(stored, _Commit):
            counts[0] += 1
            chain = bytes.fromhex(stored.chain)
            yield Commit(stored.first, stored.last, stored.committed_at, chain)
        elif isinstance(stored, _Command):
            counts[2] += 1
            yield ArchivedCommand(
                stored.account_id,
                stored.command_id,
                stored.fingerprint,
                stored.result,
                stored.first_position,
                stored.last_position,
            )
        elif isinstance(stored, _End):
            if [stored.commits, stored.events, stored.commands] != counts:
                raise ArchiveAltered(f"{path} was altered: it does not hold what its end says")
        else:
            raise ArchiveUnreadable(f"{path} begins twice")
