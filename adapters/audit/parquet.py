"""Archives as a folder of Parquet files: events, commits and commands, with a manifest beside them.

The tables are for whoever wants to query a log without a database. The manifest holds the header,
the numbers of rows and the SHA-256 of each file, and is written last.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import pyarrow as pa
from msgspec import Meta
from pyarrow import parquet

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

FORMAT: Final = "patriot.archive-parquet.v1"
MANIFEST: Final = "archive.json"
_ROWS: Final = 20_000
"""In a row group, and in memory at a time."""

_UTC: Final = pa.timestamp("us", tz="UTC")
_SCHEMAS: Final = {
    "commits.parquet": pa.schema(
        [
            pa.field("first_position", pa.int64(), nullable=False),
            pa.field("last_position", pa.int64(), nullable=False),
            pa.field("committed_at", _UTC, nullable=False),
            pa.field("chain", pa.binary(), nullable=False),
        ]
    ),
    "events.parquet": pa.schema(
        [
            pa.field("position", pa.int64(), nullable=False),
            pa.field("stream_id", pa.string(), nullable=False),
            pa.field("version", pa.int32(), nullable=False),
            pa.field("type", pa.string(), nullable=False),
            pa.field("account_id", pa.string(), nullable=False),
            pa.field("payload", pa.binary(), nullable=False),
            pa.field("metadata", pa.binary(), nullable=False),
        ]
    ),
    "commands.parquet": pa.schema(
        [
            pa.field("account_id", pa.string(), nullable=False),
            pa.field("command_id", pa.string(), nullable=False),
            pa.field("fingerprint", pa.binary(), nullable=False),
            pa.field("result", pa.binary(), nullable=False),
            pa.field("first_position", pa.int64(), nullable=False),
            pa.field("last_position", pa.int64(), nullable=False),
        ]
    ),
}
_COMMITS, _EVENTS, _COMMANDS = _SCHEMAS

_Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
_Place = Annotated[int, Meta(ge=0, le=2**62)]


class _Manifest(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    shard: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    first: Annotated[int, Meta(ge=1, le=2**62)]
    last: _Place
    before: _Hash
    chain: _Hash
    rows: dict[str, _Place]
    sha256: dict[str, _Hash]


def write(path: Path, archive: Archive) -> None:
    """Write a new folder, whole or not at all; raises ArchiveExists, ArchiveError."""
    if path.exists():
        raise ArchiveExists(f"{path} exists: choose another name")
    partial = path.with_name(f"{path.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        rows = _write_tables(partial, archive.records)
        header = archive.header
        manifest = _Manifest(
            FORMAT,
            header.shard,
            header.first,
            header.last,
            header.before.hex(),
            header.chain.hex(),
            rows,
            {name: _sha256(partial / name) for name in _SCHEMAS},
        )
        (partial / MANIFEST).write_bytes(msgspec.json.encode(manifest) + b"\n")
        for name in (*_SCHEMAS, MANIFEST):
            with (partial / name).open("rb") as written:
                os.fsync(written.fileno())
        partial.rename(path)
    except OSError as error:
        raise ArchiveError(f"the archive cannot be written: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read(path: Path) -> Archive:
    """Open an archive and check its files' checksums; raises ArchiveUnreadable, ArchiveAltered."""
    try:
        content = (path / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(content, type=_Manifest)
        found = {name: _sha256(path / name) for name in _SCHEMAS}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ArchiveUnreadable(f"{path} is no archive of the log: {error}") from error
    if manifest.format != FORMAT:
        raise ArchiveUnreadable(f"{path} is no archive of the log of this version")
    for name, checksum in found.items():
        if manifest.sha256.get(name) != checksum:
            raise ArchiveAltered(f"{path / name} was altered: its checksum does not fit")
    header = Header(
        manifest.shard,
        manifest.first,
        manifest.last,
        bytes.fromhex(manifest.before),
        bytes.fromhex(manifest.chain),
    )
    return Archive(header, _records(path, manifest))


def _write_tables(folder: Path, records: Iterator[Record]) -> dict[str, int]:
    """Rows to their tables as they come; gives how many each table has."""
    names = {Commit: _COMMITS, ChainedEvent: _EVENTS, ArchivedCommand: _COMMANDS}
    pending: dict[str, list[Record]] = {name: [] for name in _SCHEMAS}
    rows = dict.fromkeys(_SCHEMAS, 0)
    writers = {
        name: parquet.ParquetWriter(folder / name, schema, compression="zstd")
        for name, schema in _SCHEMAS.items()
    }

    def flush(name: str) -> None:
        if pending[name]:
            writers[name].write_table(_table(name, pending[name]))
            rows[name] += len(pending[name])
            pending[name].clear()

    try:
        for record in records:
            name = names[type(record)]
            pending[name].append(record)
            if len(pending[name]) == _ROWS:
                flush(name)
        for name in _SCHEMAS:
            flush(name)
    finally:
        for writer in writers.values():
            writer.close()
    return rows


def _table(name: str, records: Sequence[Record]) -> Any:
    """Columns of some records; identities become their canonical text."""
    schema = _SCHEMAS[name]
    columns = []
    for field, values in zip(schema, zip(*records, strict=True), strict=True):
        texts = [str(value) for value in values] if field.type == pa.string() else values
        columns.append(pa.array(texts, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _records(path: Path, manifest: _Manifest) -> Iterator[Record]:
    try:
        events = _rows(path, _EVENTS, manifest, _event)
        for commit in _rows(path, _COMMITS, manifest, _commit):
            yield commit
            for _ in range(commit.last - commit.first + 1):
                event = next(events, None)
                if event is None:
                    break
                yield event
        yield from events  # part of no commit: whoever checks says so
        yield from _rows(path, _COMMANDS, manifest, _command)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ArchiveUnreadable(f"{path} cannot be read: {error}") from error


def _rows(path: Path, name: str, manifest: _Manifest, make: Callable[..., Any]) -> Iterator[Any]:
    count = 0
    with parquet.ParquetFile(path / name) as file:
        if not file.schema_arrow.equals(_SCHEMAS[name]):
            raise ArchiveUnreadable(f"{path / name} does not have the columns of an archive")
        for batch in file.iter_batches(_ROWS):
            columns = [
                (column.cast(pa.int64()) if column.type == _UTC else column).to_pylist()
                for column in batch.columns
            ]
            count += batch.num_rows
            yield from map(make, *columns)
    if count != manifest.rows.get(name):
        raise ArchiveAltered(f"{path / name} was altered: it has {count} rows")


def _commit(first: int, last: int, committed_at: int, chain: bytes) -> Commit:
    return Commit(first, last, committed_at, chain)


def _event(
    position: int,
    stream: str,
    version: int,
    kind: str,
    account: str,
    payload: bytes,
    metadata: bytes,
) -> ChainedEvent:
    return ChainedEvent(position, UUID(stream), version, kind, UUID(account), payload, metadata)


def _command(
    account: str, command: str, fingerprint: bytes, result: bytes, first: int, last: int
) -> ArchivedCommand:
    return ArchivedCommand(UUID(account), UUID(command), fingerprint, result, first, last)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
