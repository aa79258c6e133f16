"""The log's head as its tables tell it in one moment, with what they tell of an earlier head."""

from dataclasses import dataclass
from typing import Final

import psycopg

from adapters.postgres.connect import CONNECTING, within
from domain.ports import LogUnavailable

_SECONDS: Final = 10.0
_QUERY: Final = """
    SELECT h.position, h.chain, (extract(epoch FROM c.committed_at) * 1000000)::bigint, c.chain,
           (SELECT e.chain FROM log.commits e WHERE e.last_position = %s)
      FROM log.head h LEFT JOIN log.commits c ON c.last_position = h.position
"""


@dataclass(frozen=True, slots=True)
class ToldHead:
    """What the tables say; nothing of it is checked yet."""

    position: int
    chain: bytes
    committed_at: int | None
    commit_chain: bytes | None
    """Of the commit that ends at `position`; None if there is none."""
    earlier_chain: bytes | None
    """Of the commit that ends at the position that was asked for."""


async def read_head(url: str, earlier: int) -> ToldHead:
    """The head, and the chain at an earlier position; raises LogUnavailable."""
    try:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, **CONNECTING
        ) as connection:

            async def ask() -> ToldHead:
                found = await connection.execute(_QUERY, (earlier,))
                row = await found.fetchone()
                assert row is not None
                return ToldHead(*row)

            return await within(_SECONDS, connection, ask())
    except (psycopg.Error, TimeoutError) as error:
        raise LogUnavailable(f"the log cannot be read now: {error}") from error
