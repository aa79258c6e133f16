"""The demonstration strategy as it runs: quotes from real Kafka, commands over real gRPC."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.binance.recording import instruments
from adapters.clock import SystemClock
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.process import free_port
from adapters.kafka.partition import partition_of
from adapters.kafka.producer import Producer
from adapters.proto.v1 import common_pb2, orders_pb2, orders_pb2_grpc
from adapters.strategy.runner import StrategyOptions, run_strategy
from adapters.telemetry.status import RoleStatus
from domain.ids import AccountId, InstrumentId, derived
from projections.market import Quote, encode
from streams.topics import MARKET, create_topics
from tests.support.streams import until, wipe_topics

pytestmark = pytest.mark.asyncio
NAME = InstrumentId("BINANCE:SUSHIUSDT")
ACCOUNTS = tuple(AccountId(derived("strategy test", str(number))) for number in range(3))


class _Core(orders_pb2_grpc.OrderCommandsServicer):
    """Takes batches; can take one, and break the stream instead of answering."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.answered: list[orders_pb2.CommandBatch] = []
        self.tokens: set[str] = set()
        self.breaks = 0

    async def SubmitCommands(  # noqa: N802
        self, requests: AsyncIterator[orders_pb2.CommandBatch], context: Any
    ) -> AsyncIterator[orders_pb2.ResultBatch]:
        self.tokens.update(
            value for key, value in context.invocation_metadata() if key == "authorization"
        )
        async for batch in requests:
            self.taken.append(batch.SerializeToString())
            if self.breaks:
                self.breaks -= 1
                await context.abort(grpc.StatusCode.UNAVAILABLE, "lost")
            self.answered.append(batch)
            yield orders_pb2.ResultBatch(
                results=[common_pb2.CommandResult() for _ in batch.commands]
            )


@asynccontextmanager
async def _serving(core: _Core, port: int) -> AsyncIterator[None]:
    server = grpc.aio.server()
    orders_pb2_grpc.add_OrderCommandsServicer_to_server(core, server)  # type: ignore[no-untyped-call]
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


@dataclass
class _Strategy:
    core: _Core
    port: int
    status: RoleStatus
    producer: Producer
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def quote(self) -> None:
        now = SystemClock().now()
        one = Decimal(1)
        record = Quote(NAME, now, Decimal("7.610"), one, Decimal("7.611"), one)
        sent = await self.producer.send(
            MARKET, encode(record), partition=partition_of(NAME), key=NAME.encode()
        )
        await sent

    async def until_answered(self, batches: int) -> None:
        async def so() -> bool:
            await self.quote()
            return len(self.core.answered) >= batches

        await until(so, f"{batches} batches")

    async def until_unready(self, words: str) -> None:
        async def so() -> bool:
            return words in self.status.unready

        await until(so, f"the strategy to be unready: {words}")


@pytest_asyncio.fixture
async def strategy(kafka_server: EmbeddedKafka) -> AsyncIterator[_Strategy]:
    """A strategy that trades as fast as it is answered."""
    wipe_topics(kafka_server.brokers)
    await create_topics(kafka_server.brokers, replication=1)
    producer = Producer(kafka_server.brokers, client_id="test")
    producer.start()
    made = _Strategy(_Core(), free_port(), RoleStatus(), producer)
    options = StrategyOptions(
        brokers=kafka_server.brokers,
        command_address=f"127.0.0.1:{made.port}",
        token="of a trader",
        accounts=ACCOUNTS,
        instruments=(NAME,),
        pause=0.01,
    )
    run = run_strategy(options, SystemClock(), made.stop, made.status)
    task = asyncio.create_task(run)
    yield made
    made.stop.set()
    await asyncio.wait_for(task, 20)
    await producer.close()


async def test_it_waits_for_the_core_and_trades_on_several_accounts(strategy: _Strategy) -> None:
    await strategy.until_unready("commands are not taken")
    async with _serving(strategy.core, strategy.port):
        await strategy.until_answered(60)
        assert strategy.status.ready
        strategy.stop.set()
    assert strategy.core.tokens == {"Bearer of a trader"}
    commands = [command for batch in strategy.core.answered for command in batch.commands]
    placed = [command.place for command in commands if command.HasField("place")]
    assert {order.account_id for order in placed} == set(ACCOUNTS)
    assert {order.side for order in placed} == {common_pb2.SIDE_BUY, common_pb2.SIDE_SELL}
    ids = [order.command_id for order in placed]
    assert len(set(ids)) == len(ids)
    step = instruments()[NAME].step
    assert all(Decimal(order.quantity) % step == 0 for order in placed)


async def test_a_batch_whose_answer_was_lost_is_sent_again_as_it_was(strategy: _Strategy) -> None:
    strategy.core.breaks = 3
    async with _serving(strategy.core, strategy.port):
        await strategy.until_answered(2)
        strategy.stop.set()
    first = strategy.core.taken[0]
    assert strategy.core.taken[:4] == [first] * 4
    assert strategy.core.answered[0].SerializeToString() == first
    assert strategy.core.taken[4] != first


async def test_it_comes_back_after_the_core_was_away(strategy: _Strategy) -> None:
    async with _serving(strategy.core, strategy.port):
        await strategy.until_answered(2)
    await strategy.until_unready("commands are not taken")
    async with _serving(strategy.core, strategy.port):
        await strategy.until_answered(len(strategy.core.answered) + 2)
        assert strategy.status.ready
        strategy.stop.set()


async def test_what_rests_is_cancelled_in_time(strategy: _Strategy) -> None:
    async with _serving(strategy.core, strategy.port):

        async def cancelled() -> bool:
            await strategy.quote()
            return any(
                command.HasField("cancel")
                for batch in strategy.core.answered
                for command in batch.commands
            )

        await until(cancelled, "a cancel")
        strategy.stop.set()
    placed = {}
    for batch in strategy.core.answered:
        for command in batch.commands:
            if command.HasField("place"):
                placed[command.place.order_id] = command.place
            else:
                order = placed[command.cancel.order_id]
                assert order.time_in_force == common_pb2.TIME_IN_FORCE_GTC
                assert order.account_id == command.cancel.account_id
