"""The handlers of queries and of the log: read views and events, one account at a time."""

import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any, Final, TypeAlias

import grpc
import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from adapters.proto.v1 import common_pb2, log_pb2, log_pb2_grpc, queries_pb2, queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.auth import PermissionDenied
from adapters.rpc.guard import Exhausted, caller
from adapters.rpc.held_positions import HELD, held_positions
from adapters.rpc.pages import InvalidPageToken, page_limit
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.wire import wire
from adapters.telemetry import metrics
from domain.envelope import RecordedEvent
from domain.ids import PLATFORM, AccountId, StreamId
from domain.ports import EventLog, LogUnavailable

_EVENTS_A_BATCH: Final = 500
_BYTES_A_BATCH: Final = 1024 * 1024
_POSITION_MAX: Final = 2**63 - 1
_VERSION_MAX: Final = 2**31 - 1
_FOLLOWERS_MAX: Final = 64
_PAGE_TOKEN: Final = re.compile(r"1\.(?P<account>[0-9a-f-]{36})\.(?P<before>[0-9]{1,19})", re.ASCII)

_ORDERS: Final = """
    SELECT order_id, account_id, instrument, side, type, time_in_force, status, quantity, price,
           filled_quantity, average_price, reason, detail, created_at, updated_at, position,
           strategy_id, created_position, reduce_only, expires_at, close_position, trigger_price,
           trigger_source, trigger_callback, activation_price, triggered_at, triggered_price,
           position_side, pending_quantity, pending_price, origin, replaces, replaced_by
      FROM read.orders
     WHERE account_id = %(account)s AND created_position < %(before)s AND (open OR NOT %(open)s)
     ORDER BY created_position DESC LIMIT %(limit)s
"""
_VIRTUAL: Final = """
    SELECT instrument, position_side, strategy_id, net_quantity, average_price, realised,
           unrealised, currency, fills, updated_at
      FROM read.virtual_positions WHERE account_id = %(account)s
     ORDER BY instrument, position_side, strategy_id NULLS FIRST
"""
_CASH: Final = """
    SELECT currency, realised, fees, funding, earned, balance, balance_at
      FROM read.account_cash WHERE account_id = %(account)s ORDER BY currency
"""
_RISK: Final = """
    SELECT account_id, halted OR platform_halted AS halted, limits_version, open_orders, realised,
           unrealised, fees, currency, loss_limit, refusals,
           coalesce(halt_reason, (SELECT p.halt_reason FROM read.risk_accounts p
                                   WHERE p.account_id = %(platform)s)) AS halt_reason
      FROM read.risk_accounts WHERE account_id = %(account)s
"""

