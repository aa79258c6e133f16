"""Everything that is open of an account is cancelled by one call, whatever is halted."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import grpc
import orjson
import pytest
import pytest_asyncio
from click.testing import CliRunner

from adapters.cli.orders import orders
from adapters.codec import decode_metadata
from adapters.proto.v1 import orders_pb2, risk_pb2, venues_pb2
from domain.ids import StreamId
from domain.reasons import Reason
from tests.support import rpc
from tests.support.rpc import Services
from tests.support.rpc_life import cancel_all, replace
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

LINK = "BINANCE:LINKUSDT"
STRATEGY = "3f0f7f0e-7c1a-4a58-9d1e-6a1f4a2b7c11"


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        listing = rpc.list_instrument()
        listing.command_id, listing.instrument = rpc.fresh(), LINK
        await started.call("ListInstrument", listing, token=started.token(("*",)))
        yield started


async def _placed(running: Services, number: int, **changes: Any) -> str:
    request = rpc.place(price=str(7 + number / 10), **changes)
    await running.call("PlaceOrder", request, token=running.token((ACCOUNT, OTHER_ACCOUNT)))
    return request.order_id


def _everything(**changes: Any) -> orders_pb2.CancelAllOrdersRequest:
    return cancel_all(**{"instrument": "", "strategy_id": "", **changes})


async def _cancelled(running: Services, request: orders_pb2.CancelAllOrdersRequest) -> list[str]:
    """The orders that the venue is asked to cancel by this call."""
    [answer] = await running.call("CancelAllOrders", request)
    assert all(not one.result.HasField("refusal") for one in answer.orders), answer
    return [one.order_id for one in answer.orders]


async def test_the_scope_says_which_orders_are_meant(running: Services) -> None:
    plain = await _placed(running, 1)
    led = await _placed(running, 2, strategy_id=STRATEGY)
    elsewhere = await _placed(running, 3, instrument=LINK)
    both = await _placed(running, 4, instrument=LINK, strategy_id=STRATEGY)
    foreign = await _placed(running, 5, account_id=OTHER_ACCOUNT)
    asked = _everything(instrument=LINK, strategy_id=STRATEGY)
    assert await _cancelled(running, asked) == [both]
    assert (
        await _cancelled(running, _everything(command_id=rpc.fresh(), strategy_id=rpc.fresh()))
        == []
    )
    again = await running.call("CancelAllOrders", _everything())
    told = {one.order_id: one.result.refusal.reason for one in again[0].orders}
    # What is being cancelled is still open until the venue has answered.
    already = Reason.CANCEL_ALREADY_REQUESTED
    assert told == {plain: 0, led: 0, elsewhere: 0, both: already}
    events = await running.log.read_all(after=0)
    asked_for = [event for event in events if event.type == "order.cancel_requested.v1"]
    assert len(asked_for) == 4
    assert foreign not in {event.stream_id for event in asked_for}
    assert decode_metadata(asked_for[0].metadata).correlation_id == asked.command_id


async def test_a_halt_of_the_account_and_of_all_lets_it_pass(running: Services) -> None:
    order_id = await _placed(running, 1)
    everybody = running.token(("*",))
    halting = risk_pb2.HaltRequest(command_id=rpc.fresh(), account_id=ACCOUNT, reason="drill")
    await running.call("Halt", halting, token=everybody)
    halting = risk_pb2.HaltRequest(command_id=rpc.fresh(), reason="drill")
    await running.call("Halt", halting, token=everybody)
    assert await _cancelled(running, _everything()) == [order_id]


async def test_a_replacement_that_waits_is_cancelled_before_it_could_be_sent(
    running: Services,
) -> None:
    order_id = await _placed(running, 1, strategy_id=STRATEGY)
    request = replace(order_id)
    await running.call("ReplaceOrder", request)
    [answer] = await running.call("CancelAllOrders", _everything(strategy_id=STRATEGY))
    told = [(one.order_id, one.result.refusal.reason) for one in answer.orders]
    already = Reason.CANCEL_ALREADY_REQUESTED
    assert told == [(request.replacement_id, 0), (order_id, already)]
    ended = venues_pb2.ReportBatch(reports=[rpc.report("cancelled", order_id)])
    await running.call("RecordReports", ended)
    events = [event.type for event in await running.log.read_all(after=0)]
    assert events.count("order.placed.v2") == 1, "the replacement was not sent"
    assert "order.withdrawn.v1" in events
    assert await _cancelled(running, _everything(command_id=rpc.fresh())) == []


async def test_a_replacement_is_sent_by_the_report_that_ends_the_old_order(
    running: Services,
) -> None:
    order_id = await _placed(running, 1)
    request = replace(order_id, quantity="14")
    [answer] = await running.call("ReplaceOrder", request)
    # Sent again it is the same one, and so is the report; after a restart too.
    [again] = await running.call("ReplaceOrder", request)
    assert (again.position, again.stream_version) == (answer.position, answer.stream_version)
    fill, end = rpc.report("filled", order_id), rpc.report("cancelled", order_id)
    async with rpc.services(log=running.log) as other:
        for service in (running, other, running):
            await service.call("RecordReports", venues_pb2.ReportBatch(reports=[fill, end]))
        refused = await other.refusal("ReplaceOrder", replace(order_id))
        assert refused.code() is grpc.StatusCode.FAILED_PRECONDITION
    events = await running.log.read_stream(StreamId(request.replacement_id))
    assert [event.type for event in events] == ["order.held.v1", "order.placed.v2"]
    sent = orjson.loads(events[-1].payload)
    assert Decimal(sent["quantity"]) == 14 - Decimal(fill.filled.quantity)


async def test_a_repeat_has_no_second_effect(running: Services) -> None:
    first = await _placed(running, 1)
    request = _everything()
    assert await _cancelled(running, request) == [first]
    written = await running.written()
    # The order is open as far as we know, and its cancel gets the answer that it got before.
    assert await _cancelled(running, request) == [first]
    assert await running.written() == written


async def test_what_another_service_admitted_is_found_too(running: Services) -> None:
    """The state in memory may be old: another writer's order is in the log alone."""
    await _placed(running, 1)
    async with rpc.services(log=running.log) as other:
        found = await other.call("CancelAllOrders", _everything())
        assert len(found[0].orders) == 1
        late = await _placed(running, 2)
        found = await other.call("CancelAllOrders", _everything())
        assert late in {one.order_id for one in found[0].orders}


