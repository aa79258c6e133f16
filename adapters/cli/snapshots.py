"""`patriot snapshots`: states of long streams, kept so that a command service starts quickly."""

import asyncio
import os

import click

from adapters.cli.roles import serve
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.snapshots import EVERY, SnapshotWriter
from adapters.settings import Environment
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock

_EVERY = click.option(
    "--every",
    default=EVERY,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Events of a stream between two snapshots.",
)


@click.group()
def snapshots() -> None:
    """Keep the states of long streams (DATABASE_URL, role patriot_snapshot)."""


@snapshots.command()
@_EVERY
def rebuild(every: int) -> None:
    """Forget every snapshot and write them anew from the log.

    Also the way on after an older log was restored on purpose: snapshots of what the log no longer
    holds keep the command service from starting.
    """
    written = asyncio.run(_rebuild(_environment().text("DATABASE_URL"), every))
    click.echo(f"{written} snapshots were written anew from the log")


@snapshots.command()
@_EVERY
def follow(every: int) -> None:
    """Role: keep states as streams grow, and mend damaged ones.

    DATABASE_URL, PATRIOT_HTTP_PORT.
    """
    environment = _environment()
    url = environment.text("DATABASE_URL")

    async def work(clock: Clock, stop: asyncio.Event, status: RoleStatus) -> None:
        del clock
        await _follow(url, every, stop, status)

    serve("snapshots", environment, work)


async def _follow(url: str, every: int, stop: asyncio.Event, status: RoleStatus) -> None:
    log = PostgresEventLog(url)
    await log.open()
    try:

        def told(trouble: str) -> None:
            status.unready = trouble

        await SnapshotWriter(log, url, every=every).follow(stop, told)
    finally:
        await log.close()


async def _rebuild(url: str, every: int) -> int:
    log = PostgresEventLog(url)
    await log.open()
    try:
        return await SnapshotWriter(log, url, every=every).rebuild()
    finally:
        await log.close()


def _environment() -> Environment:
    return Environment(dict(os.environ))
