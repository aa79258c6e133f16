"""What the demonstration wants to trade: seeded, pure, and pulled back to flat.

It is no advice: it exists so that positions open, grow, shrink, flip and close, that orders rest,
are cancelled and are refused, all within a minute and all within sight.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Final

from domain.ids import AccountId, InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType, TimeInForce
from domain.values import ZERO, Side, divided, minus, plus, times
from projections.market import Quote

_NOTIONAL: Final = (Decimal(20), Decimal(60), Decimal(120))
_TOO_LARGE: Final = Decimal(4000)
_POSITION: Final = Decimal(400)
"""Value of a position at which the strategy only trades back."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An order that the strategy would like to have."""

    account_id: AccountId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    price: Decimal | None
    cancel_after: float = 0.0
    """Seconds after which it is cancelled; 0 is never."""


@dataclass(slots=True)
class Demo:
    """Draws wishes from a seed, the latest quotes and what it believes to hold."""

    accounts: tuple[AccountId, ...]
    rules: Mapping[InstrumentId, TradingRules]
    seed: int = 1
    _dice: random.Random = field(init=False)
    _held: dict[tuple[AccountId, InstrumentId], Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311  (a demonstration, not a secret)

    def wish(self, quote: Quote) -> Wish | None:
        """The next order in this instrument; None when the quote is of no use."""
        rules = self.rules.get(quote.instrument_id)
        if rules is None or not 0 < quote.bid < quote.ask:
            return None
        account = self._dice.choice(self.accounts)
        side = self._side(account, quote)
        kind = self._dice.random()
        notional = _TOO_LARGE if kind > 0.97 else self._dice.choice(_NOTIONAL)  # noqa: PLR2004
        quantity = _stepped(divided(notional, quote.ask), rules.step)
        if quantity < rules.minimum_quantity:
            return None
        order = (account, quote.instrument_id, side)
        if kind < 0.35:  # noqa: PLR2004
            self._believe(account, quote.instrument_id, side, quantity)
            return Wish(*order, OrderType.MARKET, TimeInForce.IOC, quantity, None)
        touch = quote.ask if side is Side.BUY else quote.bid
        if kind < 0.6:  # noqa: PLR2004
            self._believe(account, quote.instrument_id, side, quantity)
            return Wish(*order, OrderType.LIMIT, TimeInForce.IOC, quantity, touch)
        away = times(rules.tick, Decimal(self._dice.randrange(4)))
        near = minus(quote.bid, away) if side is Side.BUY else plus(quote.ask, away)
        wait = self._dice.uniform(1.0, 6.0)
        return Wish(*order, OrderType.LIMIT, TimeInForce.GTC, quantity, near, wait)

    def _side(self, account: AccountId, quote: Quote) -> Side:
        """Any side near flat; back to flat when too much is held."""
        held = times(self._held.get((account, quote.instrument_id), ZERO), quote.bid)
        if held > _POSITION:
            return Side.SELL
        if held < minus(ZERO, _POSITION):
            return Side.BUY
        return self._dice.choice((Side.BUY, Side.SELL))

    def _believe(
        self, account: AccountId, instrument: InstrumentId, side: Side, quantity: Decimal
    ) -> None:
        """Count on a fill; a wrong belief costs a demonstration nothing."""
        key = (account, instrument)
        moved = quantity if side is Side.BUY else minus(ZERO, quantity)
        self._held[key] = plus(self._held.get(key, ZERO), moved)


def _stepped(quantity: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of the step that is not above the quantity."""
    steps = (quantity / step).to_integral_value(rounding=ROUND_DOWN)
    return times(steps, step)
