"""`patriot subscriptions` from a terminal: what it prints, and plain sentences when it cannot."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest
import pytest_asyncio

from adapters.cli.main import cli, run
from adapters.rpc.tokens import Grant, create_key, mint
from tests.support.servers import Database
from tests.support.subscribing import Serving, serving
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

Patriot = Callable[..., Coroutine[None, None, tuple[int, str, str]]]


@pytest_asyncio.fixture
async def service(
    log_database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving]:
    async with serving(log_database) as running:
        grant = Grant("tester", (ACCOUNT,), ("trader",), 600)
        token = mint(running.key, grant, now=running.clock.now() // 1_000_000)
        monkeypatch.setenv("PATRIOT_TOKEN", token)
        monkeypatch.setenv("QUERY_SERVICE_ADDRESS", f"127.0.0.1:{running.server.port}")
        yield running


@pytest.fixture
def patriot(capsys: pytest.CaptureFixture[str]) -> Patriot:
    """Runs a command of the group in a thread of its own, as it has a loop of its own."""

    async def call(*arguments: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(run, cli, ["subscriptions", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


_MINE = ("--account", ACCOUNT)


async def test_a_subscription_from_its_creation_to_its_end(
    service: Serving, patriot: Patriot
) -> None:
    await service.append(3)
    assert await patriot("list", *_MINE) == (0, "there are no subscriptions here\n", "")
    code, out, _ = await patriot("create", "billing", *_MINE, "--type", "order.filled.v2")
    assert (code, out) == (0, "billing begins after position 0\n")
    code, out, _ = await patriot("consume", "billing", *_MINE, "--limit", "2")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["1", "2"]
    code, out, _ = await patriot("show", "billing", *_MINE)
    assert "checkpoint    2\nbehind        1\nparked        0\nconsumer      none" in out
    code, out, _ = await patriot("reset", "billing", *_MINE, "--after", "3")
    assert (code, out) == (0, "billing goes on after position 3\n")
    code, out, _ = await patriot("list", *_MINE)
    assert "no consumer  checkpoint 3, 0 behind, 0 parked" in out
    assert await patriot("delete", "billing", *_MINE) == (0, "billing is gone\n", "")


async def test_parked_events_from_a_terminal(service: Serving, patriot: Patriot) -> None:
    await service.append(2)
    await service.create(max_attempts=1)
    assert await patriot("parked", "billing", *_MINE) == (0, "nothing is parked\n", "")
    consumer = await service.let_in()
    await consumer.until(2)
    await consumer.refuse(1)
    await consumer.refuse(2, "another reason")
    await consumer.settled(2)
    await consumer.leave()
    code, out, _ = await patriot("parked", "billing", *_MINE)
    assert code == 0
    assert "1 attempts  no such customer\n" in out
    code, out, _ = await patriot("drop-parked", "billing", "1", *_MINE)
    assert (code, out) == (0, "1 events were given up\n")
    code, out, _ = await patriot("replay-parked", "billing", "--all", *_MINE)
    assert (code, out) == (0, "1 events will be delivered again\n")
    code, out, _ = await patriot("parked", "billing", *_MINE)
    assert out.endswith("another reason  (to be replayed)\n")
    code, out, _ = await patriot("consume", "billing", *_MINE, "--limit", "1")
    assert out.split()[0] == "2"
    assert await service.parked() == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["show", "nothing", *_MINE], 1, "there is no subscription nothing here: create it first"),
        (["consume", "nothing", *_MINE], 1, "there is no subscription nothing here"),
        (["delete", "nothing", *_MINE], 1, "there is no subscription nothing here"),
        (["create", "No Name", *_MINE], 1, "name: expected 1 to 63"),
        (["create", "a", *_MINE, "--type", "x"], 1, "event_types: expected types such as"),
        (["create", "a", *_MINE, "--after", str(10**9)], 1, "after.number is past the head"),
        (["create", "a", *_MINE, "--after", str(2**63 - 1)], 1, "after.number is past the head"),
        (["create", "a", *_MINE, "--after", str(10**30)], 1, "after.number is past the head"),
        (["create", "a", *_MINE, "--after", "-1"], 2, "--after"),
        (["create", "a", "--account", "x"], 2, "expected a lower-case UUID"),
        (["create", "a", "--account", OTHER_ACCOUNT], 1, "gives no access to this account"),
        (["create", "a"], 1, "one of these roles is needed"),
        (["drop-parked", "a", *_MINE], 2, "name the positions, or --all"),
        (["drop-parked", "a", "0", *_MINE], 2, "0 is not in the range"),
        (["drop-parked", "a", str(2**63), *_MINE], 2, "is not in the range"),
    ],
)
async def test_a_failure_is_one_plain_sentence(
    service: Serving, patriot: Patriot, arguments: list[str], code: int, told: str
) -> None:
    found, out, err = await patriot(*arguments)
    assert (found, out) == (code, "")
    assert told in err
    assert "Traceback" not in err


async def test_a_second_consumer_is_told(service: Serving, patriot: Patriot) -> None:
    await service.create()
    first = await service.let_in()
    code, _, err = await patriot("consume", "billing", *_MINE)
    assert (code, "has a consumer already" in err) == (1, True)
    await first.leave()


async def test_a_service_that_is_not_there_is_a_sentence(
    service: Serving, patriot: Patriot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATRIOT_TOKEN", create_key())
    code, _, err = await patriot("list", *_MINE)
    assert (code, "PATRIOT_TOKEN is no token" in err) == (1, True)
    monkeypatch.setenv("PATRIOT_TOKEN", "x" * 40)
    code, _, err = await patriot("list", *_MINE)
    assert (code, "the token does not hold" in err) == (1, True)
    monkeypatch.setenv("QUERY_SERVICE_ADDRESS", "127.0.0.1:1")
    code, _, err = await patriot("list", *_MINE)
    assert (code, err.startswith("Error: the query service at 127.0.0.1:1 does not")) == (1, True)
    monkeypatch.delenv("PATRIOT_TOKEN")
    code, _, err = await patriot("list", *_MINE)
    assert (code, "PATRIOT_TOKEN is not set" in err) == (1, True)
