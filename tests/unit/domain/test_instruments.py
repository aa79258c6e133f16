"""Instruments: rules are versioned, repeated listings refused, impossible rules never listed."""

from dataclasses import replace

import pytest

from domain.instruments.commands import ListInstrument
from domain.instruments.events import InstrumentListed, TradingRules
from domain.margin.tiers import MarginTier
from domain.reasons import Reason
from tests.support.trading import RULES, SUSHI, Desk, number


def test_listings_count_their_versions() -> None:
    trading = Desk()
    assert trading.events(ListInstrument(SUSHI, RULES)) == [InstrumentListed(SUSHI, 1, RULES)]
    closed = replace(RULES, trading=False)
    assert trading.events(ListInstrument(SUSHI, closed)) == [InstrumentListed(SUSHI, 2, closed)]
    assert trading.instrument().rules == closed


def test_a_listing_that_changes_nothing_is_refused() -> None:
    trading = Desk()
    trading.events(ListInstrument(SUSHI, RULES))
    assert trading.reason(ListInstrument(SUSHI, RULES)) is Reason.INSTRUMENT_UNCHANGED


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, tick=number(0)),
        replace(RULES, step=number(0)),
        replace(RULES, minimum_quantity=number(2), maximum_quantity=number(1)),
        replace(RULES, contract_size=number(100)),
        replace(RULES, margin_tiers=(MarginTier(number(0), number(1), number(0), number(0)),)),
    ],
)
def test_rules_that_no_order_could_meet_are_refused(rules: TradingRules) -> None:
    trading = Desk()
    assert trading.reason(ListInstrument(SUSHI, rules)) is Reason.MALFORMED
    assert trading.changes == []


def test_an_instrument_keeps_its_currency() -> None:
    trading = Desk()
    trading.events(ListInstrument(SUSHI, RULES))
    moved = ListInstrument(SUSHI, replace(RULES, currency="EUR"))
    assert trading.reason(moved) is Reason.INSTRUMENT_CURRENCY_FIXED
