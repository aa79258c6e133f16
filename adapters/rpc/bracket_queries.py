"""The handler of queries on brackets: one account at a time."""

from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import bracket_queries_pb2, bracket_queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.guard import caller
from adapters.rpc.pages import InvalidPageToken, page_limit
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.wire import wire
from domain.ids import InvalidId, parse_uuid

_BRACKETS: Final = """
    SELECT b.entry_id, b.account_id, b.instrument, b.side, b.position_side, b.strategy_id,
           b.quantity, b.status, b.entered, b.exited, b.held, b.overrun, b.unprotected,
           b.stop_type, b.stop_price, b.stop_trigger_price, b.stop_trigger_source,
           b.stop_trigger_callback, b.stop_activation_price, b.stop_order_id, b.stop_orders,
           b.stop_standing, b.target_type, b.target_price, b.target_trigger_price,
           b.target_trigger_source, b.target_order_id, b.target_orders, b.target_standing,
           b.reason, b.detail, b.created_at, b.updated_at, b.position
      FROM read.brackets b
      LEFT JOIN read.brackets p ON p.entry_id = %(after)s::uuid AND p.account_id = %(account)s
     WHERE b.account_id = %(account)s
       AND (NOT %(open)s OR b.status = 'open' OR b.unprotected)
       AND (%(after)s::uuid IS NULL
            OR (b.created_at, p.entry_id) < (p.created_at, b.entry_id))
     ORDER BY b.created_at DESC, b.entry_id LIMIT %(limit)s
"""
_EXITS: Final = ("stop", "target")

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class BracketQueries(bracket_queries_pb2_grpc.BracketQueriesServicer):
    """Brackets from the read models."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListBrackets(  # noqa: N802
        self, request: bracket_queries_pb2.ListBracketsRequest, context: _Context
    ) -> bracket_queries_pb2.BracketPage:
        """Brackets of an account, the newest first."""
        del context
        limit = page_limit(request.page_size)
        arguments = {
            "account": caller().account(translate.account(request.account_id)),
            "open": request.open_only,
            "after": _after(request.page_token),
            "limit": limit + 1,
        }
        rows = await read_rows(self._pool, "brackets", _BRACKETS, arguments)
        shown = rows[:limit]
        return bracket_queries_pb2.BracketPage(
            brackets=[_record(row) for row in shown],
            next_page_token=str(shown[-1]["entry_id"]) if len(rows) > limit else "",
        )


def _after(token: str) -> str | None:
    """The last bracket of the page before; only those of the account that is asked for count."""
    try:
        return parse_uuid(token) if token else None
    except InvalidId:
        raise InvalidPageToken from None


def _record(row: dict[str, Any]) -> bracket_queries_pb2.BracketRecord:
    """A row, with the columns of each exit in a message of its own."""
    fields = {name: wire(value) for name, value in row.items()}
    exits = {
        role: {
            name.removeprefix(f"{role}_"): fields.pop(name)
            for name in list(fields)
            if name.startswith(f"{role}_")
        }
        for role in _EXITS
    }
    told: dict[str, Any] = {
        role: bracket_queries_pb2.BracketExitRecord(**values)
        for role, values in exits.items()
        if values["type"] is not None
    }
    return bracket_queries_pb2.BracketRecord(**fields, **told)
