"""`patriot explain` on PostgreSQL: the whole story of an order, for people and for programs."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal

import orjson
import psycopg
import pytest
import pytest_asyncio

from adapters.cli.main import cli, run
from adapters.commands.answers import Submission
from adapters.commands.engine import CommandEngine
from adapters.postgres.log import PostgresEventLog
from domain.dispatch import Command
from domain.ids import PLATFORM, CommandId, client_order_id, derived, risk_stream
from domain.instruments.commands import ListInstrument
from domain.orders.commands import ExecutionKind
from domain.risk.commands import Limits, SetLimits
from domain.risk.rules.table import CHECKS
from domain.strategies.commands import PauseStrategy
from domain.values import Side
from tests.support.external import external_id, liquidating, told
from tests.support.life import amend, amended
from tests.support.logs import SteppingClock
from tests.support.servers import Database
from tests.support.strategies import STRATEGY, running
from tests.support.trading import (
    ACCOUNT,
    RULES,
    SUSHI,
    accepted,
    cancel,
    cancelled,
    filled,
    order_id,
    place,
    quantity,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("story")]

ADMITTED, REFUSED = order_id("admitted"), order_id("refused")
LED, STOPPED = order_id("led"), order_id("stopped")
LIQUIDATED = replace(filled("venue", "x-2", 4, "7", side=Side.SELL), kind=ExecutionKind.LIQUIDATION)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command and who sends it."""

    command: Command
    by: str = "venue-adapter"


STORY = (
    Asked(ListInstrument(SUSHI, RULES), "operator-1"),
    Asked(SetLimits(ACCOUNT, Limits("USDT", order_quantity=Decimal(12))), "risk-1"),
    Asked(place("admitted", amount=10, at="8", reference="8.1"), "trader-7"),
    Asked(accepted("admitted", "v-17")),
    Asked(filled("admitted", "x-1", 4, "7.9")),
    Asked(cancel("admitted"), "trader-7"),
    Asked(cancelled("admitted")),
    Asked(place("refused", amount=13, at="8", reference="8.1"), "trader-8"),
    *(Asked(command, "trader-7") for command in running()),
    Asked(replace(place("led"), strategy_id=STRATEGY), "trader-7"),
    Asked(accepted("led", "v-18")),
    Asked(amend("led", 12, "7.9", reference="8.1"), "trader-7"),
    Asked(amended("led", 12, "7.9")),
    Asked(amend("led", 13), "trader-7"),
    Asked(PauseStrategy(STRATEGY, ACCOUNT), "trader-7"),
    Asked(amend("led", 11), "trader-7"),
    Asked(replace(place("stopped"), strategy_id=STRATEGY), "trader-7"),
    Asked(told(liquidating("v-77", quantity=quantity(4)), LIQUIDATED)),
)


