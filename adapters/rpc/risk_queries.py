"""The handlers of queries on halts, on changes that wait for a second person, and on limits."""

from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import risk_queries_pb2, risk_queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.guard import caller
from adapters.rpc.pages import InvalidPageToken, page_limit
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.translate import InvalidRequest
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

_WIDER_LIMITS: Final = """
    WITH l AS (SELECT DISTINCT ON (scope, subject, counted, currency) *
                 FROM read.wider_limits_history
                WHERE position <= %(as_of)s
                ORDER BY scope, subject, counted, currency, position DESC),
         m AS (SELECT DISTINCT ON (scope, subject, counted, currency) *
                 FROM read.allotment_moves
                WHERE position <= %(as_of)s
                ORDER BY scope, subject, counted, currency, position DESC)
    SELECT scope, subject, counted, currency, l.value, coalesce(m.allotted, 0) AS allotted,
           l.value - coalesce(m.allotted, 0) AS unallotted, l.set_by, l.set_at,
           greatest(l.position, m.position) AS position
      FROM l FULL JOIN m USING (scope, subject, counted, currency)
     WHERE greatest(l.position, m.position) < %(before)s
     ORDER BY position DESC LIMIT %(limit)s
"""
_ALLOTMENTS: Final = """
    SELECT scope, subject, counted, currency, account_id, share, moved_by, moved_at, position
      FROM (SELECT DISTINCT ON (account_id, scope, subject, counted, currency) *
              FROM read.allotment_moves
             WHERE position <= %(as_of)s
               AND (%(account)s::uuid IS NULL OR account_id = %(account)s::uuid)
             ORDER BY account_id, scope, subject, counted, currency, position DESC) held
     WHERE share > 0 AND position < %(before)s
     ORDER BY position DESC LIMIT %(limit)s
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

    async def ListWiderLimits(  # noqa: N802
        self, request: risk_queries_pb2.ListWiderLimitsRequest, context: _Context
    ) -> risk_queries_pb2.WiderLimitPage:
        """Limits over many accounts, now or as of a position."""
        del context
        caller().every_account()
        limit = page_limit(request.page_size)
        arguments = {
            "as_of": _as_of(request.as_of),
            "before": _before(request.page_token),
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "wider_limits", _WIDER_LIMITS, arguments)
        return risk_queries_pb2.WiderLimitPage(
            limits=[risk_queries_pb2.WiderLimitRecord(**_fields(row)) for row in rows[:limit]],
            next_page_token=str(rows[limit - 1]["position"]) if len(rows) > limit else "",
        )

    async def ListAllotments(  # noqa: N802
        self, request: risk_queries_pb2.ListAllotmentsRequest, context: _Context
    ) -> risk_queries_pb2.AllotmentPage:
        """What accounts hold of them, now or as of a position."""
        del context
        limit = page_limit(request.page_size)
        arguments = {
            "account": _account_or_all(request.account_id),
            "as_of": _as_of(request.as_of),
            "before": _before(request.page_token),
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "allotments", _ALLOTMENTS, arguments)
        return risk_queries_pb2.AllotmentPage(
            allotments=[risk_queries_pb2.AllotmentRecord(**_fields(row)) for row in rows[:limit]],
            next_page_token=str(rows[limit - 1]["position"]) if len(rows) > limit else "",
        )


def _as_of(position: int) -> int:
    if position > _PLACE_MAX:
        raise InvalidRequest(f"as_of must be at most {_PLACE_MAX}")
    return position or _PLACE_MAX


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
