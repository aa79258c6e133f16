"""Market records on the wire: what was written is read, what is not of the form is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import InstrumentId
from projections.market import (
    TIME_MAX,
    Book,
    Candle,
    InvalidRecord,
    MarketRecord,
    Quote,
    Trade,
    decode,
    encode,
)

NAME = InstrumentId("BINANCE:SUSHIUSDT")
numbers = st.decimals(
    min_value=0, max_value=10**17, places=18, allow_nan=False, allow_infinity=False
)
names = st.from_regex(r"[A-Z]{1,16}:[A-Z0-9_]{1,32}", fullmatch=True).map(InstrumentId)
times = st.integers(0, TIME_MAX)
wholes = st.integers(0, 2**63 - 1)
sides = st.lists(st.tuples(numbers, numbers), max_size=20).map(tuple)
records: st.SearchStrategy[MarketRecord] = st.one_of(
    st.builds(Trade, names, times, numbers, numbers, st.booleans(), st.text()),
    st.builds(Quote, names, times, numbers, numbers, numbers, numbers),
    st.builds(Book, names, times, wholes, sides, sides),
    st.builds(
        Candle, names, times, st.text(), times, numbers, numbers, numbers, numbers, numbers,
        wholes, st.booleans(),
    ),
)  # fmt: skip


@given(records)
def test_what_was_written_is_read(record: MarketRecord) -> None:
    assert decode(encode(record)) == record


def test_the_bytes_are_the_documented_ones() -> None:
    one = Decimal("1.50")
    assert encode(Quote(NAME, 7, one, one, Decimal("1E+3"), one)) == (
        b'{"type":"market.quote.v1","instrument_id":"BINANCE:SUSHIUSDT","time":7,"bid":"1.5",'
        b'"bid_quantity":"1.5","ask":"1000","ask_quantity":"1.5"}'
    )
    book = Book(NAME, 7, 3, ((one, one),), ())
    assert json.loads(encode(book))["bids"] == [["1.5", "1.5"]]


QUOTE = {
    "type": "market.quote.v1", "instrument_id": NAME, "time": 1,
    "bid": "1", "bid_quantity": "1", "ask": "2", "ask_quantity": "1",
}  # fmt: skip
BOOK = {
    "type": "market.book.v1", "instrument_id": NAME, "time": 1, "update_id": 1, "bids": [],
    "asks": [],
}  # fmt: skip


def test_a_field_that_a_newer_writer_adds_is_ignored() -> None:
    assert decode(json.dumps({**QUOTE, "venue": "new"}).encode()) == decode(
        json.dumps(QUOTE).encode()
    )


@pytest.mark.parametrize(
    "bad",
    ["NaN", "sNaN", "Infinity", "1e400", "-0", "-1", " 1", "1\n", "1_0", "١٢", "", ".5", 1, 1.5,
     None, True, "1" * 19, ["1"]],
)  # fmt: skip
@pytest.mark.parametrize("field", ["bid", "ask_quantity"])
def test_a_bad_number_is_refused(field: str, bad: Any) -> None:
    """A NaN that got this far would stop a thread that compares it: command service, venue."""
    with pytest.raises(InvalidRecord):
        decode(json.dumps({**QUOTE, field: bad}).encode())


@pytest.mark.parametrize(
    "record",
    [
        {**QUOTE, "time": TIME_MAX + 1}, {**QUOTE, "time": -1}, {**QUOTE, "time": 1.0},
        {**QUOTE, "time": "1"}, {**QUOTE, "time": True}, {**QUOTE, "instrument_id": "sushi"},
        {**QUOTE, "instrument_id": 1}, {**QUOTE, "type": "market.tea.v1"}, {**QUOTE, "type": 1},
        {**BOOK, "bids": [["1"]]}, {**BOOK, "bids": ["12"]}, {**BOOK, "bids": {"12": 1}},
        {**BOOK, "bids": [["1", "NaN"]]}, {**BOOK, "update_id": 2**63},
        {"type": "market.quote.v1"}, {}, [], 1, None, "market.quote.v1",
    ],
    ids=lambda record: json.dumps(record)[:50],
)  # fmt: skip
def test_another_shape_is_refused(record: Any) -> None:
    with pytest.raises(InvalidRecord):
        decode(json.dumps(record).encode())


@given(st.binary(max_size=80))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRecord):
        decode(data)
