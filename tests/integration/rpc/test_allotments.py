"""Limits over many accounts by real ports and the command line: shared out, moved and seen."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import grpc
import psycopg
import pytest
import pytest_asyncio

from adapters.cli.allotments import allotments
from adapters.cli.risk import risk
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, risk_pb2, risk_queries_pb2, venues_pb2
from adapters.rpc.query_server import read_pool
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from streams.exposures import overexposed
from tests.support import rpc
from tests.support.command_line import patriot
from tests.support.rpc import Services
from tests.support.rpc_governance import approve, halt, move_allotment, set_wider_limit
from tests.support.rpc_users import ADA, open_account, register
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

OPEN = risk_pb2.COUNTED_OPEN_NOTIONAL
TO_POOL = risk_pb2.ALLOTMENT_DIRECTION_TO_POOL


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool, second_person=False) as started,
    ):
        await rpc.prepare(started)
        yield started


async def _project(running: Services, database: Database) -> None:
    for name in ("governance", "allotments"):
        await rebuild(running.log, database.url("patriot_project"), PROJECTIONS[name])


def _refusal(error: grpc.aio.AioRpcError) -> common_pb2.Refusal:
    found: bytes = rpc.trailing(error)["patriot-refusal-bin"]
    return common_pb2.Refusal.FromString(found)


async def _done(running: Services, name: str, request: Any) -> Any:
    """By somebody who may touch every account; the one answer."""
    [answer] = await running.call(name, request, token=running.token(("*",)))
    return answer


async def _refused(running: Services, name: str, request: Any) -> common_pb2.Refusal:
    return _refusal(await running.refusal(name, request, token=running.token(("*",))))


async def test_an_order_is_bound_by_its_account_s_share_and_the_reply_says_how_much(
    running: Services,
) -> None:
    await _done(running, "SetWiderLimit", set_wider_limit("100", counted=OPEN))
    refusal = await _refused(running, "PlaceOrder", rpc.place(quantity="10", price="8"))
    assert (refusal.name, refusal.limit, refusal.value) == ("ALLOTMENT_LIMIT", "0", "80")
    await _done(running, "MoveAllotment", move_allotment("80", counted=OPEN))
    await running.call("PlaceOrder", rpc.place(quantity="10", price="8"))
    refusal = await _refused(running, "PlaceOrder", rpc.place(quantity="1", price="8"))
    assert (refusal.name, refusal.limit, refusal.value) == ("ALLOTMENT_LIMIT", "80", "88")
    assert "open_notional of platform in USDT, which is limited to 100" in refusal.detail
    back = move_allotment("1", direction=TO_POOL, counted=OPEN)
    refusal = await _refused(running, "MoveAllotment", back)
    assert (refusal.name, refusal.limit, refusal.value) == ("ALLOTMENT_IN_USE", "80", "79")
    other = move_allotment("21", OTHER_ACCOUNT, counted=OPEN)
    refusal = await _refused(running, "MoveAllotment", other)
    assert (refusal.name, refusal.limit, refusal.value) == ("ALLOTMENT_EXHAUSTED", "20", "21")


async def test_of_many_at_once_no_more_is_given_than_there_is(running: Services) -> None:
    await _done(running, "SetWiderLimit", set_wider_limit("100", counted=OPEN))
    accounts = [str(uuid4()) for _ in range(20)]
    asked = (move_allotment("30", account, counted=OPEN) for account in accounts)
    answers = await asyncio.gather(
        *(_done(running, "MoveAllotment", each) for each in asked), return_exceptions=True
    )
    refused = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert len(answers) - len(refused) == 3
    assert {_refusal(each).reason for each in refused} == {int(Reason.ALLOTMENT_EXHAUSTED)}


async def test_one_account_s_token_moves_nothing_and_sees_its_own_share_alone(
    running: Services, plain_read_database: Database
) -> None:
    own = running.token((ACCOUNT,), ["risk_manager"])
    for name, request in (
        ("MoveAllotment", move_allotment("1")),
        ("SetWiderLimit", set_wider_limit("1")),
        ("ListWiderLimits", risk_queries_pb2.ListWiderLimitsRequest()),
        ("ListAllotments", risk_queries_pb2.ListAllotmentsRequest()),
        ("ListAllotments", risk_queries_pb2.ListAllotmentsRequest(account_id=OTHER_ACCOUNT)),
    ):
        error = await running.refusal(name, request, token=own)
        assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    await _done(running, "MoveAllotment", move_allotment("5"))
    await _done(running, "MoveAllotment", move_allotment("7", OTHER_ACCOUNT))
    await _project(running, plain_read_database)
    mine = risk_queries_pb2.ListAllotmentsRequest(account_id=ACCOUNT)
    [page] = await running.call("ListAllotments", mine, token=own)
    assert [(one.account_id, one.share) for one in page.allotments] == [(ACCOUNT, "5")]


async def test_limits_and_shares_are_seen_as_they_are_and_as_they_were(
    running: Services, plain_read_database: Database
) -> None:
    first = await _done(running, "SetWiderLimit", set_wider_limit("100"))
    given = await _done(running, "MoveAllotment", move_allotment("60"))
    await _done(running, "MoveAllotment", move_allotment("40", direction=TO_POOL))
    await _done(running, "MoveAllotment", move_allotment("3", OTHER_ACCOUNT, counted=OPEN))
    await _done(running, "SetWiderLimit", set_wider_limit("20"))
    await _project(running, plain_read_database)

    async def seen(as_of: int) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
        limits = await _done(
            running, "ListWiderLimits", risk_queries_pb2.ListWiderLimitsRequest(as_of=as_of)
        )
        held = await _done(
            running, "ListAllotments", risk_queries_pb2.ListAllotmentsRequest(as_of=as_of)
        )
        return (
            [(one.counted, one.value, one.allotted, one.unallotted) for one in limits.limits],
            [(one.account_id, one.counted, one.share) for one in held.allotments],
        )

    assert await seen(0) == (
        [("gross_notional", "20", "20", "0"), ("open_notional", "", "3", "")],
        [(OTHER_ACCOUNT, "open_notional", "3"), (ACCOUNT, "gross_notional", "20")],
    )
    assert await seen(first.position.number) == ([("gross_notional", "100", "0", "100")], [])
    # Both events of a move are one commit; the pool's is the first of them.
    assert await seen(given.position.number) == (
        [("gross_notional", "100", "60", "40")],
        [(ACCOUNT, "gross_notional", "60")],
    )
    pages = []
    request = risk_queries_pb2.ListAllotmentsRequest(page_size=1)
    for _ in range(2):
        page = await _done(running, "ListAllotments", request)
        pages += [one.share for one in page.allotments]
        request.page_token = page.next_page_token
    assert (pages, request.page_token) == (["3", "20"], "")
    request_ = risk_queries_pb2.ListWiderLimitsRequest(page_size=1)
    page = await _done(running, "ListWiderLimits", request_)
    request_.page_token = page.next_page_token
    rest = await _done(running, "ListWiderLimits", request_)
    assert [one.counted for one in rest.limits] == ["open_notional"]


async def _traded(running: Services, account: str, side: str, quantity: str) -> None:
    """So much of SUSHI at 8, in the log as the venue would report it."""
    order_id = str(uuid4())
    order = rpc.place(
        account_id=account, order_id=order_id, side=side, quantity=quantity, price="8"
    )
    await _done(running, "PlaceOrder", order)
    fill = rpc.report("filled", order_id, account)
    fill.filled.quantity, fill.filled.side = quantity, order.side
    await _done(running, "RecordReports", venues_pb2.ReportBatch(reports=[fill]))


async def test_what_all_hold_is_summed_for_each_limit_and_a_halt_ends_the_looking(
    running: Services, plain_read_database: Database
) -> None:
    await _done(running, "RegisterUser", register())
    await _done(running, "OpenAccount", open_account(account_id=ACCOUNT))
    await _done(running, "SetLimits", rpc.set_limits(account_id=OTHER_ACCOUNT))
    await _traded(running, ACCOUNT, "SIDE_BUY", "10")
    await _traded(running, OTHER_ACCOUNT, "SIDE_SELL", "5")
    position = risk_pb2.COUNTED_POSITION_NOTIONAL
    limits: list[tuple[str, dict[str, Any]]] = [
        ("119", {}),
        ("120", {"counted": position}),
        ("79", {"user_id": ADA}),
        ("110", {"venue": "BINANCE"}),
        ("1", {"venue": "BYBIT"}),
        ("1", {"counted": OPEN}),
        ("1", {"currency": "USDC"}),
    ]
    for value, name in limits:
        await _done(running, "SetWiderLimit", set_wider_limit(value, **name))
    await _done(running, "Halt", halt(venue="BINANCE"))
    for model in ("positions", "accounts", "allotments", "governance"):
        await rebuild(running.log, plain_read_database.url("patriot_project"), PROJECTIONS[model])
    reader = plain_read_database.url("patriot_read")
    async with await psycopg.AsyncConnection.connect(reader) as connection:
        found = await overexposed(connection)
        cursor = await connection.execute(
            "SELECT scope, counted, currency, held FROM read.wider_exposures"
        )
        rows = set(await cursor.fetchall())
    assert rows == {
        ("platform", "gross_notional", "USDT", Decimal(120)),
        ("platform", "position_notional", "USDT", Decimal(120)),
        ("user", "gross_notional", "USDT", Decimal(80)),
        ("venue", "gross_notional", "USDT", Decimal(120)),
        ("venue", "gross_notional", "USDT", Decimal(0)),
        ("platform", "gross_notional", "USDC", Decimal(0)),
    }
    assert {(one.scope, one.subject, one.held) for one in found} == {
        ("platform", "", Decimal(120)), ("user", ADA, Decimal(80)),
    }  # fmt: skip


class _Commands:
    """`patriot allotments` and `patriot risk` against the running services, as somebody."""

    def __init__(self, running: Services) -> None:
        self._running = running

    async def __call__(self, *arguments: str, by: str = "ada", fails: bool = False) -> str:
        token = self._running.token(("*",), ["risk_manager"], subject=by)
        group = risk if arguments[0] in {"approve", "changes"} else allotments
        return await patriot(self._running, group, *arguments, token=token, fails=fails)


@pytest_asyncio.fixture
async def two_persons(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool, second_person=True) as started,
    ):
        yield started


async def test_everything_is_done_and_seen_by_command_line(
    two_persons: Services, plain_read_database: Database
) -> None:
    said = _Commands(two_persons)
    assert await said("limits") == "there is no limit over accounts\n"
    assert await said("show") == "nothing is allotted\n"
    gross = ("--of", "gross")
    assert await said("limit", "100", *gross) == "the limit is 100 from now on\n"
    told = await said("limit", "200", *gross)
    assert told.endswith(": it takes effect when another person approves\n")
    change = told.split()[3].rstrip(":")
    await _project(two_persons, plain_read_database)
    waiting = await said("changes")
    assert f"{change}  pending     gross_notional of platform is limited less\n" in waiting
    assert '{"currency":"USDT","gross_notional":"200"}' in waiting
    assert "OWN_CHANGE" in await said("approve", change, fails=True)
    await said("approve", change, by="bob")
    await said("move", "150", "--to", ACCOUNT, *gross)
    told = await said("move", "60", "--from", ACCOUNT, "--to", OTHER_ACCOUNT, *gross)
    name, *steps = told.splitlines()
    assert steps == [
        f"60 taken from account {ACCOUNT}",
        f"60 given to account {OTHER_ACCOUNT}",
    ]
    # The same move again moves nothing more.
    before = await two_persons.written()
    again = ("--from", ACCOUNT, "--to", OTHER_ACCOUNT, "--id", name.split()[1], *gross)
    assert await said("move", "60", *again) == told
    assert await two_persons.written() == before
    await _project(two_persons, plain_read_database)
    assert await said("limits") == (
        "gross_notional of platform in USDT: 200, 150 allotted, 50 left\n"
    )
    assert sorted((await said("show")).splitlines()) == sorted(
        f"{account}  gross_notional of platform in USDT: {share}, moved by ada"
        for account, share in ((ACCOUNT, 90), (OTHER_ACCOUNT, 60))
    )
    only = await said("show", "--account", OTHER_ACCOUNT, "--as-of", "2")
    assert only == "nothing is allotted\n"


async def test_a_move_that_stopped_half_way_is_finished_by_the_same_move(
    two_persons: Services,
) -> None:
    """Taken, and then nobody there to give: what is in between is in the pool alone."""
    said = _Commands(two_persons)
    await _done(two_persons, "SetWiderLimit", set_wider_limit("100"))
    await _done(two_persons, "MoveAllotment", move_allotment("100"))
    taken = move_allotment("60", direction=TO_POOL)
    ada = two_persons.token(("*",), ["risk_manager"], subject="ada")
    await two_persons.call("MoveAllotment", taken, token=ada)
    told = await said(
        "move", "60", "--from", ACCOUNT, "--to", OTHER_ACCOUNT, "--id", taken.command_id,
        "--of", "gross",
    )  # fmt: skip
    assert told.endswith(f"60 given to account {OTHER_ACCOUNT}\n")
    more = await _refused(two_persons, "MoveAllotment", move_allotment("0.1"))
    assert (more.name, more.limit) == ("ALLOTMENT_EXHAUSTED", "0")
    left = await _refused(two_persons, "MoveAllotment", move_allotment("41", direction=TO_POOL))
    assert (left.name, left.limit) == ("ALLOTMENT_TOO_SMALL", "40")


async def test_the_end_of_a_limit_is_approved_by_another_risk_manager(
    two_persons: Services,
) -> None:
    await _done(two_persons, "SetWiderLimit", set_wider_limit("100"))
    ended = set_wider_limit("")
    refusal = await _refused(two_persons, "SetWiderLimit", ended)
    assert refusal.name == "APPROVAL_NEEDED"
    bob = two_persons.token(("*",), ["risk_manager"], subject="bob")
    await two_persons.call("ApproveChange", approve(ended.command_id, ""), token=bob)
    refusal = await _refused(two_persons, "SetWiderLimit", set_wider_limit(""))
    assert refusal.name == "SETTING_UNCHANGED"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["move", "5", "--of", "gross"], "say from where to where"),
        (["move", "5", "--to", "nobody", "--of", "gross"], "account_id: expected a lower-case"),
        (["limit", "1", "--of", "gross", "--user", "ada"], "limit.user_id: expected a lower-case"),
        (["limit", "1", "--of", "gross", "--strategy", ACCOUNT], "open notional alone is counted"),
        (
            ["limit", "1", "--of", "open", "--strategy", ACCOUNT, "--venue", "BYBIT"],
            "set at most one of them",
        ),
        (["limit", "-1", "--of", "open"], "No such option: -1"),
    ],
)
async def test_a_slip_is_one_sentence(
    two_persons: Services, arguments: list[str], told: str
) -> None:
    assert told in await _Commands(two_persons)(*arguments, fails=True)
