"""The market as records: trades, quotes, books and candles of any venue in one form.

Records travel on the topic patriot.market.v1 as JSON with a `type`, numbers as plain decimal
strings and times in whole microseconds; docs/market-records.md is the schema for other consumers.
Each record stands for itself, so a reader can begin anywhere: a book is whole, never a difference.

    ValueError
    └── InvalidRecord    the bytes are no record of a known type
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final

import msgspec
import orjson

from domain.ids import InstrumentId
from domain.values import plain

Level = tuple[Decimal, Decimal]
"""Price and quantity."""


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


class _Head(msgspec.Struct):
    type: str


_HEAD: Final = msgspec.json.Decoder(_Head)
_DECODERS: Final[dict[str, "msgspec.json.Decoder[Any]"]] = {
    name: msgspec.json.Decoder(kind) for name, kind in _KINDS.items()
}


def encode(record: MarketRecord) -> bytes:
    """The record as it travels."""
    fields = {name: getattr(record, name) for name in record.__slots__}
    return orjson.dumps({"type": record.type, **fields}, default=_plain_decimal)


def decode(data: bytes) -> MarketRecord:
    """The record behind bytes; raises InvalidRecord."""
    try:
        decoder = _DECODERS.get(_HEAD.decode(data).type)
        if decoder is None:
            raise InvalidRecord("a market record of an unknown type")
        record: MarketRecord = decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise InvalidRecord(f"no market record: {error}") from error
    return record


def _plain_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"no form on the wire for {type(value).__name__}")
