"""What a pre-trade check is asked about, and the form of its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from domain.accounts.state import Account
from domain.instruments.state import Instrument
from domain.making import quickly
from domain.orders.commands import PlaceOrder
from domain.orders.forms import CONDITIONAL
from domain.reasons import Reason, Rejected
from domain.risk.state import Exposure, Risk
from domain.strategies.state import Strategy
from domain.values import (
    ZERO,
    PositionSide,
    Price,
    Quantity,
    Side,
    minus,
    plain,
    plus,
    rounded,
    signed,
    times,
)

_NEVER_OPENED: Final = Account()
_UNREGISTERED: Final = Strategy()


@quickly
@dataclass(frozen=True, slots=True)
class Question:
    """An order and all that may be looked at to admit it; built once, asked of every check."""

    order: PlaceOrder
    risk: Risk
    platform: Risk
    instrument: Instrument
    exposure: Exposure
    at: int
    """Microseconds since 1970-01-01 UTC."""
    account: Account = _NEVER_OPENED
    strategy: Strategy = _UNREGISTERED
    """That of the order's strategy_id; one that was never registered is not asked."""

    @property
    def quantity(self) -> Quantity:
        """What the order may trade; one that closes the position has no quantity of its own."""
        return self.closable if self.order.close_position else self.order.quantity

    @property
    def closable(self) -> Quantity:
        """What is held against the order's side; 0 when nothing is."""
        held = self.exposure.net_quantity
        return Quantity(max(ZERO, held if self.order.side is Side.SELL else minus(ZERO, held)))

    amends: bool = False
    """Whether `order` is one that stands already, as it would be; `risk` and `exposure` are then
    without what it holds now."""
    filled: Decimal = ZERO
    """What of the order is in the position already; above 0 for an amend alone."""

    @property
    def opening(self) -> Decimal:
        """What the order may still add to the position."""
        return minus(self.quantity, self.filled)

    @property
    def price(self) -> Price | None:
        """What the order reserves at: its limit price, or what it is expected to trade at."""
        if self.order.price is not None:
            return self.order.price
        if self.order.type in CONDITIONAL:
            return self._when_triggered
        return self.order.reference.price if self.order.reference is not None else None

    @property
    def dearest(self) -> Price | None:
        """The most a unit is expected to trade at; limits are measured at this price.

        A buy never pays more than its limit price. A sell below the market trades at the market:
        at its own price a limit could be passed by asking for less.
        """
        order = self.order
        if order.side is Side.BUY or order.price is None:
            return self.price
        trigger = order.trigger.price if order.trigger is not None else None
        reference = order.reference.price if order.reference is not None else None
        return max(price for price in (order.price, trigger, reference) if price is not None)

    @property
    def market(self) -> Price | None:
        """The price around which the order would trade: the reference, or what triggers it."""
        trigger = self.order.trigger
        if trigger is not None and trigger.price is not None:
            return trigger.price
        return self.order.reference.price if self.order.reference is not None else None

    @property
    def _when_triggered(self) -> Price | None:
        """What a stop at the market is expected to trade at: the trigger or the market, the dearer.

        A trailing stop that buys triggers above the best price by its callback, and the best price
        is no higher than where it begins to follow.
        """
        order = self.order
        if order.trigger is None or order.reference is None:
            return None
        known = order.trigger.price or order.trigger.activation or order.reference.price
        dearer = max(known, order.reference.price)
        if order.trigger.callback is not None and order.side is Side.BUY:
            return Price(rounded(plus(dearer, times(dearer, order.trigger.callback))))
        return dearer

    @property
    def notional(self) -> Decimal | None:
        """What the order would reserve."""
        price = self.price
        return None if price is None else times(price, self.opening)

    @property
    def mark(self) -> Decimal | None:
        """What positions in the instrument are valued at: the market, or the last known price.

        Only before the first price of all it is the order's own.
        """
        if self.order.reference is not None:
            return self.order.reference.price
        return self.whole.mark or self.order.price

    @property
    def whole(self) -> Exposure:
        """The instrument with both its legs; in one-way mode the exposure itself."""
        if self.order.position_side is PositionSide.NET:
            return self.exposure
        return self.risk.exposure(self.order.instrument_id)

    @property
    def opens(self) -> bool:
        """Whether something would be held on the order's side if it and all before it were filled.

        What does not open only makes a position smaller, and is let through where that is wanted.
        """
        if self.order.close_position:
            return False
        worst = self.worst_position
        return worst > 0 if self.order.side is Side.BUY else worst < 0

    @property
    def worst_position(self) -> Decimal:
        """Net quantity if everything open on the order's side and the order itself were filled."""
        exposure = self.exposure
        if self.order.side is Side.BUY:
            reached = plus(exposure.net_quantity, exposure.open_buys)
        else:
            reached = minus(exposure.net_quantity, exposure.open_sells)
        return plus(reached, signed(self.order.side, Quantity(self.opening)))


class Check(NamedTuple):
    """A row of the table: the check's stable name, and the function that may refuse."""

    name: str
    refuses: Callable[[Question], Rejected | None]


def over(reason: Reason, detail: str, *, limit: Decimal | int, value: Decimal | int) -> Rejected:
    """A refusal that names the limit and what the order would have made of it."""
    return Rejected(reason, detail, plain(Decimal(limit)), plain(Decimal(value)))
