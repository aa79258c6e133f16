"""The check of limits over many accounts at the market's prices: the second line behind allotment.

An account's share holds at the prices of an admission. When prices move, one account may come to
hold more than its share while another still opens within its own; only the sum shows that. What is
held is summed over all accounts, at the latest marks, by read.wider_exposures; above the limit all
whom it binds may only reduce. What open orders reserve does not move with prices and needs none.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import psycopg

from adapters.proto.v1 import risk_pb2
from domain.ids import derived
from domain.values import plain

_ABOVE: Final = """
    SELECT scope, subject, counted, currency, value, held,
           (SELECT coalesce(max(position), 0) FROM read.projection_positions
             WHERE projection = 'governance')
      FROM read.wider_exposures e
     WHERE EXISTS (SELECT FROM read.wider_limits_history)
       AND held > value
       AND NOT EXISTS (SELECT FROM read.risk_halts h
                        WHERE (h.scope, h.subject) = (e.scope, e.subject))"""
"""Nothing is summed while no wider limit was ever set."""
_FIELDS: Final = {"user": "user_id", "venue": "venue"}


@dataclass(frozen=True, slots=True)
class Overexposure:
    """A limit over many accounts that is passed by what they hold."""

    scope: str
    subject: str
    counted: str
    currency: str
    value: Decimal
    held: Decimal
    seen: int
    """How far halts and resumptions were in the rows that say that nothing is halted.

    Later rows give another id, so that a resumption is answered anew; a halt by somebody else
    meanwhile is ALREADY_HALTED.
    """

    @property
    def command_id(self) -> str:
        """The id of the halt that answers these rows."""
        name = (self.scope, self.subject, self.counted, self.currency)
        return derived("exposure-halt", *name, plain(self.value), str(self.seen))

    @property
    def request(self) -> risk_pb2.HaltRequest:
        """The halt; the same words for the same id."""
        field = _FIELDS.get(self.scope)
        return risk_pb2.HaltRequest(
            command_id=self.command_id,
            reason=f"{self.counted} in {self.currency} passed its limit of {plain(self.value)}",
            mode=risk_pb2.HALT_MODE_REDUCE_ONLY,
            **({} if field is None else {field: self.subject}),
        )

    def __str__(self) -> str:
        """For the log of the worker."""
        whose = f"{self.scope} {self.subject}".rstrip()
        return f"{whose}: {plain(self.held)} {self.currency} held, limit {plain(self.value)}"


async def overexposed(connection: psycopg.AsyncConnection[Any]) -> list[Overexposure]:
    """Every limit that is passed and not answered by a halt yet; raises psycopg.Error."""
    cursor = await connection.execute(_ABOVE)
    return [Overexposure(*row) for row in await cursor.fetchall()]
