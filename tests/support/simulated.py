"""The simulated venue on a real port, with its real store and its real reporter, for tests."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc

from adapters.binance.recording import instruments
from adapters.clock import SystemClock
from adapters.proto.v1 import exchange_pb2_grpc
from adapters.simulated.exchange import SimulatedExchange
from adapters.simulated.misbehave import Faults
from adapters.simulated.reporter import Reporter
from adapters.simulated.server import ExchangeService
from adapters.simulated.store import VenueStore
from projections.market import Book
from tests.support.venue import NAME, Core


class VenueClock(SystemClock):
    """The machine's clock, set ahead."""

    ahead = 0

    def now(self) -> int:
        """Microseconds since 1970."""
        return super().now() + self.ahead


@dataclass
class Venue:
    """A running exchange, and the core that it reports to."""

    core: Core
    stub: Any
    store: VenueStore
    exchange: SimulatedExchange
    clock: VenueClock
    address: str

    def book(self, bid: str = "7.610", ask: str = "7.611", quantity: int = 100) -> None:
        """A new book of one level on each side."""
        levels = (((Decimal(bid), Decimal(quantity)),), ((Decimal(ask), Decimal(quantity)),))
        self.exchange.take(Book(NAME, 1, 1, *levels))

    async def all_sent(self) -> None:
        """Wait until every report was taken."""
        await self.until(lambda: self.store.counts()["unsent_reports"] == 0)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait for a condition that other tasks bring about."""
        async with asyncio.timeout(10):
            while not so():  # noqa: ASYNC110  (told by other tasks)
                await asyncio.sleep(0.01)

    async def reported(self, name: str, *kinds: str) -> None:
        """These reports about an order came, in this order, and no other."""
        with suppress(TimeoutError):
            await self.until(lambda: self.core.kinds(name) == list(kinds))
        assert self.core.kinds(name) == list(kinds)


async def start_venue(folder: Path, core: Core, address: str) -> tuple[Venue, Any]:
    """A venue on a real port with its reporter, and how to stop it."""
    store = VenueStore(folder / "venue.sqlite")
    clock = VenueClock()
    exchange = SimulatedExchange(store, instruments(), clock)
    service = ExchangeService(exchange, store, Faults())
    server = grpc.aio.server()
    exchange_pb2_grpc.add_ExchangeServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    reporter = Reporter(store, exchange.reported, address, "token", lambda: service.faults)
    reporting = asyncio.create_task(reporter.run())
    stub = exchange_pb2_grpc.ExchangeStub(channel)  # type: ignore[no-untyped-call]
    venue = Venue(core, stub, store, exchange, clock, f"127.0.0.1:{port}")

    async def stop() -> None:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)
        await channel.close(None)
        await server.stop(0)
        store.close()

    return venue, stop
