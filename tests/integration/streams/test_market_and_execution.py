"""Orders out to the venue, prices in from the market, and the halt that follows from a loss."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import grpc.aio
import psycopg
import pytest
import pytest_asyncio

from adapters.clock import SystemClock
from adapters.embedded.process import free_port
from adapters.kafka.partition import partition_of
from adapters.kafka.producer import Producer
from adapters.postgres.log import PostgresEventLog
from adapters.proto.v1 import exchange_pb2, orders_pb2, risk_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from adapters.proto.v1.orders_pb2_grpc import OrderCommandsStub
from adapters.proto.v1.risk_pb2_grpc import InstrumentCommandsStub, RiskCommandsStub
from adapters.rpc.command_service import CommandServiceOptions, run_command_service
from adapters.rpc.tokens import Grant, create_key, mint, public_key
from adapters.simulated.role import VenueOptions, run_simulated_venue
from adapters.telemetry.status import RoleStatus
from domain.ids import InstrumentId, derived
from projections.market import Book, Candle, MarketRecord, Quote, Trade, encode
from streams.deadletter import list_deadletters
from streams.topics import MARKET, create_topics
from tests.support.streams import Streams, until

pytestmark = pytest.mark.asyncio

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

    async def sees(self, query: str, *expected: object, seconds: float = 30) -> None:
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


@pytest_asyncio.fixture
async def desk(streams: Streams, tmp_path: Path) -> AsyncIterator[Desk]:
    await create_topics(streams.bootstrap, replication=1)
    key = create_key()
    now = time.time_ns() // 1_000_000_000
    grant = Grant("test", ("*",), ("service", "operator", "risk_manager", "trader"), 3600)
    address = f"127.0.0.1:{free_port()}"
    producer = Producer(streams.bootstrap, client_id="test")
    producer.start()
    channel = grpc.aio.insecure_channel(address)
    made = Desk(streams, tmp_path, channel, address, mint(key, grant, now=now), producer)
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


POSITION = "SELECT net_quantity, average_price FROM read.positions WHERE account_id = %(account)s"


async def test_an_intent_waits_for_a_venue_that_is_away_and_is_sent_once(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)
    order_id = await desk.buy("100", "8.5")
    status = "SELECT status FROM read.orders WHERE account_id = %(account)s"
    await desk.sees(status, "unknown")  # nobody knows whether the venue has it
    execution = desk.streams.children[-1]

    async def waiting() -> bool:
        return "the venue does not answer" in execution.log.read_text()

    await until(waiting, "the worker to wait for the venue")
    desk.start_venue()

    async def filled() -> bool:
        await desk.price("8.000", "8.002")
        return await desk.rows(status) == [("filled",)]

    await until(filled, "the order to be filled")
    await desk.sees(POSITION, Decimal(100), Decimal("8.002"))
    assert await desk.events("order.filled.v2") == 1
    # A crossing order is filled; one that rests is cancelled when asked.
    resting = await desk.buy("10", "7.000")
    both = "SELECT count(*) FROM read.orders WHERE status IN ('filled', 'accepted')"
    await desk.sees(both, 2)
    await desk.cancel(resting)
    await desk.sees("SELECT count(*) FROM read.orders WHERE status = 'cancelled'", 1)
    assert await desk.events("order.outcome_unknown.v1") == 1
    # An amend is done where the order stands: by another price it crosses the book and is filled.
    amended = await desk.buy("10", "7.000")
    await desk.sees("SELECT count(*) FROM read.orders WHERE status = 'accepted'", 1)
    await desk.amend(amended, quantity="20", price="7.100")
    terms = "SELECT status, quantity, price, pending_quantity FROM read.orders WHERE price < 8.5"
    terms += " AND status <> 'cancelled'"
    await desk.sees(terms, "accepted", Decimal(20), Decimal("7.100"), None)
    await desk.amend(amended, price="8.100")
    await desk.sees(terms, "filled", Decimal(20), Decimal("8.100"), None)
    await desk.sees(POSITION, Decimal(120), Decimal("8.002"))
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)
    assert order_id != resting


async def test_an_order_whose_answer_is_lost_is_found_at_the_venue(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "execution"):
        desk.start_worker(kind)
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        await channel.channel_ready()
        exchange = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        # Every answer is lost after the work was done, and the venue's reports are late.
        await exchange.Misbehave(exchange_pb2.Misbehaviour(lose_answer=1000, report_delay=3_000))
        await desk.price("8.000", "8.002")
        await desk.buy("100", "7.5")
        status = "SELECT status FROM read.orders WHERE account_id = %(account)s"

        async def reconciled() -> bool:
            return await desk.events("order.reconciled.v1") == 1

        await until(reconciled, "the order to be found at the venue")
        await desk.sees(status, "accepted")
        assert await desk.events("order.outcome_unknown.v1") == 1
        assert (await exchange.Status(exchange_pb2.StatusRequest())).orders == 1
        await exchange.Misbehave(exchange_pb2.Misbehaviour())
    reservation = "SELECT open_orders FROM read.risk_accounts WHERE account_id = %(account)s"
    await desk.sees(reservation, 1)
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)


async def test_a_loss_past_its_limit_halts_and_halts_again_after_a_resumption(desk: Desk) -> None:
    await desk.open(loss="50")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)
    await desk.buy("100", "8.5")

    async def bought() -> bool:
        await desk.price("8.000", "8.002")
        return len(await desk.rows(POSITION)) == 1

    await until(bought, "the order to be filled")
    account = (
        "SELECT halted, platform_halted FROM read.risk_accounts WHERE account_id = %(account)s"
    )
    await desk.price("7.900", "7.902")  # 10 lost: allowed
    unrealised = "SELECT unrealised FROM read.positions WHERE account_id = %(account)s"
    await desk.sees(unrealised, Decimal("-10.1"))
    await desk.sees(account, False, False)
    await desk.price("7.400", "7.402")  # 60 lost
    await desk.sees(unrealised, Decimal("-60.1"))
    await desk.sees(account, True, False)
    reason = "SELECT halt_reason FROM read.risk_accounts WHERE account_id = %(account)s"
    await desk.sees(reason, "the loss passed its limit of 50")
    assert await desk.events("risk.trading_halted.v2") == 1
    with pytest.raises(grpc.aio.AioRpcError, match="ACCOUNT_HALTED"):
        await desk.buy("10", "7.5")
    await desk.resume()

    async def halted_again() -> bool:
        return await desk.events("risk.trading_halted.v2") == 2

    await until(halted_again, "a second halt")
    await desk.sees(account, True, False)
    violations = "SELECT count(*) FROM read.risk_violations WHERE violation = 'trading_halted'"
    await desk.sees(violations, 2)
    await desk.price("9.000", "9.002")  # the price came back: no further halt after a resumption
    await desk.sees(unrealised, Decimal("99.9"))
    await desk.resume()
    await desk.sees(account, False, False)
    assert await desk.events("risk.trading_halted.v2") == 2


async def test_marks_and_candles_by_second_and_a_bad_record_is_set_aside(desk: Desk) -> None:
    desk.start_worker("market")
    start = 1_700_000_000_000_000
    one, two = Decimal(1), Decimal(2)
    await desk.publish(
        Quote(SUSHI, start, one, one, two, one),
        Trade(SUSHI, start + 10, two, one, buyer_is_maker=True, trade_id="1"),
        Quote(SUSHI, start + 1_000_000, two, one, two, one),
        Candle(SUSHI, start, "1m", start, one, two, one, two, Decimal(7), 3, closed=False),
    )
    sent = await desk.producer.send(MARKET, b'{"type":"market.tea.v1"}', partition=0)
    await sent
    latest = "SELECT mark, last_price, bid, ask FROM read.marks ORDER BY at DESC LIMIT 1"
    await desk.sees(latest, two, two, two, two)
    await desk.sees("SELECT count(*) FROM read.marks", 2)
    await desk.sees("SELECT close, volume, trades, closed FROM read.candles", two, 7, 3, False)
    closed = Candle(SUSHI, start, "1m", start, one, two, one, one, Decimal(9), 4, closed=True)
    await desk.publish(closed)
    await desk.sees("SELECT close, volume, trades, closed FROM read.candles", one, 9, 4, True)

    async def told() -> bool:
        letters = await list_deadletters(desk.streams.bootstrap)
        return [(letter.consumer, letter.original.topic) for letter in letters] == [
            ("market", MARKET)
        ]

    await until(told, "the bad record on the dead-letter topic")
