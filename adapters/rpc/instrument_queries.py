"""The handler of queries about instruments: the rules that hold now, the same for every account."""

import re
from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import instrument_queries_pb2, instrument_queries_pb2_grpc, risk_pb2
from adapters.rpc import translate
from adapters.rpc.pages import InvalidPageToken, page_limit
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.wire import wire
from domain.values import plain
from projections.instruments import tiers_of

_PAGE_TOKEN: Final = re.compile(r"[A-Z]{1,16}:[A-Z0-9_]{1,32}", re.ASCII)
_RULES: Final = (
    "currency", "trading", "tick", "step", "minimum_quantity", "maximum_quantity",
    "maximum_market_quantity", "minimum_notional", "contract_size", "maker_fee", "taker_fee",
)  # fmt: skip
_INSTRUMENTS: Final = """
    SELECT * FROM read.instruments
     WHERE instrument > %(after)s AND (%(only)s = '' OR instrument = %(only)s)
     ORDER BY instrument LIMIT %(limit)s
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class InstrumentQueries(instrument_queries_pb2_grpc.InstrumentQueriesServicer):
    """What every account sees alike."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListInstruments(  # noqa: N802
        self, request: instrument_queries_pb2.ListInstrumentsRequest, context: _Context
    ) -> instrument_queries_pb2.InstrumentPage:
        """Instruments by name, paged."""
        del context
        limit = page_limit(request.page_size)
        after = request.page_token
        if after and _PAGE_TOKEN.fullmatch(after) is None:
            raise InvalidPageToken
        only = translate.instrument(request.instrument) if request.instrument else ""
        arguments = {"after": after, "only": only, "limit": limit + 1}
        rows = await read_rows(self._pool, "instruments", _INSTRUMENTS, arguments)
        shown = [_record(row) for row in rows[:limit]]
        return instrument_queries_pb2.InstrumentPage(
            instruments=shown, next_page_token=shown[-1].instrument if len(rows) > limit else ""
        )


def _record(row: dict[str, Any]) -> instrument_queries_pb2.InstrumentRecord:
    rules = risk_pb2.TradingRules(**{name: wire(row[name]) for name in _RULES})
    for tier in tiers_of(row["margin_tiers"]):
        rules.margin_tiers.add(
            up_to=plain(tier.up_to),
            maximum_leverage=plain(tier.maximum_leverage),
            maintenance_rate=plain(tier.maintenance_rate),
            deduction=plain(tier.deduction),
        )
    return instrument_queries_pb2.InstrumentRecord(
        instrument=row["instrument"],
        rules_version=row["rules_version"],
        rules=rules,
        listed_at=wire(row["listed_at"]),
        position=row["position"],
    )
