"""The market as records: trades, quotes, books and candles of any venue in one form.

Records travel on the topic patriot.market.v1 as JSON with a `type`, numbers as plain decimal
strings and times in whole microseconds; docs/market-records.md is the schema for other consumers.
Each record stands for itself, so a reader can begin anywhere: a book is whole, never a difference.

The topic is an edge like any other: every field is checked before a reader computes with it, since
a NaN or a number without bounds would stop a thread that has no caller to tell.

    ValueError
    └── InvalidRecord    the bytes are no record of a known type: set them aside and go on
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Final, get_type_hints

import msgspec
import orjson

from domain.ids import InstrumentId, parse_instrument
from domain.values import parse_decimal, plain

Level = tuple[Decimal, Decimal]
"""Price and quantity."""

TIME_MAX: Final = 253_402_300_799_999_999
"""The last microsecond of the year 9999: what a date in Python and in PostgreSQL can show."""
_WHOLE_MAX: Final = 2**63 - 1
_LEVEL: Final = 2


class InvalidRecord(ValueError):
    """The bytes are no market record of a known type."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade (Binance: aggTrade, fills of one taker order at one price)."""

    type: ClassVar[str] = "market.trade.v1"
    instrument_id: InstrumentId
    time: int
    price: Decimal
    quantity: Decimal
    buyer_is_maker: bool
    trade_id: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and best ask."""

    type: ClassVar[str] = "market.quote.v1"
    instrument_id: InstrumentId
    time: int
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """The best levels of the order book, best first; replaces the book before it."""

    type: ClassVar[str] = "market.book.v1"
    instrument_id: InstrumentId
    time: int
    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Candle:
    """One interval of trades; an open candle is sent again until it is closed."""

    type: ClassVar[str] = "market.candle.v1"
    instrument_id: InstrumentId
    time: int
    interval: str
    """For example 1m."""
    open_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int
    closed: bool


MarketRecord = Trade | Quote | Book | Candle

_KINDS: Final[dict[str, type[MarketRecord]]] = {
    kind.type: kind for kind in (Trade, Quote, Book, Candle)
}


def encode(record: MarketRecord) -> bytes:
    """The record as it travels."""
    fields = {name: getattr(record, name) for name in record.__slots__}
    return orjson.dumps({"type": record.type, **fields}, default=_plain_decimal)


def decode(data: bytes) -> MarketRecord:
    """The record behind bytes; raises InvalidRecord."""
    try:
        return _record(_RAW.decode(data))
    except InvalidRecord:
        raise
    except KeyError as error:
        raise InvalidRecord(f"a market record without the field {error}") from error
    except (TypeError, ValueError) as error:
        raise InvalidRecord(f"no market record: {error}") from error


def _record(raw: Mapping[str, Any]) -> MarketRecord:
    name = _text(raw["type"])
    kind = _KINDS.get(name)
    if kind is None:
        raise InvalidRecord(f"a market record of an unknown type: {name[:40]!r}")
    record: MarketRecord = kind(**{field: read(raw[field]) for field, read in _FIELDS[kind]})
    return record


def _plain_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"no form on the wire for {type(value).__name__}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, was {str(value)[:40]!r}")
    return value


def _decimal(value: Any) -> Decimal:
    return _number(_text(value))


@lru_cache(maxsize=65_536)
def _number(text: str) -> Decimal:
    """Remembered: a book repeats most of its prices and quantities from the one before."""
    return parse_decimal(text)


def _instrument(value: Any) -> InstrumentId:
    return parse_instrument(_text(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, was {str(value)[:40]!r}")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _WHOLE_MAX:
        raise TypeError(f"expected a whole number that is not negative, was {str(value)[:40]!r}")
    return value


def _time(value: Any) -> int:
    if _whole(value) > TIME_MAX:
        raise ValueError(f"expected microseconds up to the year 9999, was {value}")
    return int(value)


def _levels(value: Any) -> tuple[Level, ...]:
    if not isinstance(value, list):
        raise TypeError("expected a list of price levels")
    return tuple(_level(level) for level in value)


def _level(value: Any) -> Level:
    if not isinstance(value, list) or len(value) != _LEVEL:
        raise TypeError("expected a price level [price, quantity]")
    return _decimal(value[0]), _decimal(value[1])


_RAW: Final = msgspec.json.Decoder(dict[str, Any])
_BY_TYPE: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: _text,
    Decimal: _decimal,
    InstrumentId: _instrument,
    bool: _flag,
    int: _whole,
    tuple[Level, ...]: _levels,
}
_BY_NAME: Final[Mapping[str, Callable[[Any], Any]]] = {"time": _time, "open_time": _time}
_FIELDS: Final = {
    kind: tuple(
        (name, _BY_NAME.get(name, _BY_TYPE[hint]))
        for name, hint in get_type_hints(kind).items()
        if name != "type"
    )
    for kind in _KINDS.values()
}
