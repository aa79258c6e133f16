"""An instrument's rules from the wire to the log, the view, the query and the command line."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.cli.instruments import instruments
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import instrument_queries_pb2
from adapters.rpc.query_server import read_pool
from projections.catalogue import PROJECTIONS
from tests.support import rpc
from tests.support.command_line import answered
from tests.support.rpc import Services
from tests.support.servers import Database
from tests.support.trading import SUSHI

pytestmark = pytest.mark.asyncio

TIERS = [("5000", "50", "0.01", "0"), ("25000", "20", "0.025", "75")]


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool) as started,
    ):
        yield started


async def _project(running: Services, database: Database) -> None:
    await rebuild(running.log, database.url("patriot_project"), PROJECTIONS["instruments"])


async def _page(running: Services, **request: Any) -> instrument_queries_pb2.InstrumentPage:
    asked = instrument_queries_pb2.ListInstrumentsRequest(**request)
    [page] = await running.call("ListInstruments", asked)
    return page  # type: ignore[no-any-return]


async def test_the_last_listing_is_shown_with_fees_and_tiers(
    running: Services, plain_read_database: Database
) -> None:
    everything = running.token(("*",))
    bare = rpc.list_instrument()
    del bare.rules.margin_tiers[:]
    bare.rules.maker_fee = bare.rules.taker_fee = ""
    await running.call("ListInstrument", bare, token=everything)
    await _project(running, plain_read_database)
    [first] = (await _page(running)).instruments
    assert (first.rules.contract_size, first.rules.taker_fee) == ("1", "0")
    assert list(first.rules.margin_tiers) == []

    await running.call("ListInstrument", rpc.list_instrument(), token=everything)
    await _project(running, plain_read_database)
    [second] = (await _page(running)).instruments
    assert (second.instrument, second.rules_version, second.position) == (SUSHI, 2, 2)
    assert (second.rules.tick, second.rules.trading) == ("0.001", True)
    assert (second.rules.maker_fee, second.rules.taker_fee) == ("-0.0001", "0.0004")
    found = [
        (tier.up_to, tier.maximum_leverage, tier.maintenance_rate, tier.deduction)
        for tier in second.rules.margin_tiers
    ]
    assert found == TIERS


async def test_pages_and_one_by_name(running: Services, plain_read_database: Database) -> None:
    names = ["BINANCE:AAA", "BINANCE:BBB", "BYBIT:AAA"]
    for name in reversed(names):
        request = rpc.list_instrument()
        request.instrument = name
        await running.call("ListInstrument", request, token=running.token(("*",)))
    await _project(running, plain_read_database)
    first = await _page(running, page_size=2)
    rest = await _page(running, page_size=2, page_token=first.next_page_token)
    assert [one.instrument for one in [*first.instruments, *rest.instruments]] == names
    assert rest.next_page_token == ""
    [only] = (await _page(running, instrument="BYBIT:AAA")).instruments
    assert only.instrument == "BYBIT:AAA"


@pytest.mark.parametrize(
    ("tiers", "said"),
    [
        ([("9", "20", "0.01", ""), ("8", "10", "0.02", "")], "rise in value"),
        ([("9", "0.5", "0.01", "")], "leverage of 1"),
        ([("9", "20", "0.01", "")] * 101, "at most 100"),
    ],
)
async def test_a_table_that_contradicts_itself_is_refused(
    running: Services, tiers: list[tuple[str, str, str, str]], said: str
) -> None:
    request = rpc.list_instrument()
    del request.rules.margin_tiers[:]
    for up_to, leverage, rate, deduction in tiers:
        request.rules.margin_tiers.add(
            up_to=up_to, maximum_leverage=leverage, maintenance_rate=rate, deduction=deduction
        )
    error = await running.refusal("ListInstrument", request, token=running.token(("*",)))
    assert (error.code(), said in (error.details() or "")) == (
        grpc.StatusCode.INVALID_ARGUMENT, True,
    )  # fmt: skip
    assert await running.written() == 0


async def test_the_command_line_sets_and_shows(
    running: Services, plain_read_database: Database, tmp_path: Path
) -> None:
    async def patriot(*arguments: str) -> tuple[int, str]:
        return await answered(running, instruments, *arguments)

    assert await patriot("list") == (0, "no instrument is listed\n")
    rules = tmp_path / "rules.json"
    rules.write_text('{"currency": "USDT", "tick": 5, "unknown": 1}')
    code, said = await patriot("set", SUSHI, str(rules))
    assert (code, "holds no rules" in said, "Traceback" in said) == (1, True, False)
    rules.write_text(
        json.dumps(
            {
                "currency": "USDT", "tick": "0.001", "step": "1", "minimum_quantity": "1",
                "maximum_quantity": "1000", "maximum_market_quantity": "100",
                "minimum_notional": "5", "trading": True, "taker_fee": "0.0004",
                "margin_tiers": [
                    {"up_to": "5000", "maximum_leverage": "50", "maintenance_rate": "0.01"}
                ],
            }
        )
    )  # fmt: skip
    assert await patriot("set", SUSHI, str(rules)) == (0, f"{SUSHI} is listed\n")
    assert (await patriot("show", SUSHI))[0] == 1, "the read model has not seen it yet"
    await _project(running, plain_read_database)
    code, said = await patriot("list")
    assert (code, SUSHI in said, "up to 50x" in said) == (0, True, True)
    code, said = await patriot("show", SUSHI)
    shown = json.loads(said)
    assert (code, shown["taker_fee"], len(shown["margin_tiers"])) == (0, "0.0004", 1)
    rules.write_text(said)
    code, said = await patriot("set", SUSHI, str(rules))
    assert (code, "INSTRUMENT_UNCHANGED" in said) == (1, True)


async def test_the_view_has_the_tiers_in_columns(
    running: Services, plain_read_database: Database
) -> None:
    await running.call("ListInstrument", rpc.list_instrument(), token=running.token(("*",)))
    await _project(running, plain_read_database)
    query = (
        "SELECT up_to, maximum_leverage, maintenance_rate, deduction"
        "  FROM read.margin_tiers ORDER BY tier"
    )
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        pool.connection() as connection,
    ):
        found = await (await connection.execute(query)).fetchall()
    assert [tuple(map(str, row.values())) for row in found] == TIERS
