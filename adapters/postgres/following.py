"""Where the copying of strategies stands, kept beside the log by the role patriot_follow.

What is kept is a fold of the log up to a position. It is never trusted for a copy: the core asks
for the number of the follower's events, so an old state costs a repeat and no double.
"""

from typing import Any, Final

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from adapters.postgres.connect import CONNECTING
from domain.ports import LogUnavailable
from domain.shapes import fingerprint
from projections.following import Following

_SHAPE: Final = fingerprint(Following)
_READ: Final = "SELECT state FROM following.progress WHERE name = %s AND shape = %s"
_WRITE: Final = """
    INSERT INTO following.progress AS kept (name, shape, position, state)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE
       SET shape = excluded.shape, position = excluded.position, state = excluded.state
     WHERE kept.position < excluded.position OR kept.shape <> excluded.shape
"""
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Following)


class FollowingStore:
    """One row for each name; load() at the start, save() from time to time."""

    def __init__(self, url: str, name: str) -> None:
        self._url = make_conninfo(url, **CONNECTING, application_name=f"patriot-follow-{name}")
        self._name = name

    async def load(self) -> Following:
        """What was kept, or the beginning; raises LogUnavailable."""
        rows = await self._execute(_READ, (self._name, _SHAPE), fetch=True)
        return _DECODER.decode(rows[0][0]) if rows else Following()

    async def save(self, following: Following) -> None:
        """Keep it, unless something newer is kept; raises LogUnavailable."""
        state = _ENCODER.encode(following)
        await self._execute(_WRITE, (self._name, _SHAPE, following.position, state))

    async def _execute(
        self, statement: Any, arguments: tuple[Any, ...], *, fetch: bool = False
    ) -> list[tuple[Any, ...]]:
        try:
            async with await psycopg.AsyncConnection.connect(
                self._url, autocommit=True
            ) as connection:
                found = await connection.execute(statement, arguments)
                return await found.fetchall() if fetch else []
        except psycopg.OperationalError as error:
            raise LogUnavailable(f"the progress of following cannot be kept: {error}") from error
