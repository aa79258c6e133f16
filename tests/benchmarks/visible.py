"""visible: from sending a command to its row being readable by SQL, at a fixed rate, open loop.

The reference is one round trip of the same payload through Kafka alone: produced, acknowledged and
consumed again.
"""

import asyncio
import time
from typing import Final

import grpc
import psycopg
from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from adapters.embedded.system import EmbeddedSystem
from adapters.proto.v1 import orders_pb2_grpc
from tests.benchmarks.report import Row, percentiles
from tests.benchmarks.system import ALL_BUT_PATH, accounts, order, system, token_of

_RATE: Final = 300
_TOPIC: Final = "patriot.deadletter.v1"
_PAYLOAD: Final = b"x" * 1500
_ROUNDS: Final = 300


def visible(seconds: int) -> Row:
    """Milliseconds by percentile."""
    ours, reference = asyncio.run(_both(seconds))
    ratio = {name: ours[name] / reference[name] for name in ours}
    conditions = {
        "rate": _RATE,
        "looked_at": "read.orders every millisecond on one connection, all new rows at once",
        "reference": "one Kafka round trip of 1,500 bytes",
    }
    goal = "p50 <= 20 ms, p99 <= 100 ms"
    return Row("visible", ours, reference, ratio, goal, "ms", conditions)


async def _both(seconds: int) -> tuple[dict[str, float], dict[str, float]]:
    async with system(ALL_BUT_PATH) as running:
        ours = await _ours(running, seconds)
        assert running.kafka is not None
        reference = await asyncio.to_thread(_round_trips, running.kafka.brokers)
    return ours, reference


async def _ours(running: EmbeddedSystem, seconds: int) -> dict[str, float]:
    names = await accounts(running, 20)
    metadata = token_of("trader_of_all", running)
    due_at: dict[str, float] = {}
    seen: dict[str, float] = {}
    total = seconds * _RATE
    address = f"127.0.0.1:{running.choices.ports.command}"
    watching = asyncio.create_task(_watch(running.read_url(), seen, total))
    async with grpc.aio.insecure_channel(address) as channel:
        stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        started = time.perf_counter()
        calls = []
        for number in range(total):
            due = started + number / _RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            request = order(names[number % len(names)], "visible", str(number))
            due_at[request.order_id] = due
            calls.append(asyncio.ensure_future(stub.PlaceOrder(request, metadata=metadata)))
        await asyncio.gather(*calls)
    await asyncio.wait_for(watching, 60)
    return percentiles([(seen[name] - due) * 1000 for name, due in due_at.items()])


async def _watch(url: str, seen: dict[str, float], total: int) -> None:
    """Note when each order is first seen."""
    after = 0
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while len(seen) < total:
            rows = await (
                await connection.execute(
                    "SELECT order_id::text, created_position FROM read.orders "
                    "WHERE created_position > %s ORDER BY created_position",
                    (after,),
                )
            ).fetchall()
            now = time.perf_counter()
            for order_id, _ in rows:
                seen.setdefault(order_id, now)
            # Partitions are not applied in the order of the log, so look a little behind, too.
            after = max(0, (rows[-1][1] if rows else after) - 2_000)
            await asyncio.sleep(0.001)


def _round_trips(brokers: str) -> dict[str, float]:
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0, "acks": "all"})
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "bench", "fetch.wait.max.ms": 10}
    )
    consumer.assign([TopicPartition(_TOPIC, 0, OFFSET_END)])
    consumer.poll(2)
    samples = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        producer.produce(_TOPIC, _PAYLOAD, partition=0)
        producer.flush()
        while consumer.poll(5) is None:
            continue
        samples.append((time.perf_counter() - started) * 1000)
    consumer.close()
    return percentiles(samples[1:])
