"""The book against a slow and obvious model, and the rule's corner cases."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.book import OrderBook, Step
from adapters.binance.decode import DepthSnapshot, DepthUpdate
from domain.ids import InstrumentId

NAME = InstrumentId("BINANCE:X")
Changes = tuple[tuple[Decimal, Decimal], ...]
changes = st.lists(
    st.tuples(
        st.integers(1, 8).map(Decimal), st.integers(0, 3).map(Decimal)
    ), max_size=4
).map(tuple)  # fmt: skip


def _update(first: int, final: int, previous: int, bids: Changes = ()) -> DepthUpdate:
    return DepthUpdate(NAME, 1, first, final, previous, bids, ())


def _book(last_id: int = 10) -> OrderBook:
    book = OrderBook(NAME)
    book.restart(DepthSnapshot(NAME, 1, last_id, (), ()))
    return book


@given(st.lists(changes, min_size=1, max_size=30))
def test_the_book_is_the_last_word_on_every_price(rounds: list[Changes]) -> None:
    book = _book()
    model: dict[Decimal, Decimal] = {}
    for number, bids in enumerate(rounds):
        assert book.apply(_update(10 + number, 10 + number, 9 + number, bids)) is Step.APPLIED
        model.update(bids)
    expected = sorted(((p, q) for p, q in model.items() if q), reverse=True)
    assert list(book.top(100).bids) == expected


def test_updates_before_the_snapshot_are_dropped_and_the_spanning_one_begins() -> None:
    book = _book()
    assert book.apply(_update(1, 9, 0)) is Step.DROPPED
    assert not book.ready
    assert book.apply(_update(9, 12, 9)) is Step.APPLIED
    assert book.ready


def test_updates_wait_for_the_snapshot() -> None:
    book = OrderBook(NAME)
    assert book.apply(_update(9, 11, 8)) is Step.BUFFERED
    assert book.apply(_update(12, 13, 11)) is Step.BUFFERED
    assert book.restart(DepthSnapshot(NAME, 1, 10, (), ())) is Step.APPLIED
    assert book.top(1).update_id == 13


def test_a_first_update_past_the_snapshot_needs_another_snapshot() -> None:
    book = _book()
    assert book.apply(_update(12, 13, 11)) is Step.RESYNC
    assert not book.ready


def test_a_lost_update_empties_the_book_until_the_next_snapshot() -> None:
    book = _book()
    book.apply(_update(10, 10, 9, ((Decimal(1), Decimal(1)),)))
    assert book.apply(_update(12, 12, 11)) is Step.RESYNC
    assert not book.ready
    assert book.restart(DepthSnapshot(NAME, 1, 12, (), ())) is Step.APPLIED
    assert book.top(5).bids == ()


def test_removing_an_unknown_level_is_normal() -> None:
    book = _book()
    assert book.apply(_update(10, 10, 9, ((Decimal(5), Decimal(0)),))) is Step.APPLIED
