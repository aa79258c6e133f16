"""An exchange's matching on recorded books: pure, so a seed and a recording replay to the cent.

Orders meet the liquidity of the latest book and never move the recorded market. What they took is
remembered until the next book of the instrument, so the same liquidity is not given twice. A
resting order is filled at its own price when a later book crosses it, as far as that book goes.
What reduces is given no more than is held; who holds what is told by the caller.
Fees are the venue's standard ones: 0.02 % for makers, 0.04 % for takers, at 8 digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from adapters.simulated.members import Place
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import (
    Liquidity,
    OrderType,
    Origin,
    TimeInForce,
    Trigger,
    TriggerSource,
)
from domain.orders.forms import CONDITIONAL, IMMEDIATE, LIMITED
from domain.values import ZERO, PositionSide, Side, is_multiple, minus, plus, rounded, times
from projections.market import Book

_MAKER_FEE: Final = Decimal("0.0002")
_TAKER_FEE: Final = Decimal("0.0004")
_FEE_PLACES: Final = 8
_NOTHING_MORE: Final = "immediate or cancel: nothing more to take"


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
    reduce_only: bool = False
    close_position: bool = False
    """Whatever is held when it triggers is closed, whatever the quantity says."""
    trigger: Trigger | None = None
    expires_at: int | None = None
    triggered: bool = False
    best: Decimal | None = None
    """Of a trailing stop: the best price since it follows."""
    origin: Origin = Origin.PATRIOT
    """Who sent it: the core, the member by other means, or nobody but the exchange itself."""

    @property
    def place(self) -> Place:
        """The position that it moves."""
        return Place(self.account_id, self.instrument_id, self.position_side)

    @property
    def left(self) -> Decimal:
        """What is still to be traded."""
        return minus(self.quantity, self.filled)

    @property
    def waits(self) -> bool:
        """Whether it is kept beside the book until a price triggers it."""
        return self.type in CONDITIONAL and not self.triggered

    @property
    def rests(self) -> bool:
        """Whether what is not filled at once may stay on the book."""
        return self.type in LIMITED and self.time_in_force not in IMMEDIATE

    @property
    def is_bounded(self) -> bool:
        """Whether it may trade no more than what is held against its side."""
        return self.reduce_only or self.close_position


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
    reason: str = ""
    """Why the exchange ended the order by a rule of its own."""


def refusal(order: VenueOrder, rules: TradingRules | None, at: int) -> str:
    """Why the exchange does not take the order at this time, or an empty text."""
    if rules is None or not rules.trading:
        return "unknown symbol"
    if not order.close_position and (reason := _wrong_quantity(order, rules)):
        return reason
    if order.type in LIMITED and order.price is None:
        return "a limit order without a price"
    if order.price is not None and not is_multiple(order.price, rules.tick):
        return "price not on the tick"
    if (order.type in CONDITIONAL) is not (order.trigger is not None):
        return "a condition and its type go together"
    if order.trigger is not None and order.trigger.source is TriggerSource.INDEX:
        return "no index price is known here"
    if (order.time_in_force is TimeInForce.GTD) is not (order.expires_at is not None):
        return "a date and gtd go together"
    if order.expires_at is not None and order.expires_at <= at:
        return "the date has passed"
    return ""


def _wrong_quantity(order: VenueOrder, rules: TradingRules) -> str:
    if not is_multiple(order.quantity, rules.step) or order.quantity < rules.minimum_quantity:
        return "quantity not on the step or under the minimum"
    market = order.type not in LIMITED
    if order.quantity > (rules.maximum_market_quantity if market else rules.maximum_quantity):
        return "quantity above the maximum"
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

    def would_take(self, order: VenueOrder) -> bool:
        """Whether the order would trade at once."""
        return any(True for _ in self._against(order))

    def arrive(self, order: VenueOrder, held: Decimal = ZERO) -> Matched:
        """A new order takes what it can; the rest rests or, if immediate, expires.

        `held` is what is held against its side; only what reduces is bound by it.
        """
        if order.time_in_force is TimeInForce.GTX and self.would_take(order):
            return _ended(Matched(order, ()), "post only: it would take")
        wanted = _wanted(order, held)
        if order.time_in_force is TimeInForce.FOK and not self._has(order, wanted):
            return _ended(Matched(order, ()), "fill or kill: not all can be taken")
        matched = self._fill(order, Liquidity.TAKER, wanted)
        if order.rests or matched.order.status is not VenueStatus.OPEN:
            return _reduced(matched, order, held)
        reason = "nothing more to reduce" if _taken(matched) == wanted else _NOTHING_MORE
        return _ended(matched, reason)

    def cross(self, order: VenueOrder, held: Decimal = ZERO) -> Matched:
        """A resting order after a new book."""
        matched = self._fill(order, Liquidity.MAKER, _wanted(order, held))
        return _reduced(matched, order, held)

    def _has(self, order: VenueOrder, wanted: Decimal) -> bool:
        there = ZERO
        for _, quantity in self._against(order):
            there = plus(there, quantity)
        return wanted >= order.left and there >= wanted

    def _fill(self, order: VenueOrder, liquidity: Liquidity, wanted: Decimal) -> Matched:
        executions: list[Execution] = []
        filled, reach = order.filled, plus(order.filled, wanted)
        for price, quantity in self._against(order):
            left = minus(reach, filled)
            if left <= 0:
                break
            taken = min(left, quantity)
            key = (order.side.opposite, price)
            self._taken[key] = plus(self._taken.get(key, ZERO), taken)
            # A maker is filled at its own price, whatever the taker was ready to pay.
            at = order.price if liquidity is Liquidity.MAKER and order.price else price
            executions.append(_execution(at, taken, liquidity))
            filled = plus(filled, taken)
        status = VenueStatus.FILLED if filled >= order.quantity else order.status
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


def _wanted(order: VenueOrder, held: Decimal) -> Decimal:
    """What the order may trade: all that is held if it closes, no more than that if it reduces."""
    if order.close_position:
        return held
    return min(order.left, held) if order.reduce_only else order.left


def _taken(matched: Matched) -> Decimal:
    taken = ZERO
    for execution in matched.executions:
        taken = plus(taken, execution.quantity)
    return taken


def _reduced(matched: Matched, order: VenueOrder, held: Decimal) -> Matched:
    """What reduces ends when nothing is left to reduce."""
    over = order.is_bounded and _taken(matched) >= held
    if over and matched.order.status is VenueStatus.OPEN:
        return _ended(matched, "reduce only: nothing more to reduce")
    return matched


def _ended(matched: Matched, reason: str) -> Matched:
    ended = replace(matched.order, status=VenueStatus.EXPIRED)
    return Matched(ended, matched.executions, reason)


def taker_execution(price: Decimal, quantity: Decimal) -> Execution:
    """A fill that took liquidity, at the standard fee."""
    return _execution(price, quantity, Liquidity.TAKER)


def _execution(price: Decimal, quantity: Decimal, liquidity: Liquidity) -> Execution:
    rate = _MAKER_FEE if liquidity is Liquidity.MAKER else _TAKER_FEE
    fee = rounded(times(times(price, quantity), rate), _FEE_PLACES)
    return Execution(price, quantity, fee, liquidity)
