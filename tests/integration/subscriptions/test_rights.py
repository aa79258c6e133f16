"""Whose subscriptions are whose: by token for callers, by permission for the database's role."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import psycopg
import pytest
import pytest_asyncio

from adapters.postgres import subscriptions as store
from adapters.proto.v1 import common_pb2
from adapters.proto.v1 import subscriptions_pb2 as pb
from domain.ids import PLATFORM
from tests.support import rpc
from tests.support.rpc import METHODS
from tests.support.servers import Database
from tests.support.subscribing import Serving, serving
from tests.support.subscription_examples import subscription_examples
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT

pytestmark = pytest.mark.asyncio

_CALLS = tuple(subscription_examples(ACCOUNT))
_TABLES = ("named", "failed", "parked")


@pytest_asyncio.fixture
async def service(log_database: Database) -> AsyncIterator[Serving]:
    async with serving(log_database) as running:
        yield running


async def _code(service: Serving, name: str, request: Any, header: Any) -> grpc.StatusCode:
    """Status of a call of any kind; OK if it is answered."""
    method = METHODS[name]
    try:
        if method.descriptor.client_streaming:
            start: Any = service.channel.stream_stream(
                method.path, method.request.SerializeToString, method.response.FromString
            )
            async for _ in start(iter([request]), metadata=header, timeout=10):
                pass
        else:
            single: Any = service.channel.unary_unary(
                method.path, method.request.SerializeToString, method.response.FromString
            )
            await single(request, metadata=header, timeout=10)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def _rows(database: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.admin_url) as admin:
        return [
            row
            for table in _TABLES
            for row in admin.execute(f"SELECT * FROM subscriptions.{table}".encode()).fetchall()
        ]


@pytest.mark.parametrize("name", _CALLS)
async def test_an_account_s_subscriptions_need_a_token_for_it(
    service: Serving, log_database: Database, name: str
) -> None:
    await service.append(3)
    await service.create()
    before = _rows(log_database)
    [request] = subscription_examples(ACCOUNT)[name]
    for header in (
        service.header((OTHER_ACCOUNT,)),
        service.header((PLATFORM,)),
        service.header(()),
        service.header((ACCOUNT,), ()),
    ):
        assert await _code(service, name, request, header) is grpc.StatusCode.PERMISSION_DENIED
    assert _rows(log_database) == before


@pytest.mark.parametrize("name", _CALLS)
async def test_the_whole_log_needs_an_auditor_of_every_account(
    service: Serving, log_database: Database, name: str
) -> None:
    await service.append(3)
    await service.create(account_id="")
    before = _rows(log_database)
    [request] = subscription_examples("")[name]
    for accounts, roles in (
        ((ACCOUNT,), rpc.EVERY_ROLE),
        ((PLATFORM,), rpc.EVERY_ROLE),
        (("*",), ("trader",)),
        (("*",), ("risk_manager",)),
    ):
        header = service.header(accounts, roles)
        assert await _code(service, name, request, header) is grpc.StatusCode.PERMISSION_DENIED
    assert _rows(log_database) == before
    for role in ("auditor", "operator", "service"):
        code = await _code(service, name, request, service.header(("*",), (role,)))
        assert code is not grpc.StatusCode.PERMISSION_DENIED


async def test_names_of_two_accounts_do_not_meet(service: Serving) -> None:
    await service.append(1)
    await service.append(1, account=OTHER_ACCOUNT)
    for account in (ACCOUNT, OTHER_ACCOUNT, ""):
        await service.create(account_id=account)
    request = pb.ListSubscriptionsRequest(account_id=ACCOUNT)
    found = await service.stub.List(request, metadata=service.header())
    assert [(each.account_id, each.name) for each in found.subscriptions] == [(ACCOUNT, "billing")]
    mine = await service.let_in()
    theirs = await service.let_in(account=OTHER_ACCOUNT)
    assert (await mine.until(1), await theirs.until(1)) == ([(1, 1)], [(2, 1)])


async def test_the_same_definition_again_is_no_error_and_another_is(service: Serving) -> None:
    await service.append(5)
    first = await service.create(event_types=["order.placed.v2", "order.filled.v2"])
    again = await service.create(event_types=["order.filled.v2", "order.placed.v2"])
    assert again == first
    for other in ({"window": 7}, {"after": common_pb2.Position(number=1)}, {"max_attempts": 9}):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await service.create(event_types=["order.placed.v2", "order.filled.v2"], **other)
        assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_at_head_begins_with_what_comes_and_can_be_sent_again(service: Serving) -> None:
    await service.append(5)
    assert (await service.create(at_head=True)).start.number == 5
    last = await service.append(1)
    assert (await service.create(at_head=True)).start.number == 5
    assert await (await service.let_in()).until(1) == [(last, 1)]


async def test_creating_at_once_makes_one_and_the_bound_holds(
    service: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_OF_ACCOUNT_MAX", 3)
    await asyncio.gather(*(service.create("one") for _ in range(10)))
    results = await asyncio.gather(
        *(service.create(f"many-{number}") for number in range(10)), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, grpc.aio.AioRpcError)]
    assert len(refused) == 8
    assert {error.code() for error in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}


@pytest.mark.parametrize(
    "changes",
    [
        {"after": common_pb2.Position(number=4)},
        {"after": common_pb2.Position(number=10**9 + 3)},
        {"after": common_pb2.Position(number=2**63 - 1)},
        {"after": common_pb2.Position(number=2**64 - 1)},
        {"after": common_pb2.Position(shard=1)},
        {"after": common_pb2.Position(number=1), "at_head": True},
        {"event_types": ["order.filled.v2"] * 2},
        {"event_types": [f"order.filled.v{number}" for number in range(100_000)]},
        {"event_types": ["test.unknown.v1"]},
        {"name": "x" * 64},
        {"name": "../x"},
    ],
    ids=",".join,
)
async def test_a_definition_that_makes_no_sense_writes_nothing(
    service: Serving, log_database: Database, changes: dict[str, Any]
) -> None:
    await service.append(3)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.create(**changes)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(caught.value.details() or "") < 300
    assert _rows(log_database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM log.events",
        "SELECT FROM log.head",
        "SELECT FROM log.commits",
        "SELECT FROM log.commands",
        "INSERT INTO log.events DEFAULT VALUES",
        "UPDATE log.head SET position = 0",
        "DELETE FROM log.commands",
        "LOCK TABLE log.head",
        "SELECT FROM log.head FOR UPDATE",
        "SELECT log.open_transactions()",
        f"SELECT log.append({', '.join(['NULL'] * 13)})",
        "CREATE TABLE subscriptions.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "CREATE TEMPORARY TABLE mine (x int)",
        "DROP TABLE subscriptions.named",
        "TRUNCATE subscriptions.named",
        "ALTER TABLE subscriptions.named ADD COLUMN more text",
        "UPDATE subscriptions.named SET account_id = account_id",
        "UPDATE subscriptions.named SET name = name",
        "UPDATE subscriptions.parked SET position = 1",
        "SET ROLE patriot_owner",
    ],
)
async def test_the_role_can_touch_its_own_tables_alone(
    log_database: Database, statement: str
) -> None:
    url = log_database.url("patriot_subscribe")
    with (
        psycopg.connect(url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", ["patriot_append", "patriot_tail"])
@pytest.mark.parametrize("table", _TABLES)
async def test_the_log_s_roles_cannot_touch_subscriptions(
    log_database: Database, role: str, table: str
) -> None:
    with (
        psycopg.connect(log_database.url(role), autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT FROM subscriptions.{table}".encode())
