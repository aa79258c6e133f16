"""Service and database killed and told to stop under load: what was acknowledged is in the log."""

import asyncio
import random
import signal
from typing import Any

import grpc
import pytest

from adapters.proto.v1 import common_pb2
from domain.reasons import Reason
from tests.faults import processes
from tests.faults.core import Core, caller
from tests.faults.load import under_load
from tests.support import rpc
from tests.support.streams import until

pytestmark = pytest.mark.asyncio


async def test_the_service_killed_at_random_under_load(core: Core) -> None:
    dice = random.Random(2)
    seconds = []
    async with under_load(core, seed=2) as load:
        for _ in range(8):
            await load.answers(20)
            await asyncio.sleep(dice.uniform(0, 0.3))
            seconds.append(await core.kill_service())
    print(f"ready again after {max(seconds):.1f} s at most")
    assert load.violations == []
    assert load.verdict.acknowledged > 160


async def test_every_process_of_the_database_killed_under_load(core: Core) -> None:
    """The service is not restarted: it finds the database again by itself."""
    dice, service = random.Random(3), core.service.pid
    async with under_load(core, seed=3) as load:
        for _ in range(3):
            await load.answers(20)
            await asyncio.sleep(dice.uniform(0, 0.3))
            assert await core.kill_postgres() > 5
        await load.answers(20)

        async def ready() -> bool:
            return not await core.unready()

        await until(ready, "the service to say that it is ready")
    assert load.violations == []
    assert core.service.pid == service


async def test_a_stop_answers_two_hundred_that_are_on_their_way(core: Core) -> None:
    """Among them some that will be refused, and some whose senders hang up."""
    orders = [rpc.place() for _ in range(180)]
    unknown = [rpc.cancel(rpc.fresh()) for _ in range(20)]
    async with core.channel() as first, core.channel() as second:
        place, cancel = caller(first, "PlaceOrder"), caller(second, "CancelOrder")
        extra = {"metadata": core.metadata, "timeout": 15}
        async with processes.frozen(core.postgres.child):
            placing = [place(order, **extra) for order in orders]
            cancelling = [cancel(request, **extra) for request in unknown]

            async def arrived() -> bool:
                # The first of them are in a commit that does not end, the others wait.
                return await core.metric("patriot_command_queue") >= 150

            await until(arrived, "the commands to arrive", seconds=10)
            for call in placing[:20]:
                call.cancel()
            core.service.send(signal.SIGTERM)

            async def turned_away() -> bool:
                return await _code(core, rpc.place()) is grpc.StatusCode.UNAVAILABLE

            await until(turned_away, "new commands to be turned away", seconds=10)
        told = await asyncio.gather(*placing[20:], *cancelling, return_exceptions=True)
    answers, refusals = told[:160], told[160:]
    assert [each for each in answers if isinstance(each, BaseException)] == []
    assert {_reason(each) for each in refusals} == {Reason.ORDER_UNKNOWN}
    assert await core.service.wait(30) == 0
    placed = core.rows("SELECT command_id::text FROM log.commands")
    assert {order.command_id for order in orders[20:]} <= {row[0] for row in placed}
    await core.start()
    again = await asyncio.gather(*(core.call("PlaceOrder", order) for order in orders[20:30]))
    assert again == answers[:10]
    for order in orders[:20]:
        await core.call("PlaceOrder", order)
    effects = core.rows(
        "SELECT count(*), count(DISTINCT stream_id) FROM log.events WHERE type = 'order.placed.v2'"
        " AND convert_from(metadata, 'UTF8')::json->>'command_id' = ANY(%s)",
        [order.command_id for order in orders],
    )
    assert effects == [(180, 180)]


async def _code(core: Core, request: Any) -> grpc.StatusCode:
    try:
        await core.call("PlaceOrder", request, seconds=1)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def _reason(told: Any) -> int:
    assert isinstance(told, grpc.aio.AioRpcError), told
    refusal: Any = rpc.trailing(told)["patriot-refusal-bin"]
    return int(common_pb2.Refusal.FromString(refusal).reason)
