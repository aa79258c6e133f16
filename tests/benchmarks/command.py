"""command and command_latency: PlaceOrder by gRPC, risk-checked, durable, the client included.

Client, service and server share the machine. Each command is decided on its account's limits and
appends two events; the client counts an answer when it has it. Accounts are reused, so their open
orders grow during the run, as on a real desk without cancels. Ours and the reference take turns on
one server, so that a neighbour's load meets both.
"""

import asyncio
import time
from typing import Final

import grpc
import uvloop

from adapters.embedded.system import EmbeddedSystem
from adapters.proto.v1 import orders_pb2, orders_pb2_grpc
from tests.benchmarks.reference import pgbench
from tests.benchmarks.report import Row, percentiles
from tests.benchmarks.system import ALL_BUT_COMMANDS, accounts, order, system, token_of

_BATCH: Final = 100
_STREAMS: Final = 4
_ACCOUNTS: Final = 200
_RATE: Final = 300
_TURNS: Final = 2


def command(seconds: int) -> Row:
    """Streaming, beside pgbench's one-row commits with 32 clients."""
    ours, reference = uvloop.run(_rates(seconds))
    conditions = {
        "commands_a_message": _BATCH,
        "streams": _STREAMS,
        "accounts": _ACCOUNTS,
        "events_a_command": 2,
        "fsync": "on",
        "client": "on the same cores",
        "reference": "pgbench, 32 clients, prepared one-row inserts of 250 bytes",
    }
    ratio = ours / reference
    return Row("command", ours, reference, ratio, ">= 1.5", "commands/s", conditions)


def command_latency(seconds: int) -> Row:
    """Unary at a fixed rate, open loop, beside the time of one pgbench commit."""
    ours, commit = uvloop.run(_times(seconds))
    ratio = {name: value / commit for name, value in ours.items()}
    conditions = {
        "rate": _RATE,
        "reference": "mean time of a commit, pgbench with one client",
        "fsync": "on",
    }
    goal = "p50 <= 8, p99 <= 40"
    return Row("command_latency", ours, commit, ratio, goal, "ms", conditions)


async def _rates(seconds: int) -> tuple[float, float]:
    """Commands and commits a second."""
    share = max(1, seconds // _TURNS)
    ours = reference = 0.0
    async with system(ALL_BUT_COMMANDS) as running:
        assert running.postgres is not None
        admin = running.postgres.url("postgres")
        names = await accounts(running, _ACCOUNTS)
        for turn in range(_TURNS):
            ours += await _throughput(running, names, share, turn) / _TURNS
            reference += await pgbench(admin, clients=32, seconds=share) / _TURNS
    return ours, reference


async def _times(seconds: int) -> tuple[dict[str, float], float]:
    """Milliseconds by percentile, and those of one commit."""
    async with system(ALL_BUT_COMMANDS) as running:
        assert running.postgres is not None
        names = await accounts(running, _ACCOUNTS)
        ours = await _latencies(running, names, seconds)
        rate = await pgbench(running.postgres.url("postgres"), clients=1, seconds=seconds)
    return ours, 1000 / rate


async def _throughput(running: EmbeddedSystem, names: list[str], seconds: int, turn: int) -> float:
    # Made beforehand: building requests is the client's business, but not for the clock.
    batches = max(100, seconds * 400 // _STREAMS)
    prepared = [
        [_batch(names, turn * _STREAMS + stream, number) for number in range(batches)]
        for stream in range(_STREAMS)
    ]
    started = time.perf_counter()
    deadline = started + seconds
    counts = await asyncio.gather(*(_stream(running, each, deadline) for each in prepared))
    return sum(counts) / (time.perf_counter() - started)


def _batch(names: list[str], stream: int, number: int) -> orders_pb2.CommandBatch:
    batch = orders_pb2.CommandBatch()
    for index in range(_BATCH):
        account = names[(stream * 7 + number * 13 + index) % len(names)]
        place = order(account, str(stream), str(number), str(index))
        batch.commands.add(place=place)
    return batch


async def _stream(
    running: EmbeddedSystem, batches: list[orders_pb2.CommandBatch], deadline: float
) -> int:
    """One connection with a few batches under way at once; gives the number of answers."""
    answered = 0
    under_way = asyncio.Semaphore(4)
    address = f"127.0.0.1:{running.choices.ports.command}"
    async with grpc.aio.insecure_channel(address) as channel:
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        call = stub.SubmitCommands(metadata=token_of("trader_of_all", running))

        async def write() -> None:
            for batch in batches:
                await under_way.acquire()
                if time.perf_counter() > deadline:
                    break
                await call.write(batch)
            await call.done_writing()

        writing = asyncio.create_task(write())
        async for results in call:
            answered += len(results.results)
            assert not results.results[0].refusal.reason, results.results[0].refusal
            under_way.release()
        await writing
    return answered


async def _latencies(running: EmbeddedSystem, names: list[str], seconds: int) -> dict[str, float]:
    """Milliseconds from when a request should have been sent to its answer."""
    address = f"127.0.0.1:{running.choices.ports.command}"
    metadata = token_of("trader_of_all", running)
    samples: list[float] = []
    async with grpc.aio.insecure_channel(address) as channel:
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]

        async def one(number: int, due: float) -> None:
            await stub.PlaceOrder(
                order(names[number % len(names)], "latency", str(number)), metadata=metadata
            )
            samples.append((time.perf_counter() - due) * 1000)

        await one(0, time.perf_counter())
        samples.clear()
        started = time.perf_counter()
        tasks = []
        for number in range(1, seconds * _RATE):
            due = started + number / _RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(one(number, due)))
        await asyncio.gather(*tasks)
    return percentiles(samples)
