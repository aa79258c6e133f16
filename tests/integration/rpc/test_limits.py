"""An account's limits from the command line to the log, the view and back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.cli.limits import limits
from adapters.postgres.rebuild import rebuild
from adapters.rpc.query_server import read_pool
from projections.catalogue import PROJECTIONS
from tests.support import rpc
from tests.support.command_line import answered
from tests.support.rpc import Services
from tests.support.servers import Database
from tests.support.trading import OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool) as started,
    ):
        yield started


async def test_the_command_line_sets_and_shows(
    running: Services, plain_read_database: Database, tmp_path: Path
) -> None:
    async def patriot(*arguments: str) -> tuple[int, str]:
        return await answered(running, limits, *arguments)

    code, said = await patriot("show", OTHER_ACCOUNT)
    assert (code, "every order of this account is refused" in said) == (0, True)

    file = tmp_path / "limits.json"
    file.write_text('{"currency": "USDT", "rate": 5}')
    code, said = await patriot("set", OTHER_ACCOUNT, str(file))
    assert (code, "holds no limits" in said, "Traceback" in said) == (1, True, False)
    file.write_text('{"currency": "USDT", "concentration": "2"}')
    code, said = await patriot("set", OTHER_ACCOUNT, str(file))
    assert (code, "expected a share of at most 1" in said) == (1, True)

    file.write_text(
        '{"currency": "USDT", "orders_per_second": 5, "daily_loss": "250", "strategies": '
        f'[{{"strategy_id": "{rpc.ORDER}", "open_notional": "99.5"}}]}}'
    )
    code, said = await patriot("set", OTHER_ACCOUNT, str(file))
    assert (code, said) == (0, f"these limits bind {OTHER_ACCOUNT} from now on\n")
    for name in ("risk", "limits"):
        database = plain_read_database.url("patriot_project")
        await rebuild(running.log, database, PROJECTIONS[name])
    code, said = await patriot("show", OTHER_ACCOUNT)
    assert (code, said.splitlines()) == (
        0,
        [
            "version 1, in USDT",
            "daily_loss 250",
            "orders_per_second 5",
            f"{rpc.ORDER} open_notional 99.5",
        ],
    )
