"""growth: what an append, a command and a query take as the log grows from 0.1M events on.

Medians of many, and all sizes on the same server one after the other. growth_10m goes on to ten
million events and takes some ten minutes; it runs only when it is named.
"""

import hashlib
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

import uvloop

from adapters.clock import SystemClock
from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine
from adapters.postgres.history import opened
from adapters.postgres.log import PostgresEventLog
from adapters.replay import order as replay_order
from domain.dispatch import Command
from domain.envelope import NewEvent
from domain.ids import PLATFORM, AccountId, CommandId, InstrumentId, OrderId, StreamId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce
from domain.ports import Appended, Batch, CommandRecord
from domain.risk.commands import Limits, SetLimits
from domain.values import Price, Quantity, Side
from tests.benchmarks.report import Row
from tests.benchmarks.trading_log import fill
from tests.support import servers
from tests.support.servers import Database, DatabaseServer
from tests.support.trading import RULES

_SAMPLES: Final = 300
_EVENTS: Final = 400
_ACCOUNTS: Final = 50
_INSTRUMENT: Final = InstrumentId("BINANCE:GROWTHUSDT")
_numbers = itertools.count(1)


def growth(seconds: int) -> Row:
    """At 0.1 and 1 million events."""
    del seconds  # the log's sizes are the point
    return _measured("growth", (100_000, 1_000_000))


def growth_10m(seconds: int) -> Row:
    """At 0.1, 1 and 10 million events."""
    del seconds
    return _measured("growth_10m", (100_000, 1_000_000, 10_000_000))


def _measured(name: str, sizes: tuple[int, ...]) -> Row:
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        database = DatabaseServer(server.url("postgres")).create("eventlog")
        times = uvloop.run(_all(database, sizes))
    first, last = times[sizes[0]], times[sizes[-1]]
    ratio = {what: last[what] / first[what] for what in first}
    conditions = {
        "milliseconds_by_events": times,
        "append": f"one commit of {_EVENTS} new streams of one event",
        "command": f"one PlaceOrder through the engine, {_ACCOUNTS} accounts in turn",
        "query": "an order's state and its decision explained, as patriot replay --order",
        "samples": _SAMPLES,
        "reference": f"the same at {sizes[0]:,} events",
    }
    return Row(name, last, first, ratio, "<= 1.3", "ms", conditions)


async def _all(database: Database, sizes: tuple[int, ...]) -> dict[int, dict[str, float]]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SystemClock())
    engine.start()
    try:
        orders = await _prepared(engine)
        times = {}
        for size in sizes:
            await fill(log, size, commit=4_000)
            times[size] = {
                "append": await _median(lambda: _append(log)),
                "command": await _median(lambda: _command(engine)),
                "query": await _queries(database.url("patriot_tail"), log, orders),
            }
        return times
    finally:
        await engine.stop()
        await log.close()


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    samples = []
    for number in range(_SAMPLES + 20):
        started = time.perf_counter()
        await work()
        if number >= 20:  # the first ones warm up what a fresh connection has not cached
            samples.append((time.perf_counter() - started) * 1000)
    return statistics.median(samples)


async def _append(log: PostgresEventLog) -> None:
    number = next(_numbers)
    names = [StreamId(derived("growth", str(number), str(each))) for each in range(_EVENTS)]
    events = tuple(
        NewEvent(name, 1, "order.placed.v2", _account(0), b"x" * 250, b"y" * 200) for name in names
    )
    command_id = CommandId(derived("growth append", str(number)))
    record = CommandRecord(_account(0), command_id, b"f" * 32, b"{}", events)
    assert isinstance(await log.append(Batch((record,), dict.fromkeys(names, 0))), Appended)


async def _prepared(engine: CommandEngine) -> list[OrderId]:
    """List the instrument and set limits; orders of which the history is asked for later."""
    await _do(engine, ListInstrument(_INSTRUMENT, RULES), PLATFORM)
    for number in range(_ACCOUNTS):
        await _do(engine, SetLimits(_account(number), Limits(currency="USDT")), _account(number))
    return [await _command(engine) for _ in range(_ACCOUNTS)]


async def _command(engine: CommandEngine) -> OrderId:
    number = next(_numbers)
    account = _account(number % _ACCOUNTS)
    order_id = OrderId(derived("growth order", str(number)))
    command = PlaceOrder(
        order_id=order_id,
        account_id=account,
        instrument_id=_INSTRUMENT,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity(Decimal(10)),
        price=Price(Decimal("8.125")),
    )
    await _do(engine, command, account)
    return order_id


async def _do(engine: CommandEngine, command: Command, account: AccountId) -> None:
    name = derived("growth command", str(next(_numbers)))
    fingerprint = hashlib.sha256(name.encode()).digest()
    answer = await engine.submit(
        Submission(command, CommandId(name), account, "bench", name, fingerprint)
    )
    assert isinstance(answer, Answer)
    assert answer.rejected is None, answer.rejected


async def _queries(url: str, log: PostgresEventLog, orders: list[OrderId]) -> float:
    head = (await log.head()).number
    wanted = itertools.cycle(orders)
    async with opened(url) as history:
        return await _median(lambda: replay_order(history, next(wanted), head))


def _account(number: int) -> AccountId:
    return AccountId(derived("growth account", str(number)))
