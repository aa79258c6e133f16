"""Settings and hedge mode from the wire to the log, the views, the queries and the command line."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.cli.users import accounts
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import (
    common_pb2,
    queries_pb2,
    settings_pb2,
    user_queries_pb2,
    users_pb2,
    venues_pb2,
)
from adapters.rpc.query_server import read_pool
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_users
from tests.support.command_line import answered
from tests.support.rpc import Services
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

LONG, SHORT = common_pb2.POSITION_SIDE_LONG, common_pb2.POSITION_SIDE_SHORT


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
        yield started


async def _project(running: Services, database: Database) -> None:
    for projection in PROJECTIONS.values():
        await rebuild(running.log, database.url("patriot_project"), projection)


async def _hedge(running: Services) -> None:
    await running.call(
        "ChangePositionMode",
        settings_pb2.ChangePositionModeRequest(
            command_id=rpc.fresh(),
            account_id=ACCOUNT,
            position_mode=users_pb2.POSITION_MODE_HEDGE,
        ),
    )


async def _traded(running: Services, side: Any, leg: Any, execution: str, amount: str) -> Any:
    order = rpc.place(side=side, position_side=leg, quantity=amount)
    await running.call("PlaceOrder", order)
    report = rpc.report("filled", order.order_id)
    report.filled.execution_id = execution
    report.filled.side, report.filled.position_side = side, leg
    report.filled.quantity = amount
    [answer] = await running.call("RecordReports", venues_pb2.ReportBatch(reports=[report]))
    assert not answer.results[0].HasField("refusal"), answer
    return order


def _reason(error: grpc.aio.AioRpcError) -> int:
    refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
    return refusal.reason


async def test_legs_are_shown_as_positions_of_their_own(
    running: Services, plain_read_database: Database
) -> None:
    await _hedge(running)
    await _traded(running, common_pb2.SIDE_BUY, LONG, "e-1", "10")
    await _traded(running, common_pb2.SIDE_SELL, SHORT, "e-2", "4")
    error = await running.refusal("PlaceOrder", rpc.place())
    assert _reason(error) == Reason.POSITION_SIDE_MISMATCH
    close = rpc.place(side=common_pb2.SIDE_SELL, position_side=LONG, quantity="11")
    assert _reason(await running.refusal("PlaceOrder", close)) == Reason.WOULD_INCREASE
    await _project(running, plain_read_database)

    asked = queries_pb2.AccountRequest(account_id=ACCOUNT)
    [found] = await running.call("ListPositions", asked)
    assert [(one.position_side, one.net_quantity) for one in found.positions] == [
        ("long", "10"), ("short", "-4"),
    ]  # fmt: skip
    [page] = await running.call("ListOrders", queries_pb2.ListOrdersRequest(account_id=ACCOUNT))
    assert [order.position_side for order in page.orders] == ["long", "net", "short", "long"]


async def test_settings_are_shown_and_refused_while_something_is_held(
    running: Services, plain_read_database: Database
) -> None:
    for name in ("SetLeverage", "ChangeMarginMode"):
        await running.call(name, rpc.examples()[name][0])
    await _hedge(running)
    again = await running.refusal("SetLeverage", rpc.examples()["SetLeverage"][0])
    assert _reason(again) == Reason.SETTING_UNCHANGED
    much = settings_pb2.SetLeverageRequest(
        command_id=rpc.fresh(), account_id=ACCOUNT, instrument=SUSHI, leverage="51"
    )
    assert _reason(await running.refusal("SetLeverage", much)) == Reason.LEVERAGE_ABOVE_MAXIMUM
    await _traded(running, common_pb2.SIDE_BUY, LONG, "e-1", "10")
    back = settings_pb2.ChangePositionModeRequest(
        command_id=rpc.fresh(), account_id=ACCOUNT, position_mode=users_pb2.POSITION_MODE_ONE_WAY
    )
    assert _reason(await running.refusal("ChangePositionMode", back)) == Reason.ACCOUNT_NOT_EMPTY
    await _project(running, plain_read_database)
    asked = user_queries_pb2.ListAccountsRequest(account_id=ACCOUNT)
    [page] = await running.call("ListAccounts", asked)
    [account] = page.accounts
    assert (account.position_mode, account.margin_mode) == ("hedge", "isolated")
    assert dict(account.leverages) == {SUSHI: "20"}


async def test_the_command_line_sets_and_shows(
    running: Services, plain_read_database: Database
) -> None:
    async def patriot(*arguments: str) -> tuple[int, str]:
        return await answered(running, accounts, *arguments)

    assert (await patriot("leverage", ACCOUNT, SUSHI, "25"))[0] == 0
    code, said = await patriot("leverage", ACCOUNT, SUSHI, "51")
    assert (code, "LEVERAGE_ABOVE_MAXIMUM" in said) == (1, True)
    assert (await patriot("position-mode", ACCOUNT, "hedge"))[0] == 0
    code, said = await patriot("position-mode", ACCOUNT, "hedge")
    assert (code, "SETTING_UNCHANGED" in said) == (1, True)
    assert (await patriot("margin-mode", ACCOUNT, "isolated"))[0] == 0
    await _project(running, plain_read_database)
    code, said = await patriot("list")
    assert code == 0
    assert "hedge/isolated" in said
    assert f"{SUSHI}  25x" in said
