"""One canonical spelling for every id, and streams named by what they hold."""

import pytest

from domain.ids import (
    PLATFORM,
    AccountId,
    InstrumentId,
    InvalidId,
    OrderId,
    client_order_id,
    derived,
    instrument_stream,
    order_id_of,
    order_stream,
    parse_instrument,
    parse_uuid,
    position_stream,
    risk_stream,
)

ID = "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11"


def test_the_canonical_spelling_is_kept() -> None:
    assert parse_uuid(ID) == ID
    assert parse_instrument("BINANCE:1000SHIBUSDT_210924") == "BINANCE:1000SHIBUSDT_210924"


@pytest.mark.parametrize(
    "text",
    ["", ID.upper(), "{" + ID + "}", ID + " ", ID + "\n", ID + "\x00", ID.replace("-", ""), "x"],
)
def test_other_spellings_of_an_id_are_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse_uuid(text)


@pytest.mark.parametrize(
    "text",
    ["", "BTCUSDT", "binance:BTCUSDT", "BINANCE:btc", "BINANCE:", ":BTC", "A:B:C", "BINANCE:BTC\n"],
)
def test_other_spellings_of_an_instrument_are_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        parse_instrument(text)


def test_a_venue_knows_an_order_by_an_id_that_leads_back_to_it() -> None:
    venue_id = client_order_id(OrderId(ID))
    assert len(venue_id) <= 36
    assert order_id_of(venue_id) == ID


@pytest.mark.parametrize("foreign", ["", "autoclose-1", "pt-", "pt-" + "g" * 32, "pt-" + "A" * 32])
def test_an_order_of_somebody_else_is_not_ours(foreign: str) -> None:
    assert order_id_of(foreign) is None


def test_streams_are_pure_functions_of_what_they_hold() -> None:
    account, sushi = AccountId(ID), InstrumentId("BINANCE:SUSHIUSDT")
    assert order_stream(OrderId(ID)) == ID
    # Stored for ever: a change of these would orphan every stream in every log.
    assert risk_stream(account) == "37ab7d52-1106-549a-9dff-ad5606049b90"
    assert position_stream(account, sushi) == "7c543d7a-91a0-5fa1-95b3-75ec08d6da6f"
    assert instrument_stream(sushi) == "09e344bd-feb4-51ea-8f11-072b4a83781c"
    assert risk_stream(PLATFORM) == "78aa6610-517c-5e8f-ac5f-3e636900dfa7"


def test_parts_of_a_derived_id_do_not_run_together() -> None:
    assert derived("ab", "c") != derived("a", "bc")
