"""Events and statistics of the log as text or JSON; what is no JSON inside is shown as base64."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.postgres.statistics import Statistics
from domain.envelope import RecordedEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show_some(events: Sequence[RecordedEvent], *, as_json: bool) -> None:
    """A line for each event."""
    for event in events:
        click.echo(_as_json(event) if as_json else _as_line(event))


def show_one(event: RecordedEvent, *, as_json: bool) -> None:
    """Everything that an event holds."""
    if as_json:
        click.echo(_as_json(event))
        return
    grid = Table.grid(padding=(0, 2))
    for name, value in (
        ("position", f"{event.position.number} of shard {event.position.shard}"),
        ("stream", f"{event.stream_id} version {event.version}"),
        ("type", event.type),
        ("account", event.account_id),
        ("occurred", _occurred(event)),
        ("payload", _indented(event.payload)),
        ("metadata", _indented(event.metadata)),
    ):
        grid.add_row(Text(name, style="bold"), Text(value))
    Console(soft_wrap=True).print(grid)


def show_statistics(told: Statistics, *, as_json: bool) -> None:
    """How much the log holds."""
    if as_json:
        click.echo(orjson.dumps(told).decode())
        return
    console = Console()
    grid = Table.grid(padding=(0, 2))
    for name, value in (
        ("head", f"{told.position:,}"),
        ("chain", told.chain),
        ("events", f"{told.events:,} in {told.streams:,} streams of {told.accounts:,} accounts"),
        ("commits", f"{told.commits:,}"),
        ("commands", f"{told.commands:,}"),
        ("bytes", f"{told.content_bytes:,} of events, {told.table_bytes:,} on disk with indexes"),
        ("first commit", _time(told.first_committed_at)),
        ("last commit", _time(told.last_committed_at)),
    ):
        grid.add_row(Text(name, style="bold"), Text(value))
    console.print(grid)
    table = Table(box=None, pad_edge=False)
    table.add_column("type")
    for name in ("events", "bytes"):
        table.add_column(name, justify="right")
    for each in told.types:
        table.add_row(Text(each.type), f"{each.events:,}", f"{each.content_bytes:,}")
    console.print(table)


def _as_line(event: RecordedEvent) -> str:
    payload = _embedded(event.payload)
    text = payload if isinstance(payload, str) else event.payload.decode()
    return (
        f"{event.position.number:>8}  {_occurred(event):<26}  {event.type:<28}  "
        f"{event.account_id[:8]}  {event.stream_id} v{event.version}  {text}"
    )


def _as_json(event: RecordedEvent) -> str:
    shown = {
        "shard": event.position.shard,
        "position": event.position.number,
        "stream_id": event.stream_id,
        "version": event.version,
        "type": event.type,
        "account_id": event.account_id,
        "payload": _embedded(event.payload),
        "metadata": _embedded(event.metadata),
    }
    return orjson.dumps(shown).decode()


def _embedded(content: bytes) -> orjson.Fragment | str:
    """JSON as it was stored, to the last character; anything else as base64."""
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return base64.b64encode(content).decode()
    return orjson.Fragment(content)


def _indented(content: bytes) -> str:
    try:
        return orjson.dumps(orjson.loads(content), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return f"{base64.b64encode(content).decode()} (base64)"


def _occurred(event: RecordedEvent) -> str:
    """When its command arrived, if its metadata says so."""
    try:
        metadata = orjson.loads(event.metadata)
    except orjson.JSONDecodeError:
        return "-"
    at = metadata.get("occurred_at") if isinstance(metadata, dict) else None
    return _time(at) if isinstance(at, int) and 0 < at < 2**57 else "-"


def _time(microseconds: int | None) -> str:
    if microseconds is None:
        return "-"
    return f"{_EPOCH + timedelta(microseconds=microseconds):%Y-%m-%d %H:%M:%S.%f}"
