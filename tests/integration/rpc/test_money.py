"""Funding, balances and the venue's own executions: from the wire to the log, views and queries."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, queries_pb2, venues_pb2
from adapters.rpc.query_server import read_pool
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_margin
from tests.support.rpc import Services
from tests.support.rpc_time import TIME
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio


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


async def _account_reports(running: Services, *reports: Any) -> list[common_pb2.CommandResult]:
    batch = venues_pb2.AccountReportBatch(reports=reports)
    [answer] = await running.call("RecordAccountReports", batch)
    return list(answer.results)


async def _bought(running: Services, **fill: Any) -> str:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    report = rpc.report("filled", order.order_id)
    for name, value in fill.items():
        setattr(report.filled, name, value)
    [answer] = await running.call("RecordReports", venues_pb2.ReportBatch(reports=[report]))
    assert not answer.results[0].HasField("refusal")
    return order.order_id


async def _rows(database: Database, query: str) -> list[dict[str, Any]]:
    async with read_pool(database.url("patriot_read")) as pool, pool.connection() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def test_money_is_told_by_currency_everywhere(
    running: Services, plain_read_database: Database
) -> None:
    await _bought(running, execution_id="e-1", fee="0.01", fee_currency="USDT")
    await _bought(running, execution_id="e-2", fee="0.0002", fee_currency="BNB")
    answers = await _account_reports(
        running,
        rpc_margin.funding(payment="0.5"),
        rpc_margin.funding(funding_id="f-2", payment="-0.125"),
        rpc_margin.funding(payment="0.5"),
        rpc_margin.balance("1000.50"),
        rpc_margin.balance("900", at=TIME - 1),
        rpc_margin.balance("0.25", currency="BNB"),
    )
    refusals = [answer.refusal.reason for answer in answers]
    known, outdated = int(Reason.REPORT_ALREADY_APPLIED), int(Reason.BALANCE_OUTDATED)
    assert refusals == [0, 0, known, 0, outdated, 0]
    await _project(running, plain_read_database)

    [held] = (await running.call("ListPositions", queries_pb2.AccountRequest(account_id=ACCOUNT)))[
        0
    ].positions
    assert (held.instrument, held.net_quantity, held.position_side) == (SUSHI, "2", "net")
    assert (held.fees, held.funding, held.currency) == ("0.01", "0.375", "USDT")

    [cash] = await running.call("ListCash", queries_pb2.AccountRequest(account_id=ACCOUNT))
    found = [(one.currency, one.fees, one.funding, one.earned, one.balance) for one in cash.cash]
    assert found == [
        ("BNB", "0.0002", "0", "-0.0002", "0.25"),
        ("USDT", "0.01", "0.375", "-0.385", "1000.5"),
    ]
    [risk] = await _rows(
        plain_read_database,
        "SELECT fees, funding, profit, balance FROM read.risk_accounts"
        f" WHERE account_id = '{ACCOUNT}'",
    )
    assert [str(value) for value in risk.values()] == ["0.01", "0.375", "-0.385", "1000.5"]
    payments = await _rows(
        plain_read_database, "SELECT funding_id, payment, quantity FROM read.fundings ORDER BY 1"
    )
    assert [(one["funding_id"], str(one["payment"])) for one in payments] == [
        ("f-1", "0.5"), ("f-2", "-0.125"),
    ]  # fmt: skip
    costs = await _rows(
        plain_read_database, "SELECT currency, fees, funding FROM read.position_costs ORDER BY 1"
    )
    assert [tuple(map(str, one.values())) for one in costs] == [
        ("BNB", "0.0002", "0"), ("USDT", "0.01", "0.375"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (venues_pb2.EXECUTION_KIND_UNSPECIFIED, "trade"),
        (venues_pb2.EXECUTION_KIND_LIQUIDATION, "liquidation"),
        (venues_pb2.EXECUTION_KIND_ADL, "adl"),
        (venues_pb2.EXECUTION_KIND_SETTLEMENT, "settlement"),
        (venues_pb2.EXECUTION_KIND_DELIVERY, "delivery"),
    ],
)
async def test_why_the_venue_executed_stays_with_fill_and_position(
    running: Services, plain_read_database: Database, kind: int, shown: str
) -> None:
    await _bought(running, kind=kind)
    await _project(running, plain_read_database)
    for view in ("fills", "position_history"):
        [row] = await _rows(plain_read_database, f"SELECT kind, position_side FROM read.{view}")
        assert row == {"kind": shown, "position_side": "net"}


async def test_a_fill_of_another_leg_contradicts_the_order(running: Services) -> None:
    order = rpc.place()
    await running.call("PlaceOrder", order)
    report = rpc.report("filled", order.order_id)
    report.filled.position_side = common_pb2.POSITION_SIDE_LONG
    [answer] = await running.call("RecordReports", venues_pb2.ReportBatch(reports=[report]))
    assert answer.results[0].refusal.reason == Reason.REPORT_CONTRADICTS_ORDER


async def test_a_malformed_report_fails_the_call_and_writes_nothing(running: Services) -> None:
    before = await running.written()
    for bad in (
        rpc_margin.funding(payment="1e5"),
        rpc_margin.funding(funding_id=""),
        rpc_margin.funding(mark_price="0"),
        venues_pb2.AccountReport(command_id=rpc.fresh(), account_id=ACCOUNT, venue_time=TIME),
    ):
        batch = venues_pb2.AccountReportBatch(reports=[rpc_margin.balance(), bad])
        error = await running.refusal("RecordAccountReports", batch)
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await running.written() == before
