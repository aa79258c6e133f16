"""Users and accounts over gRPC, on a real log with real keys: what is stored, shown and refused."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc
import psycopg
import pytest
import pytest_asyncio

from adapters.keys.master import MasterKey, WrongMasterKey, create_master_key
from adapters.postgres.chain import verify_chain
from adapters.postgres.keys import PostgresSubjectKeys
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, user_queries_pb2, users_pb2
from adapters.rpc.query_server import read_pool
from domain.ids import UserId, user_stream
from domain.ports import LogUnavailable
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_users
from tests.support.membership import account_id, user_id
from tests.support.rpc import Services
from tests.support.rpc_users import ADA
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

NAME, EMAIL, WHY = "Ada Lovelace", "ada@example.com", "left without a word"
_BAD_TEXTS: Final = (
    "", " ", "x" * 10_240, "a\x00b", "a\rb", "two\r\nlines", "\x1b[31m", "\x7f", "\u202e",
)  # fmt: skip
_MASTER: Final = create_master_key()


@pytest_asyncio.fixture
async def running(log_database: Database, plain_read_database: Database) -> AsyncIterator[Services]:
    keys = PostgresSubjectKeys(log_database.url("patriot_keys"), MasterKey(_MASTER))
    log = PostgresEventLog(log_database.url("patriot_append"))
    await keys.open()
    await log.open()
    async with (
        read_pool(plain_read_database.url("patriot_read")) as pool,
        rpc.services(log=log, pool=pool, keys=keys) as started,
    ):
        yield started
    await log.close()
    await keys.close()


def _all(running: Services, *roles: str) -> str:
    return running.token(("*",), roles or rpc.EVERY_ROLE)


async def _do(running: Services, name: str, request: Any) -> common_pb2.CommandResult:
    [answer] = await running.call(name, request, token=_all(running, "operator"))
    assert isinstance(answer, common_pb2.CommandResult)
    return answer


async def _refused(running: Services, name: str, request: Any) -> tuple[Reason, grpc.StatusCode]:
    error = await running.refusal(name, request, token=_all(running, "operator"))
    refusal = common_pb2.Refusal.FromString(rpc.trailing(error)["patriot-refusal-bin"])
    return Reason(refusal.reason), error.code()


async def _user(running: Services, user: UserId = ADA) -> user_queries_pb2.UserRecord:
    [found] = await running.call(
        "GetUser", rpc_users.get_user(user), token=_all(running, "auditor")
    )
    assert isinstance(found, user_queries_pb2.UserRecord)
    return found


def _rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_a_user_is_registered_and_shown(running: Services) -> None:
    await _do(running, "RegisterUser", rpc_users.register())
    await _do(running, "GrantRole", rpc_users.with_role())
    await _do(running, "SuspendUser", rpc_users.suspend_user(reason=WHY))
    found = await _user(running)
    assert (found.name, found.email, found.suspension_reason) == (NAME, EMAIL, WHY)
    assert (found.user_id, found.status, list(found.roles)) == (ADA, "suspended", ["trader"])
    assert (found.version, 0 < found.registered_at <= found.updated_at) == (3, True)
    await _do(running, "ReinstateUser", rpc_users.of_user())
    await _do(running, "RevokeRole", rpc_users.with_role())
    found = await _user(running)
    assert (found.status, found.suspension_reason, list(found.roles)) == ("active", "", [])


async def test_refusals_have_their_numbers_and_statuses(running: Services) -> None:
    missing = (Reason.USER_UNKNOWN, grpc.StatusCode.NOT_FOUND)
    assert await _refused(running, "EraseUser", rpc_users.of_user()) == missing
    assert await _refused(running, "SuspendUser", rpc_users.suspend_user()) == missing
    await _do(running, "RegisterUser", rpc_users.register())
    assert await _refused(running, "RegisterUser", rpc_users.register()) == (
        Reason.USER_ALREADY_EXISTS,
        grpc.StatusCode.ALREADY_EXISTS,
    )
    assert await _refused(running, "SuspendAccount", rpc_users.suspend_account()) == (
        Reason.ACCOUNT_UNKNOWN,
        grpc.StatusCode.NOT_FOUND,
    )
    unknown = rpc_users.get_user(user_id("nobody"))
    error = await running.refusal("GetUser", unknown, token=_all(running, "auditor"))
    assert error.code() is grpc.StatusCode.NOT_FOUND


async def test_the_same_registration_again_is_one_and_another_is_refused(
    running: Services,
) -> None:
    first = rpc_users.register()
    assert await _do(running, "RegisterUser", first) == await _do(running, "RegisterUser", first)
    other = rpc_users.register(command_id=first.command_id, name="Ada Byron")
    assert (await _refused(running, "RegisterUser", other))[0] is Reason.COMMAND_ID_REUSED
    assert await running.written() == 1


@pytest.mark.parametrize("field", ["name", "email"])
async def test_a_bad_text_is_refused_and_nothing_is_written(
    running: Services, log_database: Database, field: str
) -> None:
    for text in (
        *_BAD_TEXTS,
        *(f"{bad}@quetzal.example" for bad in _BAD_TEXTS if field == "email"),
    ):
        request = rpc_users.register(**{field: text})
        error = await running.refusal("RegisterUser", request, token=_all(running))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT, text
        assert field in (error.details() or "")
        assert len(text) < 3 or text not in (error.details() or "")
    good = rpc_users.register().SerializeToString()
    value = (NAME if field == "name" else EMAIL).encode()
    invalid = good.replace(value, b"\xff\xfe" + value[2:])
    error = await running.refusal("RegisterUser", invalid, token=_all(running))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await running.written() == 0
    assert _rows(log_database, "SELECT FROM keys.subjects") == []
    assert _rows(log_database, "SELECT FROM log.commands") == []


async def test_personal_data_is_shown_to_auditors_and_operators_of_all_alone(
    running: Services,
) -> None:
    await _do(running, "RegisterUser", rpc_users.register())
    for token in (
        *(_all(running, role) for role in ("trader", "risk_manager", "service")),
        running.token((ACCOUNT,), ("auditor", "operator")),
    ):
        error = await running.refusal("GetUser", rpc_users.get_user(), token=token)
        assert error.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_an_erased_user_is_gone_for_ever(running: Services, log_database: Database) -> None:
    registration = rpc_users.register()
    await _do(running, "RegisterUser", registration)
    await _do(running, "SuspendUser", rpc_users.suspend_user())
    await _do(running, "RegisterUser", rpc_users.register(user_id=user_id("bob"), name="Bob"))
    [(wrapped,)] = _rows(
        log_database, f"SELECT wrapped_key FROM keys.subjects WHERE subject_id = '{ADA}'"
    )
    erasing = rpc_users.of_user()
    answer = await _do(running, "EraseUser", erasing)
    assert await _do(running, "EraseUser", erasing) == answer, "a repeat has one effect"
    found = await _user(running)
    assert (found.status, found.name, found.email) == ("erased", "(erased)", "(erased)")
    assert (await _user(running, user_id("bob"))).name == "Bob"
    [row] = _rows(
        log_database,
        f"SELECT wrapped_key, erased_at IS NULL FROM keys.subjects WHERE subject_id = '{ADA}'",
    )
    assert row == (None, False)
    assert _rows(log_database, "SELECT wrapped_key FROM keys.subjects")[0] != (wrapped,)
    erased = (Reason.USER_ERASED, grpc.StatusCode.FAILED_PRECONDITION)
    assert await _refused(running, "RegisterUser", rpc_users.register()) == erased
    assert await _refused(running, "EraseUser", rpc_users.of_user()) == erased
    assert (await _refused(running, "RegisterUser", registration))[0] is Reason.COMMAND_ID_REUSED
    await asyncio.to_thread(verify_chain, log_database.url("patriot_tail"))
    assert (await _user(running)).name == "(erased)"


async def test_a_ciphertext_that_was_moved_is_shown_as_unreadable(
    running: Services, log_database: Database
) -> None:
    bob = user_id("bob")
    await _do(running, "RegisterUser", rpc_users.register())
    await _do(running, "RegisterUser", rpc_users.register(user_id=bob))
    with psycopg.connect(log_database.admin_url) as connection:
        connection.execute("ALTER TABLE log.events DISABLE TRIGGER ALL")
        connection.execute(
            "UPDATE log.events SET payload = (SELECT payload FROM log.events WHERE stream_id = %s) "
            "WHERE stream_id = %s",
            (user_stream(ADA), user_stream(bob)),
        )
    found = await _user(running, bob)
    assert (found.name, found.email) == ("(unreadable)", "(unreadable)")


async def test_a_suspended_account_reduces_and_a_closed_one_does_nothing(
    running: Services,
) -> None:
    await rpc.prepare(running)
    await running.call("PlaceOrder", rpc.place())  # never opened: limits are what lets it
    await _do(running, "RegisterUser", rpc_users.register())
    await _do(running, "OpenAccount", rpc_users.open_account())
    order = rpc.place()
    await running.call("PlaceOrder", order)
    await _do(running, "SuspendAccount", rpc_users.suspend_account())
    error = await running.refusal("PlaceOrder", rpc.place())
    assert (error.code(), "ACCOUNT_SUSPENDED" in str(error.details())) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        True,
    )
    await running.call("CancelOrder", rpc.cancel(order.order_id))
    reason, _ = await _refused(running, "CloseAccount", rpc_users.of_account())
    assert reason is Reason.ACCOUNT_NOT_EMPTY
    await _do(running, "ReinstateAccount", rpc_users.of_account())
    await running.call("PlaceOrder", rpc.place())
    other = rpc_users.of_account(account_id=OTHER_ACCOUNT)
    await _do(running, "OpenAccount", rpc_users.open_account(account_id=OTHER_ACCOUNT))
    await _do(running, "CloseAccount", other)
    token = running.token((OTHER_ACCOUNT,))
    error = await running.refusal("PlaceOrder", rpc.place(account_id=OTHER_ACCOUNT), token=token)
    assert "ACCOUNT_CLOSED" in str(error.details())


async def test_accounts_are_listed_to_those_whose_token_covers_them(
    running: Services, plain_read_database: Database
) -> None:
    accounts = sorted([ACCOUNT, OTHER_ACCOUNT, account_id("third")])
    await _do(running, "RegisterUser", rpc_users.register())
    await _do(running, "RegisterUser", rpc_users.register(user_id=user_id("bob")))
    for account in accounts:
        await _do(running, "OpenAccount", rpc_users.open_account(account_id=account))
    isolated = rpc_users.open_account(
        account_id=account_id("bob's"),
        user_id=user_id("bob"),
        margin_mode=users_pb2.MARGIN_MODE_ISOLATED,
    )
    await _do(running, "OpenAccount", isolated)
    await _do(running, "SuspendAccount", rpc_users.suspend_account(reason="papers"))
    for name in ("users", "accounts"):
        await rebuild(running.log, plain_read_database.url("patriot_project"), PROJECTIONS[name])

    async def listed(token: str, **asked: Any) -> user_queries_pb2.AccountPage:
        request = user_queries_pb2.ListAccountsRequest(**asked)
        [page] = await running.call("ListAccounts", request, token=token)
        assert isinstance(page, user_queries_pb2.AccountPage)
        return page

    mine = running.token((ACCOUNT, "nonsense"), ("trader",))
    [shown] = (await listed(mine)).accounts
    assert (shown.account_id, shown.user_id, shown.venue) == (ACCOUNT, ADA, "BINANCE")
    assert (shown.position_mode, shown.margin_mode) == ("one_way", "cross")
    assert (shown.status, shown.reason) == ("suspended", "papers")
    assert 0 < shown.opened_at <= shown.updated_at
    everything = _all(running, "auditor")
    first = await listed(everything, user_id=ADA, page_size=2)
    second = await listed(everything, user_id=ADA, page_token=first.next_page_token)
    assert [a.account_id for a in (*first.accounts, *second.accounts)] == accounts
    assert (first.next_page_token != "", second.next_page_token) == (True, "")
    [bobs] = (await listed(everything, user_id=user_id("bob"))).accounts
    assert (bobs.margin_mode, bobs.status) == ("isolated", "open")
    assert len((await listed(everything)).accounts) == 4
    [row] = _rows(plain_read_database, "SELECT status, roles FROM read.users LIMIT 1")
    assert row == ("active", [])


async def test_a_service_without_keys_says_so() -> None:
    async with rpc.services(without_keys=True) as running:
        for name in ("RegisterUser", "SuspendUser", "GetUser"):
            request = rpc_users.membership_examples()[name][0]
            error = await running.refusal(name, request, token=_all(running))
            assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert "PATRIOT_MASTER_KEY" in (error.details() or "")
        assert await running.written() == 0


async def test_another_master_key_is_told_at_the_start(
    running: Services, log_database: Database
) -> None:
    await _do(running, "RegisterUser", rpc_users.register())
    wrong = PostgresSubjectKeys(log_database.url("patriot_unlock"), MasterKey(create_master_key()))
    with pytest.raises(WrongMasterKey):
        await wrong.open()
    await wrong.close()


async def test_a_key_store_that_is_gone_is_unavailable() -> None:
    gone = PostgresSubjectKeys("postgresql://patriot_keys@127.0.0.1:1/x", MasterKey(_MASTER))
    with pytest.raises(LogUnavailable):
        await gone.open()
    await gone.close()


@pytest.mark.parametrize("role", ["patriot_keys", "patriot_unlock"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO keys.subjects VALUES ('{0}', '{0}', 'x')",
        "UPDATE keys.subjects SET wrapped_key = 'x', erased_at = NULL",
        "DELETE FROM keys.subjects",
        "TRUNCATE keys.subjects",
        "ALTER TABLE keys.subjects DISABLE TRIGGER ALL",
        "SELECT * FROM log.events",
        "DROP FUNCTION keys.ensure",
    ],
)
async def test_no_service_can_change_or_delete_a_key(
    log_database: Database, role: str, statement: str
) -> None:
    with psycopg.connect(log_database.url(role), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.format(ADA).encode())
        if role == "patriot_unlock":
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT keys.ensure(%s, %s, 'x')", (ADA, ADA))


@pytest.mark.parametrize("role", ["patriot_append", "patriot_tail"])
async def test_who_reads_the_log_reads_no_key(log_database: Database, role: str) -> None:
    with (
        psycopg.connect(log_database.url(role), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM keys.subjects")
