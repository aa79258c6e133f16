"""The role simulated-venue: an exchange on recorded books, in a process of its own."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from adapters.binance.recording import instruments
from adapters.kafka.follower import TopicFollower
from adapters.proto.v1 import exchange_pb2_grpc
from adapters.rpc.serving import CannotListen
from adapters.simulated.exchange import SimulatedExchange
from adapters.simulated.misbehave import Faults
from adapters.simulated.reporter import Reporter
from adapters.simulated.server import ExchangeService
from adapters.simulated.store import VenueStore
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock
from projections.market import Book, InvalidRecord, Trade, decode

_logger: Final = logging.getLogger(__name__)
_MARKET: Final = "patriot.market.v1"
_TICK_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class VenueOptions:
    """What the simulated venue needs to know."""

    brokers: str
    command_address: str
    """HOST:PORT of the command service, to which reports go."""
    token: str
    """Bearer token with the role service."""
    store: str
    """File of the exchange's memory."""
    address: str = "127.0.0.1:8010"
    faults: Faults = field(default_factory=Faults)


async def run_simulated_venue(
    options: VenueOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Trade until told to stop; raises StoreUnusable or CannotListen at the start."""
    store = VenueStore(Path(options.store))
    exchange = SimulatedExchange(store, instruments(), clock)
    service = ExchangeService(exchange, store, options.faults)
    reporter = Reporter(
        store, exchange.reported, options.command_address, options.token, lambda: service.faults
    )
    books = TopicFollower(options.brokers, _MARKET, _books_to(exchange))
    # Without reuse of ports a second venue is an error; with it, each would get half of the orders.
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    exchange_pb2_grpc.add_ExchangeServicer_to_server(service, server)  # type: ignore[no-untyped-call]
    try:
        server.add_insecure_port(options.address)
    except RuntimeError:
        store.close()
        raise CannotListen(
            f"{options.address} cannot be listened on: stop the program that does, or choose "
            "another port"
        ) from None
    await server.start()
    books.start()
    reporting = asyncio.create_task(reporter.run())
    try:
        while not stop.is_set():
            if reporting.done():
                reporting.result()
            status.unready = reporter.trouble
            exchange.give_up_waiting()
            exchange.expire()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TICK_SECONDS)
    finally:
        status.unready = "stopping"
        await server.stop(_GRACE_SECONDS)
        await asyncio.to_thread(books.stop)
        reporting.cancel()
        with suppress(asyncio.CancelledError):
            await reporting
        store.close()


def _books_to(exchange: SimulatedExchange) -> "_Handler":
    return _Handler(exchange, asyncio.get_running_loop())


class _Handler:
    """Hands books and trades from the follower's thread to the exchange's event loop."""

    def __init__(self, exchange: SimulatedExchange, loop: asyncio.AbstractEventLoop) -> None:
        self._exchange = exchange
        self._loop = loop

    def __call__(self, value: bytes) -> None:
        """Called by the thread for each market record."""
        try:
            record = decode(value)
        except InvalidRecord as error:
            _logger.warning("a market record was not understood: %s", error)
            return
        if isinstance(record, Book):
            self._loop.call_soon_threadsafe(self._exchange.take, record)
        elif isinstance(record, Trade):
            self._loop.call_soon_threadsafe(self._exchange.trade, record)
