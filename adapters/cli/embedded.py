"""`patriot run` and `patriot demo`: the whole system on this machine, seen or unseen."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from decimal import Decimal
from typing import Final

import click
from rich.console import Console
from rich.live import Live

from adapters.cli.screen import Header, draw
from adapters.cli.snapshot import Snapshot, Sources, take
from adapters.embedded.paths import default_cache, default_data
from adapters.embedded.seed import ACCOUNTS
from adapters.embedded.system import Choices, EmbeddedSystem, Ports
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import Verified, verify
from adapters.settings import Environment

_REFRESH_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 60.0
"""How long the demo waits for the read models to reach the end of the log."""
_WIDTH: Final = 170
"""Of the tables when there is no terminal to ask."""


@click.command()
@click.option("--speed", default=1, type=click.IntRange(1, 100), help="Of the market replay.")
@click.option("--no-strategy", is_flag=True, help="Without the demonstration strategy.")
def run(speed: int, *, no_strategy: bool) -> None:
    """Start both servers and every role, and show what they do until Ctrl-C.

    A second run continues from the same data. PATRIOT_DATA and PATRIOT_CACHE choose other folders,
    PATRIOT_..._PORT other ports.
    """
    without = frozenset({"strategy"}) if no_strategy else frozenset[str]()
    console = _console()
    _with_system(console, speed, without, lambda system, stop: _show(console, system, stop))


@click.command()
@click.option("--seconds", default=60, type=click.IntRange(5, 3600), help="How long to trade.")
@click.option("--speed", default=1, type=click.IntRange(1, 100), help="Of the market replay.")
@click.option("--exit", "leave", is_flag=True, help="End afterwards instead of going on.")
def demo(seconds: int, speed: int, *, leave: bool) -> None:
    """Trade unattended, print the final tables, and prove that they are what the log says.

    Exit code 1 when a read model differs from a fresh replay of the log.
    """
    console = _console()

    async def work(system: EmbeddedSystem, stop: asyncio.Event) -> None:
        await _demonstrate(console, system, stop, seconds)
        if not leave and not stop.is_set():
            await _show(console, system, stop)

    _with_system(console, speed, frozenset(), work)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _with_system(
    console: Console,
    speed: int,
    without: frozenset[str],
    work: Callable[[EmbeddedSystem, asyncio.Event], Coroutine[None, None, None]],
) -> None:
    environment = Environment(dict(os.environ))
    usual = Ports()
    ports = Ports(
        postgres=environment.port("PATRIOT_POSTGRES_PORT", usual.postgres),
        kafka=environment.port("PATRIOT_KAFKA_PORT", usual.kafka),
        kafka_controller=environment.port("PATRIOT_KAFKA_CONTROLLER_PORT", usual.kafka_controller),
        command=environment.port("PATRIOT_COMMAND_PORT", usual.command),
        query=environment.port("PATRIOT_QUERY_PORT", usual.query),
        venue=environment.port("PATRIOT_VENUE_PORT", usual.venue),
        http=environment.port("PATRIOT_HTTP_PORT", usual.http),
    )
    choices = Choices(
        data=default_data(),
        cache=default_cache(),
        ports=ports,
        speed=str(speed),
        log_level=environment.text("LOG_LEVEL", "INFO"),
    )
    system = EmbeddedSystem(choices, lambda line: console.print(f"· {line}", highlight=False))
    asyncio.run(_until_stopped(system, without, work))


async def _until_stopped(
    system: EmbeddedSystem,
    without: frozenset[str],
    work: Callable[[EmbeddedSystem, asyncio.Event], Coroutine[None, None, None]],
) -> None:
    """Start, work, and stop in order whatever happens; a child that dies ends the work."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        starting = asyncio.create_task(system.start(without=without))
        await _first_of(starting, asyncio.create_task(stop.wait()))
        if stop.is_set():
            return
        watching = asyncio.create_task(system.supervisor.watch(stop))
        await _first_of(asyncio.create_task(work(system, stop)), watching)
    finally:
        stop.set()
        await system.stop()


