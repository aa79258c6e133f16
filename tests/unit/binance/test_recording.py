"""The whole recording through the real decoder and the real book."""

import json
from collections import Counter
from decimal import Decimal

from adapters.binance.book import OrderBook, Step
from adapters.binance.decode import DepthUpdate, decode, decode_snapshot
from adapters.binance.recording import instruments, received
from domain.ids import InstrumentId
from projections.market import Book, Candle, Level, Quote, Trade
from streams.ingest import Normaliser

SYMBOLS = {f"BINANCE:{name}USDT" for name in ("SUSHI", "AKRO", "KEEP", "CTK")}


def test_every_message_is_understood() -> None:
    kinds = Counter(type(decode(each.raw)) for each in received() if not each.snapshot_of)
    assert kinds == {Trade: 91, Quote: 613, DepthUpdate: 764, Candle: 67}


def test_books_follow_the_stream_without_a_gap_and_never_cross() -> None:
    books: dict[InstrumentId, OrderBook] = {}
    steps: Counter[Step] = Counter()
    for each in received():
        if each.snapshot_of:
            snapshot = decode_snapshot(each.snapshot_of, each.raw)
            books.setdefault(snapshot.instrument_id, OrderBook(snapshot.instrument_id))
            books[snapshot.instrument_id].restart(snapshot)
            continue
        message = decode(each.raw)
        if not isinstance(message, DepthUpdate):
            continue
        book = books.setdefault(message.instrument_id, OrderBook(message.instrument_id))
        steps[book.apply(message)] += 1
        if book.ready:
            top = book.top(20)
            assert top.bids[0][0] < top.asks[0][0]
    assert set(books) == SYMBOLS
    assert all(book.ready for book in books.values())
    assert steps[Step.RESYNC] == 0
    assert steps[Step.APPLIED] > 700


def test_books_agree_with_the_best_quotes_of_the_same_update() -> None:
    """bookTicker and depth are different streams; where both name one update, they are equal."""
    quotes: dict[tuple[InstrumentId, int], tuple[Level, Level]] = {}
    books: list[Book] = []
    normaliser = Normaliser()
    for each in received():
        for record in normaliser.records(each):
            if isinstance(record, Quote):
                update_id = json.loads(each.raw)["data"]["u"]
                best = (record.bid, record.bid_quantity), (record.ask, record.ask_quantity)
                quotes[record.instrument_id, update_id] = best
            elif isinstance(record, Book):
                books.append(record)
    compared = Counter[InstrumentId]()
    for book in books:
        best_of_both = quotes.get((book.instrument_id, book.update_id))
        if best_of_both is not None:
            compared[book.instrument_id] += 1
            assert (book.bids[0], book.asks[0]) == best_of_both
    assert set(compared) == SYMBOLS
    assert compared.total() >= 50


def test_instruments_have_the_filters_of_that_day() -> None:
    rules = instruments()
    assert len(rules) == 122
    sushi = rules[InstrumentId("BINANCE:SUSHIUSDT")]
    assert (sushi.tick, sushi.step) == (Decimal("0.001"), Decimal(1))
    assert (sushi.minimum_notional, sushi.currency, sushi.trading) == (Decimal(5), "USDT", True)
