"""Forms of orders at the simulated venue: through its gRPC interface, its store and its reports."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.proto.v1 import exchange_pb2
from adapters.simulated.client import SimulatedVenue
from domain.orders.commands import OrderType, TimeInForce
from domain.orders.events import OrderPlaced
from projections.market import Trade
from tests.support.checks import long
from tests.support.simulated import Venue, start_venue
from tests.support.trading import conditional
from tests.support.venue import NAME, Core, order

pytestmark = pytest.mark.asyncio
_Fields = dict[str, str | bool | int]


def _price(text: str) -> Trade:
    return Trade(NAME, 1, Decimal(text), Decimal(1), buyer_is_maker=False, trade_id="1")


def _stop(name: str, at: str, **changed: str | bool | int) -> exchange_pb2.SubmitRequest:
    """A stop that sells at the market once the last trade is at its price."""
    values: _Fields = {
        "side": "sell",
        "type": "stop_market",
        "time_in_force": "gtc",
        "price": "",
        "trigger_source": "last",
        "trigger_price": at,
    }
    return order(name, **(values | changed))


async def test_the_core_s_own_orders_come_as_they_were_placed(venue: Venue) -> None:
    """From the event in the core's log to the exchange's memory, nothing is lost."""
    dated = replace(
        conditional("a", OrderType.STOP_LIMIT, at="7.5", reduce_only=True),
        time_in_force=TimeInForce.GTD,
        expires_at=venue.clock.now() + 3_600_000_000,
    )
    trailing = conditional("b", OrderType.TRAILING_STOP, trigger=None, callback="0.015")
    client = SimulatedVenue(venue.address)
    for asked in (dated, trailing):
        trading = long()
        trading.at = venue.clock.now()
        placed = trading.events(asked)[-1]
        assert isinstance(placed, OrderPlaced)
        await client.submit(placed)
        kept = venue.store.find(placed.client_order_id)
        assert kept is not None
        for name in ("side", "type", "time_in_force", "quantity", "price", "trigger"):
            assert getattr(kept, name) == getattr(placed, name), name
        for name in ("reduce_only", "close_position", "expires_at", "position_side"):
            assert getattr(kept, name) == getattr(placed, name), name
    await client.close()


async def test_a_stop_waits_beside_the_book_and_trades_when_it_is_triggered(
    venue: Venue,
) -> None:
    await venue.stub.Submit(_stop("a", "7.600"))
    venue.book(bid="7.500", ask="7.501")
    venue.exchange.trade(_price("7.601"))
    await venue.reported("a", "accepted")
    venue.exchange.trade(_price("7.600"))
    await venue.reported("a", "accepted", "triggered", "filled")
    assert venue.core.of("a")[1].triggered.price == "7.6"
    assert venue.core.of("a")[2].filled.price == "7.5"


async def test_a_stop_on_the_mark_does_not_look_at_trades(venue: Venue) -> None:
    await venue.stub.Submit(
        _stop("a", "7.600", type="stop_limit", price="7.700", trigger_source="mark")
    )
    venue.exchange.trade(_price("7.000"))
    await venue.reported("a", "accepted")
    venue.book(bid="7.598", ask="7.600")
    await venue.reported("a", "accepted", "triggered")
    venue.book(bid="7.700", ask="7.701")
    await venue.reported("a", "accepted", "triggered", "filled")


async def test_what_would_trigger_at_once_or_take_while_posting_is_rejected(
    venue: Venue,
) -> None:
    venue.exchange.trade(_price("7.600"))
    await venue.stub.Submit(_stop("a", "7.600"))
    await venue.reported("a", "rejected")
    await venue.stub.Submit(order("b", time_in_force="gtx"))
    await venue.reported("b", "rejected")
    await venue.stub.Submit(order("c", time_in_force="gtx", price="7.610"))
    await venue.reported("c", "accepted")
    assert venue.core.of("b")[0].rejected.reason == "post only: it would take"


async def test_a_trailing_stop_follows_and_fill_or_kill_takes_nothing(venue: Venue) -> None:
    venue.exchange.trade(_price("8.000"))
    trailing: _Fields = {
        "type": "trailing_stop",
        "trigger_price": "",
        "trigger_callback": "0.1",
    }
    await venue.stub.Submit(_stop("a", "", **trailing))
    for price in ("7.500", "10.000", "9.100"):
        venue.exchange.trade(_price(price))
    await venue.reported("a", "accepted")
    venue.exchange.trade(_price("9.000"))
    await venue.reported("a", "accepted", "triggered", "filled")
    await venue.stub.Submit(order("b", time_in_force="fok", quantity="101"))
    await venue.reported("b", "accepted", "expired")


async def test_an_order_with_a_date_ends_by_the_venue_s_clock(venue: Venue) -> None:
    date = venue.clock.now() + 60_000_000
    dated: _Fields = {"time_in_force": "gtd", "expires_at": date}
    await venue.stub.Submit(order("a", price="7.000", **dated))
    await venue.stub.Submit(_stop("b", "7.000", **dated))
    await venue.stub.Submit(order("c", **dated))
    venue.exchange.expire()
    await venue.reported("c", "accepted", "filled")
    venue.clock.ahead = 61_000_000
    venue.exchange.expire()
    await venue.reported("a", "accepted", "expired")
    await venue.reported("b", "accepted", "expired")
    await venue.stub.Submit(order("d", **dated))
    await venue.reported("d", "rejected")
    assert venue.core.kinds("c") == ["accepted", "filled"]


async def test_what_closes_the_position_closes_what_is_held_by_then(venue: Venue) -> None:
    closes: _Fields = {
        "close_position": True,
        "reduce_only": True,
        "quantity": "30",
    }
    await venue.stub.Submit(order("bought", quantity="30"))
    await venue.stub.Submit(_stop("a", "7.600", **closes))
    await venue.stub.Submit(_stop("b", "7.500", **closes))
    await venue.stub.Submit(order("sold", quantity="10", side="sell", price="7.610"))
    venue.exchange.trade(_price("7.600"))
    await venue.reported("a", "accepted", "triggered", "filled", "expired")
    assert venue.core.of("a")[2].filled.quantity == "20"
    venue.exchange.trade(_price("7.500"))
    await venue.reported("b", "accepted", "triggered", "expired")


async def test_stops_are_there_after_the_venue_was_killed(
    tmp_path: Path, core: tuple[Core, str]
) -> None:
    venue, stop = await start_venue(tmp_path, *core)
    venue.book()
    venue.exchange.trade(_price("8.000"))
    await venue.stub.Submit(order("bought", quantity="30"))
    closes: _Fields = {
        "close_position": True,
        "reduce_only": True,
        "quantity": "30",
    }
    await venue.stub.Submit(_stop("a", "7.600", **closes))
    trailing: _Fields = {
        "type": "trailing_stop",
        "trigger_price": "",
        "trigger_callback": "0.1",
    }
    await venue.stub.Submit(_stop("b", "", **trailing))
    venue.exchange.trade(_price("10.000"))
    await venue.all_sent()
    await stop()
    venue, stop = await start_venue(tmp_path, *core)
    venue.book()
    venue.exchange.trade(_price("9.000"))
    await venue.reported("b", "accepted", "triggered", "filled")
    venue.exchange.trade(_price("7.600"))
    await venue.reported("a", "accepted", "triggered", "filled", "expired")
    await stop()