@pytest_asyncio.fixture
async def story(log_database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A log with one order of each fate."""
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    for number, (command, by) in enumerate((one.command, one.by) for one in STORY):
        account = getattr(command, "account_id", PLATFORM)
        command_id = CommandId(derived("explain", str(number)))
        await engine.submit(Submission(command, command_id, account, by, "", bytes([number])))
    await engine.stop()
    await log.close()
    monkeypatch.setenv("DATABASE_URL", log_database.url("patriot_tail"))
    yield log_database


async def _shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = await asyncio.to_thread(run, cli, ["explain", *arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


async def test_an_admitted_order_is_told_from_the_question_to_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = await _shown(capsys, ADMITTED)
    assert (code, err) == (0, "")
    passed = f"it passed all {len(CHECKS)} checks"
    assert out.startswith(
        f"Order {ADMITTED}\nwas ADMITTED: {passed}; it is cancelled, 4 of 10 filled\n"
    )
    for line in (
        r"  asked     buy 10 of BINANCE:SUSHIUSDT at no more than 8; open until it is filled.*",
        rf"  by        trader-7 for account {ACCOUNT}",
        r"  at        2021-07-22 00:00:00\.\d{6} UTC",
        r"  recorded  at position 4 of the log",
        r"  limits version +1",
        r"  rules version +1",
        r"  reference +8\.1, seen 2021-07-22 00:00:00\.0+ UTC",
        r"  net quantity +0",
        r"  check +outcome +limit +value +what it asks",
        r"  order_quantity +passed +12 +10 +One order's quantity\.",
        r"  2021-.* UTC  to be sent to the venue as pt-[0-9a-f]{32} \(by trader-7\)",
        r"  2021-.* UTC  the venue took it as its order v-17 \(by venue-adapter\)",
        r"  2021-.* UTC  filled 4 at 7\.9, fee 0\.01 USDT; 4 in all \(by venue-adapter\)",
        r"  2021-.* UTC  the venue is asked to cancel it \(by trader-7\)",
        r"  2021-.* UTC  cancelled, 6 not filled \(by venue-adapter\)",
    ):
        assert re.search(f"^{line}$", out, re.MULTILINE), line
    shown = [line.split()[0] for line in out.splitlines() if " passed " in line]
    assert [name for name in shown if name != "was"] == [check.name for check in CHECKS]


async def test_an_order_of_the_venue_is_told_by_who_made_it_and_without_checks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = await _shown(capsys, external_id("v-77"))
    assert (code, err) == (0, "")
    assert out.startswith(
        f"Order {external_id('v-77')}\n"
        "made by the venue: liquidation; it is filled, 4 of 4 filled\n"
        "no check was asked: that it exists is a fact, and it is counted like our own\n"
    )
    for line in (
        r"  asked     sell 4 of BINANCE:SUSHIUSDT at the market; what cannot be traded .*",
        rf"  by        venue-adapter for account {ACCOUNT}",
        r"  2021-.* UTC  the venue told of its order v-77, made by the venue: liquidation .*",
        r"  2021-.* UTC  filled by liquidation 4 at 7, fee 0\.01 USDT; 4 in all .*",
    ):
        assert re.search(f"^{line}$", out, re.MULTILINE), line
    assert "The checks" not in out


async def test_a_refused_order_is_told_with_the_check_its_limit_and_its_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = await _shown(capsys, REFUSED)
    assert code == 0
    assert out.splitlines()[1] == (
        "was REFUSED by the check order_quantity: the order's quantity is over the limit "
        "(limit 12, value 13)"
    )
    assert re.search(r"^  order_quantity +REFUSED +12 +13 ", out, re.MULTILINE)
    assert re.search(r"^  order_notional +not asked +", out, re.MULTILINE)
    assert re.search(r"^  by +trader-8 ", out, re.MULTILINE)
    assert out.endswith("  it was refused by us and never sent to the venue\n")


async def test_programs_are_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = await _shown(capsys, REFUSED, "--json")
    told = orjson.loads(out)
    assert (code, told["order_id"], told["status"]) == (0, REFUSED, "denied")
    assert (told["asked_by"], told["account_id"]) == ("trader-8", ACCOUNT)
    checks = {one["check"]: one for one in told["decision"]["checks"]}
    assert list(checks) == [check.name for check in CHECKS]
    assert checks["order_quantity"] == {
        "check": "order_quantity",
        "outcome": "refused",
        "limit": "12",
        "value": "13",
        "detail": "the order's quantity is over the limit",
    }
    assert told["decision"]["inputs"]["limits_version"] == 1
    assert told["decision"]["limits"]["order_quantity"] == "12"
    assert [one["type"] for one in told["events"]] == ["order.denied.v2"]
    _, out, _ = await _shown(capsys, ADMITTED, "--json")
    told = orjson.loads(out)
    assert (told["status"], told["filled"], told["decision"]["admitted"]) == (
        "cancelled",
        "4",
        True,
    )
    assert [(one["type"], one["by"]) for one in told["events"]] == [
        ("order.placed.v2", "trader-7"),
        ("order.accepted.v1", "venue-adapter"),
        ("order.filled.v2", "venue-adapter"),
        ("order.cancel_requested.v1", "trader-7"),
        ("order.cancelled.v1", "venue-adapter"),
    ]


async def test_every_amend_is_told_with_its_checks_admitted_and_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = await _shown(capsys, LED)
    assert (code, err) == (0, "")
    for line in (
        rf"An amend at position \d+ of the log was ADMITTED: it passed all {len(CHECKS)} checks",
        r"  to be  buy 12 of BINANCE:SUSHIUSDT at no more than 7\.9; open until it is filled.*",
        r"  reference +8\.1, seen 2021-07-22 00:00:00\.0+ UTC",
        r"  order_quantity +passed +12 +12 +One order's quantity\.",
        (
            r"An amend at position \d+ of the log was REFUSED by the check order_quantity: "
            r"the order's quantity is over the limit \(limit 12, value 13\)"
        ),
        r"  order_quantity +REFUSED +12 +13 +One order's quantity\.",
        (
            r"An amend at position \d+ of the log was REFUSED by the check strategy: "
            r"the strategy is paused: reduce only \(limit none, value paused\)"
        ),
    ):
        assert re.search(f"^{line}$", out, re.MULTILINE), line
    _, out, _ = await _shown(capsys, LED, "--json")
    told = orjson.loads(out)
    assert (told["differences"], told["decision"]["admitted"]) == (0, True)
    amends = told["amends"]
    assert [one["admitted"] for one in amends] == [True, False, False]
    assert [one["order"]["quantity"] for one in amends] == ["12", "13", "11"]
    assert [[check["check"] for check in one["checks"]] for one in amends] == [
        [check.name for check in CHECKS]
    ] * 3


async def test_an_order_that_its_strategy_might_not_send_is_explained_by_the_strategy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = await _shown(capsys, STOPPED)
    assert (code, out.splitlines()[1]) == (
        0,
        (
            "was REFUSED by the check strategy: the strategy is paused: reduce only "
            "(limit none, value paused)"
        ),
    )


async def test_an_amend_that_was_altered_is_told_and_ends_with_exit_1(
    story: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(story.admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE log.events SET payload = replace(convert_from(payload, 'UTF8'), "
            '\'"check":"strategy"\', \'"check":"halt"\')::bytea '
            "WHERE type LIKE 'risk.amend_refused.%'"
        )
    code, out, _ = await _shown(capsys, LED)
    assert code == 1
    assert "check: recorded halt, derived strategy" in out


async def test_the_story_ends_where_it_is_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = await _shown(capsys, ADMITTED, "--until", "4")
    assert "it is submitting, 0 of 10 filled" in out
    assert "the venue took it" not in out


@pytest.mark.parametrize("spelled", [client_order_id(ADMITTED), ADMITTED.upper(), f" {ADMITTED}\n"])
async def test_an_id_is_known_as_the_venue_spells_it_and_as_mails_do(
    capsys: pytest.CaptureFixture[str], spelled: str
) -> None:
    code, out, _ = await _shown(capsys, spelled)
    assert (code, out.splitlines()[0]) == (0, f"Order {ADMITTED}")


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ([ADMITTED[:-1] + "7"], 1, f"patriot: the log holds no order {ADMITTED[:-1]}7 up to"),
        ([risk_stream(ACCOUNT)], 1, "the log holds no order"),
        ([ADMITTED[:-1]], 2, "is no order id: send the id of the order such as 0b9f3c1e-"),
        (["pt-17"], 2, "'pt-17' is no order id"),
        ([], 2, "Missing argument 'ORDER'"),
        ([ADMITTED, "--until", "999"], 1, "the log ends at position"),
    ],
)
async def test_a_typing_mistake_is_a_sentence(
    capsys: pytest.CaptureFixture[str], asked: list[str], code: int, told: str
) -> None:
    ended, out, err = await _shown(capsys, *asked)
    assert (ended, out) == (code, "")
    assert told in err
    assert "Traceback" not in err


async def test_an_altered_decision_is_told_and_ends_with_exit_1(
    story: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(story.admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE log.events SET payload = replace(convert_from(payload, 'UTF8'), "
            '\'"limit":"12"\', \'"limit":"15"\')::bytea WHERE type = \'risk.order_refused.v2\''
        )
    code, out, err = await _shown(capsys, REFUSED)
    assert code == 1
    assert "The log contradicts itself\n" in out
    assert "risk.order_refused.v2 limit: recorded 15, derived 12" in out
    assert "run `patriot log verify`" in err
