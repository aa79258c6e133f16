"""The one consumer of a subscription: its lock, and the only connection that writes for it.

A lost connection loses the lock at the server, and with it the means to write: what an earlier
consumer would still have to say reaches nobody. Everything of one settlement is one transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg

from adapters.subscriptions.definition import Kept, Superseded
from adapters.subscriptions.state import Failure, Outcome
from domain.ports import LogUnavailable

LOCK_CLASS: Final = 7_274_961
"""First half of the advisory locks of consumers; the second is the subscription's number."""

_MOVE: Final = """
    UPDATE subscriptions.named SET checkpoint = greatest(checkpoint, %s)
     WHERE id = %s AND generation = %s
"""
_FAILED: Final = """
    INSERT INTO subscriptions.failed (subscription_id, position, attempts, reason)
    SELECT %s, * FROM unnest(%s::bigint[], %s::integer[], %s::text[])
        ON CONFLICT (subscription_id, position)
        DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason
"""
_PARK: Final = """
    INSERT INTO subscriptions.parked (subscription_id, position, attempts, reason)
    SELECT %s, * FROM unnest(%s::bigint[], %s::integer[], %s::text[])
        ON CONFLICT (subscription_id, position)
        DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason, parked_at = now(),
                      replay = false
"""
_REPLAYS_MAX: Final = 1_000
"""Asked for at once; further ones come when these are answered."""


class Lease:
    """Held while its connection lives; raises Superseded or LogUnavailable when it is over."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], kept: Kept) -> None:
        self._connection = connection
        self.kept = kept

    async def failures(self) -> Mapping[int, int]:
        """How often events above the checkpoint were refused so far."""
        query = "SELECT position, attempts FROM subscriptions.failed WHERE subscription_id = %s"
        return dict(await self._rows(query, (self.kept.id,)))

    async def replays(self) -> Sequence[int]:
        """Parked events that somebody wants delivered again; raises Superseded."""
        rows = await self._rows(
            "SELECT n.generation, ARRAY(SELECT p.position FROM subscriptions.parked p "
            "WHERE p.subscription_id = n.id AND p.replay ORDER BY p.position LIMIT %s) "
            "FROM subscriptions.named n WHERE n.id = %s",
            (_REPLAYS_MAX, self.kept.id),
        )
        if not rows or rows[0][0] != self.kept.generation:
            raise self._superseded()
        return list(rows[0][1])

    async def settle(self, checkpoint: int, outcome: Outcome) -> None:
        """Make it durable: all or nothing."""
        try:
            async with self._connection.transaction():
                moved = await self._connection.execute(
                    _MOVE, (checkpoint, self.kept.id, self.kept.generation)
                )
                if moved.rowcount == 0:
                    raise self._superseded()
                await self._record(outcome)
        except psycopg.OperationalError as error:
            raise self._unavailable(error) from error

    async def _record(self, outcome: Outcome) -> None:
        if outcome.retried:
            await self._connection.execute(_FAILED, self._columns(outcome.retried))
        if outcome.parked:
            await self._connection.execute(_PARK, self._columns(outcome.parked))
        handled = [*outcome.forgotten, *(failure.position for failure in outcome.parked)]
        if handled:
            await self._connection.execute(
                "DELETE FROM subscriptions.failed "
                "WHERE subscription_id = %s AND position = ANY(%s)",
                (self.kept.id, handled),
            )
        if outcome.replayed:
            await self._connection.execute(
                "DELETE FROM subscriptions.parked "
                "WHERE subscription_id = %s AND position = ANY(%s)",
                (self.kept.id, list(outcome.replayed)),
            )

    def _columns(self, failures: Sequence[Failure]) -> tuple[Any, ...]:
        return (
            self.kept.id,
            [failure.position for failure in failures],
            [failure.attempts for failure in failures],
            [failure.reason for failure in failures],
        )

    async def _rows(self, query: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return await (await self._connection.execute(query.encode(), arguments)).fetchall()
        except psycopg.OperationalError as error:
            raise self._unavailable(error) from error

    def _superseded(self) -> Superseded:
        return Superseded(
            f"{self.kept.definition.key.name} was reset or deleted meanwhile: connect again"
        )

    def _unavailable(self, error: Exception) -> LogUnavailable:
        return LogUnavailable(f"the subscription's connection is lost: {error}")
