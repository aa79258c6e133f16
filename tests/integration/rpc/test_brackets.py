"""Brackets over the wire: placed, filled, protected, shown, cancelled all at once, and by hand."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.proto.v1 import brackets_pb2, common_pb2, venues_pb2
from domain.ids import OrderId, exit_order_id
from domain.reasons import Reason
from tests.support import rpc
from tests.support.rpc import Services
from tests.support.rpc_brackets import place_bracket, protect
from tests.support.rpc_life import cancel_all
from tests.support.trading import OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        yield started


async def _entered(running: Services, **changes: Any) -> OrderId:
    request = place_bracket(**changes)
    await running.call("PlaceBracket", request)
    fill = rpc.report("filled", request.order_id)
    fill.filled.quantity = "4"
    await running.call("RecordReports", venues_pb2.ReportBatch(reports=[fill]))
    return OrderId(request.order_id)


async def _types(running: Services, stream: str) -> list[str]:
    return [
        event.type for event in await running.log.read_all(after=0) if event.stream_id == stream
    ]


async def test_the_exits_are_in_the_commit_of_the_fill(running: Services) -> None:
    entry = await _entered(running)
    events = await running.log.read_all(after=0)
    fill = next(event for event in events if event.type == "order.filled.v2")
    together = [event for event in events if event.metadata == fill.metadata]
    assert [event.type for event in together if event.type == "order.placed.v2"] == [
        "order.placed.v2"
    ] * 2
    assert await _types(running, exit_order_id(entry, "stop", 1)) == [
        "order.placed.v2",
        "order.linked.v1",
    ]


async def test_a_repeat_is_the_same_bracket_and_another_account_has_none(running: Services) -> None:
    request = place_bracket()
    [first] = await running.call("PlaceBracket", request)
    [second] = await running.call("PlaceBracket", request)
    assert first == second
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await running.call(
            "ProtectBracket",
            protect(request.order_id, account_id=OTHER_ACCOUNT),
            token=running.token((OTHER_ACCOUNT,)),
        )
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_cancelling_all_cancels_the_exits_and_they_can_be_sent_again(
    running: Services,
) -> None:
    entry = await _entered(running)
    stop, target = exit_order_id(entry, "stop", 1), exit_order_id(entry, "target", 1)
    [answer] = await running.call("CancelAllOrders", cancel_all(instrument="", strategy_id=""))
    assert [one.order_id for one in answer.orders] == [entry, stop, target]
    assert all(not one.result.HasField("refusal") for one in answer.orders)
    reports = [rpc.report("cancelled", order) for order in (entry, stop, target)]
    await running.call("RecordReports", venues_pb2.ReportBatch(reports=reports))
    assert await _types(running, exit_order_id(entry, "stop", 2)) == []
    await running.call("ProtectBracket", protect(entry))
    assert await _types(running, exit_order_id(entry, "stop", 2)) == [
        "order.placed.v2",
        "order.linked.v1",
    ]


async def test_a_stop_on_the_wrong_side_is_told_with_both_prices(running: Services) -> None:
    stop = brackets_pb2.BracketExit(type=common_pb2.ORDER_TYPE_STOP_MARKET, trigger_price="9")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await running.call("PlaceBracket", place_bracket(stop=stop))
    told = rpc.trailing(refused.value)["patriot-refusal-bin"]
    refusal = common_pb2.Refusal.FromString(told)
    assert refusal.reason == Reason.STOP_ON_WRONG_SIDE
    assert (refusal.limit, refusal.value) == ("8", "9")
