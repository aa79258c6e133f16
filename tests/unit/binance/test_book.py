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


def test_a_snapshot_older_than_what_was_buffered_is_told() -> None:
    book = OrderBook(NAME)
    book.apply(_update(12, 13, 11))
    book.apply(_update(14, 15, 13))
    assert book.restart(DepthSnapshot(NAME, 1, 10, (), ())) is Step.RESYNC
    assert not book.ready
    # What was buffered is still there for the next one.
    assert book.restart(DepthSnapshot(NAME, 1, 13, (), ())) is Step.APPLIED
    assert book.top(1).update_id == 15


def test_a_hole_in_what_was_buffered_is_told() -> None:
    book = OrderBook(NAME)
    book.apply(_update(9, 11, 8))
    book.apply(_update(14, 15, 13))
    book.apply(_update(16, 17, 15))
    assert book.restart(DepthSnapshot(NAME, 1, 10, (), ())) is Step.RESYNC
    assert not book.ready


def test_what_waits_for_a_snapshot_has_a_bound() -> None:
    book = OrderBook(NAME)
    for number in range(10, 10_100):
        book.apply(_update(number, number, number - 1))
    assert book.restart(DepthSnapshot(NAME, 1, 50, (), ())) is Step.RESYNC
    assert book.restart(DepthSnapshot(NAME, 1, 10_050, (), ())) is Step.APPLIED
    assert book.top(1).update_id == 10_099


@given(st.lists(changes, min_size=2, max_size=20), st.data())
def test_a_book_is_right_or_says_that_it_is_not(rounds: list[Changes], data: st.DataObject) -> None:
    """Updates get lost anywhere: the book never goes on over a hole."""
    lost = data.draw(st.sets(st.integers(0, len(rounds) - 1)))
    book = _book()
    model: dict[Decimal, Decimal] = {}
    whole = True
    for number, bids in enumerate(rounds):
        if number in lost:
            whole = False
            continue
        step = book.apply(_update(10 + number, 10 + number, 9 + number, bids))
        model.update(bids)
        assert book.ready == whole
        assert (step is Step.APPLIED) == whole
    if whole:
        assert dict(book.top(100).bids) == {p: q for p, q in model.items() if q}


def test_removing_an_unknown_level_is_normal() -> None:
    book = _book()
    assert book.apply(_update(10, 10, 9, ((Decimal(5), Decimal(0)),))) is Step.APPLIED
