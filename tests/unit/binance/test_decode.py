"""A venue's messages are untrusted: what is not as documented is refused, whatever it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.decode import DepthUpdate, decode, decode_snapshot
from adapters.binance.numbers import InvalidMessage
from adapters.binance.recording import received
from projections.market import Candle, Quote, Trade, encode
from projections.market import decode as decode_record

QUOTE = (
    '{"stream":"sushiusdt@bookTicker","data":{"e":"bookTicker","u":1,"s":"SUSHIUSDT",'
    '"b":"7.6110","B":"2","a":"7.6120","A":"297","T":1626992741012,"E":1626992741017}}'
)


def test_a_quote() -> None:
    quote = decode(QUOTE)
    assert isinstance(quote, Quote)
    assert quote.instrument_id == "BINANCE:SUSHIUSDT"
    assert quote.time == 1_626_992_741_012_000


def test_fields_that_a_newer_venue_adds_are_ignored() -> None:
    assert decode(QUOTE.replace('"e":', '"st":1,"nq":"5","e":')) == decode(QUOTE)


def test_a_stream_without_its_envelope_decodes_alike() -> None:
    assert decode(QUOTE.split('"data":')[1][:-1]) == decode(QUOTE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("7.6110", "NaN"),
        ("7.6110", "1e5"),
        ('"7.6110"', "7.611"),
        ("7.6110", "-1"),
        ('"T":1626992741012', '"T":"1626992741012"'),
        ('"T":1626992741012', '"T":-1'),
        ('"T":1626992741012', '"T":1.5'),
        ("SUSHIUSDT", "sushi usdt"),
        ('"b":"7.6110",', ""),
        ("bookTicker", "unknownEvent"),
        ('"e":"bookTicker"', '"e":["bookTicker"]'),
        ("{", "["),
    ],
)
def test_what_is_not_as_documented_is_refused(old: str, new: str) -> None:
    with pytest.raises(InvalidMessage):
        decode(QUOTE.replace(old, new))


DEPTH = {
    "e": "depthUpdate", "E": 1, "T": 1, "s": "X", "U": 1, "u": 2, "pu": 0, "b": [], "a": []
}  # fmt: skip
KLINE = {
    "e": "kline", "E": 1, "s": "X",
    "k": {
        "t": 1, "i": "1m", "o": "1", "h": "1", "l": "1", "c": "1", "v": "1", "n": 1, "x": True
    },
}  # fmt: skip
TRADE = {"e": "aggTrade", "E": 1, "s": "X", "a": 1, "p": "1", "q": "1", "T": 1, "m": True}


def test_the_layouts_of_today_decode() -> None:
    """Fields added since 2021: nq (quantity without price-improvement orders), ps, st."""
    trade = decode(json.dumps({**TRADE, "q": "7", "nq": "5", "f": 1, "l": 2, "st": 1}))
    assert isinstance(trade, Trade)
    assert trade.quantity == 7
    depth = decode(json.dumps({**DEPTH, "ps": "X", "st": 1, "b": [["1.5", "2"]]}))
    assert isinstance(depth, DepthUpdate)
    assert [(str(p), str(q)) for p, q in depth.bids] == [("1.5", "2")]
    candle = decode(json.dumps({"stream": "x@kline_1m", "data": KLINE}))
    assert isinstance(candle, Candle)
    assert candle.closed


@pytest.mark.parametrize(
    "message",
    [
        {**DEPTH, "s": 123},
        {**DEPTH, "U": 3},
        {**DEPTH, "u": True},
        {**DEPTH, "T": 10**18},
        {**DEPTH, "b": ["12"]},
        {**DEPTH, "b": {"12": 0}},
        {**DEPTH, "b": [["1"]]},
        {**DEPTH, "b": [["1", "2", "3"]]},
        {**DEPTH, "b": [["1", None]]},
        {**DEPTH, "b": "12"},
        {**KLINE, "k": None},
        {**KLINE, "k": {**KLINE["k"], "x": "no"}},  # type: ignore[dict-item]
        {**KLINE, "k": {**KLINE["k"], "i": 1}},  # type: ignore[dict-item]
        {**TRADE, "m": 1},
        {**TRADE, "a": "1"},
    ],
    ids=lambda message: json.dumps(message)[:60],
)
def test_a_field_of_another_type_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        decode(json.dumps(message))


_RECORDED = [json.loads(each.raw)["data"] for each in received() if not each.snapshot_of]
_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(_RECORDED), st.data())
def test_a_broken_message_is_refused_or_still_makes_a_record(
    message: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever becomes of a field: a typed refusal, or a record that every reader can read."""
    field = data.draw(st.sampled_from(sorted(message)))
    broken = {**message, field: data.draw(_junk)}
    try:
        decoded = decode(json.dumps(broken))
    except InvalidMessage:
        return
    if not isinstance(decoded, DepthUpdate):
        assert decode_record(encode(decoded)) == decoded


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_noise_is_refused(raw: bytes | str) -> None:
    with pytest.raises(InvalidMessage):
        decode(raw)


@pytest.mark.parametrize("raw", ["", "{}", "[]", "null", '{"lastUpdateId":1}', '{"T":1,"bids":3}'])
def test_a_broken_snapshot_is_refused(raw: str) -> None:
    with pytest.raises(InvalidMessage):
        decode_snapshot("SUSHIUSDT", raw)
