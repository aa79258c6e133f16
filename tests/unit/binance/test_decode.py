"""A venue's messages are untrusted: what is not as documented is refused, whatever it is."""

import pytest

from adapters.binance.decode import decode, decode_snapshot
from adapters.binance.numbers import InvalidMessage
from projections.market import Quote

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


@pytest.mark.parametrize("raw", ["", "{}", "[]", "null", '{"lastUpdateId":1}', '{"T":1,"bids":3}'])
def test_a_broken_snapshot_is_refused(raw: str) -> None:
    with pytest.raises(InvalidMessage):
        decode_snapshot("SUSHIUSDT", raw)
