"""Which forms of an order belong together, as at the venues (Binance USD-M, Bybit).

Every check and every adapter asks these sets, so that no two of them disagree about what a stop is.
"""

from decimal import Decimal
from typing import Final

from domain.orders.commands import OrderType, TimeInForce
from domain.values import Side

LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT})
"""Types with a limit price; the others trade at the market."""
STOPS: Final = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})
TAKE_PROFITS: Final = frozenset({OrderType.TAKE_PROFIT_MARKET, OrderType.TAKE_PROFIT_LIMIT})
CONDITIONAL: Final = STOPS | TAKE_PROFITS | {OrderType.TRAILING_STOP}
"""Types that wait beside the book until a price triggers them."""
CLOSING: Final = frozenset({OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET})
"""Types that may close whatever is held, as at Binance."""
IMMEDIATE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
"""Times in force under which nothing of an order ever rests."""


def triggered_by_rise(type_: OrderType, side: Side) -> bool:
    """Whether a rising price triggers: a stop that buys, a take profit that sells."""
    return (type_ in TAKE_PROFITS) is (side is Side.SELL)


def reached(type_: OrderType, side: Side, trigger: Decimal, price: Decimal) -> bool:
    """Whether a stop or a take profit is triggered at this price; at its own price it is."""
    return price >= trigger if triggered_by_rise(type_, side) else price <= trigger
