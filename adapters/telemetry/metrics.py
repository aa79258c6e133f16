"""The metrics of the services, by their lasting names; docs/metrics.md says what each is for.

Names and labels of the deployment document are kept exactly, also gauges that end in `_total`:
dashboards and alerts depend on them. Time is measured with the performance counter.
"""

import time
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from prometheus_client import Counter, Gauge, Histogram

_P = ParamSpec("_P")
_R = TypeVar("_R")

_SECONDS: Final = (
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
)  # fmt: skip

ORDER_PROCESSING: Final = Histogram(
    "patriot_order_processing_seconds",
    "Time from a command's arrival to its durable answer, or of a venue operation.",
    ("operation", "exchange", "result"),
    buckets=_SECONDS,
)
RISK_VIOLATIONS: Final = Counter(
    "patriot_risk_violations_total",
    "Orders refused by risk. user_id is bounded: services label the account's owner or 'other'.",
    ("user_id", "violation_type", "severity"),
)
DATABASE_CONNECTIONS_ACTIVE: Final = Gauge(
    "patriot_database_connections_active",
    "Connections of a pool in use.",
    ("database", "pool_name"),
)
DATABASE_CONNECTIONS_MAX: Final = Gauge(
    "patriot_database_connections_max",
    "Most connections that a pool may open.",
    ("database", "pool_name"),
)
DATABASE_QUERY: Final = Histogram(
    "patriot_database_query_seconds",
    "Time of a statement.",
    ("query_type", "table"),
    buckets=_SECONDS,
)
COMMANDS: Final = Counter(
    "patriot_commands_total",
    "Commands answered, by RPC and result (accepted, refused, unavailable, overloaded, expired).",
    ("operation", "result"),
)
COMMIT_COMMANDS: Final = Histogram(
    "patriot_commit_commands",
    "Commands that shared one commit.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
COMMIT_SECONDS: Final = Histogram(
    "patriot_commit_seconds", "Time to decide and append one batch.", buckets=_SECONDS
)
COMMAND_QUEUE: Final = Gauge("patriot_command_queue", "Commands waiting for a batch.")
STRATEGY_SIGNALS: Final = Counter(
    "patriot_strategy_signals_total",
    "Signals of strategies that were taken; strategies beyond the first 200 are 'other'.",
    ("strategy_id", "symbol", "action"),
)
STRATEGY_PNL: Final = Gauge(
    "patriot_strategy_pnl_total",
    "Realised profit less fees in USDT; beyond the first 1,000 strategies and users 'other'.",
    ("strategy_id", "user_id"),
)
FOLLOWING_ASKED: Final = Counter(
    "patriot_following_asked_total",
    "Copies, cancels, amends and drifts that the role follow asked for, by what was answered.",
    ("what", "answer"),
)
LOG_HEAD: Final = Gauge("patriot_log_head_position", "Position of the last event of the log")
SUBSCRIBER_POSITION: Final = Gauge(
    "patriot_subscriber_position",
    "Everything up to here is done by this follower of the log",
    ("kind", "account_id", "subscriber"),
)
SUBSCRIBER_LAG: Final = Gauge(
    "patriot_subscriber_lag",
    "Events of the log behind this follower's position",
    ("kind", "account_id", "subscriber"),
)
SUBSCRIBER_LAG_SECONDS: Final = Gauge(
    "patriot_subscriber_lag_seconds",
    "Age of the oldest event that this follower has not done",
    ("kind", "account_id", "subscriber"),
)
SUBSCRIPTION_PARKED: Final = Gauge(
    "patriot_subscription_parked",
    "Events that a named subscription went past because they were refused too often",
    ("account_id", "subscriber"),
)
SUBSCRIPTION_CONNECTED: Final = Gauge(
    "patriot_subscription_consumer_connected",
    "1 while a named subscription has a consumer, at whichever query service",
    ("account_id", "subscriber"),
)
LOG_OLDEST_TRANSACTION: Final = Gauge(
    "patriot_log_oldest_transaction_seconds",
    "Age of the oldest open transaction in the log's database",
)
LOG_IDLE_TRANSACTION: Final = Gauge(
    "patriot_log_idle_transaction_seconds",
    "How long the longest idle transaction in the log's database has been idle",
)
LOG_IDLE_TRANSACTIONS: Final = Gauge(
    "patriot_log_idle_transactions", "Transactions in the log's database that are open and idle"
)


def track_operation_time(
    operation: str, exchange: str
) -> Callable[[Callable[_P, Awaitable[_R]]], Callable[_P, Awaitable[_R]]]:
    """Decorate an async operation so that its time is measured, with result success or error."""

    def decorate(function: Callable[_P, Awaitable[_R]]) -> Callable[_P, Awaitable[_R]]:
        @wraps(function)
        async def measured(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            started = time.perf_counter()
            result = "error"
            try:
                answer = await function(*args, **kwargs)
                result = "success"
                return answer
            finally:
                ORDER_PROCESSING.labels(operation, exchange, result).observe(
                    time.perf_counter() - started
                )

        return measured

    return decorate
