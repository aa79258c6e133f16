"""The simulated venue with its real store, its real gRPC interface and its real reporter."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.binance.recording import instruments
from adapters.clock import SystemClock
from adapters.proto.v1 import (
    common_pb2,
    exchange_pb2,
    exchange_pb2_grpc,
    venues_pb2,
    venues_pb2_grpc,
)
from adapters.simulated.exchange import SimulatedExchange
from adapters.simulated.misbehave import Faults
from adapters.simulated.reporter import Reporter
from adapters.simulated.server import ExchangeService
from adapters.simulated.store import VenueStore
from domain.ids import InstrumentId, OrderId, client_order_id, derived
from projections.market import Book

pytestmark = pytest.mark.asyncio

NAME = InstrumentId("BINANCE:SUSHIUSDT")
ACCOUNT = derived("test", "account")


class _Core(venues_pb2_grpc.VenueReportsServicer):
    """The reporter's peer: counts what arrives and can be away for a while."""

    def __init__(self) -> None:
        self.received: list[venues_pb2.Report] = []
        self.away = False

    async def RecordReports(  # noqa: N802
        self, request: venues_pb2.ReportBatch, context: Any
    ) -> venues_pb2.ReportResults:
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        self.received.extend(request.reports)
        results = [common_pb2.CommandResult(command_id=r.command_id) for r in request.reports]
        return venues_pb2.ReportResults(results=results)

    def kinds(self, name: str) -> list[str]:
        order = _client(name)
        return [
            str(report.WhichOneof("report"))
            for report in self.received
            if client_order_id(OrderId(report.order_id)) == order
        ]


@dataclass
class _Venue:
    core: _Core
    stub: Any
    store: VenueStore
    exchange: SimulatedExchange
    tasks: list[Any] = field(default_factory=list)

    def book(self, bid: str = "7.610", ask: str = "7.611", quantity: int = 100) -> None:
        levels = (((Decimal(bid), Decimal(quantity)),), ((Decimal(ask), Decimal(quantity)),))
        self.exchange.take(Book(NAME, 1, 1, *levels))

    async def reported(self, name: str, *kinds: str) -> None:
        for _ in range(200):
            if self.core.kinds(name) == list(kinds):
                return
            await asyncio.sleep(0.02)
        assert self.core.kinds(name) == list(kinds)


def _client(name: str) -> str:
    return client_order_id(OrderId(derived("test order", name)))


def _order(name: str, **changed: str) -> exchange_pb2.SubmitRequest:
    values = {
        "client_order_id": _client(name),
        "account_id": ACCOUNT,
        "instrument": NAME,
        "side": "buy",
        "type": "limit",
        "time_in_force": "ioc",
        "quantity": "10",
        "price": "7.611",
    }
    return exchange_pb2.SubmitRequest(**(values | changed))


async def _start(folder: Path, core: _Core, address: str) -> tuple[_Venue, Any]:
    store = VenueStore(folder / "venue.sqlite")
    exchange = SimulatedExchange(store, instruments(), SystemClock())
    service = ExchangeService(exchange, store, Faults())
    server = grpc.aio.server()
    exchange_pb2_grpc.add_ExchangeServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    reporter = Reporter(store, exchange.reported, address, "token", lambda: service.faults)
    reporting = asyncio.create_task(reporter.run())
    stub = exchange_pb2_grpc.ExchangeStub(channel)  # type: ignore[no-untyped-call]
    venue = _Venue(core, stub, store, exchange)

    async def stop() -> None:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
        await channel.close(None)
        await server.stop(0)
        store.close()

    return venue, stop


