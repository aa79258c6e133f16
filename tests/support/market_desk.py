"""A command service, prices at will and a simulated venue: everything around a test's orders."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc.aio
import psycopg

from adapters.clock import SystemClock
from adapters.embedded.process import free_port
from adapters.kafka.partition import partition_of
from adapters.kafka.producer import Producer
from adapters.postgres.log import PostgresEventLog
from adapters.proto.v1 import orders_pb2, risk_pb2
from adapters.proto.v1.orders_pb2_grpc import OrderCommandsStub
from adapters.proto.v1.risk_pb2_grpc import InstrumentCommandsStub, RiskCommandsStub
from adapters.rpc.command_service import CommandServiceOptions, run_command_service
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from adapters.simulated.role import VenueOptions, run_simulated_venue
from adapters.telemetry.status import RoleStatus
from domain.ids import InstrumentId, derived
from projections.market import Book, MarketRecord, Quote, encode
from streams.topics import MARKET, create_topics
from tests.support.streams import Streams, until

SUSHI = InstrumentId("BINANCE:SUSHIUSDT")
ACCOUNT = derived("market test", "account")


@dataclass(slots=True)
class Desk:
    """A command service, prices at will, and a venue that can be started."""

    streams: Streams
    folder: Path
    channel: grpc.aio.Channel
    address: str
    token: str
    producer: Producer
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    venue_address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    commands: int = 0

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self.token}"),)

    def command_id(self) -> str:
        self.commands += 1
        return derived("market test", "command", str(self.commands))

    async def publish(self, *records: MarketRecord) -> None:
        for record in records:
            sent = await self.producer.send(
                MARKET,
                encode(record),
                partition=partition_of(record.instrument_id),
                key=record.instrument_id.encode(),
            )
            await sent

    async def price(self, bid: str, ask: str) -> None:
        """Make this the market: the quote and a deep book."""
        now = time.time_ns() // 1_000
        low, high, deep = Decimal(bid), Decimal(ask), Decimal(100_000)
        await self.publish(
            Quote(SUSHI, now, low, deep, high, deep),
            Book(SUSHI, now, now, ((low, deep),), ((high, deep),)),
        )

    async def open(self, loss: str) -> None:
        """List the instrument and set the account's limits."""
        rules = risk_pb2.TradingRules(
            currency="USDT", tick="0.001", step="1", minimum_quantity="1", trading=True,
            maximum_quantity="100000", maximum_market_quantity="100000", minimum_notional="5",
        )  # fmt: skip
        await InstrumentCommandsStub(self.channel).ListInstrument(  # type: ignore[no-untyped-call]
            risk_pb2.ListInstrumentRequest(
                command_id=self.command_id(), instrument=SUSHI, rules=rules
            ),
            metadata=self.metadata,
        )
        await RiskCommandsStub(self.channel).SetLimits(  # type: ignore[no-untyped-call]
            risk_pb2.SetLimitsRequest(
                command_id=self.command_id(),
                account_id=ACCOUNT,
                limits=risk_pb2.Limits(currency="USDT", loss=loss),
            ),
            metadata=self.metadata,
        )

    async def buy(self, quantity: str, price: str) -> str:
        order_id = str(uuid4())
        await OrderCommandsStub(self.channel).PlaceOrder(  # type: ignore[no-untyped-call]
            orders_pb2.PlaceOrderRequest(
                command_id=self.command_id(),
                account_id=ACCOUNT,
                order_id=order_id,
                instrument=SUSHI,
                side="SIDE_BUY",
                type="ORDER_TYPE_LIMIT",
                time_in_force="TIME_IN_FORCE_GTC",
                quantity=quantity,
                price=price,
            ),
            metadata=self.metadata,
        )
        return order_id

    async def cancel(self, order_id: str) -> None:
        await OrderCommandsStub(self.channel).CancelOrder(  # type: ignore[no-untyped-call]
            orders_pb2.CancelOrderRequest(
                command_id=self.command_id(), account_id=ACCOUNT, order_id=order_id
            ),
            metadata=self.metadata,
        )

    async def amend(self, order_id: str, *, quantity: str = "", price: str = "") -> None:
        await OrderCommandsStub(self.channel).AmendOrder(  # type: ignore[no-untyped-call]
            orders_pb2.AmendOrderRequest(
                command_id=self.command_id(),
                account_id=ACCOUNT,
                order_id=order_id,
                instrument=SUSHI,
                quantity=quantity,
                price=price,
            ),
            metadata=self.metadata,
        )

    async def replace(self, order_id: str, **terms: Any) -> str:
        """The id of the order that is to take its place: a limit order, if nothing is said."""
        fields: dict[str, Any] = {
            "command_id": self.command_id(),
            "account_id": ACCOUNT,
            "order_id": order_id,
            "replacement_id": str(uuid4()),
            "instrument": SUSHI,
            "type": "ORDER_TYPE_LIMIT",
            "time_in_force": "TIME_IN_FORCE_GTC",
        }
        request = orders_pb2.ReplaceOrderRequest(**{**fields, **terms})
        stub = OrderCommandsStub(self.channel)  # type: ignore[no-untyped-call]
        await stub.ReplaceOrder(request, metadata=self.metadata)
        return request.replacement_id

    async def resume(self) -> None:
        await RiskCommandsStub(self.channel).Resume(  # type: ignore[no-untyped-call]
            risk_pb2.ResumeRequest(
                command_id=self.command_id(), account_id=ACCOUNT, reason="try again"
            ),
            metadata=self.metadata,
        )

    def start_venue(self) -> None:
        options = VenueOptions(
            brokers=self.streams.bootstrap,
            command_address=self.address,
            token=self.token,
            store=str(self.folder / "venue.sqlite"),
            address=self.venue_address,
        )
        run = run_simulated_venue(options, SystemClock(), self.stop, RoleStatus())
        self.tasks.append(asyncio.create_task(run))

    def start_worker(self, kind: str) -> None:
        self.streams.start(
            kind,
            command_address=self.address,
            venue_address=self.venue_address,
            token=self.token,
        )

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        async with await psycopg.AsyncConnection.connect(self.streams.admin_read_dsn) as connection:
            cursor = await connection.execute(query, {"account": ACCOUNT})
            return await cursor.fetchall()

    async def sees(self, query: str, *expected: object, seconds: float = 120) -> None:
        """Wait until the query gives this one row."""

        async def so() -> bool:
            return await self.rows(query) == [expected]

        await until(so, f"{expected} from {query}", seconds=seconds)

    async def events(self, type_name: str) -> int:
        """How many events of a type the log has."""
        log = PostgresEventLog(self.streams.log_dsn)
        await log.open()
        events = await log.read_all(after=0, limit=10_000)
        await log.close()
        return sum(event.type == type_name for event in events)


@asynccontextmanager
async def trading_desk(streams: Streams, folder: Path) -> AsyncIterator[Desk]:
    """A desk whose command service is up; relay, workers and venue are started by the test."""
    await create_topics(streams.bootstrap, replication=1)
    key = create_key()
    now = time.time_ns() // 1_000_000_000
    grant = Grant("test", ("*",), ("service", "operator", "risk_manager", "trader"), 3600)
    address = f"127.0.0.1:{free_port()}"
    producer = Producer(streams.bootstrap, client_id="test")
    producer.start()
    channel = grpc.aio.insecure_channel(address)
    made = Desk(streams, folder, channel, address, mint(key, grant, now=now), producer)
    options = CommandServiceOptions(
        log_url=streams.append_dsn,
        brokers=streams.bootstrap,
        public_key=public_key(key),
        address=address,
        second_person=False,
    )
    run = run_command_service(options, SystemClock(), made.stop, RoleStatus())
    made.tasks.append(asyncio.create_task(run))
    await channel.channel_ready()
    yield made
    await streams.stop()
    made.stop.set()
    await asyncio.gather(*made.tasks)
    await channel.close(grace=None)
    await producer.close()
