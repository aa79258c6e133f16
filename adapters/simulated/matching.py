"""An exchange's matching on recorded books: pure, so a seed and a recording replay to the cent.

Orders meet the liquidity of the latest book and never move the recorded market. What they took is
remembered until the next book of the instrument, so the same liquidity is not given twice. A
resting order is filled at its own price when a later book crosses it, as far as that book goes.
Fees are the venue's standard ones: 0.02 % for makers, 0.04 % for takers, at 8 digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import Liquidity, OrderType, TimeInForce
from domain.orders.forms import CONDITIONAL
from domain.values import ZERO, PositionSide, Side, is_multiple, minus, plus, rounded, times
from projections.market import Book

_MAKER_FEE: Final = Decimal("0.0002")
_TAKER_FEE: Final = Decimal("0.0004")
_FEE_PLACES: Final = 8


class VenueStatus(StrEnum):
    """An order's state at the exchange."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the exchange knows it."""

    client_order_id: str
    venue_order_id: str
    account_id: str
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal | None
    filled: Decimal = ZERO
    status: VenueStatus = VenueStatus.OPEN
    position_side: PositionSide = PositionSide.NET
    """What the sender said, and fills tell again; matching does not look at it."""

    @property
    def left(self) -> Decimal:
        """What is still to be traded."""
        return minus(self.quantity, self.filled)


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill."""

    price: Decimal
    quantity: Decimal
    fee: Decimal
    liquidity: Liquidity


@dataclass(frozen=True, slots=True)
class Matched:
    """What happened to an order: its fills, and the order after them."""

    order: VenueOrder
    executions: tuple[Execution, ...]


def refusal(order: VenueOrder, rules: TradingRules | None) -> str:
    """Why the exchange does not take the order, or an empty text."""
    if rules is None or not rules.trading:
        return "unknown symbol"
    if not is_multiple(order.quantity, rules.step) or order.quantity < rules.minimum_quantity:
        return "quantity not on the step or under the minimum"
    market = order.type is OrderType.MARKET
    if order.quantity > (rules.maximum_market_quantity if market else rules.maximum_quantity):
        return "quantity above the maximum"
    if order.type is OrderType.LIMIT and order.price is None:
        return "a limit order without a price"
    if order.type in CONDITIONAL or order.time_in_force not in {TimeInForce.GTC, TimeInForce.IOC}:
        return "orders of this form are not taken"
    if order.price is not None and not is_multiple(order.price, rules.tick):
        return "price not on the tick"
    return ""


def priority(order: VenueOrder) -> Decimal:
    """Sorts resting orders of one side: the best price first, equal prices as they came."""
    price = order.price or ZERO
    return minus(ZERO, price) if order.side is Side.BUY else price


class Market:
    """One instrument: the latest book and what was taken from it since."""

    def __init__(self) -> None:
        self._book: Book | None = None
        self._taken: dict[tuple[Side, Decimal], Decimal] = {}

    @property
    def ready(self) -> bool:
        """Whether a book is known."""
        return self._book is not None

    def take(self, book: Book) -> None:
        """A new book: all liquidity is fresh."""
        self._book = book
        self._taken.clear()

    def arrive(self, order: VenueOrder) -> Matched:
        """A new order takes what it can; the rest rests or, if immediate, expires."""
        matched = self._fill(order, Liquidity.TAKER)
        rests = order.time_in_force is TimeInForce.GTC and order.type is OrderType.LIMIT
        if matched.order.status is VenueStatus.OPEN and not rests:
            return replace(matched, order=replace(matched.order, status=VenueStatus.EXPIRED))
        return matched

    def cross(self, order: VenueOrder) -> Matched:
        """A resting order after a new book."""
        return self._fill(order, Liquidity.MAKER)

    def _fill(self, order: VenueOrder, liquidity: Liquidity) -> Matched:
        executions: list[Execution] = []
        filled = order.filled
        for price, quantity in self._against(order):
            left = minus(order.quantity, filled)
            if left <= 0:
                break
            taken = min(left, quantity)
            key = (order.side.opposite, price)
            self._taken[key] = plus(self._taken.get(key, ZERO), taken)
            # A maker is filled at its own price, whatever the taker was ready to pay.
            at = order.price if liquidity is Liquidity.MAKER and order.price else price
            executions.append(_execution(at, taken, liquidity))
            filled = plus(filled, taken)
        status = VenueStatus.FILLED if filled == order.quantity else order.status
        return Matched(replace(order, filled=filled, status=status), tuple(executions))

    def _against(self, order: VenueOrder) -> Iterable[tuple[Decimal, Decimal]]:
        """Levels that the order may trade with, best first, less what was taken."""
        if self._book is None:
            return
        buying = order.side is Side.BUY
        for price, quantity in self._book.asks if buying else self._book.bids:
            if order.price is not None and (price > order.price if buying else price < order.price):
                return
            left = minus(quantity, self._taken.get((order.side.opposite, price), ZERO))
            if left > 0:
                yield price, left


def _execution(price: Decimal, quantity: Decimal, liquidity: Liquidity) -> Execution:
    rate = _MAKER_FEE if liquidity is Liquidity.MAKER else _TAKER_FEE
    fee = rounded(times(times(price, quantity), rate), _FEE_PLACES)
    return Execution(price, quantity, fee, liquidity)
