"""memory: resident size of a command engine for 100,000 open orders, beside their bytes in the log.

The engine runs in a fresh process of its own on a log that keeps nothing, so that what grows is
what the engine holds: states of orders and risk, and the answers that it remembers.
"""

import asyncio
import gc
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from adapters.clock import SystemClock
from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine, EngineOptions
from domain.dispatch import Command
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import PLATFORM, AccountId, CommandId, InstrumentId, OrderId, StreamId, derived
from domain.instruments.commands import ListInstrument
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce
from domain.ports import Appended, Batch, RecordedCommand, StoredSnapshot
from domain.risk.commands import Limits, SetLimits
from domain.values import Price, Quantity, Side
from tests.benchmarks.report import Row
from tests.support.trading import RULES

_ORDERS: Final = 100_000
_ACCOUNTS: Final = 1_000
_BATCH: Final = 1_000
_ANSWERS: Final = EngineOptions().answers_max
_MEGABYTE: Final = 1 << 20
_INSTRUMENT: Final = InstrumentId("BINANCE:MEMORYUSDT")


def memory(seconds: int) -> Row:
    """Megabytes that the process grew by."""
    del seconds  # the number of orders is the point
    probes = {answers: _in_a_process(answers) for answers in (_ANSWERS, 1)}
    ours, reference = probes[_ANSWERS]["grown"], probes[_ANSWERS]["bytes_in_the_log"]
    conditions = {
        "open_orders": _ORDERS,
        "accounts": _ACCOUNTS,
        "idle_megabytes": probes[_ANSWERS]["idle"],
        "megabytes_without_remembered_answers": probes[1]["grown"],
        "reference": "payload and metadata of the same orders' events",
    }
    return Row("memory", ours, reference, ours / reference, "measured", "MB", conditions)


def _in_a_process(answers: int) -> dict[str, float]:
    """A probe whose memory nothing else has touched before."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.memory", str(answers)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


class _Nowhere:
    """A log that takes everything and keeps its length alone."""

    def __init__(self) -> None:
        self.position = 0
        self.bytes = 0

    async def append(self, batch: Batch) -> Appended:
        done = []
        for command in batch.commands:
            first = self.position + 1
            self.position += len(command.events)
            self.bytes += sum(len(each.payload) + len(each.metadata) for each in command.events)
            done.append(
                RecordedCommand(
                    command.account_id,
                    command.command_id,
                    command.fingerprint,
                    command.result,
                    LogPosition(0, first),
                    LogPosition(0, self.position),
                )
            )
        return Appended(tuple(done))

    async def find_commands(
        self, keys: Sequence[tuple[AccountId, CommandId]]
    ) -> Sequence[RecordedCommand]:
        del keys
        return ()

    async def read_stream(
        self, stream_id: StreamId, *, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        del stream_id, after, limit
        return ()

    async def read_snapshot(self, stream_id: StreamId, shape: str) -> StoredSnapshot | None:
        del stream_id, shape
        return None

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]:
        del after, limit
        return ()

    async def head(self) -> LogPosition:
        return LogPosition(0, self.position)

    async def tail(
        self, *, after: int = 0, limit: int = 1000
    ) -> AsyncIterator[Sequence[RecordedEvent]]:
        del after, limit
        yield ()


async def _probe(answers: int) -> dict[str, float]:
    """What an engine takes that remembers so many answers, in this very process."""
    log = _Nowhere()
    idle = _resident()
    engine = await _filled(log, EngineOptions(answers_max=answers))
    grown = _resident() - idle
    await engine.stop()
    return {"idle": idle, "grown": grown, "bytes_in_the_log": log.bytes / _MEGABYTE}


async def _filled(log: _Nowhere, options: EngineOptions) -> CommandEngine:
    engine = CommandEngine(log, SystemClock(), options)
    engine.start()
    accounts = [AccountId(derived("memory", str(n))) for n in range(_ACCOUNTS)]
    limits = Limits(currency="USDT")
    await _do(engine, [(ListInstrument(_INSTRUMENT, RULES), PLATFORM)], "listing")
    await _do(engine, [(SetLimits(each, limits), each) for each in accounts], "limits")
    for start in range(0, _ORDERS, _BATCH):
        orders = [_order(number, accounts) for number in range(start, start + _BATCH)]
        await _do(engine, [(order, order.account_id) for order in orders], f"orders {start}")
    return engine


def _order(number: int, accounts: list[AccountId]) -> PlaceOrder:
    return PlaceOrder(
        order_id=OrderId(derived("memory order", str(number))),
        account_id=accounts[number % _ACCOUNTS],
        instrument_id=_INSTRUMENT,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity(Decimal(10 + number % 7)),
        price=Price(Decimal(8_000 + number % 100) / 1000),
    )


async def _do(
    engine: CommandEngine, commands: Sequence[tuple[Command, AccountId]], name: str
) -> None:
    submissions = []
    for number, (command, account) in enumerate(commands):
        known_as = derived("memory command", name, type(command).__name__, str(number))
        digest = hashlib.sha256(known_as.encode()).digest()
        submissions.append(
            Submission(command, CommandId(known_as), account, "bench", known_as, digest)
        )
    for answer in await engine.submit_many(submissions):
        assert isinstance(answer, Answer)
        assert answer.rejected is None, answer.rejected


def _resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_probe(int(sys.argv[1])))))
