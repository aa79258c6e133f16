"""The handler of queries on venue keys: which keys there are, never what they are."""

from typing import Any, Final, TypeAlias

import grpc

from adapters.proto.v1 import venue_key_queries_pb2, venue_key_queries_pb2_grpc
from adapters.rpc import translate
from adapters.rpc.guard import caller
from adapters.rpc.query_server import Pool, read_rows
from adapters.rpc.wire import wire

_KEYS_MAX: Final = 500
_KEYS: Final = """
    SELECT account_id, key_version, venue, status, scheme, hint, fingerprint, label, permissions,
           added_at, revoked_at, position
      FROM read.venue_keys WHERE account_id = %(account)s
     ORDER BY key_version DESC LIMIT %(limit)s
"""

_Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class VenueKeyQueries(venue_key_queries_pb2_grpc.VenueKeyQueriesServicer):
    """Venue keys from the read models."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ListVenueKeys(  # noqa: N802
        self, request: venue_key_queries_pb2.ListVenueKeysRequest, context: _Context
    ) -> venue_key_queries_pb2.VenueKeyList:
        """The keys of an account, the latest first."""
        del context
        owner = caller().account(translate.account(request.account_id))
        arguments = {"account": owner, "limit": _KEYS_MAX}
        rows = await read_rows(self._pool, "venue_keys", _KEYS, arguments)
        return venue_key_queries_pb2.VenueKeyList(
            keys=[
                venue_key_queries_pb2.VenueKeyRecord(
                    **{name: wire(value) for name, value in row.items()}
                )
                for row in rows
            ]
        )
