"""Brackets at the simulated venue, from end to end: decided, sent, reported, decided.

The venue is the real one behind its gRPC interface, with its store and its reporter.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio

from adapters.rpc.translate_life import report as read
from adapters.simulated.client import SimulatedVenue
from domain.brackets.commands import PlaceBracket
from domain.brackets.state import Bracket
from domain.ids import OrderId, bracket_stream, exit_order_id
from domain.instruments.commands import ListInstrument
from domain.orders.events import (
    OrderAmendRequested,
    OrderCancelRequested,
    OrderPlaced,
    OrderResizeRequested,
)
from domain.orders.state import OrderStatus
from domain.risk.commands import SetLimits
from projections.market import Trade
from tests.support.brackets import (
    bracket,
    limited_at,
    stopped_at,
)
from tests.support.simulated import Venue
from tests.support.trading import ACCOUNT, NO_LIMITS, RULES, SUSHI, Desk

pytestmark = pytest.mark.asyncio

ENTRY = OrderId("0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11")
STOP, TARGET = exit_order_id(ENTRY, "stop", 1), exit_order_id(ENTRY, "target", 1)


class _Wire:
    """Carries intents to the venue, and its reports back, until neither has anything to say."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.client = SimulatedVenue(venue.address)
        self.desk = Desk(at=venue.clock.now())
        self.sent = self.heard = 0
        self.desk.events(ListInstrument(SUSHI, RULES))
        self.desk.events(SetLimits(ACCOUNT, NO_LIMITS))

    async def settle(self) -> None:
        while True:
            await self._send()
            await self.venue.all_sent()
            reports = self.venue.core.received[self.heard :]
            if not reports and self.sent == len(self.desk.changes):
                return
            self.heard += len(reports)
            for told in reports:
                self.desk.do(read(told))

    async def _send(self) -> None:
        for change in self.desk.changes[self.sent :]:
            match change.event:
                case OrderPlaced() as order:
                    await self.client.submit(order)
                case OrderCancelRequested() as request:
                    await self.client.cancel(request)
                case OrderAmendRequested() | OrderResizeRequested() as request:
                    await self.client.amend(request)
                case _:
                    pass
        self.sent = len(self.desk.changes)

    def trade(self, at: str) -> None:
        self.venue.exchange.trade(
            Trade(SUSHI, 1, Decimal(at), Decimal(1), buyer_is_maker=False, trade_id="1")
        )

    def status(self, order: OrderId) -> OrderStatus:
        return self.desk.order_of(order).status


@pytest_asyncio.fixture
async def wire(venue: Venue) -> AsyncIterator[_Wire]:
    carried = _Wire(venue)
    yield carried
    await carried.client.close()


def _asked() -> PlaceBracket:
    """A bid of 10 at 7.600 with a stop at 7.500 and a target at 7.700."""
    asked = bracket(
        at="7.600", reference="7.611", stop=stopped_at("7.500"), target=limited_at("7.700")
    )
    return replace(asked, entry=replace(asked.entry, order_id=ENTRY))


def _ended(wire: _Wire) -> bool:
    state = wire.desk.states[bracket_stream(ENTRY)]
    assert isinstance(state, Bracket)
    return state.ended


async def _entered(wire: _Wire, first: int = 4) -> None:
    """The bid is crossed twice: the exits begin with the first part and grow."""
    wire.desk.events(_asked())
    await wire.settle()
    wire.venue.book("7.590", "7.600", first)
    await wire.settle()
    assert wire.desk.order_of(STOP).quantity == wire.desk.order_of(TARGET).quantity == first
    wire.venue.book("7.590", "7.600", 10 - first)
    await wire.settle()
    assert wire.desk.order_of(STOP).quantity == wire.desk.order_of(TARGET).quantity == 10
    kept = wire.venue.store.find(wire.desk.order_of(STOP).client_order_id)
    assert kept is not None
    assert kept.quantity == 10, "an order that waits beside the book grows there"


async def test_the_stop_is_triggered_and_cancels_the_target(wire: _Wire) -> None:
    await _entered(wire)
    wire.venue.book("7.495", "7.496")
    wire.trade("7.499")
    await wire.settle()
    assert wire.status(STOP) is OrderStatus.FILLED
    assert wire.status(TARGET) in {OrderStatus.CANCELLED, OrderStatus.EXPIRED}
    assert _ended(wire)
    assert wire.desk.position().net_quantity == 0
    assert wire.venue.store.counts()["open_orders"] == 0


async def test_a_target_filled_in_part_makes_the_stop_smaller_where_it_waits(wire: _Wire) -> None:
    await _entered(wire)
    wire.venue.book("7.700", "7.701", 3)
    await wire.settle()
    assert wire.desk.order_of(TARGET).filled == 3
    kept = wire.venue.store.find(wire.desk.order_of(STOP).client_order_id)
    assert kept is not None
    assert kept.quantity == 7
    wire.venue.book("7.700", "7.701", 100)
    await wire.settle()
    assert wire.status(TARGET) is OrderStatus.FILLED
    assert wire.status(STOP) is OrderStatus.CANCELLED
    assert _ended(wire)
    assert wire.desk.position().net_quantity == 0


async def test_a_market_that_passed_the_stop_is_left_at_once(wire: _Wire) -> None:
    """The fill arrives when the price is beyond the stop: the venue refuses it, we leave."""
    wire.desk.events(_asked())
    await wire.settle()
    wire.trade("7.450")
    wire.venue.book("7.449", "7.450", 100)
    await wire.settle()
    assert wire.status(STOP) is OrderStatus.REJECTED
    assert wire.status(exit_order_id(ENTRY, "stop", 2)) is OrderStatus.FILLED
    assert _ended(wire)
    assert wire.desk.position().net_quantity == 0