async def _first_of(*tasks: "asyncio.Task[object]") -> None:
    """Wait for the first to end, cancel the others, raise what it raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
    for task in done:
        task.result()


async def _show(console: Console, system: EmbeddedSystem, stop: asyncio.Event) -> None:
    """The live screen."""
    started = time.monotonic()
    sources = _sources(system)
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while not stop.is_set():
            snapshot = await asyncio.to_thread(take, sources, rows=_rows(console))
            seconds = int(time.monotonic() - started)
            live.update(draw(snapshot, _header(system, seconds)), refresh=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _REFRESH_SECONDS)


async def _demonstrate(
    console: Console, system: EmbeddedSystem, stop: asyncio.Event, seconds: int
) -> None:
    console.print(f"· trading for {seconds} seconds", highlight=False)
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    strategy = system.supervisor.children.pop("strategy", None)
    if strategy is not None:
        await strategy.stop()
    snapshot = await _settled(system)
    console.print(draw(snapshot, _header(system, seconds)))
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        verified = await verify(log, system.read_url("patriot_project"))
    finally:
        await log.close()
    _tell(console, snapshot, verified)


async def _settled(system: EmbeddedSystem) -> Snapshot:
    """A look at the system once every reader of the log has reached its end."""
    sources = _sources(system)
    deadline = time.monotonic() + _QUIET_SECONDS
    while True:
        snapshot = await asyncio.to_thread(take, sources, rows=12)
        head = snapshot.head
        reached = [row["position"] for row in snapshot.projections]
        if snapshot.trouble:
            raise click.ClickException(snapshot.trouble[0])
        if head is not None and reached and min(reached) >= head:
            return snapshot
        if time.monotonic() > deadline:
            raise click.ClickException(
                f"the read models did not reach the end of the log, {head}, in "
                f"{_QUIET_SECONDS:.0f} s: see the logs in {system.choices.data / 'logs'}"
            )
        await asyncio.sleep(0.2)


def _tell(console: Console, snapshot: Snapshot, verified: Verified) -> None:
    totals = snapshot.totals[0]
    if not totals["orders"] or not totals["fills"]:
        raise click.ClickException("nothing was traded: the demonstration shows nothing")
    if not verified.equal:
        for difference in verified.differences[:10]:
            console.print(f"  {difference}", highlight=False)
        raise click.ClickException("the read models differ from a replay of the log")
    rows = sum(verified.rows.values())
    profit = sum((row["profit"] or Decimal(0) for row in snapshot.risk), Decimal(0))
    console.print(
        f"{totals['orders']:,} orders, {totals['fills']:,} fills, profit {profit:+.4f} USDT; "
        f"{rows:,} rows of the read models equal a fresh replay of the log up to {snapshot.head:,}",
        highlight=False,
    )


def _sources(system: EmbeddedSystem) -> Sources:
    return Sources(system.read_url(), system.log_url(), system.role("relay").metrics_url)


def _rows(console: Console) -> int:
    """Rows of orders and fills that fit below the other tables."""
    return max(3, console.size.height - 39)


def _header(system: EmbeddedSystem, seconds: int) -> Header:
    ports, http = system.choices.ports, system.http_ports
    secrets = system.choices.data / "secrets"
    addresses = (
        ("commands", f"gRPC 127.0.0.1:{ports.command}   queries and log  127.0.0.1:{ports.query}"),
        ("log", f"DATABASE_URL={_without_password(system.log_url())}"),
        ("read models", f"psql {_without_password(system.read_url())}  (schema read)"),
        ("token", f"PATRIOT_DATA={system.choices.data} {sys.argv[0]} token trader"),
        ("passwords", f"{secrets / 'postgres'}   account {ACCOUNTS[0]}"),
        ("signed heads", str(system.heads)),
        ("metrics", f"http://127.0.0.1:{http[0]}/metrics and the {len(http) - 1} ports after"),
    )
    return Header("PATRIOT", addresses, seconds)


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, _, host = rest.partition("@")
    return f"{scheme}://{user.partition(':')[0]}@{host}"
