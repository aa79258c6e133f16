"""The handlers of queries on halts, on changes that wait for a second person, and on limits."""

from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import risk_queries_pb2, risk_queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.guard import caller
from adapters.rpc.pages import InvalidPageToken, page_limit
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.wire import wire
from domain.ids import AccountId

_PLACE_MAX: Final = 2**63 - 1
_HALTS: Final = """
    SELECT scope, subject, mode, reason, halted_by, halted_at, position
      FROM read.risk_halts
     WHERE %(account)s::text IS NULL
        OR scope IN ('platform', 'venue', 'strategy')
        OR scope = 'account' AND subject = %(account)s::text
        OR scope = 'user' AND subject = (SELECT user_id::text FROM read.accounts
                                          WHERE account_id = %(account)s::uuid)
     ORDER BY scope, subject
"""
_CHANGES: Final = """
    SELECT change_id, account_id, kind, scope, subject, status, limits, looser, reason,
           proposed_by, proposed_at, proposed_position, expires_at, decided_by, decided_at, remark,
           position
      FROM read.risk_changes
     WHERE proposed_position < %(before)s
       AND (%(account)s::uuid IS NULL OR account_id = %(account)s::uuid)
       AND (status = 'pending' OR NOT %(pending)s)
     ORDER BY proposed_position DESC LIMIT %(limit)s
"""
_HISTORY: Final = """
    SELECT limits_version, limits, changes, set_by, proposed_by, change_id, set_at, position
      FROM read.limits_history
     WHERE account_id = %(account)s AND limits_version < %(before)s
     ORDER BY limits_version DESC LIMIT %(limit)s
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class RiskQueries(risk_queries_pb2_grpc.RiskQueriesServicer):
    """Who may trade on whose word."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListHalts(  # noqa: N802
        self, request: risk_queries_pb2.ListHaltsRequest, context: _Context
    ) -> risk_queries_pb2.HaltList:
        """Halts in force."""
        del context
        arguments = {"account": _account_or_all(request.account_id)}
        rows = await read_rows(self._pool, "risk_halts", _HALTS, arguments)
        return risk_queries_pb2.HaltList(
            halts=[risk_queries_pb2.HaltRecord(**_fields(row)) for row in rows]
        )

    async def ListChanges(  # noqa: N802
        self, request: risk_queries_pb2.ListChangesRequest, context: _Context
    ) -> risk_queries_pb2.ChangePage:
        """Proposals and what became of them, the newest first."""
        del context
        limit = page_limit(request.page_size)
        arguments = {
            "account": _account_or_all(request.account_id),
            "before": _before(request.page_token),
            "pending": request.pending_only,
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "risk_changes", _CHANGES, arguments)
        places = [row.pop("proposed_position") for row in rows]
        return risk_queries_pb2.ChangePage(
            changes=[risk_queries_pb2.ChangeRecord(**_fields(row)) for row in rows[:limit]],
            next_page_token=str(places[limit - 1]) if len(rows) > limit else "",
        )

    async def ListLimitsHistory(  # noqa: N802
        self, request: risk_queries_pb2.ListLimitsHistoryRequest, context: _Context
    ) -> risk_queries_pb2.LimitsHistoryPage:
        """Every version of an account's limits, the newest first."""
        del context
        limit = page_limit(request.page_size)
        arguments = {
            "account": caller().account(translate.account(request.account_id)),
            "before": _before(request.page_token),
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "limits_history", _HISTORY, arguments)
        return risk_queries_pb2.LimitsHistoryPage(
            versions=[risk_queries_pb2.LimitsRecord(**_fields(row)) for row in rows[:limit]],
            next_page_token=str(rows[limit - 1]["limits_version"]) if len(rows) > limit else "",
        )


def _account_or_all(account_id: str) -> AccountId | None:
    if account_id:
        return caller().account(translate.account(account_id))
    caller().every_account()
    return None


def _before(token: str) -> int:
    """Where a page begins; it only says so, what is shown is what the caller's token covers."""
    if not token:
        return _PLACE_MAX
    if not (token.isascii() and token.isdigit()) or int(token[:20]) > _PLACE_MAX:
        raise InvalidPageToken
    return int(token[:20])


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the fields of its message; lists stay lists, without the empty text of none."""
    return {
        name: [text for text in value if text] if isinstance(value, list) else wire(value)
        for name, value in row.items()
    }
