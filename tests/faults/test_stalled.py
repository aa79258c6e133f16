"""A database that is frozen, locked or behind a silent network, and a service without time."""

import asyncio
import random
import signal
import sys
from typing import Any

import grpc
import pytest

from adapters.embedded.process import Child, until_ready
from adapters.embedded.supervisor import answers
from adapters.proto.v1 import orders_pb2
from domain.reasons import Reason
from tests.faults import processes
from tests.faults.core import SERVICE, Core, caller
from tests.faults.journal import RETRIED, Journal, Told, order_of
from tests.faults.load import under_load
from tests.faults.oracle import judge
from tests.support import rpc
from tests.support.streams import ROOT, until
from tests.support.trading import ACCOUNT

pytestmark = pytest.mark.asyncio
_QUEUE_MAX = 20_000


async def test_a_frozen_database_fills_a_bounded_queue_and_drains(core: Core) -> None:
    """More commands arrive than may wait: the rest is told so, and nobody knocks like mad."""
    accepted = core.proxy.accepted
    batches = [_batch(1_000) for _ in range(26)]
    async with core.channel() as channel:
        async with processes.frozen(core.postgres.child):
            sending = [asyncio.create_task(_answered(core, channel, batch)) for batch in batches]

            async def full() -> bool:
                return await core.metric("patriot_command_queue") >= _QUEUE_MAX

            async def told() -> bool:
                return "cannot be read" in await core.unready()

            await until(full, "the queue to be full", seconds=30)
            await until(told, "the service to say that it is not ready", seconds=30)
            assert await core.metric("patriot_command_queue") <= _QUEUE_MAX
        results = [each for answer in await asyncio.gather(*sending) for each in answer.results]
    shed = [each for each in results if each.refusal.reason == Reason.OVERLOADED]
    recorded = [each for each in results if not each.refusal.reason]
    assert len(shed) + len(recorded) == 26_000
    assert len(shed) >= 26_000 - _QUEUE_MAX - 1_000
    placed = core.rows("SELECT count(*) FROM log.events WHERE type = 'order.placed.v2'")
    assert placed == [(len(recorded),)]
    print(f"shed {len(shed)}, connections asked for {core.proxy.accepted - accepted}")
    assert core.proxy.accepted - accepted < 60
    await until(lambda: _ready(core), "the service to be ready again")


async def _answered(
    core: Core, channel: grpc.aio.Channel, batch: orders_pb2.CommandBatch
) -> orders_pb2.ResultBatch:
    """The answer to a batch, sent again while there is none."""
    method = rpc.METHODS["SubmitCommands"]
    start: Any = channel.stream_stream(
        method.path, method.request.SerializeToString, method.response.FromString
    )
    while True:
        call = start(iter([batch]), metadata=core.metadata)
        try:
            (answer,) = [each async for each in call]
        except grpc.aio.AioRpcError as error:
            if error.code() not in RETRIED:
                raise
            await asyncio.sleep(0.2)
        else:
            assert isinstance(answer, orders_pb2.ResultBatch)
            return answer


async def test_a_silent_network_is_noticed_and_its_connections_are_replaced(core: Core) -> None:
    order = rpc.place()
    core.proxy.black_hole()
    assert await _refused(core, order, seconds=3) is grpc.StatusCode.DEADLINE_EXCEEDED

    async def told() -> bool:
        return "cannot be read" in await core.unready()

    await until(told, "the service to say that it is not ready", seconds=30)
    core.proxy.heal()
    await until(lambda: _ready(core), "the service to be ready again")
    answer = await core.call("PlaceOrder", order)
    assert await core.call("PlaceOrder", order) == answer
    assert core.rows("SELECT count(*) FROM log.events WHERE type = 'order.placed.v2'") == [(1,)]
    assert core.sessions().keys() <= {"idle"}


