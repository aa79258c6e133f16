"""Messages of Binance USD-M's combined market stream, decoded strictly.

Sources: the venue's pages "Aggregate Trade Streams", "Individual Symbol Book Ticker Streams",
"Diff. Book Depth Streams" and "Kline/Candlestick Streams". Fields that a newer venue adds are
ignored; the layouts of 2021 and of today decode alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from adapters.binance.numbers import (
    InvalidMessage,
    decimal,
    flag,
    instrument,
    levels,
    microseconds,
    text,
    whole,
)
from domain.ids import InstrumentId
from projections.market import Candle, Level, Quote, Trade


@dataclass(frozen=True, slots=True)
class DepthUpdate:
    """A difference of an order book: absolute quantities, 0 takes a level away."""

    instrument_id: InstrumentId
    time: int
    first_id: int
    """U: first update in this event."""
    final_id: int
    """u: last update in this event."""
    previous_id: int
    """pu: u of the event before."""
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class DepthSnapshot:
    """A whole order book as REST gives it."""

    instrument_id: InstrumentId
    time: int
    last_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


Decoded = Trade | Quote | Candle | DepthUpdate


def decode(raw: bytes | str) -> Decoded:
    """One message of the combined stream; raises InvalidMessage."""
    message = _json(raw)
    data = message.get("data", message) if isinstance(message, dict) else None
    if not isinstance(data, dict):
        raise InvalidMessage("not a message of the combined stream")
    kind = data.get("e")
    decoder = _DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        raise InvalidMessage(f"an event of an unknown type: {str(kind)[:40]!r}")
    try:
        return decoder(data)
    except KeyError as error:
        raise InvalidMessage(f"a {kind} without the field {error}") from error


def decode_snapshot(symbol: str, raw: bytes | str) -> DepthSnapshot:
    """The answer of GET /fapi/v1/depth; raises InvalidMessage."""
    data = _json(raw)
    if not isinstance(data, dict):
        raise InvalidMessage("not a depth snapshot")
    try:
        return DepthSnapshot(
            instrument_id=instrument(symbol),
            time=microseconds(data["T"]),
            last_id=whole(data["lastUpdateId"]),
            bids=levels(data["bids"]),
            asks=levels(data["asks"]),
        )
    except KeyError as error:
        raise InvalidMessage(f"a depth snapshot without the field {error}") from error


def _json(raw: bytes | str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidMessage("not JSON") from error


def _trade(data: dict[str, Any]) -> Trade:
    return Trade(
        instrument_id=instrument(data["s"]),
        time=microseconds(data["T"]),
        price=decimal(data["p"]),
        quantity=decimal(data["q"]),
        buyer_is_maker=flag(data["m"]),
        trade_id=str(whole(data["a"])),
    )


def _quote(data: dict[str, Any]) -> Quote:
    return Quote(
        instrument_id=instrument(data["s"]),
        time=microseconds(data["T"]),
        bid=decimal(data["b"]),
        bid_quantity=decimal(data["B"]),
        ask=decimal(data["a"]),
        ask_quantity=decimal(data["A"]),
    )


def _depth(data: dict[str, Any]) -> DepthUpdate:
    first, final = whole(data["U"]), whole(data["u"])
    if first > final:
        raise InvalidMessage(f"an update that ends ({final}) before it begins ({first})")
    return DepthUpdate(
        instrument_id=instrument(data["s"]),
        time=microseconds(data["T"]),
        first_id=first,
        final_id=final,
        previous_id=whole(data["pu"]),
        bids=levels(data["b"]),
        asks=levels(data["a"]),
    )


def _candle(data: dict[str, Any]) -> Candle:
    line = data["k"]
    if not isinstance(line, dict):
        raise InvalidMessage("a kline without its candle")
    return Candle(
        instrument_id=instrument(data["s"]),
        time=microseconds(data["E"]),
        interval=text(line["i"]),
        open_time=microseconds(line["t"]),
        open=decimal(line["o"]),
        high=decimal(line["h"]),
        low=decimal(line["l"]),
        close=decimal(line["c"]),
        volume=decimal(line["v"]),
        trades=whole(line["n"]),
        closed=flag(line["x"]),
    )


_DECODERS: Final[dict[str, Callable[[dict[str, Any]], Decoded]]] = {
    "aggTrade": _trade,
    "bookTicker": _quote,
    "depthUpdate": _depth,
    "kline": _candle,
}
