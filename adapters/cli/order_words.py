"""An order as it was asked for, in words: at what price, what it waits for, and for how long."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domain.orders.commands import Origin, PlaceOrder, TimeInForce
from domain.orders.events import OrderObserved
from domain.orders.forms import triggered_by_rise
from domain.values import Side, plain, times
from projections.tables import instant

_HUNDRED: Final = Decimal(100)
_UNTIL: Final[Mapping[TimeInForce, str]] = {
    TimeInForce.GTC: "open until it is filled or cancelled",
    TimeInForce.IOC: "what cannot be traded at once is dropped",
    TimeInForce.FOK: "all of it at once, or nothing",
    TimeInForce.GTX: "only if it gives and does not take (post only)",
    TimeInForce.GTD: "open until its date",
}


def made_by(origin: Origin) -> str:
    """Who made an order that was not placed here; nothing on one that was."""
    if origin is Origin.PATRIOT:
        return ""
    if origin is Origin.FOREIGN:
        return "made outside PATRIOT, by somebody with access to the account"
    return f"made by the venue: {origin.value}"


def how_much(order: PlaceOrder | OrderObserved) -> str:
    """The quantity; what closes the position has none of its own."""
    return "all that is held" if order.close_position else plain(order.quantity)


def price(order: PlaceOrder | OrderObserved) -> str:
    """The price as a bound, and what has to happen first."""
    if order.price is not None:
        bound = "more" if order.side is Side.BUY else "less"
        words = f"at no {bound} than {plain(order.price)}"
    else:
        words = "at whatever the market asks" if order.side is Side.BUY else "at the market"
    return f"{words}{condition(order)}"


def condition(order: PlaceOrder | OrderObserved) -> str:
    """What a conditional order waits for, to be put after other words; nothing on all others."""
    waits = order.trigger
    if waits is None:
        return ""
    source = f"the {waits.source.value} price"
    if waits.price is not None:
        comes = "rises" if triggered_by_rise(order.type, order.side) else "falls"
        return f", once {source} {comes} to {plain(waits.price)}"
    if waits.callback is None:
        return ""
    way = "its highest" if order.side is Side.SELL else "its lowest"
    begins = "" if waits.activation is None else f" after it was at {plain(waits.activation)}"
    return f", once {source} is {plain(times(waits.callback, _HUNDRED))} % from {way}{begins}"


def until(order: PlaceOrder | OrderObserved) -> str:
    """How long it stays."""
    if order.expires_at is not None:
        return f"open until {instant(order.expires_at):%Y-%m-%d %H:%M:%S.%f} UTC"
    return _UNTIL[order.time_in_force]
