"""What is well-formed and still cannot be, by the rows of the list of bad inputs.

Malformed fields of every RPC are in test_bad_inputs.py, their repeats in test_every_command.py.
Here are the rows about orders and accounts that need a state: each is answered with its status and
its reason, alone and in a batch. The number is the row's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, NamedTuple

import grpc
import pytest
import pytest_asyncio
from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, orders_pb2, risk_pb2, venues_pb2
from domain.reasons import Reason
from tests.support import rpc, rpc_users
from tests.support.rpc import Services
from tests.support.rpc_life import amend
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

_INVALID: Final = grpc.StatusCode.INVALID_ARGUMENT
_FAILED: Final = grpc.StatusCode.FAILED_PRECONDITION
_MARKET: Final = common_pb2.ORDER_TYPE_MARKET
_STOP: Final = common_pb2.ORDER_TYPE_STOP_MARKET
_IOC: Final = common_pb2.TIME_IN_FORCE_IOC
_GTD: Final = common_pb2.TIME_IN_FORCE_GTD
Story = Callable[[Services], Awaitable[None]]


@pytest_asyncio.fixture
async def running() -> AsyncIterator[Services]:
    async with rpc.services() as started:
        await rpc.prepare(started)
        yield started


async def _do(running: Services, name: str, request: Message) -> None:
    await running.call(name, request, token=running.token(("*", ACCOUNT)))


def _limits(**limits: Any) -> Story:
    async def story(running: Services) -> None:
        wanted = risk_pb2.Limits(currency="USDT", **limits)
        await _do(running, "SetLimits", rpc.set_limits(limits=wanted))

    return story


def _listed(instrument: str = SUSHI, **rules: Any) -> Story:
    async def story(running: Services) -> None:
        request = rpc.list_instrument()
        request.instrument = instrument
        for name, value in rules.items():
            setattr(request.rules, name, value)
        await _do(running, "ListInstrument", request)

    return story


def _account(*then: str) -> Story:
    async def story(running: Services) -> None:
        await _do(running, "RegisterUser", rpc_users.register())
        await _do(running, "OpenAccount", rpc_users.open_account())
        for name in then:
            made = rpc_users.suspend_account() if "Suspend" in name else rpc_users.of_account()
            await _do(running, name, made)

    return story


async def _elsewhere(running: Services) -> None:
    await _account()(running)
    await _listed("BYBIT:SUSHIUSDT")(running)


def _halted(account: str) -> Story:
    async def story(running: Services) -> None:
        halt = risk_pb2.HaltRequest(command_id=rpc.fresh(), account_id=account, reason="drill")
        await _do(running, "Halt", halt)

    return story


async def _nothing(_: Services) -> None:
    """The instrument is listed and both accounts have limits."""


class Row(NamedTuple):
    """An order that cannot be."""

    row: int
    changes: dict[str, Any]
    code: grpc.StatusCode
    reason: Reason
    story: Story = _nothing


_TRIGGERED: Final = {
    "type": _STOP,
    "price": "",
    "trigger_price": "7.5",
    "side": common_pb2.SIDE_SELL,
    "trigger_source": common_pb2.TRIGGER_SOURCE_LAST,
}
ROWS: Final = (
    Row(16, {"quantity": "10.05"}, _INVALID, Reason.QUANTITY_OFF_STEP),
    Row(16, {"quantity": "0.4", "price": "100"}, _FAILED, Reason.QUANTITY_BELOW_MINIMUM),
    Row(16, {"quantity": "10000.1"}, _FAILED, Reason.QUANTITY_ABOVE_MAXIMUM),
    Row(16, {"quantity": "0.5"}, _FAILED, Reason.NOTIONAL_BELOW_MINIMUM),
    Row(16, {}, _FAILED, Reason.ORDER_NOTIONAL_LIMIT, _limits(order_notional="79.9")),
    Row(16, {}, _FAILED, Reason.ORDER_QUANTITY_LIMIT, _limits(order_quantity="9.9")),
    Row(17, {"price": "8.0005"}, _INVALID, Reason.PRICE_OFF_TICK),
    Row(17, {"price": "9"}, _FAILED, Reason.PRICE_COLLAR, _limits(price_collar="0.05")),
    Row(17, {"type": _MARKET, "time_in_force": _IOC}, _INVALID, Reason.PRICE_ON_MARKET_ORDER),
    Row(17, {"price": ""}, _INVALID, Reason.PRICE_MISSING),
    Row(17, {"type": _STOP, "price": ""}, _INVALID, Reason.TRIGGER_MISSING),
    Row(17, {**_TRIGGERED, "trigger_price": "7.5005"}, _INVALID, Reason.TRIGGER_OFF_TICK),
    Row(18, {"type": _MARKET, "price": ""}, _INVALID, Reason.CONTRADICTORY_FLAGS),
    Row(18, {"reduce_only": True}, _FAILED, Reason.WOULD_INCREASE),
    Row(18, {"time_in_force": _GTD}, _INVALID, Reason.EXPIRY_MISSING),
    Row(18, {**_TRIGGERED, "time_in_force": _IOC}, _INVALID, Reason.TIME_IN_FORCE_NOT_ALLOWED),
    Row(
        18,
        {**_TRIGGERED, "close_position": True, "reduce_only": True},
        _INVALID,
        Reason.CLOSE_POSITION_WITH_QUANTITY,
    ),
    Row(19, {"instrument": "BINANCE:NOSUCHUSDT"}, _FAILED, Reason.INSTRUMENT_UNKNOWN),
    Row(19, {}, _FAILED, Reason.INSTRUMENT_NOT_TRADING, _listed(trading=False)),
    Row(
        19,
        {"instrument": "BYBIT:SUSHIUSDT"},
        _FAILED,
        Reason.INSTRUMENT_OF_OTHER_VENUE,
        _elsewhere,
    ),
    Row(21, {"time_in_force": _GTD, "expires_at": 1}, _FAILED, Reason.EXPIRY_TOO_SOON),
    Row(32, {}, _FAILED, Reason.ACCOUNT_SUSPENDED, _account("SuspendAccount")),
    Row(32, {}, _FAILED, Reason.ACCOUNT_CLOSED, _account("CloseAccount")),
    Row(32, {}, _FAILED, Reason.ACCOUNT_HALTED, _halted(ACCOUNT)),
    Row(32, {}, _FAILED, Reason.PLATFORM_HALTED, _halted("")),
    Row(
        32, {}, _FAILED, Reason.REFERENCE_PRICE_STALE, _limits(price_age=1_000, price_collar="0.5")
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.row}-{row.reason.name}")
async def test_an_order_that_cannot_be_is_told_why(running: Services, row: Row) -> None:
    await row.story(running)
    error = await running.refusal("PlaceOrder", rpc.place(**row.changes))
    assert (error.code(), _reason(error)) == (row.code, row.reason), error.details()
    again = rpc.place(**row.changes)
    batch = orders_pb2.CommandBatch(commands=[orders_pb2.OrderCommand(place=again)])
    [answer] = await running.call("SubmitCommands", batch)
    assert answer.results[0].refusal.reason == row.reason, "a batch tells the same"


def _reason(error: grpc.aio.AioRpcError) -> Reason:
    refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
    return Reason(refusal.reason)


async def _accepted(running: Services, order_id: str) -> None:
    await _reports(running, "accepted", order_id)


async def _filled(running: Services, order_id: str) -> None:
    await _reports(running, "accepted", order_id)
    filled = rpc.report("filled", order_id)
    filled.filled.quantity = "10"
    await running.call("RecordReports", venues_pb2.ReportBatch(reports=[filled]))


async def _cancelled(running: Services, order_id: str) -> None:
    await _reports(running, "cancelled", order_id)


async def _cancelling(running: Services, order_id: str) -> None:
    await running.call("CancelOrder", rpc.cancel(order_id))


async def _partly(running: Services, order_id: str) -> None:
    await _reports(running, "accepted", order_id)
    await _reports(running, "filled", order_id)


async def _reports(running: Services, kind: str, order_id: str) -> None:
    batch = venues_pb2.ReportBatch(reports=[rpc.report(kind, order_id)])
    await running.call("RecordReports", batch)


Life = Callable[[Services, str], Awaitable[None]]
LATER: Final[tuple[tuple[int, str, Life, dict[str, str], Reason], ...]] = (
    (30, "CancelOrder", _filled, {}, Reason.ORDER_NOT_OPEN),
    (30, "CancelOrder", _cancelled, {}, Reason.ORDER_NOT_OPEN),
    (30, "CancelOrder", _cancelling, {}, Reason.CANCEL_ALREADY_REQUESTED),
    (31, "AmendOrder", _partly, {"quantity": "1"}, Reason.AMEND_BELOW_FILLED),
    (31, "AmendOrder", _filled, {"quantity": "12"}, Reason.ORDER_NOT_OPEN),
    (31, "AmendOrder", _cancelled, {"quantity": "12"}, Reason.ORDER_NOT_OPEN),
    (31, "AmendOrder", _cancelling, {"quantity": "12"}, Reason.AMEND_NOT_POSSIBLE),
    (31, "AmendOrder", _accepted, {"quantity": "10", "price": "8"}, Reason.AMEND_CHANGES_NOTHING),
    (31, "AmendOrder", _accepted, {"quantity": "10000.1"}, Reason.QUANTITY_ABOVE_MAXIMUM),
)


@pytest.mark.parametrize(("row", "name", "life", "changes", "reason"), LATER)
async def test_what_comes_too_late_for_an_order_is_told_and_changes_nothing(
    running: Services, row: int, name: str, life: Life, changes: dict[str, str], reason: Reason
) -> None:
    assert row in {30, 31}
    order = rpc.place()
    await running.call("PlaceOrder", order)
    await life(running, order.order_id)
    stream = [e for e in await running.log.read_all(limit=1000) if e.stream_id == order.order_id]
    make = rpc.cancel if name == "CancelOrder" else amend
    error = await running.refusal(name, make(order.order_id, **changes))
    assert (error.code(), _reason(error)) == (_FAILED, reason)
    after = [e for e in await running.log.read_all(limit=1000) if e.stream_id == order.order_id]
    assert after == stream, "the order is what it was"


@pytest.mark.parametrize("name", ["CancelOrder", "AmendOrder"])
async def test_nobody_s_order_is_not_found(running: Services, name: str) -> None:
    unknown = rpc.fresh()
    request = rpc.cancel(unknown) if name == "CancelOrder" else amend(unknown, quantity="12")
    error = await running.refusal(name, request)
    assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_a_cancel_may_overtake_the_acceptance_and_two_at_once_are_one(
    running: Services,
) -> None:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    cancel = rpc.cancel(order.order_id)
    first, second = await asyncio.gather(*(running.call("CancelOrder", cancel) for _ in range(2)))
    assert first == second


async def test_of_two_orders_that_only_together_break_a_limit_one_is_admitted(
    running: Services,
) -> None:
    """Row 33, fifty times at once: the limit holds exactly, whoever was first."""
    await _limits(position_notional="160")(running)
    calls = (running.call("PlaceOrder", rpc.place(price="8")) for _ in range(50))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, grpc.aio.AioRpcError)]
    assert len(refused) == 48
    assert {(each.code(), _reason(each)) for each in refused} == {(_FAILED, Reason.POSITION_LIMIT)}
