"""Brackets as traders see them: placed by the command line, filled, unprotected, protected."""

from collections.abc import AsyncIterator
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio

from adapters.cli.brackets import brackets
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import bracket_queries_pb2, common_pb2, venues_pb2
from adapters.rpc.query_server import read_pool
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_brackets
from tests.support.command_line import TRADER, patriot
from tests.support.rpc import Services
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


async def _report(running: Services, what: str, order_id: str, quantity: str = "") -> None:
    report = rpc.report(what, order_id)
    if quantity:
        report.filled.execution_id = f"e-{uuid4()}"
        report.filled.quantity, report.filled.side = quantity, common_pb2.SIDE_BUY
    [answer] = await running.call("RecordReports", venues_pb2.ReportBatch(reports=[report]))
    assert not answer.results[0].HasField("refusal"), answer


async def _listed(running: Services, **asked: object) -> bracket_queries_pb2.BracketPage:
    request = bracket_queries_pb2.ListBracketsRequest(account_id=ACCOUNT, **asked)  # type: ignore[arg-type]
    [page] = await running.call("ListBrackets", request)
    assert isinstance(page, bracket_queries_pb2.BracketPage)
    return page


async def test_the_life_of_a_bracket_by_the_command_line(
    running: Services, plain_read_database: Database
) -> None:
    async def told(*words: str, fails: bool = False) -> str:
        return await patriot(running, brackets, *words, sender=TRADER, fails=fails)

    assert await told("list", ACCOUNT) == "the account has no bracket\n"
    placed = await told(
        "place", ACCOUNT, SUSHI, "buy", "10", "--price", "8", "--stop", "7", "--target", "9"
    )
    entry = placed.split()[2]
    await _project(running, plain_read_database)
    said = await told("list", ACCOUNT, "--open")
    assert entry in said
    assert "stop    stop_market once 7 is reached  not sent yet" in said
    assert "target  limit at 9  not sent yet" in said
    await _report(running, "filled", entry, "4")
    await _project(running, plain_read_database)
    [held] = (await _listed(running)).brackets
    assert (held.entered, held.held, held.unprotected) == ("4", "4", False)
    assert held.stop.order_id in await told("list", ACCOUNT)
    await _report(running, "cancelled", held.stop.order_id)
    await _project(running, plain_read_database)
    assert "UNPROTECTED" in await told("list", ACCOUNT, "--open")
    protected = await told("protect", ACCOUNT, entry, "--instrument", SUSHI)
    assert protected == "the exits that were missing are on their way\n"
    await _project(running, plain_read_database)
    said = await told("list", ACCOUNT)
    assert "UNPROTECTED" not in said
    assert held.stop.order_id not in said, "another order is the stop now"


async def test_what_cannot_be_is_told_with_what_to_do(
    running: Services, plain_read_database: Database
) -> None:
    async def fails(*words: str) -> str:
        return await patriot(running, brackets, *words, sender=TRADER, fails=True)

    assert "a stop, a target or both" in await fails(
        "place", ACCOUNT, SUSHI, "buy", "10", "--price", "8"
    )
    above = ("--price", "8", "--stop", "8.5")
    assert "stop" in await fails("place", ACCOUNT, SUSHI, "buy", "10", *above)
    assert "quantity" in await fails("place", ACCOUNT, SUSHI, "buy", "ten", "--stop", "7")
    nobody = await fails("protect", ACCOUNT, str(uuid4()), "--instrument", SUSHI)
    assert "bracket" in nobody
    await _project(running, plain_read_database)
    assert (await _listed(running, open_only=True)).brackets == []


async def test_pages_hold_each_bracket_of_the_account_once_the_newest_first(
    running: Services, plain_read_database: Database
) -> None:
    orders = []
    for _ in range(5):
        request = rpc_brackets.place_bracket()
        await running.call("PlaceBracket", request)
        orders.append(request.order_id)
    await _project(running, plain_read_database)
    seen: list[str] = []
    token = ""
    while not seen or token:
        page = await _listed(running, page_size=2, page_token=token)
        assert 1 <= len(page.brackets) <= 2
        seen += [one.entry_id for one in page.brackets]
        token = page.next_page_token
    assert seen == orders[::-1]
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await _listed(running, page_token="the next one")
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    elsewhere = bracket_queries_pb2.ListBracketsRequest(account_id=str(uuid4()), page_token=seen[0])
    [page] = await running.call("ListBrackets", elsewhere, token=running.token(("*",)))
    assert page.brackets == [], "a token of another account's page leads nowhere"
