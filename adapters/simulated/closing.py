"""Orders that the exchange makes by its own rules, named as Binance names them; pure.

A liquidation is sent into the book as a limit order at the bankruptcy price, immediate or cancel;
what the book does not take at that price or better, the insurance fund does. An ADL, a settlement
or a delivery is executed at one price against whoever the venue chose, and costs no fee.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from adapters.simulated.matching import Execution, Matched, VenueOrder, VenueStatus, taker_execution
from adapters.simulated.members import Executed, Place
from domain.orders.commands import Liquidity, OrderType, Origin, TimeInForce
from domain.values import ZERO, Side, magnitude


class CloseOut(NamedTuple):
    """What the exchange is told to do to a position."""

    place: Place
    origin: Origin
    name: str
    """The same name is the same request."""
    quantity: Decimal | None
    """None is all of it; never more than is held."""
    price: Decimal | None
    """None is the mark."""


_PREFIXES: Final = {
    Origin.LIQUIDATION: "autoclose-",
    Origin.ADL: "adl_autoclose-",
    Origin.SETTLEMENT: "settlement_autoclose-",
    Origin.DELIVERY: "settlement_autoclose-delivery-",
}


def client_order_id(origin: Origin, name: str) -> str:
    """What the venue calls an order of its own."""
    return _PREFIXES[origin] + name


def is_reserved(client_order_id: str) -> bool:
    """Whether a member may not use the name."""
    return client_order_id.startswith(tuple(_PREFIXES.values()))


def closing_order(
    place: Place, net: Decimal, origin: Origin, name: str, price: Decimal
) -> VenueOrder:
    """An order that takes so much of what is held, at this price or better."""
    return VenueOrder(
        client_order_id=client_order_id(origin, name),
        venue_order_id="",
        account_id=place.account_id,
        instrument_id=place.instrument_id,
        side=Side.SELL if net > 0 else Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=magnitude(net),
        price=price,
        position_side=place.position_side,
        reduce_only=True,
        origin=origin,
    )


def at_one_price(order: VenueOrder, price: Decimal) -> Matched:
    """All of it at once, without a fee."""
    execution = Execution(price, order.left, ZERO, Liquidity.TAKER)
    return Matched(_filled(order), (execution,))


def with_the_fund(matched: Matched, price: Decimal) -> Matched:
    """What the book did not take goes to the insurance fund."""
    order = matched.order
    if not order.left:
        return matched
    rest = taker_execution(price, order.left)
    return Matched(_filled(order), (*matched.executions, rest))


def executed(order: VenueOrder, execution: Execution) -> Executed:
    """What an execution of the order moves."""
    numbers = execution.quantity, execution.price, execution.fee
    return Executed(order.place, order.side, *numbers)


def _filled(order: VenueOrder) -> VenueOrder:
    return replace(order, filled=order.quantity, status=VenueStatus.FILLED)
