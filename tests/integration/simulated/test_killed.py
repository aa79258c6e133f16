"""The simulated venue as a process on real Kafka: SIGKILL at any moment loses nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.process import Child, free_port
from adapters.kafka.partition import partition_of
from adapters.kafka.producer import Producer
from adapters.proto.v1 import exchange_pb2, venues_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from domain.ids import InstrumentId
from projections.market import Book, encode
from streams.topics import MARKET, create_topics
from tests.support.streams import ROOT, until, wipe_topics
from tests.support.venue import NAME, Core, Mood, client, in_order, order, serving

pytestmark = pytest.mark.asyncio
OTHER = InstrumentId("BINANCE:AKROUSDT")
TOKEN = "a service token of enough characters"


@dataclass
class _Venue:
    core: Core
    child: Child
    stub: Any
    producer: Producer

    async def start(self) -> None:
        self.child.start()

        async def answers() -> bool:
            assert self.child.running, self.child.died()
            with suppress(grpc.aio.AioRpcError):
                await self.stub.Status(exchange_pb2.StatusRequest())
                return True
            return False

        await until(answers, "the venue to answer", pause=0.05)

    async def kill(self) -> None:
        self.child.send(signal.SIGKILL)
        assert await self.child.wait(10) == -signal.SIGKILL

    async def book(self, name: InstrumentId, bid: str, ask: str) -> None:
        sides = (((Decimal(bid), Decimal(100)),), ((Decimal(ask), Decimal(100)),))
        sent = await self.producer.send(
            MARKET, encode(Book(name, 1, 1, *sides)), partition=partition_of(name), key=b""
        )
        await sent

    async def status(self, name: str) -> str:
        known = await self.stub.Query(exchange_pb2.QueryRequest(client_order_id=client(name)))
        return str(known.status)


@pytest_asyncio.fixture
async def venue(kafka_server: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[_Venue]:
    """A venue that is not started yet, and a core that is away."""
    wipe_topics(kafka_server.brokers)
    await create_topics(kafka_server.brokers, replication=1)
    token, port = tmp_path / "token", free_port()
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    producer = Producer(kafka_server.brokers, client_id="test")
    producer.start()
    core = Core()
    core.mood = Mood.AWAY
    async with serving(core) as address, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        child = Child(
            name="simulated-venue",
            command=[sys.executable, "-m", "adapters.cli", "simulated-venue"],
            log=tmp_path / "venue.log",
            environment={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "KAFKA_BROKERS": kafka_server.brokers,
                "COMMAND_SERVICE_ADDRESS": address,
                "SERVICE_TOKEN_FILE": str(token),
                "PATRIOT_VENUE_STORE": str(tmp_path / "venue.sqlite"),
                "PATRIOT_GRPC_PORT": str(port),
                "PATRIOT_HTTP_PORT": str(free_port()),
            },
        )
        stub = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        yield _Venue(core, child, stub, producer)
        await child.stop()
        print((tmp_path / "venue.log").read_text())  # shown by pytest when the test failed
    await producer.close()


async def test_a_killed_venue_keeps_orders_and_reports(venue: _Venue) -> None:
    await venue.start()
    await venue.stub.Submit(order("taken"))
    await venue.stub.Submit(order("rests", price="7.600", time_in_force="gtc"))
    await venue.stub.Submit(
        order("waits", instrument=OTHER, price="0.05", quantity="100", time_in_force="gtc")
    )

    async def taken() -> bool:
        await venue.book(NAME, "7.610", "7.611")
        return await venue.status("taken") == "filled"

    await until(taken, "the order to be filled by a book from Kafka")
    number = await venue.stub.Submit(order("taken"))
    await venue.kill()
    assert venue.core.received == []

    # Again, and killed once more after the core has taken reports but nobody heard of it.
    venue.core.mood = Mood.DEAF
    await venue.start()
    assert [await venue.status(name) for name in ("taken", "rests", "waits")] == [
        "filled", "open", "open"
    ]  # fmt: skip

    async def reported() -> bool:
        return len(venue.core.received) > 0

    await until(reported, "reports that were kept")
    await venue.kill()

    venue.core.mood = Mood.TAKES
    await venue.start()
    assert await venue.stub.Submit(order("taken")) == number

    async def all_done() -> bool:
        await venue.book(NAME, "7.590", "7.595")
        await venue.book(OTHER, "0.0398", "0.0399")
        counts = await venue.stub.Status(exchange_pb2.StatusRequest())
        return bool(counts.open_orders == 0 and counts.unsent_reports == 0)

    await until(all_done, "every order to end and every report to be acknowledged")
    _check(venue.core)


def _check(core: Core) -> None:
    for name in ("taken", "rests", "waits"):
        assert in_order(core.kinds(name)) == ["accepted", "filled"]
    by_id = {report.command_id: report.SerializeToString() for report in core.received}
    assert len(by_id) == 6, "a repeated report has the id of the first"
    assert all(by_id[report.command_id] == report.SerializeToString() for report in core.received)
    fills = {name: core.of(name)[-1].filled for name in ("taken", "rests", "waits")}
    assert (fills["taken"].price, fills["taken"].liquidity) == (
        "7.611", venues_pb2.LIQUIDITY_TAKER
    )  # fmt: skip
    assert (fills["rests"].price, fills["rests"].liquidity) == (
        "7.6", venues_pb2.LIQUIDITY_MAKER
    )  # fmt: skip
    # It never rested, so it takes the book's price, after two kills too.
    assert (fills["waits"].price, fills["waits"].liquidity) == (
        "0.0399", venues_pb2.LIQUIDITY_TAKER
    )  # fmt: skip
    assert core.tokens == {f"Bearer {TOKEN}"}


async def test_a_second_venue_on_the_same_file_or_port_is_told_in_a_sentence(
    venue: _Venue, tmp_path: Path
) -> None:
    await venue.start()
    for changed, words in (
        ({"PATRIOT_GRPC_PORT": str(free_port())}, "stop the simulated venue that runs on it"),
        ({"PATRIOT_VENUE_STORE": str(tmp_path / "other.sqlite")}, "cannot be listened on"),
    ):
        second = Child(
            name="second",
            command=venue.child.command,
            log=tmp_path / "second.log",
            environment={
                **venue.child.environment, "PATRIOT_HTTP_PORT": str(free_port()), **changed
            },
        )  # fmt: skip
        second.start()
        assert await second.wait(20) == 1
        told = second.log.read_text()
        assert words in told
        assert "Traceback" not in told
    assert await venue.status("none") == ""


async def test_a_record_that_is_none_does_not_stop_the_books(venue: _Venue) -> None:
    venue.core.mood = Mood.TAKES
    await venue.start()
    await venue.stub.Submit(order("a"))
    broken = (
        b'{"type":"market.book.v1","instrument_id":"BINANCE:SUSHIUSDT","time":1,"update_id":1,'
        b'"bids":[["7.6","NaN"]],"asks":[["7.611","NaN"]]}'
    )

    async def filled() -> bool:
        sent = await venue.producer.send(MARKET, broken, partition=partition_of(NAME), key=b"")
        await sent
        await venue.book(NAME, "7.610", "7.611")
        await asyncio.sleep(0)
        return await venue.status("a") == "filled"

    await until(filled, "the order to be filled after a broken record")
    assert "was not understood" in venue.child.log.read_text()