async def test_a_lock_that_somebody_holds_is_unavailable_and_then_over(core: Core) -> None:
    order = rpc.place()
    with core.holding("LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE"):
        assert await _refused(core, order) is grpc.StatusCode.UNAVAILABLE
    answer = await core.call("PlaceOrder", order)
    assert answer.position.number > 0
    assert core.rows("SELECT count(*) FROM log.events WHERE type = 'order.placed.v2'") == [(1,)]


async def test_two_thousand_calls_cancelled_at_random_leave_nothing_behind(core: Core) -> None:
    dice, journal = random.Random(13), Journal()
    orders = [order_of(ACCOUNT, rpc.fresh(), rpc.fresh()) for _ in range(2_000)]
    async with core.channel() as channel:
        place = caller(channel, "PlaceOrder")

        async def hurried(order: orders_pb2.PlaceOrderRequest) -> bool:
            journal.sent(order.command_id)
            call = place(order, metadata=core.metadata, timeout=15)
            asyncio.get_running_loop().call_later(dice.uniform(0, 0.02), call.cancel)
            try:
                journal.told(order.command_id, Told((await call).position.number))
            except asyncio.CancelledError:
                return True
            except grpc.aio.AioRpcError as error:
                # gRPC refuses streams to whoever resets too many: not processed, to be sent again.
                journal.lost(error, "PlaceOrder")
            return False

        cancelled = 0
        for begin in range(0, len(orders), 100):
            cancelled += sum(await asyncio.gather(*map(hurried, orders[begin : begin + 100])))
        print(f"{cancelled} were cancelled, {len(journal.answers)} were answered before")
        assert cancelled > 500

        async def drained() -> bool:
            # An empty queue is not enough: the last batch may still be on its way.
            at_rest = core.sessions().keys() <= {"idle"}
            return at_rest and await core.metric("patriot_command_queue") == 0

        await until(drained, "the queue to be empty and every session idle")
        assert sum(core.sessions().values()) <= 9, "one writer and eight readers"
        for order in orders:
            answer = await place(order, metadata=core.metadata, timeout=15)
            journal.told(order.command_id, Told(answer.position.number))
    verdict = await judge(core.database.admin_url, journal)
    assert verdict.violations == []
    assert verdict.acknowledged == len(orders)


async def test_a_service_with_a_fifth_of_the_time_sheds_and_keeps_its_promises(core: Core) -> None:
    async with under_load(core, seed=32, unary=8, streams=2) as load:
        async with processes.starved(core.service, share=0.2):
            await load.answers(300)
        await load.answers(100)
    assert load.violations == []


async def test_a_blocked_event_loop_is_told_by_the_health_check(stopped_core: Core) -> None:
    core = stopped_core
    child = Child(
        name=SERVICE,
        command=[sys.executable, "-m", "tests.faults.blockable", SERVICE],
        log=core.supervisor.logs / f"{SERVICE}.log",
        environment={**core.role.environment, "PYTHONPATH": str(ROOT)},
    )
    child.start()
    core.supervisor.add(child)
    await until_ready(child, lambda: answers(core.role.ready_url), seconds=60)
    await core.prepare()
    child.send(signal.SIGUSR1)

    async def told() -> bool:
        return "the event loop has been blocked" in await core.unready()

    order = rpc.place()
    code, _ = await asyncio.gather(
        _refused(core, order, seconds=1), until(told, "the health check to tell", pause=0.05)
    )
    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    await until(lambda: _ready(core), "the loop to come round")
    assert (await core.call("PlaceOrder", order)).position.number > 0


async def _ready(core: Core) -> bool:
    return not await core.unready()


async def _refused(
    core: Core, request: orders_pb2.PlaceOrderRequest, seconds: float = 15
) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await core.call("PlaceOrder", request, seconds=seconds)
    assert told.value.code() in RETRIED
    return told.value.code()


def _batch(size: int) -> orders_pb2.CommandBatch:
    batch = orders_pb2.CommandBatch()
    for _ in range(size):
        batch.commands.add(place=order_of(ACCOUNT, rpc.fresh(), rpc.fresh()))
    return batch
