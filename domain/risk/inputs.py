"""What is recorded with a decision: the numbers that its checks compared, before the order.

Who reads the log sees them without folding anything. A group is recorded when some limit in force
compares with it: an account with few limits pays for few.
"""

from domain.risk import pace, resting
from domain.risk.commands import Limits
from domain.risk.compared import (
    DecisionInputs,
    MarginInputs,
    OpenInputs,
    PaceInputs,
    PositionInputs,
    ProfitInputs,
    StrategyInputs,
)
from domain.risk.rules import allotments, margin
from domain.risk.rules.allotments import WhatCounts
from domain.risk.rules.question import Question
from domain.risk.state import NOTHING_PLACED, NOTHING_RESTS
from domain.risk.wider import Counted


def inputs_of(question: Question) -> DecisionInputs:
    """The inputs of a question, whatever becomes of it."""
    risk, order, exposure = question.risk, question.order, question.exposure
    limits, wider = risk.limits, allotments.compares(question)
    return DecisionInputs(  # by place: domain/making.py says why
        risk.limits_version,
        question.instrument.rules_version,
        order.reference,
        exposure.net_quantity,
        exposure.open_buys,
        exposure.open_sells,
        len(risk.reservations),
        None if limits is None else _pace(question, limits),
        None if limits is None else _opened(question, limits, wider),
        None if limits is None else _positions(question, limits, wider),
        None if limits is None else _profits(question, limits),
        None if limits is None else _strategy(question, limits, wider),
        (
            resting.first_met(risk.resting.get(order.instrument_id, NOTHING_RESTS), order.side)
            if limits is not None and limits.self_trade
            else None
        ),
        _margin(question),
    )


def _margin(question: Question) -> MarginInputs | None:
    wallet = margin.balance(question)
    if wallet is None:
        return None
    return MarginInputs(
        balance=wallet,
        leverage=question.account.leverages.get(question.order.instrument_id),
        gross=margin.gross(question),
        required=margin.required(question),
    )


def _pace(question: Question, limits: Limits) -> PaceInputs | None:
    if not pace.is_limited(limits):
        return None
    owed = pace.paid(question.risk.pace, limits, question.at)
    return PaceInputs(owed.second, owed.minute)


def _opened(question: Question, limits: Limits, wider: WhatCounts) -> OpenInputs | None:
    if (
        limits.instrument_open_orders is None
        and limits.open_notional is None
        and limits.instrument_open_notional is None
        and (Counted.OPEN_NOTIONAL, False) not in wider
    ):
        return None
    exposure = question.whole
    return OpenInputs(
        exposure.open_orders, exposure.open_notional, question.risk.book.open_notional
    )


def _positions(question: Question, limits: Limits, wider: WhatCounts) -> PositionInputs | None:
    if (
        limits.gross_notional is None
        and limits.net_notional is None
        and limits.concentration is None
        and (Counted.GROSS_NOTIONAL, False) not in wider
        and (Counted.POSITION_NOTIONAL, False) not in wider
    ):
        return None
    book = question.risk.book
    return PositionInputs(question.whole.mark, book.gross, book.long, book.short)


def _profits(question: Question, limits: Limits) -> ProfitInputs | None:
    if limits.daily_loss is None and limits.drawdown is None:
        return None
    book = question.risk.book
    return ProfitInputs(book.profit, book.peak, book.day_start)


def _strategy(question: Question, limits: Limits, wider: WhatCounts) -> StrategyInputs | None:
    strategy_id = question.order.strategy_id
    if strategy_id is None:
        return None
    if strategy_id not in limits.strategies and (Counted.OPEN_NOTIONAL, True) not in wider:
        return None
    placed = question.risk.strategies.get(strategy_id, NOTHING_PLACED)
    return StrategyInputs(placed.orders, placed.notional)
