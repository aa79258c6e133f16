"""An order that was never sent is told of until that is recorded; no other is told of."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.clock import SystemClock
from adapters.simulated.client import SimulatedVenue
from domain.ids import AccountId, OrderId, derived
from domain.orders.commands import OrderType, TimeInForce
from domain.orders.events import OrderPlaced
from domain.ports import VenueUnavailable
from domain.values import PositionSide, Side, parse_price, parse_quantity
from streams.searching import Search
from tests.support.simulated import Venue
from tests.support.venue import ACCOUNT, NAME, Core, Mood, client, order

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def search(core: tuple[Core, str]) -> AsyncIterator[Search]:
    search = Search(core[1], lambda: "token", SystemClock())
    yield search
    await search.close()


def _placed(name: str) -> OrderPlaced:
    return OrderPlaced(
        order_id=OrderId(derived("test order", name)),
        account_id=AccountId(ACCOUNT),
        instrument_id=NAME,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=parse_quantity("10"),
        price=parse_price("7.611"),
        reduce_only=False,
        strategy_id=None,
        client_order_id=client(name),
        currency="USDT",
        position_side=PositionSide.NET,
        expires_at=None,
        close_position=False,
        trigger=None,
    )


@pytest.mark.parametrize("mood", [Mood.AWAY, Mood.BUSY])
async def test_what_is_not_recorded_is_told_again(venue: Venue, search: Search, mood: Mood) -> None:
    asked = SimulatedVenue(venue.address)
    venue.core.mood = mood
    assert not await search.missed(_placed("one"), 1, asked)
    venue.core.mood = Mood.TAKES
    assert await search.missed(_placed("one"), 1, asked)
    await asked.close()
    assert venue.core.kinds("one") == ["outcome_unknown", "not_found"]


async def test_what_the_venue_has_is_left_to_its_own_reports(venue: Venue, search: Search) -> None:
    asked = SimulatedVenue(venue.address)
    await venue.stub.Submit(order("one"))
    await venue.all_sent()
    told = venue.core.kinds("one")
    assert await search.missed(_placed("one"), 1, asked)
    await asked.close()
    assert venue.core.kinds("one") == told
    assert "not_found" not in told


async def test_a_venue_that_does_not_answer_says_nothing(venue: Venue, search: Search) -> None:
    nobody = SimulatedVenue("127.0.0.1:1")
    with pytest.raises(VenueUnavailable):
        await search.missed(_placed("one"), 1, nobody)
    await nobody.close()
    assert venue.core.received == []
