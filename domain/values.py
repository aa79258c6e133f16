"""Exact numbers of trading: prices, quantities and money, and the only arithmetic allowed on them.

Numbers enter as plain decimal strings and leave as plain decimal strings. The arithmetic runs in
one context of 160 digits that refuses to round silently, never in the thread's own context, so a
decision taken today is the same decision in a replay years later, on any machine.

    ValueError
    └── InvalidNumber      the text is no plain decimal number: send digits, e.g. "12.50"
    TypeError
    └── CurrencyMismatch   money of two currencies was mixed: convert first, at a recorded rate
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from enum import StrEnum
from typing import Final, NewType, Self

from domain.making import quickly

Price = NewType("Price", Decimal)
"""Quote currency for one unit of the instrument; always positive."""

Quantity = NewType("Quantity", Decimal)
"""Units of the instrument, without sign; the side says which way."""

SCALE_MAX: Final = 18
"""Digits after the point that are stored; the wire format allows no more."""

# Decimal() itself accepts "1_000", "NaN", " 1" and Arabic digits; the text is checked before it.
_UNSIGNED: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_SIGNED: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)

# The longest exact intermediate is cost times quantity when a position is reduced: three numbers of
# 36 digits multiplied, and a few digits more for sums. Digits that are not there cost nothing.
_DIGITS: Final = 160

_EXACT: Final = Context(
    prec=_DIGITS,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Inexact],
)
_ROUNDING: Final = Context(
    prec=_DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero]
)

plus: Final = _EXACT.add
minus: Final = _EXACT.subtract
times: Final = _EXACT.multiply

ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


class InvalidNumber(ValueError):
    """The text is no plain decimal number of at most 18 digits on either side of the point."""


class CurrencyMismatch(TypeError):
    """Money of two currencies met in one operation."""


class Side(StrEnum):
    """Which way an order or a fill moves the position."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell: what a fill adds to a signed position."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class PositionSide(StrEnum):
    """Which position of an instrument an order or a fill moves."""

    NET = "net"
    """The only one of an account in one-way mode."""
    LONG = "long"
    SHORT = "short"


def parse_decimal(text: str, *, signed: bool = False) -> Decimal:
    """Read a plain decimal string; raises InvalidNumber for everything else, "-0" included."""
    pattern = _SIGNED if signed else _UNSIGNED
    if pattern.fullmatch(text) is None:
        message = "expected a plain decimal number such as 12.50, was " + repr(text[:40])
        raise InvalidNumber(message)
    value = Decimal(text)
    if value == 0 and text.startswith("-"):
        message = "expected 0 without a sign"
        raise InvalidNumber(message)
    return value


def parse_price(text: str) -> Price:
    """Read a price; raises InvalidNumber unless it is a positive plain decimal."""
    return Price(_positive(text))


def parse_quantity(text: str) -> Quantity:
    """Read a quantity; raises InvalidNumber unless it is a positive plain decimal."""
    return Quantity(_positive(text))


def plain(value: Decimal) -> str:
    """The one text of a number: no exponent, no trailing zeros, no negative zero.

    Not remembered: to hash a number that was just computed takes longer than to write it.
    """
    if not value:
        return "0"
    text = str(value)
    if "E" in text:  # most have none, and format() is three times as slow
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: Decimal, places: int = SCALE_MAX) -> Decimal:
    """Round half to even at `places` digits after the point (banker's rounding)."""
    return value.quantize(_ONE.scaleb(-places, context=_ROUNDING), context=_ROUNDING)


def divided(value: Decimal, by: Decimal, places: int = SCALE_MAX) -> Decimal:
    """Quotient rounded half to even at `places` digits; the only inexact operation there is."""
    return rounded(_ROUNDING.divide(value, by), places)


def signed(side: Side, quantity: Quantity) -> Decimal:
    """Quantity with the sign of its side: what a fill adds to a net position."""
    return quantity if side is Side.BUY else times(quantity, Decimal(-1))


def magnitude(value: Decimal) -> Decimal:
    """The value without its sign; abs() would round in the thread's context."""
    return value.copy_abs()


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether the value lies on the grid of a tick or a step."""
    return _EXACT.remainder(value, step) == 0


def _positive(text: str) -> Decimal:
    value = parse_decimal(text)
    if value <= 0:
        message = "expected a number above 0, was " + repr(text[:40])
        raise InvalidNumber(message)
    return value


def added(totals: Mapping[str, Decimal], money: "Money") -> Mapping[str, Decimal]:
    """Totals by currency with one more amount; a total of nothing at all is not begun."""
    if not money.amount:
        return totals
    return {**totals, money.currency: plus(totals.get(money.currency, ZERO), money.amount)}


@quickly
@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; adding another currency raises CurrencyMismatch."""

    amount: Decimal
    currency: str

    def __add__(self, other: Self) -> "Money":
        """Sum of two amounts of one currency."""
        self._same_currency(other)
        return Money(plus(self.amount, other.amount), self.currency)

    def __sub__(self, other: Self) -> "Money":
        """Difference of two amounts of one currency."""
        self._same_currency(other)
        return Money(minus(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        """The same amount the other way."""
        return Money(times(self.amount, Decimal(-1)), self.currency)

    def _same_currency(self, other: Self) -> None:
        if other.currency != self.currency:
            message = f"cannot combine {self.currency} with {other.currency}: convert first"
            raise CurrencyMismatch(message)
