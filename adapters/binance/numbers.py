"""Numbers of Binance's messages, checked: a venue's answer is untrusted input like any other.

ValueError
└── InvalidMessage     the message is not what the venue's documentation says
"""

from decimal import Decimal
from typing import Any

from domain.ids import InstrumentId, InvalidId, parse_instrument
from domain.values import InvalidNumber, parse_decimal


class InvalidMessage(ValueError):
    """A message of the venue that cannot be understood; it is counted and left out."""


def decimal(value: Any) -> Decimal:
    """A decimal string; raises InvalidMessage."""
    try:
        return parse_decimal(value)
    except (InvalidNumber, TypeError) as error:
        raise InvalidMessage(f"not a number: {str(value)[:40]!r}") from error


def whole(value: Any) -> int:
    """A whole number that is not negative; raises InvalidMessage."""
    if type(value) is not int or value < 0:
        raise InvalidMessage(f"not a whole number: {str(value)[:40]!r}")
    return value


def microseconds(value: Any) -> int:
    """A venue time in milliseconds, as microseconds."""
    return whole(value) * 1000


def instrument(symbol: Any) -> InstrumentId:
    """The instrument behind a symbol; raises InvalidMessage."""
    try:
        return parse_instrument(f"BINANCE:{symbol}")
    except InvalidId as error:
        raise InvalidMessage(f"not a symbol: {str(symbol)[:40]!r}") from error


def levels(value: Any) -> tuple[tuple[Decimal, Decimal], ...]:
    """Price levels [["price", "quantity"], ...]; raises InvalidMessage."""
    try:
        return tuple((decimal(price), decimal(quantity)) for price, quantity in value)
    except (TypeError, ValueError) as error:
        raise InvalidMessage("not a list of price levels") from error
