"""What becomes of an order that waits beside the book when a price comes: pure, like the matching.

A stop or a take profit is triggered at its own price or beyond it. A trailing stop begins to follow
at its activation price, remembers the best price since, and is triggered by the way back from there
(Binance: the highest price times one minus the callback rate, to sell).
"""

from dataclasses import replace
from decimal import Decimal

from adapters.simulated.matching import VenueOrder
from domain.orders.forms import reached
from domain.values import Side, minus, plus, times


def at_once(order: VenueOrder, price: Decimal) -> bool:
    """Whether the price is where the order would wait for it, so that it is refused."""
    condition = order.trigger
    fixed = condition.price if condition is not None else None
    return fixed is not None and reached(order.type, order.side, fixed, price)


def watched(order: VenueOrder, price: Decimal) -> VenueOrder:
    """The order after one more price of its source; the same object if nothing changed."""
    condition = order.trigger
    assert condition is not None
    if condition.price is not None:
        hit = reached(order.type, order.side, condition.price, price)
        return replace(order, triggered=True) if hit else order
    assert condition.callback is not None
    best = _best(order, condition.activation, price)
    if best is None:
        return order
    if best != order.best:
        return replace(order, best=best)
    back = times(best, condition.callback)
    sells = order.side is Side.SELL
    hit = price <= minus(best, back) if sells else price >= plus(best, back)
    return replace(order, triggered=True) if hit else order


def _best(order: VenueOrder, activation: Decimal | None, price: Decimal) -> Decimal | None:
    """The best price since the order follows; None while it does not."""
    better = max if order.side is Side.SELL else min
    if order.best is not None:
        return better(order.best, price)
    if activation is not None and better(activation, price) != price:
        return None
    return price
