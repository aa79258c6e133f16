"""The rules of conditional, dated and closing orders once more, slow and obvious, for the models.

They share no code and no table with the checks that they judge.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce
from domain.reasons import Reason
from domain.values import Side

MARKETS: Final = ("market", "stop_market", "take_profit_market", "trailing_stop")
WAITING: Final = (
    "stop_market",
    "stop_limit",
    "take_profit_market",
    "take_profit_limit",
    "trailing_stop",
)


def conditions(
    order: PlaceOrder, rules: TradingRules, at: int, closable: Fraction
) -> Iterator[tuple[Reason, Callable[[], bool]]]:
    """What an order waits for and how long it stays, in the order in which it is asked."""
    waits, dated = order.type in WAITING, order.time_in_force is TimeInForce.GTD
    at_market = waits and order.type in MARKETS
    lasting = order.time_in_force in {TimeInForce.GTC, TimeInForce.GTD}
    yield Reason.TIME_IN_FORCE_NOT_ALLOWED, lambda: at_market and not lasting
    expiry = order.expires_at
    yield Reason.EXPIRY_NOT_ALLOWED, lambda: expiry is not None and not dated
    yield Reason.EXPIRY_MISSING, lambda: expiry is None and dated
    yield Reason.EXPIRY_TOO_SOON, lambda: expiry is not None and expiry <= at + 600_000_000
    found = order.trigger
    yield Reason.TRIGGER_NOT_ALLOWED, lambda: found is not None and not waits
    yield Reason.TRIGGER_MISSING, lambda: found is None and waits
    if found is not None:
        trails = order.type is OrderType.TRAILING_STOP
        mine, others = (
            (found.callback, [found.price])
            if trails
            else (found.price, [found.callback, found.activation])
        )
        yield Reason.TRIGGER_NOT_ALLOWED, lambda: any(other is not None for other in others)
        yield Reason.TRIGGER_MISSING, lambda: mine is None
        callback = found.callback
        yield (
            Reason.CALLBACK_OUT_OF_RANGE,
            lambda: (
                callback is not None
                and not (Fraction(1, 1000) <= Fraction(callback) <= Fraction(1, 10))
            ),
        )
        price = found.price or found.activation
        yield (
            Reason.TRIGGER_OFF_TICK,
            lambda: price is not None and (Fraction(price) / Fraction(rules.tick)).denominator != 1,
        )
    yield from _closing(order, closable)


def _closing(order: PlaceOrder, closable: Fraction) -> Iterator[tuple[Reason, Callable[[], bool]]]:
    closes = order.close_position
    yield Reason.QUANTITY_MISSING, lambda: not closes and order.quantity == 0
    allowed = order.type in {OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET}
    yield Reason.CLOSE_POSITION_NOT_ALLOWED, lambda: closes and not allowed
    yield Reason.CONTRADICTORY_FLAGS, lambda: closes and not order.reduce_only
    yield Reason.CLOSE_POSITION_WITH_QUANTITY, lambda: closes and order.quantity != 0
    yield Reason.NOTHING_TO_CLOSE, lambda: closes and not closable


def there_already(order: PlaceOrder, market: Fraction) -> bool:
    """Whether the market is where the order would have to wait for it, seen from below or above."""
    assert order.trigger is not None
    price = order.trigger.price or order.trigger.activation
    if price is None:
        return False
    sells, profit = order.side is Side.SELL, order.type.value.startswith("take_profit")
    better = profit or order.type is OrderType.TRAILING_STOP
    from_below = sells if better else not sells
    return market >= Fraction(price) if from_below else market <= Fraction(price)


def own_price(order: PlaceOrder, reference: Fraction | None) -> Fraction | None:
    """What the order is valued at before anything else is asked."""
    if order.price is not None:
        return Fraction(order.price)
    if order.trigger is None or reference is None:
        return reference
    waited = order.trigger.price or order.trigger.activation
    price = reference if waited is None else max(reference, Fraction(waited))
    if order.trigger.callback is not None and order.side is Side.BUY:
        price *= 1 + Fraction(order.trigger.callback)
    return price
