"""Marks and candles: latest wins, late and repeated records leave no trace."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from domain.ids import InstrumentId
from projections.market import Book, Candle, MarketRecord, Quote, Trade
from projections.marks import CandleRow, MarketRows, MarkRow, fold_market

SUSHI = InstrumentId("BINANCE:SUSHIUSDT")
SECOND = 1_000_000
START = 1_626_912_000 * SECOND
AT = datetime(2021, 7, 22, tzinfo=UTC)


def quote(bid: str, ask: str, time: int = START) -> Quote:
    return Quote(SUSHI, time, Decimal(bid), Decimal(1), Decimal(ask), Decimal(1))


def trade(price: str, time: int = START) -> Trade:
    return Trade(SUSHI, time, Decimal(price), Decimal(3), buyer_is_maker=False, trade_id="1")


def candle(close: str, trades: int, *, closed: bool = False) -> Candle:
    one = Decimal(1)
    return Candle(
        SUSHI, START, "1m", START, one, one, one, Decimal(close), Decimal(9), trades, closed
    )


def fold(*records: MarketRecord, known: MarkRow | None = None) -> MarketRows:
    return fold_market({} if known is None else {SUSHI: known}, records)


def test_the_mark_is_the_middle_of_bid_and_ask() -> None:
    rows = fold(trade("8.1"), quote("8.000", "8.003"))
    expected = MarkRow(SUSHI, AT, Decimal("8.0015"), Decimal("8.1"), Decimal(8), Decimal("8.003"))
    assert rows.latest == {SUSHI: expected}
    assert rows.marks == {(SUSHI, AT): expected}


def test_the_mark_is_the_last_trade_while_there_is_no_quote() -> None:
    assert fold(trade("8.1")).latest[SUSHI].mark == Decimal("8.1")


def test_a_second_has_one_row_with_its_last_state() -> None:
    rows = fold(quote("8", "9"), quote("9", "10", START + 999_999), quote("1", "2", START + SECOND))
    assert [row.bid for row in rows.marks.values()] == [Decimal(9), Decimal(1)]


def test_what_is_known_is_kept_across_batches() -> None:
    known = fold(trade("8.1"), quote("8", "9")).latest[SUSHI]
    row = fold(trade("8.2", START + 5), known=known).latest[SUSHI]
    assert (row.last_price, row.bid, row.ask) == (Decimal("8.2"), Decimal(8), Decimal(9))


def test_a_record_from_long_before_changes_nothing() -> None:
    known = fold(quote("8", "9", START + 5 * SECOND)).latest[SUSHI]
    assert fold(quote("1", "2"), known=known) == MarketRows()


def test_a_slightly_late_trade_counts_but_time_does_not_go_back() -> None:
    known = fold(quote("8", "9", START + SECOND // 2)).latest[SUSHI]
    row = fold(trade("8.4", START), known=known).latest[SUSHI]
    assert row.last_price == Decimal("8.4")
    assert row.at == known.at


def test_books_leave_no_rows() -> None:
    assert fold(Book(SUSHI, START, 1, ((Decimal(1), Decimal(1)),), ())) == MarketRows()


def test_a_candle_grows_until_it_is_closed() -> None:
    def close(*records: MarketRecord) -> tuple[Decimal, bool]:
        (row,) = fold(*records).candles.values()
        assert isinstance(row, CandleRow)
        return row.close, row.closed

    growing = candle("5", 2)
    assert close(candle("4", 1), growing) == (Decimal(5), False)
    assert close(growing, candle("4", 1)) == (Decimal(5), False)
    final = replace(candle("6", 2), closed=True)
    assert close(growing, final, candle("7", 9)) == (Decimal(6), True)
