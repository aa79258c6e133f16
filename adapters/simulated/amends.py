"""What an exchange does with an amend, as Binance and Bybit describe theirs; pure.

Binance's modify of USD-M futures loses the order's place in the line, leaves the order as it was
when the change breaks a rule, and cancels an order that is amended to what is filled or less.
Bybit's amend keeps the place only where nothing but the quantity gets smaller; that is what is
done here, since a smaller order at the same price harms nobody behind it.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from adapters.simulated.matching import VenueOrder, VenueStatus
from domain.ids import InstrumentId


class Amend(NamedTuple):
    """What a member asks to make of an order."""

    client_order_id: str
    account_id: str
    instrument_id: InstrumentId
    number: int
    """Counted by the member for each order; the same number is the same request."""
    quantity: Decimal
    price: Decimal | None
    """None leaves it as it is; an order that waits beside the book can be made larger or smaller,
    as at Bybit."""


def amended(
    amend: Amend, order: VenueOrder | None, refusal: Callable[[VenueOrder], str]
) -> tuple[VenueOrder | None, str]:
    """The order as it is from now on, or None and why it is not amended."""
    if order is None:
        return None, "unknown order"
    if order.status is not VenueStatus.OPEN:
        return None, f"the order is {order.status.value}"
    if ends(amend, order):
        return None, "nothing would be left: the order is cancelled"
    price = order.price if amend.price is None else amend.price
    now = replace(order, quantity=amend.quantity, price=price)
    reason = refusal(now)
    return (None, reason) if reason else (now, "")


def ends(amend: Amend, order: VenueOrder) -> bool:
    """Whether nothing would be left of an open order, so that it is cancelled."""
    return order.status is VenueStatus.OPEN and amend.quantity <= order.filled


def keeps_its_place(before: VenueOrder, after: VenueOrder) -> bool:
    """Whether a resting order stays where it is in the line of its price."""
    return after.price == before.price and after.quantity <= before.quantity