async def test_a_foreign_account_is_not_touched(running: Services) -> None:
    await _placed(running, 1, account_id=OTHER_ACCOUNT)
    error = await running.refusal("CancelAllOrders", _everything(account_id=OTHER_ACCOUNT))
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_hundreds_are_cancelled_by_one_call(running: Services) -> None:
    batch = orders_pb2.CommandBatch(
        commands=[
            orders_pb2.OrderCommand(place=rpc.place(quantity=str(10 + number)))
            for number in range(600)
        ]
    )
    [answer] = await running.call("SubmitCommands", batch)
    assert not any(one.HasField("refusal") for one in answer.results)
    assert len(await _cancelled(running, _everything())) == 600


async def test_the_command_line_amends_and_cancels(
    running: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await _placed(running, 1)
    other = await _placed(running, 2)
    accepted = venues_pb2.ReportBatch(reports=[rpc.report("accepted", order_id)])
    await running.call("RecordReports", accepted)
    monkeypatch.setenv("COMMAND_SERVICE_ADDRESS", f"127.0.0.1:{running.commands.port}")
    monkeypatch.setenv("TRADER_TOKEN", running.token())

    async def said(*words: str) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, orders, words)
        return done.output

    assert "is no multiple of the tick" in await said(
        "amend", ACCOUNT, order_id, "--instrument", "BINANCE:SUSHIUSDT", "--price", "7.00001"
    )
    assert "is asked to amend" in await said(
        "amend", ACCOUNT, order_id, "--instrument", "BINANCE:SUSHIUSDT", "--quantity", "12"
    )
    assert "is asked to cancel" in await said("cancel", ACCOUNT, order_id)
    everything = await said("cancel-all", ACCOUNT)
    assert f"{order_id}  CANCEL_ALREADY_REQUESTED" in everything
    assert f"{other}  the venue is asked" in everything
    assert "nothing is open" in await said("cancel-all", ACCOUNT, "--strategy", STRATEGY)
    assert "account_id" in await said("cancel-all", "no account")
    refused = await running.log.read_all(after=0)
    assert [one.type for one in refused].count("order.cancel_requested.v1") == 2
