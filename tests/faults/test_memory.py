"""Messages as large as they may be, and larger, many at once: refused, and not kept."""

import asyncio
from collections import Counter
from typing import Final

import grpc
import pytest

from adapters.proto.v1 import orders_pb2
from tests.faults import processes
from tests.faults.core import Core, caller
from tests.support import rpc
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

_MESSAGE_MAX: Final = 4 * 1024 * 1024
_GROWTH_MAX: Final = 512 * 1024 * 1024
"""The flood below carries 1.7 GB, sixteen messages at a time."""
_CALLS_MAX: Final = 1_000
_LATER: Final = "RESOURCE_EXHAUSTED, call later"


async def test_a_flood_of_large_messages_leaves_memory_bounded(core: Core) -> None:
    """Refused calls must not keep their messages: they did until the collector came round."""
    before, _ = processes.memory(core.service.pid)
    told: Counter[str] = Counter()
    large = [_order_of_size(_MESSAGE_MAX - 1_000) for _ in range(100)]
    await asyncio.gather(*(_flood(core, large, told, at_once=4) for _ in range(4)))
    assert told == {"INVALID_ARGUMENT": 400}
    await _flood(core, [_order_of_size(_MESSAGE_MAX + 1_000) for _ in range(100)], told)
    assert told == {"INVALID_ARGUMENT": 400, "RESOURCE_EXHAUSTED": 100}
    _, most = processes.memory(core.service.pid)
    print(f"{before / 2**20:.0f} MB before, {most / 2**20:.0f} MB at most")
    assert most - before < _GROWTH_MAX
    assert await core.unready() == ""
    assert (await core.call("PlaceOrder", rpc.place())).position.number > 0


async def test_calls_beyond_the_bound_are_turned_away_and_the_others_answered(core: Core) -> None:
    """A burst of more than a thousand, which by itself gRPC would answer CANCELLED in part."""
    told: Counter[str] = Counter()
    parts = [[rpc.place() for _ in range(130)] for _ in range(10)]
    async with processes.frozen(core.postgres.child):
        floods = [asyncio.create_task(_flood(core, part, told)) for part in parts]

        async def all_but_the_bound() -> bool:
            return told[_LATER] >= 1_300 - _CALLS_MAX

        await until(all_but_the_bound, "the calls beyond the bound to be refused", seconds=10)
    await asyncio.gather(*floods)
    assert told.keys() == {"OK", _LATER}
    assert told["OK"] >= _CALLS_MAX, "every place was given to somebody"
    placed = core.rows("SELECT count(*) FROM log.events WHERE type = 'order.placed.v2'")
    assert placed == [(told["OK"],)]


async def _flood(
    core: Core,
    orders: list[orders_pb2.PlaceOrderRequest],
    told: Counter[str],
    at_once: int = 200,
) -> None:
    """So many at once on a connection of their own; counts what was told."""
    gate = asyncio.Semaphore(at_once)
    async with core.channel() as channel:
        place = caller(channel, "PlaceOrder")

        async def send(order: orders_pb2.PlaceOrderRequest) -> None:
            async with gate:
                try:
                    await place(order, metadata=core.metadata, timeout=60)
                    told["OK"] += 1
                except grpc.aio.AioRpcError as error:
                    later = "retry-after-ms" in rpc.trailing(error)
                    told[error.code().name + ", call later" * later] += 1

        await asyncio.gather(*map(send, orders))


def _order_of_size(size: int) -> orders_pb2.PlaceOrderRequest:
    order = rpc.place(instrument="")
    order.instrument = "x" * (size - order.ByteSize() - 5)
    return order