_LIMITS: Final = """
    SELECT strategy_id, name, value FROM read.limits
     WHERE account_id = %(account)s AND in_force ORDER BY strategy_id NULLS FIRST, name
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Pool: TypeAlias = "AsyncConnectionPool[psycopg.AsyncConnection[dict[str, Any]]]"


def read_pool(url: str) -> Pool:
    """A bounded pool on the read models, not yet open."""
    return AsyncConnectionPool(
        url,
        connection_class=psycopg.AsyncConnection[dict[str, Any]],
        kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": 5},
        min_size=1,
        max_size=8,
        max_waiting=200,
        timeout=5,
        open=False,
    )


def observe_pool(pool: Pool) -> None:
    """Let the metrics tell how much of the pool is in use."""
    labels = ("patriot_read", "queries")
    metrics.DATABASE_CONNECTIONS_MAX.labels(*labels).set(pool.max_size)
    metrics.DATABASE_CONNECTIONS_ACTIVE.labels(*labels).set_function(
        lambda: (stats := pool.get_stats())["pool_size"] - stats["pool_available"]
    )


async def read_rows(
    pool: Pool, view: str, query: str, arguments: dict[str, Any]
) -> list[dict[str, Any]]:
    """Rows of a view; raises LogUnavailable while the read models cannot be reached."""
    try:
        async with pool.connection() as connection:
            with metrics.DATABASE_QUERY.labels("select", view).time():
                return await (await connection.execute(query, arguments)).fetchall()
    except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as error:
        raise LogUnavailable(f"the read models cannot be read now: {error}") from error


class Queries(queries_pb2_grpc.QueriesServicer):
    """Read models of one account."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListOrders(  # noqa: N802
        self, request: queries_pb2.ListOrdersRequest, context: _Context
    ) -> queries_pb2.OrderPage:
        """Orders, the newest first."""
        del context
        account = caller().account(translate.account(request.account_id))
        limit = page_limit(request.page_size)
        before = _page_start(request.page_token, account)
        arguments = {
            "account": account, "before": before, "open": request.open_only, "limit": limit + 1,
        }  # fmt: skip
        rows = await self._rows("orders", _ORDERS, arguments)
        more = len(rows) > limit
        shown = rows[:limit]
        token = _page_token(account, shown[-1]["created_position"]) if more else ""
        return queries_pb2.OrderPage(orders=[_order(row) for row in shown], next_page_token=token)

    async def ListPositions(  # noqa: N802
        self, request: queries_pb2.AccountRequest, context: _Context
    ) -> queries_pb2.PositionList:
        """Positions and legs, with profit and margin where a market price is known."""
        del context
        account = caller().account(translate.account(request.account_id))
        rows = await self._rows("positions", HELD, {"account": account})
        return queries_pb2.PositionList(positions=held_positions(rows))

    async def ListVirtualPositions(  # noqa: N802
        self, request: queries_pb2.AccountRequest, context: _Context
    ) -> queries_pb2.VirtualPositionList:
        """What each strategy's own fills make; together they are the account's positions."""
        del context
        account = caller().account(translate.account(request.account_id))
        rows = await self._rows("virtual_positions", _VIRTUAL, {"account": account})
        held = [
            queries_pb2.VirtualPosition(**{name: wire(value) for name, value in row.items()})
            for row in rows
        ]
        return queries_pb2.VirtualPositionList(positions=held)

    async def ListCash(  # noqa: N802
        self, request: queries_pb2.AccountRequest, context: _Context
    ) -> queries_pb2.CashList:
        """Money of the account, by currency."""
        del context
        account = caller().account(translate.account(request.account_id))
        rows = await self._rows("account_cash", _CASH, {"account": account})
        cash = [
            queries_pb2.Cash(**{name: wire(value) for name, value in row.items()}) for row in rows
        ]
        return queries_pb2.CashList(cash=cash)

    async def GetRisk(  # noqa: N802
        self, request: queries_pb2.AccountRequest, context: _Context
    ) -> queries_pb2.RiskAccount:
        """Limits, halts and profit; empty for an account that never had limits."""
        del context
        account = caller().account(translate.account(request.account_id))
        rows = await self._rows("risk_accounts", _RISK, {"account": account, "platform": PLATFORM})
        if not rows:
            return queries_pb2.RiskAccount(account_id=account)
        limits = await self._rows("limits", _LIMITS, {"account": account})
        return queries_pb2.RiskAccount(
            **{name: wire(value) for name, value in rows[0].items()},
            limits=[
                queries_pb2.LimitInForce(**{name: wire(value) for name, value in row.items()})
                for row in limits
            ],
        )

    async def _rows(self, view: str, query: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        return await read_rows(self._pool, view, query, arguments)


class Log(log_pb2_grpc.LogServicer):
    """Events as they were stored."""

    def __init__(
        self, log: EventLog, tail: Callable[..., AsyncIterator[Sequence[RecordedEvent]]]
    ) -> None:
        self._log = log
        self._tail = tail
        self._followers = 0

    async def ReadStream(  # noqa: N802
        self, request: log_pb2.ReadStreamRequest, context: _Context
    ) -> AsyncIterator[log_pb2.EventBatch]:
        """One stream, from a version on; a foreign and an unknown stream answer alike."""
        del context
        account = _owner(request.account_id)
        stream = StreamId(translate.uuid("stream_id", request.stream_id))
        after = request.after_version
        if after > _VERSION_MAX:
            raise InvalidRequest("after_version is past every version")
        # The owner is looked at before anything else, so that a version past the end of a foreign
        # stream answers like any other.
        first = await self._log.read_stream(stream, limit=1)
        if not first or first[0].account_id != account:
            raise PermissionDenied("this account has no such stream")
        while events := await self._log.read_stream(stream, after=after, limit=_EVENTS_A_BATCH):
            after = events[-1].version
            for batch in _batches(events):
                yield batch

    async def ReadAll(  # noqa: N802
        self, request: log_pb2.ReadAllRequest, context: _Context
    ) -> AsyncIterator[log_pb2.EventBatch]:
        """From a position to the head as it is now."""
        del context
        account = scope(request.account_id)
        head = (await self._log.head()).number
        after = self._start(request.after, head)
        while after < head:
            limit = min(_EVENTS_A_BATCH, head - after)
            events = await self._log.read_all(after=after, limit=limit)
            after = events[-1].position.number
            for batch in _batches(_of(events, account)):
                yield batch

    async def Subscribe(  # noqa: N802
        self, request: log_pb2.SubscribeRequest, context: _Context
    ) -> AsyncIterator[log_pb2.EventBatch]:
        """From a position for ever; a slow reader slows only its own reading."""
        del context
        account = scope(request.account_id)
        head = (await self._log.head()).number
        after = self._start(request.after, head)
        if self._followers >= _FOLLOWERS_MAX:
            raise Exhausted(f"{_FOLLOWERS_MAX} subscriptions are open already: come back later")
        self._followers += 1
        tail = self._tail(after=after, limit=_EVENTS_A_BATCH)
        try:
            async for events in tail:
                for batch in _batches(_of(events, account)):
                    yield batch
        finally:
            self._followers -= 1
            if isinstance(tail, AsyncGenerator):
                await tail.aclose()

    def _start(self, after: common_pb2.Position, head: int) -> int:
        if after.shard != 0:
            raise InvalidRequest("after.shard: this log has shard 0 alone")
        if after.number > head:
            raise InvalidRequest(f"after.number is past the head of the log, {head}")
        return int(after.number)


def scope(account_id: str) -> AccountId | None:
    """The one account asked for, or None for all, where the token allows that."""
    if account_id:
        return caller().account(translate.account(account_id))
    _everything()
    return None


def _owner(account_id: str) -> AccountId:
    """The account whose stream is read; who may read all may read the platform's own, too."""
    checked = translate.account(account_id)
    if checked != PLATFORM:
        return caller().account(checked)
    _everything()
    return PLATFORM


def _everything() -> None:
    caller().require({"auditor", "service", "operator"})
    caller().every_account()


def _of(events: Sequence[RecordedEvent], account: AccountId | None) -> Sequence[RecordedEvent]:
    return events if account is None else [e for e in events if e.account_id == account]


def _batches(events: Sequence[RecordedEvent]) -> list[log_pb2.EventBatch]:
    """Batches below the size of a message."""
    batches: list[log_pb2.EventBatch] = []
    size = 0
    for event in events:
        if not batches or size > _BYTES_A_BATCH:
            batches.append(log_pb2.EventBatch())
            size = 0
        size += len(event.payload) + len(event.metadata)
        batches[-1].events.append(event_message(event))
    return batches


def event_message(event: RecordedEvent) -> log_pb2.Event:
    """An event as it was stored."""
    return log_pb2.Event(
        position=common_pb2.Position(shard=event.position.shard, number=event.position.number),
        stream_id=event.stream_id,
        version=event.version,
        type=event.type,
        account_id=event.account_id,
        payload=event.payload,
        metadata=event.metadata,
    )


def _page_token(account: AccountId, before: int) -> str:
    return base64.urlsafe_b64encode(f"1.{account}.{before}".encode()).decode()


def _page_start(token: str, account: AccountId) -> int:
    """Where a page begins; a token of another account or form is refused.

    The token only repeats what its holder may ask for anyway, so it needs no signature: the
    account is checked against the caller's token, the number is only a place to begin.
    """
    if not token:
        return _POSITION_MAX
    try:
        content = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        content = ""
    found = _PAGE_TOKEN.fullmatch(content)
    if found is None or (start := int(found["before"])) > _POSITION_MAX:
        raise InvalidPageToken
    if found["account"] != account:
        raise PermissionDenied("this page belongs to another account")
    return start


def _order(row: dict[str, Any]) -> queries_pb2.Order:
    names = queries_pb2.Order.DESCRIPTOR.fields_by_name
    return queries_pb2.Order(**{name: wire(row[name]) for name in names})
