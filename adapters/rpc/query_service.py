"""The role query-service: read models and the log over gRPC; it can write to neither.

Named subscriptions are its third part: their own tables, by a role that can do nothing else.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from adapters.keys.subjects import SubjectKeys
from adapters.postgres.keys import subject_keys
from adapters.postgres.lags import LagReader
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.news import News
from adapters.postgres.subscriptions import SubscriptionStore
from adapters.postgres.tail import heard
from adapters.proto.v1 import (
    bracket_queries_pb2,
    bracket_queries_pb2_grpc,
    instrument_queries_pb2,
    instrument_queries_pb2_grpc,
    log_pb2,
    log_pb2_grpc,
    queries_pb2,
    queries_pb2_grpc,
    risk_queries_pb2,
    risk_queries_pb2_grpc,
    strategy_queries_pb2,
    strategy_queries_pb2_grpc,
    subscriptions_pb2,
    subscriptions_pb2_grpc,
    user_queries_pb2,
    user_queries_pb2_grpc,
    venue_key_queries_pb2,
    venue_key_queries_pb2_grpc,
)
from adapters.rpc.bracket_queries import BracketQueries
from adapters.rpc.instrument_queries import InstrumentQueries
from adapters.rpc.monitor import Monitor
from adapters.rpc.profits import Profits
from adapters.rpc.query_server import Log, Pool, Queries, observe_pool, read_pool
from adapters.rpc.risk_queries import RiskQueries
from adapters.rpc.serving import RpcServer, service_names, verifier, watched
from adapters.rpc.strategy_queries import StrategyQueries
from adapters.rpc.subscription_server import Subscriptions
from adapters.rpc.user_queries import UserQueries
from adapters.rpc.venue_key_queries import VenueKeyQueries
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock, EventLog, LogError

_logger: Final = logging.getLogger(__name__)
_GRACE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class QueryServiceOptions:
    """What a query service needs to know."""

    log_url: str
    """Address of the log's database for the role patriot_tail."""
    read_url: str
    """Address of the read models for the role patriot_read."""
    public_key: str
    address: str = "127.0.0.1:8002"
    reflection: bool = False
    revoked_tokens: str = ""
    """File with the `jti` of revoked tokens, one a line; empty means that there is none."""
    subscriptions_url: str = ""
    """Address of the log's database for the role patriot_subscribe; empty: not served."""
    keys_url: str = ""
    """Address of the log's database for the role patriot_unlock; empty means no personal data."""
    master_key: str = field(default="", repr=False)


async def run_query_service(
    options: QueryServiceOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Serve until told to stop; raises LogUnsafe, LogUnavailable or CannotListen at the start."""
    log = PostgresEventLog(options.log_url)
    pool = read_pool(options.read_url)
    url = options.subscriptions_url
    news = News(options.log_url)
    followed = Followed(SubscriptionStore(url), news) if url else None
    keys = subject_keys(options.keys_url, options.master_key)
    server = build(log, pool, options, clock, news=news, followed=followed, keys=keys)
    await log.open()
    await pool.open()
    observe_pool(pool)
    lags = LagReader(options.log_url)
    tasks: list[asyncio.Task[None]] = []
    try:
        names = service_names(
            queries_pb2,
            log_pb2,
            user_queries_pb2,
            instrument_queries_pb2,
            venue_key_queries_pb2,
            strategy_queries_pb2,
            risk_queries_pb2,
            bracket_queries_pb2,
        )
        if keys is not None:
            await keys.open()
        if followed is not None:
            await followed.store.open()
            names += service_names(subscriptions_pb2)
        else:
            _logger.warning("subscriptions are not served: SUBSCRIPTION_DATABASE_URL is not set")
        tasks.append(asyncio.create_task(news.run()))
        monitor = Monitor(lags, pool, None if followed is None else followed.store, clock)
        tasks.append(asyncio.create_task(monitor.run()))
        tasks.append(asyncio.create_task(Profits(pool).run()))
        await server.start(names)
        await watched(lambda: _trouble(log, pool), status, stop)
    finally:
        await server.stop(_GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if followed is not None:
            await followed.store.close()
        if keys is not None:
            await keys.close()
        await lags.close()
        await pool.close()
        await log.close()


@dataclass(frozen=True, slots=True)
class Followed:
    """What named subscriptions need."""

    store: SubscriptionStore
    news: News

    @classmethod
    def to(cls, log_url: str, subscriptions_url: str) -> "Followed":
        """For these databases; nothing is opened yet."""
        return cls(SubscriptionStore(subscriptions_url), News(log_url))


def build(
    log: EventLog,
    pool: Pool,
    options: QueryServiceOptions,
    clock: Clock,
    *,
    news: News | None = None,
    followed: Followed | None = None,
    keys: SubjectKeys | None = None,
) -> RpcServer:
    """The server with its handlers, not yet listening; raises WrongKey.

    With `news` all followers of the log share its connection.
    """
    checks = verifier(options.public_key, clock, options.revoked_tokens)
    server = RpcServer(options.address, checks, reflect=options.reflection)
    tail = log.tail if news is None else partial(heard, log, news)
    queries_pb2_grpc.add_QueriesServicer_to_server(Queries(pool), server.server)  # type: ignore[no-untyped-call]
    log_pb2_grpc.add_LogServicer_to_server(Log(log, tail), server.server)  # type: ignore[no-untyped-call]
    risk_queries_pb2_grpc.add_RiskQueriesServicer_to_server(RiskQueries(pool), server.server)  # type: ignore[no-untyped-call]
    users = UserQueries(log, pool, keys)
    user_queries_pb2_grpc.add_UserQueriesServicer_to_server(users, server.server)  # type: ignore[no-untyped-call]
    rules = InstrumentQueries(pool)
    instrument_queries_pb2_grpc.add_InstrumentQueriesServicer_to_server(rules, server.server)  # type: ignore[no-untyped-call]
    venue_keys = VenueKeyQueries(pool)
    venue_key_queries_pb2_grpc.add_VenueKeyQueriesServicer_to_server(venue_keys, server.server)  # type: ignore[no-untyped-call]
    strategies = StrategyQueries(pool)
    strategy_queries_pb2_grpc.add_StrategyQueriesServicer_to_server(strategies, server.server)  # type: ignore[no-untyped-call]
    bracketed = BracketQueries(pool)
    bracket_queries_pb2_grpc.add_BracketQueriesServicer_to_server(bracketed, server.server)  # type: ignore[no-untyped-call]
    if followed is not None:
        handlers = Subscriptions(log, followed.store, followed.news, clock)
        subscriptions_pb2_grpc.add_SubscriptionsServicer_to_server(handlers, server.server)  # type: ignore[no-untyped-call]
    return server


async def _trouble(log: PostgresEventLog, pool: Pool) -> str:
    """Why queries cannot be answered now, or an empty text."""
    try:
        await log.head()
        async with pool.connection() as connection:
            await connection.execute("SELECT 1 FROM read.projection_positions LIMIT 1")
    except (LogError, psycopg.Error, PoolTimeout) as error:
        return str(error)
    return ""
