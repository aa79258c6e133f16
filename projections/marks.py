"""The read models of the market: latest marks, marks by second, and candles.

A mark is the price at which positions are valued: the middle of best bid and ask, or the last trade
while no quote is known. These rows are folds of market records, not of the event log; a record that
is delivered again, or late, leaves no trace.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from domain.values import divided, plain, plus
from projections.market import Candle, MarketRecord, Quote, Trade
from projections.tables import Table, instant, shown

_LATE: Final = 1_000_000
"""Trades and quotes travel side by side; microseconds by which one may be behind the other."""
_SECOND: Final = 1_000_000


class MarkRow(NamedTuple):
    """Columns of model.latest_marks and model.marks."""

    instrument: str
    at: datetime
    mark: Decimal
    last_price: Decimal | None
    bid: Decimal | None
    ask: Decimal | None


class CandleRow(NamedTuple):
    """Columns of model.candles."""

    instrument: str
    interval: str
    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int
    closed: bool


LATEST_MARKS: Final = Table("latest_marks", MarkRow, ("instrument",))
MARKS: Final = Table("marks", MarkRow, ("instrument", "at"))
CANDLES: Final = Table("candles", CandleRow, ("instrument", "interval", "open_time"))


@dataclass(slots=True)
class MarketRows:
    """What a batch of market records changes."""

    latest: dict[str, MarkRow] = field(default_factory=dict)
    marks: dict[tuple[str, datetime], MarkRow] = field(default_factory=dict)
    candles: dict[tuple[str, str, datetime], CandleRow] = field(default_factory=dict)


def fold_market(known: Mapping[str, MarkRow], records: Iterable[MarketRecord]) -> MarketRows:
    """Rows to insert or replace; `known` holds the latest mark of each instrument concerned."""
    rows = MarketRows()
    for record in records:
        match record:
            case Quote() | Trade():
                before = rows.latest.get(record.instrument_id, known.get(record.instrument_id))
                after = _marked(before, record)
                if after is not None:
                    rows.latest[record.instrument_id] = after
                    second = instant(record.time // _SECOND * _SECOND)
                    rows.marks[record.instrument_id, second] = after._replace(at=second)
            case Candle():
                row = _candle(record)
                key = (row.instrument, row.interval, row.open_time)
                if supersedes(row, rows.candles.get(key)):
                    rows.candles[key] = row
            case _:
                pass  # books are for venues and strategies; nothing of them is kept
    return rows


def supersedes(row: CandleRow, before: CandleRow | None) -> bool:
    """Whether a candle is newer than the one before: closed is final, more trades is later."""
    if before is None:
        return True
    return not before.closed and (row.closed or row.trades >= before.trades)


def _marked(before: MarkRow | None, record: Quote | Trade) -> MarkRow | None:
    at = instant(record.time)
    if before is not None:
        if instant(record.time + _LATE) < before.at:
            return None
        at = max(at, before.at)
    last = before.last_price if before is not None else None
    bid = before.bid if before is not None else None
    ask = before.ask if before is not None else None
    if isinstance(record, Trade):
        last = record.price
    else:
        bid, ask = record.bid, record.ask
    mark = divided(plus(bid, ask), Decimal(2)) if bid is not None and ask is not None else last
    assert mark is not None  # a trade gives the last price, a quote both sides
    return MarkRow(shown(record.instrument_id), at, Decimal(plain(mark)), last, bid, ask)


def _candle(record: Candle) -> CandleRow:
    return CandleRow(
        instrument=shown(record.instrument_id),
        interval=shown(record.interval),
        open_time=instant(record.open_time),
        open=record.open,
        high=record.high,
        low=record.low,
        close=record.close,
        volume=record.volume,
        trades=record.trades,
        closed=record.closed,
    )
