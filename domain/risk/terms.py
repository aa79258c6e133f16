"""Margin terms of instruments, kept with an account's risk by those who decide on them.

The check of margin reckons everything that an account holds by the venue's own tiers and fees, in
other instruments too, and a decision reads the rules of its own instrument alone. So what holds for
one is noted in the account's risk by the first decision on it, and again when the rules have
changed (docs/adr/0029).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, InstrumentId
from domain.instruments.state import Instrument
from domain.margin.tiers import MarginTier
from domain.risk.state import NOT_NOTED, NotedTerms, Risk


@dataclass(frozen=True, slots=True)
class MarginTermsNoted:
    """What the rules of an instrument say of margin, for the decisions to come on other ones."""

    account_id: AccountId
    instrument_id: InstrumentId
    rules_version: int
    taker_fee: Decimal
    margin_tiers: tuple[MarginTier, ...]
    """Lowest values first; empty where the venue's table is not known any more."""


def noted(account_id: AccountId, risk: Risk, instrument: Instrument) -> MarginTermsNoted | None:
    """What to note; None where nothing is new, and while no wallet has to carry anything."""
    rules, instrument_id = instrument.rules, instrument.instrument_id
    if not risk.balances or rules is None or instrument_id is None:
        return None
    known = risk.terms.get(instrument_id, NOT_NOTED)
    if known.rules_version == instrument.rules_version:
        return None
    if not (rules.margin_tiers or known.tiers):
        return None
    return MarginTermsNoted(
        account_id, instrument_id, instrument.rules_version, rules.taker_fee, rules.margin_tiers
    )


def terms_after(
    terms: Mapping[InstrumentId, NotedTerms], event: MarginTermsNoted
) -> Mapping[InstrumentId, NotedTerms]:
    """What is known of every instrument after one more note."""
    new = NotedTerms(event.rules_version, event.taker_fee, event.margin_tiers)
    return {**terms, event.instrument_id: new}
