"""The whole recording through the real decoder and the real book."""

from collections import Counter
from decimal import Decimal

from adapters.binance.book import OrderBook, Step
from adapters.binance.decode import DepthUpdate, decode, decode_snapshot
from adapters.binance.recording import instruments, received
from domain.ids import InstrumentId
from projections.market import Book, Candle, Quote, Trade
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
    """bookTicker and depth are different streams; where both name one update, they agree."""
    quotes: dict[tuple[InstrumentId, int], Quote] = {}
    compared = 0
    normaliser = Normaliser()
    for each in received():
        for record in normaliser.records(each):
            if isinstance(record, Quote):
                quotes[record.instrument_id, record.time] = record
            elif isinstance(record, Book):
                quote = quotes.get((record.instrument_id, record.time))
                if quote is not None:
                    compared += 1
                    assert record.bids[0][0] <= quote.ask
                    assert record.asks[0][0] >= quote.bid
    assert compared > 20


def test_instruments_have_the_filters_of_that_day() -> None:
    rules = instruments()
    assert len(rules) == 122
    sushi = rules[InstrumentId("BINANCE:SUSHIUSDT")]
    assert (sushi.tick, sushi.step) == (Decimal("0.001"), Decimal(1))
    assert (sushi.minimum_notional, sushi.currency, sushi.trading) == (Decimal(5), "USDT", True)
