"""Short words for orders that were not placed here, and what venues say of them."""

from dataclasses import replace
from typing import Any

from domain.ids import AccountId, InstrumentId, OrderId, external_order_id
from domain.orders.commands import OrderType, Origin, TimeInForce
from domain.orders.external import ExternalOrder, ExternalReport, RecordExternalOrder
from domain.values import PositionSide, Side
from tests.support.trading import ACCOUNT, START, SUSHI, price, quantity


def external_id(name: str) -> OrderId:
    """The id of an order that the venue calls by this name."""
    return external_order_id(ACCOUNT, SUSHI, name)


def described(name: str, **values: Any) -> ExternalOrder:
    """A limit order to buy 10 at 8 that somebody placed at the venue, or what else is wanted."""
    order = ExternalOrder(
        order_id=external_id(name),
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        origin=Origin.FOREIGN,
        venue_order_id=name,
        client_order_id=f"web_{name}",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=quantity(10),
        price=price("8"),
        position_side=PositionSide.NET,
        reduce_only=False,
        close_position=False,
        trigger=None,
        expires_at=None,
        currency="USDT",
        venue_time=START,
    )
    return replace(order, **values)


def liquidating(name: str, origin: Origin = Origin.LIQUIDATION, **values: Any) -> ExternalOrder:
    """An order of the venue that sells 10 at the market, or what else is wanted."""
    form = {
        "origin": origin,
        "side": Side.SELL,
        "type": OrderType.MARKET,
        "time_in_force": TimeInForce.IOC,
        "price": None,
        "client_order_id": f"autoclose-{name}",
    }
    return described(name, **{**form, **values})


def told(order: ExternalOrder, report: ExternalReport) -> RecordExternalOrder:
    """The report, about that order whatever it was about."""
    named: dict[str, OrderId | AccountId | InstrumentId] = {
        "order_id": order.order_id,
        "account_id": order.account_id,
        "instrument_id": order.instrument_id,
    }
    about: Any = replace(report, **named)  # type: ignore[arg-type]
    return RecordExternalOrder(replace(order, venue_time=about.venue_time), about)