@pytest_asyncio.fixture
async def core() -> AsyncIterator[tuple[_Core, str]]:
    """A core that takes reports on a real port."""
    core = _Core()
    server = grpc.aio.server()
    venues_pb2_grpc.add_VenueReportsServicer_to_server(core, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield core, f"127.0.0.1:{port}"
    await server.stop(0)


@pytest_asyncio.fixture
async def venue(tmp_path: Path, core: tuple[_Core, str]) -> AsyncIterator[_Venue]:
    """A running exchange with one book."""
    venue, stop = await _start(tmp_path, *core)
    venue.book()
    yield venue
    await stop()


async def test_an_order_is_accepted_filled_and_reported(venue: _Venue) -> None:
    await venue.stub.Submit(_order("a"))
    await venue.reported("a", "accepted", "filled")
    fill = venue.core.received[-1].filled
    assert (fill.price, fill.quantity, fill.fee) == ("7.611", "10", "0.030444")
    known = await venue.stub.Query(exchange_pb2.QueryRequest(client_order_id=_client("a")))
    assert (known.status, known.filled_quantity) == ("filled", "10")


async def test_the_same_client_order_id_is_one_order(venue: _Venue) -> None:
    first = await venue.stub.Submit(_order("a"))
    again = await venue.stub.Submit(_order("a", quantity="99"))
    assert first.venue_order_id == again.venue_order_id
    await venue.reported("a", "accepted", "filled")


async def test_what_rests_can_be_cancelled_once(venue: _Venue) -> None:
    await venue.stub.Submit(_order("a", price="7.600", time_in_force="gtc"))
    cancel = exchange_pb2.CancelRequest(
        client_order_id=_client("a"), account_id=ACCOUNT, instrument=NAME
    )
    await venue.stub.Cancel(cancel)
    await venue.stub.Cancel(cancel)
    await venue.reported("a", "accepted", "cancelled", "cancel_rejected")


async def test_an_order_off_the_rules_is_rejected_by_report(venue: _Venue) -> None:
    await venue.stub.Submit(_order("a", price="7.6111"))
    await venue.reported("a", "rejected")


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "NaN"}, {"quantity": "0"}, {"price": "1e3"}, {"side": "up"}, {"type": ""},
        {"client_order_id": "mine"}, {"account_id": "me"}, {"instrument": "sushi"},
    ],
)  # fmt: skip
async def test_a_malformed_order_is_refused(venue: _Venue, changed: dict[str, str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await venue.stub.Submit(_order("a", **changed))
    assert told.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert venue.store.counts()["orders"] == 0


async def test_reports_wait_for_a_core_that_is_away(venue: _Venue) -> None:
    venue.core.away = True
    await venue.stub.Submit(_order("a"))
    assert venue.store.counts()["unsent_reports"] == 2
    venue.core.away = False
    await venue.reported("a", "accepted", "filled")


async def test_a_restart_forgets_nothing(tmp_path: Path, core: tuple[_Core, str]) -> None:
    core[0].away = True
    venue, stop = await _start(tmp_path, *core)
    venue.book()
    await venue.stub.Submit(_order("rests", price="7.600", time_in_force="gtc"))
    await venue.stub.Submit(_order("taken"))
    await stop()
    core[0].away = False
    venue, stop = await _start(tmp_path, *core)
    venue.book(bid="7.590", ask="7.599")
    await venue.reported("taken", "accepted", "filled")
    await venue.reported("rests", "accepted", "filled")
    await stop()


async def test_a_venue_told_to_misbehave_does(venue: _Venue) -> None:
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(lose_answer=1000, duplicate=1000, seed=1))
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await venue.stub.Submit(_order("a"))
    assert told.value.code() is grpc.StatusCode.UNAVAILABLE
    await venue.reported("a", "accepted", "accepted", "filled", "filled")
    assert len({report.command_id for report in venue.core.received}) == 2
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(reject=1000))
    await venue.stub.Submit(_order("b"))
    await venue.reported("b", "rejected")
    with pytest.raises(grpc.aio.AioRpcError):
        await venue.stub.Misbehave(exchange_pb2.Misbehaviour(reject=1001))


async def test_an_order_waits_for_the_first_book(tmp_path: Path, core: tuple[_Core, str]) -> None:
    venue, stop = await _start(tmp_path, *core)
    await venue.stub.Submit(_order("a"))
    await venue.reported("a", "accepted")
    venue.book()
    await venue.reported("a", "accepted", "filled")
    await stop()
