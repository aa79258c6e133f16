"""The handlers of queries on strategies: a token sees what its accounts lead, follow or trade.

A strategy's row is shown to those who lead it, follow it or are invited; what lies with an account,
to that account's tokens alone. An invitation is shown to who gave it and to who has it. So a leader
sees how many follow, and nobody's positions.
"""

import base64
import json
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.message import Message

from adapters.proto.v1 import strategy_queries_pb2 as wire_pb2
from adapters.proto.v1 import strategy_queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.pages import InvalidPageToken, page_limit, visible_accounts
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.wire import wire
from domain.ids import parse_uuid

_TOKEN_MAX: Final = 400

_STRATEGIES: Final = """
    SELECT s.* FROM read.strategies s
     WHERE (%(first)s OR s.strategy_id > %(a)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR s.account_id = ANY(%(allowed)s::uuid[])
            OR EXISTS (SELECT FROM read.followers f
                        WHERE f.strategy_id = s.strategy_id
                          AND f.account_id = ANY(%(allowed)s::uuid[]))
            OR EXISTS (SELECT FROM read.strategy_invitations i
                        WHERE i.strategy_id = s.strategy_id AND i.invited
                          AND i.account_id = ANY(%(allowed)s::uuid[])))
     ORDER BY s.strategy_id LIMIT %(limit)s
"""
_FOLLOWERS: Final = """
    SELECT * FROM read.followers
     WHERE (%(first)s OR (strategy_id, account_id) > (%(a)s::uuid, %(b)s::uuid))
       AND (%(strategy)s::uuid IS NULL OR strategy_id = %(strategy)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY strategy_id, account_id LIMIT %(limit)s
"""
_INVITATIONS: Final = """
    SELECT i.* FROM read.strategy_invitations i
      JOIN read.strategies s USING (strategy_id)
     WHERE (%(first)s OR (i.strategy_id, i.account_id) > (%(a)s::uuid, %(b)s::uuid))
       AND (%(strategy)s::uuid IS NULL OR i.strategy_id = %(strategy)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR s.account_id = ANY(%(allowed)s::uuid[])
            OR i.account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY i.strategy_id, i.account_id LIMIT %(limit)s
"""
_SIGNALS: Final = """
    SELECT * FROM read.signals
     WHERE (%(first)s OR position < %(a)s::bigint)
       AND (%(strategy)s::uuid IS NULL OR strategy_id = %(strategy)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY position DESC LIMIT %(limit)s
"""
_COPIES: Final = """
    SELECT * FROM read.copies
     WHERE (%(first)s OR (position, account_id) < (%(a)s::bigint, %(b)s::uuid))
       AND (%(strategy)s::uuid IS NULL OR strategy_id = %(strategy)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY position DESC, account_id DESC LIMIT %(limit)s
"""
_PROFIT: Final = """
    SELECT strategy_id, account_id, coalesce(currency, '') AS currency, realised, fees, volume,
           orders, fills, refusals, signals, position
      FROM read.strategy_profit
     WHERE (%(first)s OR (strategy_id, account_id, coalesce(currency, ''))
                         > (%(a)s::uuid, %(b)s::uuid, %(c)s))
       AND (%(strategy)s::uuid IS NULL OR strategy_id = %(strategy)s::uuid)
       AND (%(allowed)s::uuid[] IS NULL OR account_id = ANY(%(allowed)s::uuid[]))
     ORDER BY strategy_id, account_id, coalesce(currency, '') LIMIT %(limit)s
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_MessageT = TypeVar("_MessageT", bound=Message)


class _Paged(Protocol):
    page_size: int
    page_token: str
    account_id: str


class StrategyQueries(strategy_queries_pb2_grpc.StrategyQueriesServicer):
    """Read models of strategies."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListStrategies(  # noqa: N802
        self, request: wire_pb2.ListStrategiesRequest, context: _Context
    ) -> wire_pb2.StrategyPage:
        """Strategies by id."""
        del context
        rows, token = await self._page("strategies", _STRATEGIES, request, ("strategy_id",))
        shown = [_message(wire_pb2.StrategyRow, row) for row in rows]
        return wire_pb2.StrategyPage(strategies=shown, next_page_token=token)

    async def ListFollowers(  # noqa: N802
        self, request: wire_pb2.ListStrategyRowsRequest, context: _Context
    ) -> wire_pb2.FollowerPage:
        """Followers by strategy and account."""
        del context
        key = ("strategy_id", "account_id")
        rows, token = await self._page("followers", _FOLLOWERS, request, key)
        shown = [_message(wire_pb2.FollowerRow, row) for row in rows]
        return wire_pb2.FollowerPage(followers=shown, next_page_token=token)

    async def ListInvitations(  # noqa: N802
        self, request: wire_pb2.ListStrategyRowsRequest, context: _Context
    ) -> wire_pb2.InvitationPage:
        """Invitations by strategy and account."""
        del context
        key = ("strategy_id", "account_id")
        rows, token = await self._page("strategy_invitations", _INVITATIONS, request, key)
        shown = [_message(wire_pb2.InvitationRow, row) for row in rows]
        return wire_pb2.InvitationPage(invitations=shown, next_page_token=token)

    async def ListSignals(  # noqa: N802
        self, request: wire_pb2.ListStrategyRowsRequest, context: _Context
    ) -> wire_pb2.SignalPage:
        """Signals, the newest first."""
        del context
        rows, token = await self._page("signals", _SIGNALS, request, ("position",))
        shown = [_message(wire_pb2.SignalRow, row) for row in rows]
        return wire_pb2.SignalPage(signals=shown, next_page_token=token)

    async def ListCopies(  # noqa: N802
        self, request: wire_pb2.ListStrategyRowsRequest, context: _Context
    ) -> wire_pb2.CopyPage:
        """What followers did with intents, the newest first."""
        del context
        key = ("position", "account_id")
        rows, token = await self._page("copies", _COPIES, request, key)
        shown = [_message(wire_pb2.CopyRow, row) for row in rows]
        return wire_pb2.CopyPage(copies=shown, next_page_token=token)

    async def ListStrategyProfit(  # noqa: N802
        self, request: wire_pb2.ListStrategyRowsRequest, context: _Context
    ) -> wire_pb2.StrategyProfitPage:
        """What each account earned by each strategy."""
        del context
        key = ("strategy_id", "account_id", "currency")
        rows, token = await self._page("strategy_profit", _PROFIT, request, key)
        shown = [_message(wire_pb2.StrategyProfitRow, row) for row in rows]
        return wire_pb2.StrategyProfitPage(rows=shown, next_page_token=token)

    async def _page(
        self, table: str, statement: str, request: _Paged, key: tuple[str, ...]
    ) -> tuple[list[dict[str, Any]], str]:
        """The rows of one page, and the token of the next or an empty text."""
        limit = page_limit(request.page_size)
        after = _page_start(request.page_token, key)
        strategy: str = getattr(request, "strategy_id", "")
        arguments = {
            "first": after is None,
            **dict(zip("abc", [*(after or ()), None, None, None], strict=False)),
            "strategy": translate.uuid("strategy_id", strategy) if strategy else None,
            "allowed": visible_accounts(request.account_id),
            "limit": limit + 1,
        }
        rows = list(await read_rows(self._pool, table, statement, arguments))
        shown = rows[:limit]
        token = ""
        if len(rows) > limit:
            last = [str(shown[-1][name]) for name in key]
            token = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
        return shown, token


def _message(kind: type[_MessageT], row: dict[str, Any]) -> _MessageT:
    names = kind.DESCRIPTOR.fields_by_name
    values = {name: row[name] for name in names}
    return kind(
        **{
            name: value if isinstance(value, list) else wire(value)
            for name, value in values.items()
        }
    )


def _page_start(token: str, key: tuple[str, ...]) -> list[str] | None:
    """Where a page begins; it only says so, what is shown is what the caller's token covers."""
    if not token:
        return None
    try:
        parts = json.loads(base64.b64decode(token[:_TOKEN_MAX], altchars=b"-_", validate=True))
        return [_part(name, part) for name, part in zip(key, parts, strict=True)]
    except (ValueError, TypeError):
        raise InvalidPageToken from None


def _part(name: str, text: Any) -> str:
    """One part of a page token, in the form of its column; raises ValueError."""
    if name == "position":
        return str(min(int(text), 2**63 - 1))
    if name == "currency":
        if not isinstance(text, str) or len(text) > 12:  # noqa: PLR2004
            raise ValueError(text)
        return text
    return parse_uuid(text)
