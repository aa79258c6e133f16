"""Intents that reach the execution worker when the orders that they are about have moved on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio
import pytest

from adapters.kafka.partition import PARTITIONS, partition_of
from adapters.postgres.log import PostgresEventLog
from adapters.proto.v1 import exchange_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from adapters.simulated.client import SimulatedVenue
from streams.execution import Executor
from streams.outcome import Surroundings
from streams.packing import Packer
from streams.reading import Incoming
from streams.record import decode_record, encode_record
from streams.searching import Search
from tests.support.market_desk import Desk
from tests.support.rpc_time import MovableClock

pytestmark = pytest.mark.asyncio

STATUS = "SELECT status FROM read.orders WHERE order_id = '{}'"


async def _nothing(*_: object) -> None:
    """No reader of Kafka is there to be rewound."""


@asynccontextmanager
async def _executor(desk: Desk, *, seconds_late: int) -> AsyncIterator[Executor]:
    clock = MovableClock()
    clock.offset = seconds_late
    venue = SimulatedVenue(desk.venue_address, lambda: desk.token)
    search = Search(desk.address, lambda: desk.token, clock)
    executor = Executor(
        desk.streams.read_dsn, venue, search, Surroundings(clock, _nothing, _nothing)
    )
    try:
        yield executor
    finally:
        await executor.close()
        await search.close()
        await venue.close()


async def _carry_out(desk: Desk, *, seconds_late: int) -> None:
    """Everything of the log that no executor has carried out, as an agent would be given it."""
    log = PostgresEventLog(desk.streams.log_dsn)
    await log.open()
    packer = Packer([0] * PARTITIONS, partition_of)
    incoming: list[Incoming] = []
    for out in packer.pack(await log.read_all(limit=10_000)):
        record = decode_record(encode_record(0, out.span, out.events))
        incoming.append(Incoming(out.partition, len(incoming), record))
    await log.close()
    async with _executor(desk, seconds_late=seconds_late) as executor:
        await executor.apply(incoming)


@pytest.mark.parametrize("killed", [False, True])
async def test_an_order_cancelled_while_the_venue_is_away_is_not_sent_when_it_is_back(
    desk: Desk,
    killed: bool,  # noqa: FBT001
) -> None:
    """Its outcome is unknown by then: it may have been sent, so the venue is asked for it."""
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_worker("projections")
    await desk.price("8.000", "8.002")
    stays, called_off = await desk.buy("100", "7.5"), await desk.buy("100", "7.4")
    carrying = asyncio.create_task(_carry_out(desk, seconds_late=0))
    for order_id in (stays, called_off):
        await desk.sees(STATUS.format(order_id), "unknown")
    await desk.cancel(called_off)
    cancelling = f"SELECT cancelling FROM model.orders WHERE order_id = '{called_off}'"
    await desk.sees(cancelling, True)
    if killed:
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
    desk.start_venue()
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        await channel.channel_ready()
    await (_carry_out(desk, seconds_late=60) if killed else carrying)
    await desk.sees(STATUS.format(stays), "accepted")
    await desk.sees(STATUS.format(called_off), "rejected")
    await _carry_out(desk, seconds_late=0)
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        exchange = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        assert (await exchange.Status(exchange_pb2.StatusRequest())).orders == 1
    await desk.sees(STATUS.format(called_off), "rejected")


async def test_an_order_cancelled_before_it_is_sent_is_not_sent_and_still_ends(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_venue()
    desk.start_worker("projections")
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        await channel.channel_ready()
        exchange = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        await desk.price("8.000", "8.002")
        # The venue has this one; that it says so late must not end it here as one never sent.
        await exchange.Misbehave(exchange_pb2.Misbehaviour(report_delay=3_000))
        known = await desk.buy("100", "7.5")
        await _carry_out(desk, seconds_late=0)
        await desk.cancel(known)
        cancelled, replaced = await desk.buy("100", "7.4"), await desk.buy("100", "7.3")
        await desk.cancel(cancelled)
        replacement = await desk.replace(replaced, quantity="50", price="7.6")
        for order_id in (known, cancelled, replaced):
            await desk.sees(STATUS.format(order_id), "pending_cancel")
        await _carry_out(desk, seconds_late=60)
        await exchange.Misbehave(exchange_pb2.Misbehaviour())
        for order_id, status in (
            (cancelled, "rejected"),
            (replaced, "rejected"),
            (known, "cancelled"),
            (replacement, "submitting"),
        ):
            await desk.sees(STATUS.format(order_id), status)
        await _carry_out(desk, seconds_late=0)
        await desk.sees(STATUS.format(replacement), "accepted")
        sent = (await exchange.Status(exchange_pb2.StatusRequest())).orders
        assert sent == 2, "the known one and the replacement"
    reservation = "SELECT open_orders FROM read.risk_accounts WHERE account_id = %(account)s"
    await desk.sees(reservation, 1)
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)
