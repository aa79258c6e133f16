"""Numbers of Binance's messages, checked: a venue's answer is untrusted input like any other.

ValueError
└── InvalidMessage     the message is not what the venue's documentation says
"""

from decimal import Decimal
from typing import Any

from domain.ids import InstrumentId, InvalidId, parse_instrument
from domain.values import InvalidNumber, parse_decimal
from projections.market import TIME_MAX, Level


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
    """A venue time in milliseconds, as microseconds; raises InvalidMessage."""
    time = whole(value) * 1000
    if time > TIME_MAX:
        raise InvalidMessage(f"not a time: {str(value)[:40]!r}")
    return time


def flag(value: Any) -> bool:
    """True or false; raises InvalidMessage."""
    if not isinstance(value, bool):
        raise InvalidMessage(f"not true or false: {str(value)[:40]!r}")
    return value


def text(value: Any) -> str:
    """A text; raises InvalidMessage."""
    if not isinstance(value, str):
        raise InvalidMessage(f"not a text: {str(value)[:40]!r}")
    return value


def instrument(symbol: Any) -> InstrumentId:
    """The instrument behind a symbol; raises InvalidMessage."""
    try:
        return parse_instrument(f"BINANCE:{text(symbol)}")
    except InvalidId as error:
        raise InvalidMessage(f"not a symbol: {str(symbol)[:40]!r}") from error


def levels(value: Any) -> tuple[Level, ...]:
    """Price levels [["price", "quantity"], ...]; raises InvalidMessage."""
    if not isinstance(value, list):
        raise InvalidMessage("not a list of price levels")
    return tuple(_level(each) for each in value)


def _level(value: Any) -> Level:
    match value:
        case [price, quantity]:
            return decimal(price), decimal(quantity)
        case _:
            raise InvalidMessage("not a price level [price, quantity]")
