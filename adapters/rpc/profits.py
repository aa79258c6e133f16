"""The gauge of what strategies earn, as the query service reads it off the read models.

Each user's part of a strategy is one series: realised profit less fees, of every account of the
user. Ids of strategies are chosen by senders, so the number of series is bounded: the first to be
registered have theirs, all others are one. Only one currency is told, for the name's labels are
fixed and have no room for it, and sums over currencies mean nothing; docs/metrics.md says where the
rest is. A look that fails takes the series away: an old number must not be taken for a true one.
"""

import asyncio
import logging
from decimal import Decimal
from typing import Final

import psycopg

from adapters.rpc.query_server import Pool, read_rows
from adapters.telemetry import metrics
from domain.ports import LogError
from domain.values import ZERO, plus

_logger: Final = logging.getLogger(__name__)
_INTERVAL: Final = 15.0
_CURRENCY: Final = "USDT"
_SERIES_MAX: Final = 1_000
_OTHER: Final = ("other", "other")
_PROFITS: Final = """
    SELECT p.strategy_id::text AS strategy_id, coalesce(a.user_id::text, '') AS user_id,
           sum(p.realised - p.fees) AS profit
      FROM read.strategy_positions p
      LEFT JOIN read.accounts a USING (account_id)
      LEFT JOIN read.strategies s ON s.strategy_id = p.strategy_id
     WHERE p.currency = %(currency)s
     GROUP BY p.strategy_id, a.user_id
     ORDER BY min(s.registered_at) NULLS LAST, p.strategy_id, a.user_id
"""


class Profits:
    """run() it as a task."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._shown: set[tuple[str, str]] = set()
        self._troubled = False

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                await self.look()
                self._troubled = False
            except (LogError, psycopg.Error) as error:
                self._forget(set())
                if not self._troubled:
                    _logger.warning("profits cannot be told now: %s", error)
                self._troubled = True
            await asyncio.sleep(_INTERVAL)

    async def look(self) -> None:
        """One look; raises LogUnavailable, or psycopg.Error where the view is not as expected."""
        rows = await read_rows(self._pool, "strategy_positions", _PROFITS, {"currency": _CURRENCY})
        sums: dict[tuple[str, str], Decimal] = {}
        for number, row in enumerate(rows):
            labels = (row["strategy_id"], row["user_id"]) if number < _SERIES_MAX else _OTHER
            sums[labels] = plus(sums.get(labels, ZERO), row["profit"])
        for labels, profit in sums.items():
            metrics.STRATEGY_PNL.labels(*labels).set(float(profit))
        self._forget(set(sums))

    def _forget(self, shown: set[tuple[str, str]]) -> None:
        for labels in self._shown - shown:
            metrics.STRATEGY_PNL.remove(*labels)
        self._shown = shown
