"""Thirty recorded seconds of Binance USD-M, as the venue sent them (recordings/, ORIGIN.md).

The file keeps what the program that recorded it saw: the stream, and the snapshots it asked for
when each of them arrived. Nothing is decoded here.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from adapters.binance import exchange_info
from adapters.binance.numbers import InvalidMessage
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules

_FOLDER: Final = Path(__file__).parent / "recordings" / "2021-07-22"
_STREAM_LINE: Final = re.compile(r"(\d+)\.(\d+): (\{.*)")
_ANSWER_LINE: Final = re.compile(r"(https://\S+) -> (\d+)\.(\d+): (\{.*)")
_SYMBOL: Final = re.compile(r"symbol=([A-Z0-9]+)")


@dataclass(frozen=True, slots=True)
class Received:
    """Something that arrived from the venue."""

    at: int
    """Microseconds since 1970-01-01 UTC on the recorder's clock."""
    raw: str
    snapshot_of: str = ""
    """Symbol, when it is the answer to a request for a depth snapshot."""


def received() -> Iterator[Received]:
    """Stream messages and snapshots in the order in which they arrived."""
    arrivals = [*_stream(), *_snapshots()]
    arrivals.sort(key=lambda arrival: arrival.at)
    yield from arrivals


@cache
def instruments() -> dict[InstrumentId, TradingRules]:
    """Trading rules of the recorded day."""
    for line in _lines("exchange_info"):
        match = _ANSWER_LINE.fullmatch(line)
        if match is not None:
            return exchange_info.decode(match.group(4))
    raise InvalidMessage("the recording has no instruments")


def _stream() -> Iterator[Received]:
    for line in _lines("stream"):
        match = _STREAM_LINE.fullmatch(line)
        if match is not None:  # the first line is the address of the stream
            yield Received(_microseconds(match.group(1), match.group(2)), match.group(3))


def _snapshots() -> Iterator[Received]:
    for line in _lines("depth"):
        match = _ANSWER_LINE.fullmatch(line)
        symbol = _SYMBOL.search(line)
        if match is not None and symbol is not None:
            at = _microseconds(match.group(2), match.group(3))
            yield Received(at, match.group(4), symbol.group(1))


def _microseconds(seconds: str, fraction: str) -> int:
    return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def _lines(name: str) -> Iterator[str]:
    with gzip.open(_FOLDER / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")
