"""`patriot log`: the event log as it was stored, for people."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import click
import orjson

from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.settings import Environment
from domain.envelope import RecordedEvent
from domain.ids import InvalidId, StreamId, parse_uuid


@click.group()
def log() -> None:
    """Show the event log (DATABASE_URL, role patriot_tail)."""


@log.command()
@click.option("--after", default=0, type=click.IntRange(0), help="Position to begin after.")
@click.option("--limit", default=50, type=click.IntRange(1, 100_000), help="How many events.")
def show(after: int, limit: int) -> None:
    """Events from a position on."""
    asyncio.run(_show(after, limit))


@log.command()
@click.option("--after", type=click.IntRange(0), help="Position to begin after; now if not given.")
def tail(after: int | None) -> None:
    """Follow the log until Ctrl-C."""
    asyncio.run(_tail(after))


@log.command()
@click.argument("stream_id")
def stream(stream_id: str) -> None:
    """All events of one stream."""
    try:
        parse_uuid(stream_id)
    except InvalidId as error:
        raise click.UsageError(str(error)) from None
    asyncio.run(_stream(StreamId(stream_id)))


@log.command()
def verify() -> None:
    """Recompute the hash chain: was anything altered, removed or slipped in?"""
    url = Environment(dict(os.environ)).text("DATABASE_URL")
    position = asyncio.run(verify_chain(url))
    click.echo(f"the log is what was appended, up to position {position}")


async def _show(after: int, limit: int) -> None:
    async with _opened() as opened:
        while limit > 0:
            events = await opened.read_all(after=after, limit=min(limit, 1000))
            if not events:
                return
            print_events(events)
            after = events[-1].position.number
            limit -= len(events)


async def _tail(after: int | None) -> None:
    async with _opened() as opened:
        start = (await opened.head()).number if after is None else after
        async for events in opened.tail(after=start):
            print_events(events)


async def _stream(stream_id: StreamId) -> None:
    async with _opened() as opened:
        events = await opened.read_stream(stream_id)
        if not events:
            raise click.ClickException("there is no such stream")
        print_events(events)


@asynccontextmanager
async def _opened() -> AsyncIterator[PostgresEventLog]:
    opened = PostgresEventLog(Environment(dict(os.environ)).text("DATABASE_URL"))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


def print_events(events: Sequence[RecordedEvent]) -> None:
    """One line an event."""
    for event in events:
        at = orjson.loads(event.metadata).get("occurred_at", 0)
        time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        click.echo(
            f"{event.position.number:>8}  {time:%Y-%m-%d %H:%M:%S.%f}  {event.type:<28}  "
            f"{event.account_id[:8]}  {event.stream_id} v{event.version}  "
            f"{event.payload.decode()}"
        )
