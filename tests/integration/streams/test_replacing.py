"""Orders that are replaced at the venue: the new one goes out once the old one has ended there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

import grpc.aio
import pytest

from adapters.proto.v1 import common_pb2, exchange_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from tests.support.market_desk import Desk
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

STORY = """SELECT array_agg(status ORDER BY created_position),
                  array_agg(type ORDER BY created_position),
                  array_agg(replaces::text ORDER BY created_position),
                  array_agg(replaced_by::text ORDER BY created_position) FROM read.orders"""


async def _replaced(desk: Desk, order_id: str, **terms: Any) -> str:
    """The id of the order that is to take its place, once the market has a price for it."""
    replacements: list[str] = []

    async def admitted() -> bool:
        try:
            replacements.append(await desk.replace(order_id, **terms))
        except grpc.aio.AioRpcError as error:
            if "REFERENCE_PRICE_MISSING" in (error.details() or ""):
                return False
            raise
        return True

    await until(admitted, "a market price for the stop")
    return replacements[0]


@asynccontextmanager
async def _market(desk: Desk) -> AsyncIterator[None]:
    """The same book again and again, as feeds send it: whoever comes late has one, too."""

    async def tell() -> None:
        while True:
            await desk.price("8.000", "8.002")
            await asyncio.sleep(0.2)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def test_an_order_is_replaced_at_the_venue_once_it_has_ended_there(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "execution"):
        desk.start_worker(kind)
    async with _market(desk):
        await _story(desk)
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)


async def _story(desk: Desk) -> None:
    resting = await desk.buy("10", "7.000")
    await desk.sees("SELECT status FROM read.orders", "accepted")
    # A stop in the place of a limit order: no venue amends one into the other.
    stop = await _replaced(
        desk,
        resting,
        type=common_pb2.ORDER_TYPE_STOP_MARKET,
        quantity="15",
        price="",
        trigger_price="8.500",
    )
    kinds = ["limit", "stop_market", "limit"]
    both = ["cancelled", "accepted"]
    await desk.sees(STORY, both, kinds[:2], [None, resting], [stop, None])
    # And back; by its price it is filled at once.
    bought = await _replaced(desk, stop, quantity="20", price="8.100")
    told = ["cancelled", "cancelled", "filled"]
    await desk.sees(STORY, told, kinds, [None, resting, stop], [stop, bought, None])
    position = "SELECT net_quantity, average_price FROM read.positions"
    await desk.sees(position, Decimal(20), Decimal("8.002"))
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        status = await ExchangeStub(channel).Status(  # type: ignore[no-untyped-call]
            exchange_pb2.StatusRequest()
        )
    assert status.orders == 3
    await desk.sees("SELECT open_orders FROM read.risk_accounts WHERE account_id = %(account)s", 0)
