"""Both roles as they run: real PostgreSQL, real Kafka, readiness that follows the stores."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import grpc
import pytest
from confluent_kafka import Producer

from adapters.clock import SystemClock
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.process import free_port
from adapters.kafka.follower import TopicFollower
from adapters.rpc.auth import WrongKey
from adapters.rpc.command_service import CommandServiceOptions, run_command_service
from adapters.rpc.query_service import QueryServiceOptions, run_query_service
from adapters.rpc.reference_prices import MarketPrices
from adapters.rpc.revocation import RevocationListMissing
from adapters.rpc.serving import CannotListen, watched
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from adapters.telemetry.status import RoleStatus
from domain.ports import LogUnavailable
from streams.topics import create_topics
from tests.support import rpc
from tests.support.rpc import METHODS
from tests.support.rpc_time import TIME
from tests.support.servers import Database
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

_NOWHERE: Final = "postgresql://patriot_append@127.0.0.1:1/patriot_log"
_QUOTE: Final = (
    b'{"type":"market.quote.v1","instrument_id":"BINANCE:SUSHIUSDT","time":1626912000000000,'
    b'"bid":"7.9","bid_quantity":"1","ask":"8.1","ask_quantity":"1"}'
)


async def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (what it waits for is told by other threads)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _role(
    run: Callable[[asyncio.Event, RoleStatus], Awaitable[None]],
) -> AsyncIterator[RoleStatus]:
    stop, status = asyncio.Event(), RoleStatus()
    task = asyncio.ensure_future(run(stop, status))
    try:
        await _until(lambda: status.ready or task.done())
        yield status
    finally:
        stop.set()
        await task
    assert status.unready == "stopping"


async def _call(port: int, name: str, request: Any, token: str) -> Any:
    method = METHODS[name]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        start: Any = channel.unary_unary(
            method.path, method.request.SerializeToString, method.response.FromString
        )
        return await start(request, metadata=(("authorization", f"Bearer {token}"),), timeout=10)


def _token(key: str, clock: SystemClock) -> str:
    return mint(key, Grant("tester", ("*",), rpc.EVERY_ROLE, 600), now=clock.now() // 1_000_000)


async def test_the_roles_serve_from_real_stores(
    log_database: Database, plain_read_database: Database, kafka_server: EmbeddedKafka
) -> None:
    clock, key = SystemClock(), create_key()
    commands, queries = free_port(), free_port()
    token = _token(key, clock)
    command_options = CommandServiceOptions(
        log_database.url("patriot_append"),
        kafka_server.brokers,
        public_key(key),
        f"127.0.0.1:{commands}",
        second_person=False,
    )
    query_options = QueryServiceOptions(
        log_database.url("patriot_tail"),
        plain_read_database.url("patriot_read"),
        public_key(key),
        f"127.0.0.1:{queries}",
        subscriptions_url=log_database.url("patriot_subscribe"),
    )
    async with (
        _role(lambda stop, status: run_command_service(command_options, clock, stop, status)),
        _role(lambda stop, status: run_query_service(query_options, clock, stop, status)),
    ):
        await _call(commands, "ListInstrument", rpc.list_instrument(), token)
        await _call(commands, "SetLimits", rpc.set_limits(), token)
        placed = await _call(commands, "PlaceOrder", rpc.place(), token)
        assert placed.position.number > 0
        risk = await _call(queries, "GetRisk", rpc.examples()["GetRisk"][0], token)
        assert risk.account_id == ACCOUNT
        made = await _call(queries, "Create", rpc.examples()["Create"][0], token)
        assert (made.name, made.head.number) == ("billing", placed.position.number)


async def test_a_role_that_cannot_start_says_why(log_database: Database) -> None:
    clock, stop, key = SystemClock(), asyncio.Event(), public_key(create_key())
    url, status = log_database.url("patriot_append"), RoleStatus()
    for options, error in (
        (CommandServiceOptions(_NOWHERE, "127.0.0.1:1", key), LogUnavailable),
        (CommandServiceOptions(url, "127.0.0.1:1", "no key"), WrongKey),
        (
            CommandServiceOptions(url, "127.0.0.1:1", key, revoked_tokens="/no/such/file"),
            RevocationListMissing,
        ),
        (CommandServiceOptions(url, "127.0.0.1:1", key, "192.0.2.1:1"), CannotListen),
    ):
        with pytest.raises(error):
            await run_command_service(options, clock, stop, status)
        assert not status.ready


async def test_readiness_follows_the_stores() -> None:
    troubles = ["", "the log cannot be reached"]
    stop, status = asyncio.Event(), RoleStatus()
    seen: list[str] = []

    async def trouble() -> str:
        seen.append(status.unready)
        if len(troubles) == 1:
            stop.set()
        return troubles.pop(0)

    async with asyncio.timeout(10):
        await watched(trouble, status, stop)
    assert seen == ["starting", ""]
    assert status.unready == "stopping"


async def test_the_reference_price_is_the_latest_middle(kafka_server: EmbeddedKafka) -> None:
    await create_topics(kafka_server.brokers, replication=1)
    prices = MarketPrices(kafka_server.brokers)
    producer = Producer({"bootstrap.servers": kafka_server.brokers})
    prices.start()
    try:
        assert prices.latest(SUSHI) is None

        def arrived() -> bool:
            # It follows from the end on, so a price sent before it listened is never seen.
            for value in (b"junk", b'{"type":"market.quote.v1"}', _QUOTE):
                producer.produce("patriot.market.v1", value, key=SUSHI)
            producer.flush(5)
            return prices.latest(SUSHI) is not None

        await _until(arrived)
        latest = prices.latest(SUSHI)
        assert latest is not None
        assert (str(latest.price), latest.at) == ("8.000000000000000000", TIME)
    finally:
        prices.stop()


async def test_following_a_kafka_that_is_away_is_given_up_between_two_questions() -> None:
    """A port that takes connections and says nothing: each question for the topic waits in vain."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        follower = TopicFollower(
            f"127.0.0.1:{silent.getsockname()[1]}", "patriot.market.v1", lambda _: None
        )
        follower.start()
        try:
            silent.settimeout(20)
            connection, _ = await asyncio.to_thread(silent.accept)
            # It is asking by now; a question takes half a second, and took five.
            async with asyncio.timeout(4):
                await asyncio.to_thread(follower.stop)
        finally:
            connection.close()
