"""Margin, liquidation price and strategies' parts of positions: views, queries and command line."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from adapters.cli.holdings import holdings
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, queries_pb2, venues_pb2
from adapters.rpc.query_server import read_pool
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_margin, rpc_users
from tests.support.command_line import patriot
from tests.support.rpc import Services
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

STRATEGY = "9a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d"


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool) as started,
    ):
        await rpc.prepare(started)
        everything = started.token(("*",))
        await started.call("RegisterUser", rpc_users.register(), token=everything)
        await started.call("OpenAccount", rpc_users.open_account(), token=everything)
        await started.call("SetLeverage", rpc.examples()["SetLeverage"][0])
        yield started


async def _project(running: Services, database: Database, mark: str) -> None:
    for projection in PROJECTIONS.values():
        await rebuild(running.log, database.url("patriot_project"), projection)
    async with await psycopg.AsyncConnection.connect(database.admin_url) as connection:
        await connection.execute(
            "INSERT INTO model.latest_marks (instrument, at, mark) VALUES (%s, now(), %s)",
            (SUSHI, mark),
        )


async def _filled(running: Services, amount: str, strategy: str, side: Any = None) -> None:
    bought = common_pb2.SIDE_BUY if side is None else side
    order = rpc.place(quantity=amount, strategy_id=strategy, side=bought)
    await running.call("PlaceOrder", order)
    report = rpc.report("filled", order.order_id)
    report.filled.execution_id = f"e-{order.order_id[:8]}"
    report.filled.quantity, report.filled.side = amount, bought
    [answer] = await running.call("RecordReports", venues_pb2.ReportBatch(reports=[report]))
    assert not answer.results[0].HasField("refusal"), answer


async def test_margin_and_liquidation_price_where_everything_is_known(
    running: Services, plain_read_database: Database
) -> None:
    await _filled(running, "100", "")
    reports = venues_pb2.AccountReportBatch(reports=[rpc_margin.balance("300")])
    await running.call("RecordAccountReports", reports)
    await _project(running, plain_read_database, "7.5")
    asked = queries_pb2.AccountRequest(account_id=ACCOUNT)
    [held] = (await running.call("ListPositions", asked))[0].positions
    # 100 at 8, worth 750: 750/20, 750 x 1 %, (300 - 800)/(100 x 0.01 - 100), 8 - 300/100
    assert (held.leverage, held.initial_margin, held.maintenance_margin) == ("20", "37.5", "7.5")
    assert held.liquidation_price.startswith("5.0505050505")
    assert held.bankruptcy_price == "5"


async def test_without_a_wallet_there_is_no_cross_price(
    running: Services, plain_read_database: Database
) -> None:
    await _filled(running, "100", "")
    await _project(running, plain_read_database, "7.5")
    asked = queries_pb2.AccountRequest(account_id=ACCOUNT)
    [held] = (await running.call("ListPositions", asked))[0].positions
    assert (held.initial_margin, held.liquidation_price, held.bankruptcy_price) == ("37.5", "", "")


async def test_each_strategy_has_its_part(running: Services, plain_read_database: Database) -> None:
    await _filled(running, "10", STRATEGY)
    await _filled(running, "30", "")
    await _filled(running, "4", STRATEGY, common_pb2.SIDE_SELL)
    await _project(running, plain_read_database, "9")
    asked = queries_pb2.AccountRequest(account_id=ACCOUNT)
    [found] = await running.call("ListVirtualPositions", asked)
    assert [
        (one.strategy_id, one.net_quantity, one.unrealised, one.currency, one.fills)
        for one in found.positions
    ] == [("", "30", "30", "USDT", 1), (STRATEGY, "6", "6", "USDT", 2)]
    [held] = (await running.call("ListPositions", asked))[0].positions
    assert (held.net_quantity, held.unrealised) == ("36", "36")


async def test_the_command_line_shows_them(
    running: Services, plain_read_database: Database
) -> None:
    async def shown(what: str) -> str:
        return await patriot(running, holdings, what, ACCOUNT)

    assert await shown("positions") == "the account never held a position\n"
    assert await shown("cash") == "nothing was earned, paid or told\n"
    assert await shown("strategies") == "nothing was filled\n"
    await _filled(running, "100", STRATEGY)
    reports = venues_pb2.AccountReportBatch(reports=[rpc_margin.balance("300")])
    await running.call("RecordAccountReports", reports)
    await _project(running, plain_read_database, "7.5")
    said = await shown("positions")
    assert "liquidation 5.05050505" in said
    assert "leverage 20" in said
    assert "balance 300" in await shown("cash")
    assert STRATEGY in await shown("strategies")
