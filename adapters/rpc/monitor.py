"""What the query service watches for operators: every follower's lag, and open transactions.

A look that fails is tried again; what was shown before is taken away then, so that an old number
is never taken for a true one. The relay shows its own lag: it alone knows what Kafka has.
"""

import asyncio
import logging
from typing import Any, Final

import psycopg
from psycopg_pool import PoolTimeout, TooManyRequests

from adapters.postgres.lags import LagReader, OpenTransactions
from adapters.postgres.subscriptions import SubscriptionStore
from adapters.rpc.query_server import Pool
from adapters.subscriptions.definition import WHOLE_LOG, Kept
from adapters.telemetry import metrics, subscribers
from adapters.telemetry.subscribers import Follower
from domain.ports import Clock, LogError

_logger: Final = logging.getLogger(__name__)
_INTERVAL: Final = 5.0
_OPEN_SECONDS: Final = 30.0
"""A transaction that is open for longer keeps dead rows of the log's tables from being cleaned."""
_REMIND_SECONDS: Final = 60.0
_PROJECTIONS: Final = """
    SELECT projection, min(position) AS position FROM read.projection_positions GROUP BY projection
"""


class Monitor:
    """run() it as a task."""

    def __init__(
        self, lags: LagReader, pool: Pool, store: SubscriptionStore | None, clock: Clock
    ) -> None:
        self._lags = lags
        self._pool = pool
        self._store = store
        self._clock = clock
        self._shown: set[Follower] = set()
        self._subscriptions: set[Follower] = set()
        self._troubled = False
        self._blind = False
        self._reminded_at: float | None = None

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.look()
                self._troubled = False
            except (LogError, psycopg.Error, PoolTimeout, TooManyRequests) as error:
                self._forget(set(), set())
                if not self._troubled:
                    _logger.warning("lags cannot be told now: %s", error)
                self._troubled = True
            await asyncio.sleep(_INTERVAL)

    async def look(self) -> None:
        """One look at everything; raises LogError or psycopg.Error."""
        self._show_transactions(await self._lags.transactions())
        kept = [] if self._store is None else await self._store.all_of(None)
        positions = {_follower(each): each.checkpoint for each in kept}
        for row in await self._projections():
            positions[Follower("projection", "", row["projection"])] = row["position"]
        # The head last: a follower may have moved on meanwhile, but no lag is left out.
        looked = await self._lags.look(list(positions.values()))
        metrics.LOG_HEAD.set(looked.head)
        for (follower, position), age in zip(positions.items(), looked.ages, strict=True):
            subscribers.show(follower, position, looked.head, age)
        for each in kept:
            labels = _follower(each)[1:]
            metrics.SUBSCRIPTION_PARKED.labels(*labels).set(each.parked)
            metrics.SUBSCRIPTION_CONNECTED.labels(*labels).set(each.connected)
        self._forget(set(positions), {_follower(each) for each in kept})

    async def _projections(self) -> list[dict[str, Any]]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(_PROJECTIONS)).fetchall()

    def _forget(self, shown: set[Follower], subscriptions: set[Follower]) -> None:
        subscribers.forget(self._shown - shown)
        for follower in self._subscriptions - subscriptions:
            metrics.SUBSCRIPTION_PARKED.remove(*follower[1:])
            metrics.SUBSCRIPTION_CONNECTED.remove(*follower[1:])
        self._shown, self._subscriptions = shown, subscriptions

    def _show_transactions(self, found: OpenTransactions) -> None:
        metrics.LOG_OLDEST_TRANSACTION.set(found.oldest_seconds)
        metrics.LOG_IDLE_TRANSACTION.set(found.idle_seconds)
        metrics.LOG_IDLE_TRANSACTIONS.set(found.idle)
        if not found.complete and not self._blind:
            _logger.warning(
                "transactions of other roles are not seen: GRANT pg_read_all_stats TO patriot_owner"
            )
            self._blind = True
        if found.oldest_seconds < _OPEN_SECONDS:
            self._reminded_at = None
            return
        now = self._clock.monotonic()
        if self._reminded_at is not None and now - self._reminded_at < _REMIND_SECONDS:
            return
        self._reminded_at = now
        _logger.warning(
            "a transaction has been open in the log's database for %.0f s (process %s, %s), %d are "
            "idle: end it, e.g. SELECT pg_terminate_backend(%s)",
            found.oldest_seconds, found.oldest_pid, found.oldest_program, found.idle,
            found.oldest_pid,
        )  # fmt: skip


def _follower(kept: Kept) -> Follower:
    key = kept.definition.key
    account_id = "" if key.account_id == WHOLE_LOG else key.account_id
    return Follower("subscription", account_id, key.name)
