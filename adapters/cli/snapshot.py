"""What the screen shows, read the way anybody can: SQL on the read views, a metric of the relay."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

_QUERIES: Final = {
    "orders": """
        SELECT updated_at, account_id, instrument, side, type, quantity,
               coalesce(price, trigger_price, activation_price) AS price, filled_quantity,
               average_price, status, reason, detail
          FROM read.orders ORDER BY position DESC LIMIT %(rows)s""",
    "fills": """
        SELECT filled_at, account_id, instrument, side, quantity, price, fee, fee_currency,
               liquidity
          FROM read.fills ORDER BY position DESC LIMIT %(rows)s""",
    "positions": """
        SELECT account_id, instrument, net_quantity, average_price, mark_price, realised,
               unrealised, fees, currency
          FROM read.positions ORDER BY account_id, instrument LIMIT 24""",
    "risk": """
        SELECT account_id, halted, platform_halted, halt_reason, open_orders, admitted, refusals,
               realised, unrealised, fees, profit, loss_limit, currency
          FROM read.risk_accounts
         WHERE account_id <> '00000000-0000-0000-0000-000000000000'
         ORDER BY account_id LIMIT 12""",
    "violations": """
        SELECT violation, count(*) AS times, max(at) AS last
          FROM read.risk_violations GROUP BY violation ORDER BY times DESC LIMIT 8""",
    "projections": """
        SELECT projection, min(position) AS position, count(*) AS partitions
          FROM read.projection_positions GROUP BY projection ORDER BY projection""",
    "totals": """
        SELECT (SELECT count(*) FROM read.orders) AS orders,
               (SELECT count(*) FROM read.fills) AS fills""",
}

_PUBLISHED: Final = "patriot_relay_published_position"


@dataclass(slots=True)
class Snapshot:
    """One look at the running system; what could not be read is empty and named in `trouble`."""

    orders: list[Row] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    positions: list[Row] = field(default_factory=list)
    risk: list[Row] = field(default_factory=list)
    violations: list[Row] = field(default_factory=list)
    projections: list[Row] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)
    head: int | None = None
    relayed: int | None = None
    trouble: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a snapshot is read from; none of these can write."""

    read_url: str
    log_url: str
    relay_metrics: str


def take(sources: Sources, *, rows: int = 10) -> Snapshot:
    """Read everything once; blocking, so call it in a thread."""
    snapshot = Snapshot()
    # The head first: positions read after it can only be further, so no lag is made up.
    try:
        with psycopg.connect(sources.log_url, autocommit=True, connect_timeout=3) as log:
            found = log.execute("SELECT position FROM log.head").fetchone()
            snapshot.head = int(found[0]) if found else None
    except psycopg.Error as error:
        snapshot.trouble.append(f"the log cannot be read: {_first_line(error)}")
    try:
        with psycopg.connect(
            sources.read_url, autocommit=True, connect_timeout=3, row_factory=dict_row
        ) as read:
            for name, query in _QUERIES.items():
                setattr(snapshot, name, read.execute(query, {"rows": rows}).fetchall())
    except psycopg.Error as error:
        snapshot.trouble.append(f"the read models cannot be read: {_first_line(error)}")
    snapshot.relayed = _relayed(sources.relay_metrics)
    return snapshot


def _relayed(url: str) -> int | None:
    try:
        with urlopen(url, timeout=2) as reply:  # noqa: S310  (our own loopback address)
            text = reply.read().decode()
    except (URLError, OSError):
        return None
    for line in text.splitlines():
        if line.startswith(_PUBLISHED):
            return int(float(line.rsplit(" ", 1)[1]))
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
