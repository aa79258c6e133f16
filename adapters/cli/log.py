"""`patriot log`: the event log as it was stored, for people, and with --json for programs."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import click

from adapters.cli import archive
from adapters.cli.events import show_one, show_some, show_statistics
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.statistics import read_statistics
from adapters.settings import Environment
from domain.envelope import RecordedEvent
from domain.ids import (
    AccountId,
    InvalidId,
    OrderId,
    StreamId,
    instrument_stream,
    order_stream,
    parse_instrument,
    parse_uuid,
    position_stream,
    risk_stream,
)
from domain.values import PositionSide

_PAGE: Final = 1000


@click.group()
def log() -> None:
    """Show, check, keep and bring back the event log (DATABASE_URL, role patriot_tail)."""


for command in (archive.verify, archive.export, archive.import_):
    log.add_command(command)

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@log.command()
@click.argument("position", required=False, type=click.IntRange(1))
@click.option("--after", default=0, type=click.IntRange(0), help="Position to begin after.")
@click.option("--limit", default=50, type=click.IntRange(1, 100_000), help="How many events.")
@_json
def show(position: int | None, after: int, limit: int, *, as_json: bool) -> None:
    """The event at POSITION with all it holds; without one, a line for each event from --after."""
    if position is None:
        asyncio.run(_show(after, limit, as_json=as_json))
    else:
        asyncio.run(_show_one(position, as_json=as_json))


@log.command()
@click.option("-n", "--lines", default=20, type=click.IntRange(0, 100_000), help="How many events.")
@click.option("--after", type=click.IntRange(0), help="Begin after this position instead.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is appended, until Ctrl-C.")
@_json
def tail(lines: int, after: int | None, *, follow: bool, as_json: bool) -> None:
    """The last events."""
    asyncio.run(_tail(lines, after, follow=follow, as_json=as_json))


@log.command()
@click.argument("stream_id", required=False)
@click.option("--order", metavar="ORDER", help="The stream of an order.")
@click.option("--risk", metavar="ACCOUNT", help="The stream of an account's limits and halts.")
@click.option(
    "--position",
    nargs=2,
    metavar="ACCOUNT INSTRUMENT",
    help="The stream of an account's position in an instrument.",
)
@click.option(
    "--leg", type=click.Choice(["long", "short"]), help="With --position, in hedge mode: which leg."
)
@click.option("--instrument", metavar="INSTRUMENT", help="The stream of an instrument's rules.")
@_json
def stream(
    stream_id: str | None,
    order: str | None,
    risk: str | None,
    position: tuple[str, str] | None,
    leg: str | None,
    instrument: str | None,
    *,
    as_json: bool,
) -> None:
    """All events of one stream, named by its id or by what it holds."""
    given = [name for name in (stream_id, order, risk, position, instrument) if name]
    if len(given) != 1:
        raise click.UsageError("name one stream: its id, --order, --risk, --position, --instrument")
    try:
        side = PositionSide(leg or PositionSide.NET.value)
        asked = _stream_id(stream_id, order, risk, position, side, instrument)
    except InvalidId as error:
        raise click.UsageError(str(error)) from None
    asyncio.run(_stream(asked, as_json=as_json))


@log.command()
@_json
def stat(*, as_json: bool) -> None:
    """How much the log holds, of which types, and since when."""
    url = Environment(dict(os.environ)).text("DATABASE_URL")
    show_statistics(read_statistics(url), as_json=as_json)


def _stream_id(
    stream_id: str | None,
    order: str | None,
    risk: str | None,
    position: tuple[str, str] | None,
    side: PositionSide,
    instrument: str | None,
) -> StreamId:
    if order:
        return order_stream(OrderId(parse_uuid(order)))
    if risk:
        return risk_stream(AccountId(parse_uuid(risk)))
    if position:
        account, traded = position
        return position_stream(AccountId(parse_uuid(account)), parse_instrument(traded), side)
    if instrument:
        return instrument_stream(parse_instrument(instrument))
    return StreamId(parse_uuid(stream_id or ""))


async def _show(after: int, limit: int, *, as_json: bool) -> None:
    async with _opened() as opened:
        while limit > 0:
            events = await opened.read_all(after=after, limit=min(limit, _PAGE))
            if not events:
                return
            show_some(events, as_json=as_json)
            after = events[-1].position.number
            limit -= len(events)


async def _show_one(position: int, *, as_json: bool) -> None:
    async with _opened() as opened:
        events: Sequence[RecordedEvent] = await opened.read_all(after=position - 1, limit=1)
        if not events or events[0].position.number != position:
            head = (await opened.head()).number
            raise click.ClickException(f"there is no event {position}: the log ends at {head}")
        show_one(events[0], as_json=as_json)


async def _tail(lines: int, after: int | None, *, follow: bool, as_json: bool) -> None:
    async with _opened() as opened:
        head = (await opened.head()).number
        start = max(0, head - lines) if after is None else after
        if follow:
            async for events in opened.tail(after=start):
                show_some(events, as_json=as_json)
        while start < head:
            events = await opened.read_all(after=start, limit=_PAGE)
            if not events:
                return
            show_some(events, as_json=as_json)
            start = events[-1].position.number


async def _stream(stream_id: StreamId, *, as_json: bool) -> None:
    async with _opened() as opened:
        events = await opened.read_stream(stream_id)
        if not events:
            raise click.ClickException("there is no such stream")
        show_some(events, as_json=as_json)


@asynccontextmanager
async def _opened() -> AsyncIterator[PostgresEventLog]:
    opened = PostgresEventLog(Environment(dict(os.environ)).text("DATABASE_URL"))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()
