"""Checks of what an account's wallet carries: leverage in all, and initial margin of what is open.

Both need a balance that the venue told (RecordBalance), in the currency of the limits; without one
they refuse nothing. Everything open counts as filled, each position at the last price that the
account's own events have brought, by the tiers that were noted of it (domain/risk/terms.py); each
leg of a hedged instrument for itself. Only opening orders are refused. Unrealised profit is not
counted: it is gone when it is needed.
"""

from collections.abc import Iterator
from decimal import Decimal

from domain.ids import InstrumentId
from domain.margin.venues import Terms, initial
from domain.reasons import Reason, Rejected
from domain.risk.rules.question import Question, over
from domain.risk.state import NOT_NOTED, Exposure, NotedTerms
from domain.risk.sums import worst_values
from domain.values import ZERO, PositionSide, Side, divided, minus, plain, plus, times

_UNLEVERED = Decimal(1)
"""An account for which no leverage was set pays its positions in full."""


def leverage(question: Question) -> Rejected | None:
    """Everything held and open, as a multiple of the wallet."""
    limits = question.risk.limits
    cap = limits.leverage if limits is not None else None
    wallet = balance(question)
    if cap is None or wallet is None or not question.opens:
        return None
    value = gross(question)
    if value is not None and value > times(cap, wallet):
        return Rejected(
            Reason.LEVERAGE_LIMIT,
            "the account could hold too much for what is in its wallet",
            limit=plain(cap),
            value=multiple(value, wallet),
        )
    return None


def margin(question: Question) -> Rejected | None:
    """Initial margin of everything held and open, against the wallet."""
    wallet = balance(question)
    if wallet is None or not question.opens:
        return None
    value = required(question)
    if value is not None and value > wallet:
        return over(
            Reason.MARGIN_INSUFFICIENT,
            "the wallet does not cover the initial margin of what is held and open",
            limit=wallet,
            value=value,
        )
    return None


def balance(question: Question) -> Decimal | None:
    """The wallet in the currency of the limits, as the venue said last."""
    limits = question.risk.limits
    known = None if limits is None else question.risk.balances.get(limits.currency)
    return None if known is None else known.amount


def multiple(value: Decimal, wallet: Decimal) -> str:
    """A leverage for people: at 8 digits, and none of an empty wallet."""
    return "" if wallet <= 0 else plain(divided(value, wallet, 8))


def gross(question: Question) -> Decimal | None:
    """Value of everything, with the order; None without any price."""
    mark = question.mark
    if mark is None:
        return None
    total = _own(question, mark)[1]
    for _, _, value in _others(question):
        total = plus(total, value)
    return total


def required(question: Question) -> Decimal | None:
    """Initial margin of everything, with the order; None without any price."""
    mark, rules = question.mark, question.instrument.rules
    if mark is None or rules is None:
        return None
    own = question.order.instrument_id
    now = NotedTerms(question.instrument.rules_version, rules.taker_fee, rules.margin_tiers)
    side, value = _own(question, mark)
    total = _initial(question, own, now, side, value)
    for other, side, value in _others(question):
        terms = now if other == own else question.risk.terms.get(other, NOT_NOTED)
        total = plus(total, _initial(question, other, terms, side, value))
    return total


def _initial(
    question: Question, instrument_id: InstrumentId, terms: NotedTerms, side: Side, value: Decimal
) -> Decimal:
    leverage = _leverage(question, instrument_id)
    return initial(Terms(instrument_id, leverage, terms.taker_fee, terms.tiers), side, value)


def _leverage(question: Question, instrument_id: InstrumentId) -> Decimal:
    return question.account.leverages.get(instrument_id, _UNLEVERED)


def _own(question: Question, mark: Decimal) -> tuple[Side, Decimal]:
    """The position that the order moves, as an admission would leave it."""
    order, exposure = question.order, question.exposure
    buys, sells = exposure.open_buys, exposure.open_sells
    if order.side is Side.BUY:
        buys = plus(buys, question.opening)
    else:
        sells = plus(sells, question.opening)
    return _worst(Exposure(exposure.net_quantity, buys, sells, mark), order.position_side)


def _others(question: Question) -> Iterator[tuple[InstrumentId, Side, Decimal]]:
    """Every other position in the currency of the limits; the other leg is one of them."""
    risk, order = question.risk, question.order
    currency = "" if risk.limits is None else risk.limits.currency
    hedged = {leg.instrument_id for leg in risk.legs}
    for instrument_id, exposure in risk.exposures.items():
        own = instrument_id == order.instrument_id
        if exposure.currency == currency and not own and instrument_id not in hedged:
            side, value = _worst(exposure, PositionSide.NET)
            yield instrument_id, side, value
    for (instrument_id, leg), held in risk.legs.items():
        whole = risk.exposure(instrument_id)
        moved = (instrument_id, leg) == (order.instrument_id, order.position_side)
        if whole.currency == currency and not moved:
            side, value = _worst(held._replace(mark=whole.mark), leg)
            yield instrument_id, side, value


def _worst(exposure: Exposure, leg: PositionSide) -> tuple[Side, Decimal]:
    """The larger side if everything open on it were filled; a leg has one side alone."""
    long, short, larger = worst_values(exposure)
    if leg is PositionSide.LONG:
        return Side.BUY, max(ZERO, long)
    if leg is PositionSide.SHORT:
        return Side.SELL, max(ZERO, minus(ZERO, short))
    return (Side.BUY if larger == long else Side.SELL), larger
