"""writers: two command engines on one log beside one, each account routed to one of them.

Engines are processes of their own; the same load is spread over them by account. PostgreSQL takes
one append at a time, so two writers cannot be faster than the log: the row says what is lost.
"""

import asyncio
import sys
from typing import Final

import uvloop

from adapters import collector
from adapters.clock import SystemClock
from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine
from adapters.postgres.log import PostgresEventLog
from domain.dispatch import Command
from domain.ids import PLATFORM, AccountId, CommandId, InstrumentId, OrderId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce
from domain.risk.commands import Limits, SetLimits
from domain.values import Side, parse_price, parse_quantity
from tests.benchmarks.report import Row
from tests.support import servers
from tests.support.servers import DatabaseServer
from tests.support.trading import RULES

_ACCOUNTS: Final = 200
_SENDERS: Final = 16
_BATCH: Final = 100
_TURNS: Final = 2
_INSTRUMENT: Final = InstrumentId("BINANCE:SUSHIUSDT")


def writers(seconds: int) -> Row:
    """Commands a second of two engines together, and of one, on logs of their own."""
    share = max(1, seconds // _TURNS)
    rates = {1: 0.0, 2: 0.0}
    with servers.session_folder() as folder, servers.postgres(folder / "postgres") as server:
        admin = DatabaseServer(server.url("postgres"))
        for _ in range(_TURNS):
            for count in rates:
                database = admin.create("eventlog")
                url = database.url("patriot_append")
                rates[count] += asyncio.run(_together(url, count, share)) / _TURNS
                admin.drop(database)
    conditions = {
        "accounts": _ACCOUNTS,
        "senders": _SENDERS,
        "commands_a_call": _BATCH,
        "events_a_command": 2,
        "fsync": "on",
        "excluded": "gRPC",
        "reference": "one engine with the same load",
    }
    ratio = rates[2] / rates[1]
    return Row("writers", rates[2], rates[1], ratio, ">= 0.9", "commands/s", conditions)


async def _together(url: str, count: int, seconds: float) -> float:
    """Start so many engines, let them go at once, and add up what they did."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, url, str(number), str(count), str(seconds),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for number in range(count)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    ended = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    return sum(float(out) for out, _ in ended)


async def _engine(url: str, number: int, count: int, seconds: float) -> None:
    """One engine with its share of the accounts and of the senders."""
    collector.spare()
    clock = SystemClock()
    log = PostgresEventLog(url)
    await log.open()
    engine = CommandEngine(log, clock)
    engine.start()
    accounts = [_account(each) for each in range(_ACCOUNTS) if each % count == number]
    if number == 0:
        await engine.submit(_submission(ListInstrument(_INSTRUMENT, RULES), PLATFORM, "listing"))
    limits = Limits("USDT", open_orders=1_000_000)
    await engine.submit_many(
        [_submission(SetLimits(each, limits), each, f"limits {each}") for each in accounts]
    )
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    deadline = clock.monotonic() + seconds
    started = clock.monotonic()
    done = await asyncio.gather(
        *(
            _send(engine, clock, accounts, f"{number} {sender}", deadline)
            for sender in range(_SENDERS // count)
        )
    )
    print(sum(done) / (clock.monotonic() - started), flush=True)
    await engine.stop()
    await log.close()


async def _send(
    engine: CommandEngine, clock: SystemClock, accounts: list[AccountId], name: str, deadline: float
) -> int:
    answered = 0
    while clock.monotonic() < deadline:
        orders = [
            _order(accounts[index % len(accounts)], f"{name} {index}")
            for index in range(answered, answered + _BATCH)
        ]
        outcomes = await engine.submit_many(orders)
        assert all(isinstance(each, Answer) and not each.rejected for each in outcomes)
        answered += len(outcomes)
    return answered


def _account(number: int) -> AccountId:
    return AccountId(derived("bench account", str(number)))


def _order(account: AccountId, name: str) -> Submission:
    command = PlaceOrder(
        order_id=OrderId(derived("bench order", name)),
        account_id=account,
        instrument_id=_INSTRUMENT,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=parse_quantity("10"),
        price=parse_price("7.616"),
    )
    return _submission(command, account, name)


def _submission(command: Command, account: AccountId, name: str) -> Submission:
    command_id = CommandId(derived("bench command", name))
    return Submission(command, command_id, account, "bench", command_id, name.encode())


if __name__ == "__main__":
    uvloop.run(_engine(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
