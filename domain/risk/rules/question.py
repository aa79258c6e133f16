"""What a pre-trade check is asked about, and the form of its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from domain.accounts.state import Account
from domain.instruments.state import Instrument
from domain.orders.commands import PlaceOrder
from domain.reasons import Reason, Rejected
from domain.risk.state import Exposure, Risk
from domain.values import Price, Side, minus, plain, plus, signed, times

_NEVER_OPENED: Final = Account()


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

    @property
    def price(self) -> Price | None:
        """What the order reserves at: its limit price, or the reference of a market order."""
        if self.order.price is not None:
            return self.order.price
        return self.order.reference.price if self.order.reference is not None else None

    @property
    def dearest(self) -> Price | None:
        """The most a unit is expected to trade at; limits are measured at this price.

        A buy never pays more than its limit price. A sell below the market trades at the market:
        at its own price a limit could be passed by asking for less.
        """
        order = self.order
        if order.side is Side.BUY or order.price is None or order.reference is None:
            return self.price
        return max(order.price, order.reference.price)

    @property
    def notional(self) -> Decimal | None:
        """What the order would reserve."""
        price = self.price
        return None if price is None else times(price, self.order.quantity)

    @property
    def mark(self) -> Decimal | None:
        """What positions in the instrument are valued at: the market, or the last known price.

        Only before the first price of all it is the order's own.
        """
        if self.order.reference is not None:
            return self.order.reference.price
        return self.exposure.mark or self.order.price

    @property
    def opens(self) -> bool:
        """Whether something would be held on the order's side if it and all before it were filled.

        What does not open only makes a position smaller, and is let through where that is wanted.
        """
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
        return plus(reached, signed(self.order.side, self.order.quantity))


class Check(NamedTuple):
    """A row of the table: the check's stable name, and the function that may refuse."""

    name: str
    refuses: Callable[[Question], Rejected | None]


def over(reason: Reason, detail: str, *, limit: Decimal | int, value: Decimal | int) -> Rejected:
    """A refusal that names the limit and what the order would have made of it."""
    return Rejected(reason, detail, plain(Decimal(limit)), plain(Decimal(value)))
