"""List an instrument, or refuse: nothing would change, or no order could ever be checked by it."""

from functools import lru_cache

from domain.decision import STREAMS_KEPT, Aggregate, StreamRef
from domain.ids import PLATFORM, InstrumentId, instrument_stream
from domain.instruments.commands import InstrumentCommand
from domain.instruments.events import InstrumentListed, TradingRules
from domain.instruments.state import Instrument
from domain.margin.tiers import contradiction
from domain.reasons import Reason, Rejected
from domain.values import plain


@lru_cache(maxsize=STREAMS_KEPT)
def stream(instrument_id: InstrumentId) -> StreamRef:
    """The stream of an instrument's rules."""
    return StreamRef(Aggregate.INSTRUMENT, instrument_stream(instrument_id), PLATFORM)


def decide(command: InstrumentCommand, instrument: Instrument) -> InstrumentListed | Rejected:
    """List the rules as the next version."""
    rules = command.rules
    if instrument.rules == rules:
        return Rejected(Reason.INSTRUMENT_UNCHANGED, "these rules are in force already")
    refusal = _impossible(rules) or _other_currency(rules, instrument)
    if refusal is not None:
        return refusal
    return InstrumentListed(
        instrument_id=command.instrument_id,
        rules_version=instrument.rules_version + 1,
        rules=rules,
    )


def _impossible(rules: TradingRules) -> Rejected | None:
    for name, grid in (("tick", rules.tick), ("step", rules.step)):
        if grid <= 0:
            return Rejected(Reason.MALFORMED, f"the {name} must be above 0", value=plain(grid))
    if rules.maximum_quantity < rules.minimum_quantity:
        return Rejected(
            Reason.MALFORMED,
            "the maximum quantity is below the minimum",
            limit=plain(rules.minimum_quantity),
            value=plain(rules.maximum_quantity),
        )
    if rules.contract_size != 1:
        # Quantities, costs and profits are counted in units of the underlying everywhere.
        return Rejected(
            Reason.MALFORMED,
            "quantities are counted in units of the underlying: the contract size must be 1",
            limit="1",
            value=plain(rules.contract_size),
        )
    wrong = contradiction(rules.margin_tiers)
    return Rejected(Reason.MALFORMED, wrong) if wrong else None


def _other_currency(rules: TradingRules, instrument: Instrument) -> Rejected | None:
    """Costs and profits of a position are sums in one currency for ever."""
    before = instrument.rules
    if before is None or before.currency == rules.currency:
        return None
    return Rejected(
        Reason.INSTRUMENT_CURRENCY_FIXED,
        "an instrument keeps its currency: list another instrument",
        limit=before.currency,
        value=rules.currency,
    )
