"""The check of an account's shares of wider limits: of its user, venue, strategy, the platform.

An account without a share of a limit that binds it has 0. A value at the share is admitted. What
only reduces is let through, as by the limits of the account itself.

An account's sums are over all that it has: one that traded at two venues would count at either for
both, which is too much and never too little.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from domain.ids import StrategyId, venue_of
from domain.reasons import Reason, Rejected
from domain.risk.legs import gross_value
from domain.risk.rules import positions
from domain.risk.rules.question import Question
from domain.risk.rules.strategies import placed_by
from domain.risk.state import EMPTY, NOTHING_PLACED, Risk
from domain.risk.wider import Counted, Wider, WiderScope, Within, in_force
from domain.values import ZERO, minus, plain, plus

WhatCounts: TypeAlias = frozenset[tuple[Counted, bool]]
"""What wider limits count of an order's account; True where it is the part of its strategy."""
_NOTHING: Final[WhatCounts] = frozenset()


class Compared(NamedTuple):
    """One wider limit that binds an order, and what the order would make of it."""

    wider: Wider
    limit: Decimal
    share: Decimal
    value: Decimal


def allotment(question: Question) -> Rejected | None:
    """What the account would use of each wider limit, and its share of it."""
    if not question.platform.governance.wider:
        return None
    found = tightest(question)
    if found is None or found.value <= found.share:
        return None
    return Rejected(
        Reason.ALLOTMENT_LIMIT,
        f"over the account's share of {found.wider}, which is limited to {plain(found.limit)}",
        limit=plain(found.share),
        value=plain(found.value),
    )


def tightest(question: Question) -> Compared | None:
    """Of the wider limits that the order is asked about the one with the least room left."""
    found: Compared | None = None
    shares = question.risk.governance.shares
    for wider, limit in _binding(question):
        value = _value(wider, question) if _asked(question, wider.counted) else None
        if value is None:
            continue
        share = shares.get(wider, ZERO)
        if found is None or minus(share, value) < minus(found.share, found.value):
            found = Compared(wider, limit, share, value)
    return found


def need_a_mark(question: Question) -> bool:
    """Whether a wider limit is on what is held, valued at the market."""
    return bool(question.platform.governance.wider) and any(
        wider.counted is not Counted.OPEN_NOTIONAL for wider, _ in _binding(question)
    )


def compares(question: Question) -> WhatCounts:
    """What the wider limits that bind an order count."""
    if not question.platform.governance.wider:
        return _NOTHING
    return frozenset(
        (wider.counted, wider.scope is WiderScope.STRATEGY) for wider, _ in _binding(question)
    )


def used(wider: Wider, risk: Risk) -> Decimal:
    """What an account holds and has reserved of a wider limit, at the prices that it knows."""
    if wider.scope is WiderScope.STRATEGY:
        return risk.strategies.get(StrategyId(wider.subject), NOTHING_PLACED).notional
    book = risk.books.get(wider.currency, EMPTY)
    if wider.counted is Counted.GROSS_NOTIONAL:
        return book.gross
    if wider.counted is Counted.OPEN_NOTIONAL:
        return book.open_notional
    worst = (
        gross_value(instrument_id, exposure, risk.legs)
        for instrument_id, exposure in risk.exposures.items()
        if exposure.currency == wider.currency
    )
    return max(worst, default=ZERO)


def _binding(question: Question) -> Iterator[tuple[Wider, Decimal]]:
    """Those of the order's strategy, user and venue and the platform's, in the currency traded."""
    limits, order = question.risk.limits, question.order
    within = (
        Within(WiderScope.STRATEGY, order.strategy_id or ""),
        Within(WiderScope.USER, question.account.user_id or ""),
        Within(WiderScope.VENUE, venue_of(order.instrument_id)),
        Within(WiderScope.PLATFORM),
    )
    for wider, limit in in_force(question.platform.governance.wider, *within):
        if limits is not None and wider.currency == limits.currency:
            yield wider, limit


def _value(wider: Wider, question: Question) -> Decimal | None:
    """What the account would have of it with the order; None without any price."""
    if wider.counted is Counted.GROSS_NOTIONAL:
        return positions.gross_after(question)
    if wider.counted is Counted.POSITION_NOTIONAL:
        return positions.position_after(question)
    reserves = question.notional
    if reserves is None:
        return None
    placed = question.risk.book.open_notional
    if wider.scope is WiderScope.STRATEGY:
        placed = placed_by(question).notional
    return plus(placed, reserves)


def _asked(question: Question, counted: Counted) -> bool:
    """Only what adds to it: opening orders to what is held, all but reducing ones to the rest."""
    if counted is Counted.OPEN_NOTIONAL:
        return not question.order.reduce_only
    return question.opens
