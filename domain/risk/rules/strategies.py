"""Checks of a strategy's own limits within its account; an order without strategy has none.

A value at the limit is admitted. What only reduces is never one too many or worth too much while it
is open.
"""

from domain.reasons import Reason, Rejected
from domain.risk.commands import StrategyLimits
from domain.risk.rules.question import Question, over
from domain.risk.state import NOTHING_PLACED, Placed
from domain.values import plus, times


def limits_of(question: Question) -> StrategyLimits | None:
    """The limits of the order's strategy, if it has any."""
    limits, strategy_id = question.risk.limits, question.order.strategy_id
    if limits is None or strategy_id is None:
        return None
    return limits.strategies.get(strategy_id)


def placed_by(question: Question) -> Placed:
    """What the order's strategy has open."""
    strategy_id = question.order.strategy_id
    if strategy_id is None:
        return NOTHING_PLACED
    return question.risk.strategies.get(strategy_id, NOTHING_PLACED)


def order_quantity(question: Question) -> Rejected | None:
    """One order's quantity."""
    limits, value = limits_of(question), question.order.quantity
    limit = limits.order_quantity if limits is not None else None
    if limit is not None and value > limit:
        return over(
            Reason.STRATEGY_ORDER_QUANTITY_LIMIT,
            "the order's quantity is over the strategy's limit",
            limit=limit,
            value=value,
        )
    return None


def order_notional(question: Question) -> Rejected | None:
    """One order's value."""
    limits, price = limits_of(question), question.dearest
    limit = limits.order_notional if limits is not None else None
    if limit is None or price is None:
        return None
    value = times(price, question.order.quantity)
    if value > limit:
        return over(
            Reason.STRATEGY_ORDER_NOTIONAL_LIMIT,
            "the order's value is over the strategy's limit",
            limit=limit,
            value=value,
        )
    return None


def open_orders(question: Question) -> Rejected | None:
    """How many orders the strategy has open in this account."""
    limits = limits_of(question)
    limit = limits.open_orders if limits is not None else None
    if limit is None or question.order.reduce_only:
        return None
    count = placed_by(question).orders + 1
    if count > limit:
        return over(
            Reason.STRATEGY_OPEN_ORDERS_LIMIT,
            "the strategy has too many open orders",
            limit=limit,
            value=count,
        )
    return None


def open_notional(question: Question) -> Rejected | None:
    """What the strategy's open orders reserve together."""
    limits, reserves = limits_of(question), question.notional
    limit = limits.open_notional if limits is not None else None
    if limit is None or reserves is None or question.order.reduce_only:
        return None
    value = plus(placed_by(question).notional, reserves)
    if value > limit:
        return over(
            Reason.STRATEGY_OPEN_NOTIONAL_LIMIT,
            "the strategy's open orders are worth too much",
            limit=limit,
            value=value,
        )
    return None
