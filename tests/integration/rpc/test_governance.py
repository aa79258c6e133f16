"""Two persons over real ports: from the proposal to the rows, every scope, and the command line."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import grpc
import pytest
import pytest_asyncio

from adapters.cli.limits import limits
from adapters.cli.risk import risk
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, risk_pb2, risk_queries_pb2
from adapters.rpc.query_server import read_pool
from domain.ids import PLATFORM, StrategyId, derived
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc
from tests.support.command_line import patriot
from tests.support.rpc import Services
from tests.support.rpc_governance import approve, halt, resume
from tests.support.rpc_users import ADA, open_account, register
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

STRATEGY: Final = StrategyId(derived("test", "strategy"))
BOTH: Final = ("risk_manager", "operator")


@pytest_asyncio.fixture
async def running(plain_read_database: Database) -> AsyncIterator[Services]:
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool, second_person=True) as started,
    ):
        everything = started.token(("*",))
        await started.call("ListInstrument", rpc.list_instrument(), token=everything)
        yield started


def _of(running: Services, subject: str, roles: Sequence[str] = BOTH) -> str:
    return running.token(("*",), roles, subject=subject)


async def _project(running: Services, database: Database) -> None:
    for name in ("governance", "accounts"):
        await rebuild(running.log, database.url("patriot_project"), PROJECTIONS[name])


def _refusal(error: grpc.aio.AioRpcError) -> common_pb2.Refusal:
    found: bytes = rpc.trailing(error)["patriot-refusal-bin"]
    return common_pb2.Refusal.FromString(found)


async def _refused(running: Services, name: str, request: Any, by: str) -> Reason:
    return Reason(_refusal(await running.refusal(name, request, token=_of(running, by))).reason)


async def _limits(running: Services, most: str, account: str = ACCOUNT) -> str:
    """Limits that ada proposes and bob approves; the id of the change."""
    limits = risk_pb2.Limits(currency="USDT", order_notional=most)
    request = rpc.set_limits(limits=limits, account_id=account)
    assert await _refused(running, "SetLimits", request, "ada") is Reason.APPROVAL_NEEDED
    change: str = request.command_id
    await running.call("ApproveChange", approve(change, account), token=_of(running, "bob"))
    return change


async def test_limits_hold_once_another_subject_approved(
    running: Services, plain_read_database: Database
) -> None:
    first = rpc.set_limits()
    error = await running.refusal("SetLimits", first, token=_of(running, "ada"))
    refusal = _refusal(error)
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert (refusal.name, refusal.value) == ("APPROVAL_NEEDED", first.command_id)
    # The same command again is answered the same, and proposes nothing more.
    before = await running.written()
    assert await _refused(running, "SetLimits", first, "ada") is Reason.APPROVAL_NEEDED
    assert await running.written() == before
    own = await running.refusal(
        "ApproveChange", approve(first.command_id), token=_of(running, "ada")
    )
    assert own.code() is grpc.StatusCode.PERMISSION_DENIED
    assert _refusal(own).name == "OWN_CHANGE"
    lacking = await running.refusal(
        "ApproveChange", approve(first.command_id), token=_of(running, "bob", ["operator"])
    )
    assert _refusal(lacking).name == "APPROVER_LACKS_ROLE"
    await _project(running, plain_read_database)
    [page] = await running.call(
        "ListChanges", risk_queries_pb2.ListChangesRequest(account_id=ACCOUNT, pending_only=True)
    )
    [waiting] = page.changes
    assert (waiting.status, waiting.proposed_by, list(waiting.looser)) == (
        "pending", "ada", ["limits"],
    )  # fmt: skip
    assert json.loads(waiting.limits) == {"currency": "USDT", "open_orders": 100_000}
    assert (await _refused_order(running)) is Reason.LIMITS_NOT_SET
    await running.call("ApproveChange", approve(first.command_id), token=_of(running, "bob"))
    await running.call("PlaceOrder", rpc.place())
    await _project(running, plain_read_database)
    [page] = await running.call(
        "ListChanges", risk_queries_pb2.ListChangesRequest(account_id=ACCOUNT)
    )
    assert [(one.status, one.decided_by) for one in page.changes] == [("approved", "bob")]


async def _refused_order(running: Services, **changes: Any) -> Reason:
    return Reason(_refusal(await running.refusal("PlaceOrder", rpc.place(**changes))).reason)


async def test_changes_of_two_accounts_may_have_one_id(
    running: Services, plain_read_database: Database
) -> None:
    """Ids of commands are unique within an account, and no further."""
    first = rpc.set_limits()
    second = rpc.set_limits(account_id=OTHER_ACCOUNT, command_id=first.command_id)
    for request in (first, second):
        assert await _refused(running, "SetLimits", request, "ada") is Reason.APPROVAL_NEEDED
    yes = approve(first.command_id, OTHER_ACCOUNT)
    await running.call("ApproveChange", yes, token=_of(running, "bob"))
    await _project(running, plain_read_database)
    [page] = await running.call(
        "ListChanges", risk_queries_pb2.ListChangesRequest(), token=_of(running, "ada")
    )
    assert {one.account_id: one.status for one in page.changes} == {
        ACCOUNT: "pending",
        OTHER_ACCOUNT: "approved",
    }


async def test_who_changed_what_and_when_is_a_query(
    running: Services, plain_read_database: Database
) -> None:
    change = await _limits(running, "1000")
    lower = risk_pb2.Limits(currency="USDT", order_notional="500", loss="9")
    await running.call("SetLimits", rpc.set_limits(limits=lower), token=_of(running, "carl"))
    await _limits(running, "800")
    await _project(running, plain_read_database)
    asked = risk_queries_pb2.ListLimitsHistoryRequest(account_id=ACCOUNT, page_size=2)
    [page] = await running.call("ListLimitsHistory", asked)
    asked.page_token = page.next_page_token
    [rest] = await running.call("ListLimitsHistory", asked)
    versions = [*page.versions, *rest.versions]
    told = [(one.limits_version, one.set_by, one.proposed_by) for one in versions]
    assert told == [(3, "bob", "ada"), (2, "carl", ""), (1, "bob", "ada")]
    assert [list(one.changes) for one in versions] == [
        ["order_notional 500 -> 800", "loss 9 -> none"],
        ["order_notional 1000 -> 500", "loss none -> 9"],
        ["currency none -> USDT", "order_notional none -> 1000"],
    ]
    assert (versions[-1].change_id, rest.next_page_token) == (change, "")


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ({"account_id": ACCOUNT}, Reason.ACCOUNT_HALTED),
        ({"user_id": ADA}, Reason.USER_HALTED),
        ({"venue": "BINANCE"}, Reason.VENUE_HALTED),
        ({"strategy_id": STRATEGY}, Reason.STRATEGY_HALTED),
        ({}, Reason.PLATFORM_HALTED),
    ],
)
async def test_a_halt_of_any_scope_binds_the_next_order_and_is_lifted_by_two(
    running: Services,
    plain_read_database: Database,
    scope: dict[str, str],
    reason: Reason,
) -> None:
    await running.call("RegisterUser", register(), token=_of(running, "op"))
    await running.call("OpenAccount", open_account(), token=_of(running, "op"))
    await _limits(running, "1000")
    await running.call("PlaceOrder", rpc.place(strategy_id=STRATEGY))
    full = halt(mode=risk_pb2.HALT_MODE_FULL, **scope)
    await running.call("Halt", full, token=_of(running, "ada"))
    assert await _refused_order(running, strategy_id=STRATEGY) is reason
    await _project(running, plain_read_database)
    [found] = await running.call("ListHalts", risk_queries_pb2.ListHaltsRequest(account_id=ACCOUNT))
    [one] = found.halts
    assert (one.mode, one.halted_by, one.reason) == ("full", "ada", "a drill")
    assert one.subject == next(iter(scope.values()), "")
    again = resume(**scope)
    assert await _refused(running, "Resume", again, "ada") is Reason.APPROVAL_NEEDED
    assert await _refused_order(running, strategy_id=STRATEGY) is reason
    owner = scope.get("account_id", "")
    yes = approve(again.command_id, owner)
    assert await _refused(running, "ApproveChange", yes, "ada") is Reason.OWN_CHANGE
    await running.call("ApproveChange", approve(again.command_id, owner), token=_of(running, "bob"))
    await running.call("PlaceOrder", rpc.place(strategy_id=STRATEGY))
    await _project(running, plain_read_database)
    [found] = await running.call("ListHalts", risk_queries_pb2.ListHaltsRequest(), token=_of(
        running, "auditor", ["auditor"]))  # fmt: skip
    assert list(found.halts) == []


async def test_wide_scopes_need_a_token_of_all_accounts(running: Services) -> None:
    mine = running.token((ACCOUNT,), BOTH)
    for scope in ({}, {"user_id": ADA}, {"venue": "BINANCE"}, {"strategy_id": STRATEGY}):
        for name, request in (("Halt", halt(**scope)), ("Resume", resume(**scope))):
            error = await running.refusal(name, request, token=mine)
            assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    for owner in ("", OTHER_ACCOUNT):
        foreign = approve(rpc.fresh(), owner)
        error = await running.refusal("ApproveChange", foreign, token=mine)
        assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    risk_manager = running.token(("*",), ["risk_manager"])
    error = await running.refusal("Halt", halt(), token=risk_manager)
    assert error.code() is grpc.StatusCode.PERMISSION_DENIED
    await running.call("Halt", halt(venue="BYBIT"), token=risk_manager)


async def test_the_platform_s_own_halt_is_no_wide_one_and_goes_on_beside_it(
    running: Services,
) -> None:
    await _limits(running, "1000")
    await running.call("Halt", halt(venue="BYBIT"), token=_of(running, "ada"))
    await running.call("PlaceOrder", rpc.place())
    await running.call("Halt", halt(), token=_of(running, "ada"))
    assert await _refused_order(running) is Reason.PLATFORM_HALTED


async def test_where_one_person_is_enough_nothing_waits() -> None:
    async with rpc.services(second_person=False) as alone:
        await rpc.prepare(alone)
        everything = alone.token(("*",))
        await alone.call("Halt", halt(), token=everything)
        await alone.call("Resume", resume(), token=everything)
        await alone.call("PlaceOrder", rpc.place())


class _Commands:
    """`patriot risk` against the running services, as somebody."""

    def __init__(self, running: Services) -> None:
        self._running = running

    async def __call__(
        self, *arguments: str, by: str = "ada", fails: bool = False, typed: str | None = None
    ) -> str:
        token = _of(self._running, by)
        group = limits if arguments[0] in {"set", "show"} else risk
        return await patriot(
            self._running, group, *arguments, token=token, typed=typed, fails=fails
        )


async def test_everything_is_done_and_seen_by_command_line(
    running: Services, plain_read_database: Database
) -> None:
    said = _Commands(running)
    wanted = '{"currency": "USDT", "order_notional": "1000"}'
    told = await said("set", ACCOUNT, "-", typed=wanted)
    assert told.endswith(": it takes effect when another person approves\n")
    change = told.split()[3].rstrip(":")
    told = await said("approve", change, "--account", ACCOUNT, fails=True)
    assert "OWN_CHANGE: who proposed a change cannot approve it: ask somebody else" in told
    await _project(running, plain_read_database)
    listed = await said("changes")
    assert listed.startswith(f"{change}  pending     limits of account {ACCOUNT}, looser: limits\n")
    assert "  proposed by ada, " in listed
    told = await said("approve", change, "--account", ACCOUNT, by="bob")
    assert told == f"change {change} is in force\n"
    lower = '{"currency": "USDT", "order_notional": "400"}'
    told = await said("set", ACCOUNT, "-", typed=lower)
    assert told == f"these limits bind {ACCOUNT} from now on\n"
    await said("halt", "--venue", "BINANCE", "--mode", "full", "--reason", "crossed book")
    await said("halt", "--account", ACCOUNT, "--reason", "too many errors")
    told = await said("halt", "--account", ACCOUNT, "--reason", "again", fails=True)
    assert "ALREADY_HALTED: too many errors" in told
    told = await said("resume", "--venue", "BINANCE", "--reason", "uncrossed")
    refused = told.split()[3].rstrip(":")
    await said("decline", refused, "--reason", "not yet", by="bob")
    await _project(running, plain_read_database)
    halts = (await said("halts")).splitlines()
    assert halts[0].startswith(f"account {ACCOUNT}")
    assert "by ada: too many errors" in halts[0]
    assert halts[1].split()[:3] == ["venue", "BINANCE", "full"]
    assert "no change waits" in await said("changes")
    every = await said("changes", "--all")
    assert "refused     venue BINANCE trades again: uncrossed" in every
    assert "  refused by bob, " in every
    assert ": not yet\n" in every
    history = (await said("history", ACCOUNT)).splitlines()
    assert history[0].startswith("version 2  ")
    assert history[0].endswith("  set by ada")
    assert history[1] == "  order_notional 1000 -> 400"
    assert history[2].endswith("  approved by bob, proposed by ada")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["halt", "--reason", "x"], "say what: one of --platform, --account"),
        (["halt", "--platform", "--venue", "BYBIT", "--reason", "x"], "say what: one of"),
        (["halt", "--venue", "bybit", "--reason", "x"], "venue: expected 1 to 16 upper-case"),
        (["approve", "nothing"], "change_id: expected a lower-case UUID"),
        (["approve", PLATFORM], "CHANGE_UNKNOWN: no such change waits here"),
        (["resume", "--platform", "--reason", "x"], "NOT_HALTED: trading is not halted"),
        (["history", ACCOUNT], "the account never had limits"),
    ],
)
async def test_a_slip_is_one_sentence(running: Services, arguments: list[str], told: str) -> None:
    fails = arguments[0] != "history"
    assert told in await _Commands(running)(*arguments, fails=fails)


@pytest.mark.parametrize(
    ("account", "typed", "told"),
    [
        (ACCOUNT, "{", "<stdin> holds no limits"),
        (ACCOUNT, '{"lots": 1}', "<stdin> holds no limits"),
        (ACCOUNT, "[]", "<stdin> holds no limits"),
        ("nobody", '{"currency": "USDT"}', "account_id: expected a lower-case UUID"),
    ],
)
async def test_limits_that_are_none_are_one_sentence(
    running: Services, account: str, typed: str, told: str
) -> None:
    assert told in await _Commands(running)("set", account, "-", fails=True, typed=typed)
