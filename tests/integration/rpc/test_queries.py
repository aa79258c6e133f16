"""Queries over gRPC against the real views, filled from a log by the real projections."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, orders_pb2, queries_pb2, risk_pb2, venues_pb2
from adapters.rpc.query_server import read_pool
from domain.ids import PLATFORM
from projections.catalogue import PROJECTIONS
from tests.support import rpc
from tests.support.rpc import Services
from tests.support.rpc_time import TIME
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio
_LATE = 4_102_444_800_000_000
"""The year 2100: ahead of every clock of these tests."""


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool) as started,
    ):
        await rpc.prepare(started)
        yield started


async def _project(running: Services, database: Database) -> None:
    for projection in PROJECTIONS.values():
        await rebuild(running.log, database.url("patriot_project"), projection)


async def _orders(running: Services, **request: Any) -> queries_pb2.OrderPage:
    asked = queries_pb2.ListOrdersRequest(account_id=ACCOUNT, **request)
    [page] = await running.call("ListOrders", asked)
    return page  # type: ignore[no-any-return]


async def _refused(running: Services, order: orders_pb2.PlaceOrderRequest) -> tuple[Any, str]:
    error = await running.refusal("PlaceOrder", order)
    refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
    return error.code(), refusal.name


async def test_an_order_and_what_came_of_it(
    running: Services, plain_read_database: Database
) -> None:
    order = rpc.place(strategy_id=rpc.fresh())
    await running.call("PlaceOrder", order)
    reports = venues_pb2.ReportBatch(
        reports=[rpc.report(kind, order.order_id) for kind in ("accepted", "filled")]
    )
    await running.call("RecordReports", reports)
    await running.refusal("PlaceOrder", rpc.place(quantity="20000"))
    await _project(running, plain_read_database)

    [denied, shown] = (await _orders(running)).orders
    assert (shown.order_id, shown.status, shown.instrument) == (
        order.order_id, "partially_filled", SUSHI,
    )  # fmt: skip
    assert (shown.quantity, shown.filled_quantity, shown.average_price) == ("10", "1", "8")
    assert (shown.side, shown.type, shown.time_in_force) == ("buy", "limit", "gtc")
    assert shown.strategy_id == order.strategy_id
    assert shown.created_at <= shown.updated_at
    assert shown.position == await running.written() - 4
    assert (denied.status, denied.reason > 1000, denied.detail != "") == ("denied", True, True)
    assert [row.order_id for row in (await _orders(running, open_only=True)).orders] == [
        order.order_id
    ]

    request = queries_pb2.AccountRequest(account_id=ACCOUNT)
    [positions] = await running.call("ListPositions", request)
    [held] = positions.positions
    assert (held.instrument, held.net_quantity, held.average_price) == (SUSHI, "1", "8")
    assert (held.fees, held.currency, held.unrealised) == ("0.01", "USDT", "")

    [risk] = await running.call("GetRisk", request)
    assert (risk.open_orders, risk.limits_version, risk.refusals) == (1, 1, 1)
    assert (risk.currency, risk.fees, risk.halted) == ("USDT", "0.01", False)
    [limit] = risk.limits
    assert (limit.strategy_id, limit.name, limit.value) == ("", "open_orders", "100000")


async def test_a_stop_is_shown_with_what_it_waits_for_and_when_it_was_triggered(
    running: Services, plain_read_database: Database
) -> None:
    stop = rpc.place(
        type=common_pb2.ORDER_TYPE_STOP_MARKET,
        time_in_force=common_pb2.TIME_IN_FORCE_GTD,
        price="",
        trigger_price="8.5",
        trigger_source=common_pb2.TRIGGER_SOURCE_MARK,
        expires_at=_LATE,
    )
    trailing = rpc.place(
        type=common_pb2.ORDER_TYPE_TRAILING_STOP,
        price="",
        trigger_callback="0.010",
        activation_price="7.5",
    )
    for order in (stop, trailing):
        await running.call("PlaceOrder", order)
    reports = [rpc.report(kind, stop.order_id) for kind in ("accepted", "triggered")]
    await running.call("RecordReports", venues_pb2.ReportBatch(reports=reports))
    there = rpc.place(type=common_pb2.ORDER_TYPE_STOP_MARKET, price="", trigger_price="8")
    assert await _refused(running, there) == (
        grpc.StatusCode.FAILED_PRECONDITION, "TRIGGER_AT_ONCE"
    )  # fmt: skip
    closing = rpc.place(close_position=True, quantity="")
    assert await _refused(running, closing) == (
        grpc.StatusCode.INVALID_ARGUMENT, "CLOSE_POSITION_NOT_ALLOWED"
    )  # fmt: skip
    await _project(running, plain_read_database)

    [followed, shown] = (await _orders(running, open_only=True)).orders
    assert (shown.order_id, shown.type, shown.status) == (
        stop.order_id, "stop_market", "triggered",
    )  # fmt: skip
    assert (shown.time_in_force, shown.expires_at) == ("gtd", _LATE)
    assert (shown.trigger_price, shown.trigger_source, shown.price) == ("8.5", "mark", "")
    assert (shown.triggered_at, shown.triggered_price) == (TIME, "7.5")
    assert (followed.type, followed.trigger_source) == ("trailing_stop", "last")
    assert (followed.trigger_callback, followed.activation_price) == ("0.01", "7.5")
    assert (followed.triggered_at, followed.triggered_price) == (0, "")
    closed = (await _orders(running)).orders[0]
    assert (closed.close_position, closed.reduce_only) == (True, True)


async def test_the_limits_in_force_are_shown_one_by_one(
    running: Services, plain_read_database: Database
) -> None:
    limits = risk_pb2.Limits(
        currency="USDT",
        daily_loss="250.5",
        self_trade=True,
        price_age=5_000_000,
        strategies=[risk_pb2.StrategyLimits(strategy_id=rpc.ORDER, open_orders=3)],
    )
    await running.call("SetLimits", rpc.set_limits(limits=limits))
    await _project(running, plain_read_database)
    [risk] = await running.call("GetRisk", queries_pb2.AccountRequest(account_id=ACCOUNT))
    assert [(one.strategy_id, one.name, one.value) for one in risk.limits] == [
        ("", "daily_loss", "250.5"),
        ("", "price_age", "5000000"),
        ("", "self_trade", "1"),
        (rpc.ORDER, "open_orders", "3"),
    ]


async def test_pages_join_without_gap_or_repeat(
    running: Services, plain_read_database: Database
) -> None:
    asked = [rpc.place() for _ in range(7)]
    for order in asked:
        await running.call("PlaceOrder", order)
    await _project(running, plain_read_database)
    seen: list[str] = []
    token = ""
    while True:
        page = await _orders(running, page_size=3, page_token=token)
        seen += [order.order_id for order in page.orders]
        token = page.next_page_token
        if not token:
            break
    assert seen == [order.order_id for order in reversed(asked)]
    exact = await _orders(running, page_size=7)
    assert (len(exact.orders), exact.next_page_token) == (7, "")

    first = await _orders(running, page_size=1)
    foreign = queries_pb2.ListOrdersRequest(
        account_id=OTHER_ACCOUNT, page_token=first.next_page_token
    )
    error = await running.refusal("ListOrders", foreign, token=running.token((OTHER_ACCOUNT,)))
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_an_account_without_anything_has_empty_answers(running: Services) -> None:
    account = queries_pb2.AccountRequest(account_id=OTHER_ACCOUNT)
    token = running.token((OTHER_ACCOUNT,))
    [positions] = await running.call("ListPositions", account, token=token)
    assert not positions.positions
    [risk] = await running.call("GetRisk", account, token=token)
    assert risk == queries_pb2.RiskAccount(account_id=OTHER_ACCOUNT)


async def test_a_halt_of_the_platform_shows_in_every_account(
    running: Services, plain_read_database: Database
) -> None:
    everything = running.token(("*",))
    halt: Any = rpc.examples()["Halt"][0]
    halt.account_id = ""
    await running.call("Halt", halt, token=everything)
    await _project(running, plain_read_database)
    [risk] = await running.call("GetRisk", queries_pb2.AccountRequest(account_id=ACCOUNT))
    assert (risk.halted, risk.halt_reason) == (True, "a drill")
    platform = queries_pb2.AccountRequest(account_id=PLATFORM)
    error = await running.refusal("GetRisk", platform)
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_database_that_is_gone_is_unavailable() -> None:
    unreachable = "postgresql://patriot_read@127.0.0.1:1/patriot_read"
    pool = read_pool(unreachable)
    await pool.open()
    try:
        async with rpc.services(pool=pool) as running:
            request = queries_pb2.AccountRequest(account_id=ACCOUNT)
            error = await running.refusal("GetRisk", request)
            assert error.code() in {
                grpc.StatusCode.UNAVAILABLE,
                grpc.StatusCode.DEADLINE_EXCEEDED,
            }
            assert "127.0.0.1" not in (error.details() or "")
    finally:
        await pool.close()
