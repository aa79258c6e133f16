"""Checks of what an account has open: how many orders, worth how much, how fast, against whom.

A value at the limit is admitted; only above it is refused. What only makes a position smaller is
never one too many, too much or too fast.
"""

from domain.orders.forms import CONDITIONAL
from domain.reasons import Reason, Rejected
from domain.risk import pace, resting
from domain.risk.rules.question import Question, over
from domain.risk.state import NOTHING_RESTS
from domain.values import Side, plain, plus


def rate(question: Question) -> Rejected | None:
    """How many orders at once and how many a second, a minute; two buckets of tokens."""
    limits = question.risk.limits
    if limits is None or question.order.reduce_only:
        return None
    room = pace.tightest(question.risk.pace, limits, question.at)
    if room is not None and room.orders > room.limit:
        return over(
            Reason.RATE_LIMIT,
            f"too many orders in a {room.window}",
            limit=room.limit,
            value=room.orders,
        )
    return None


def open_orders(question: Question) -> Rejected | None:
    """How many orders the account has open in all."""
    limits = question.risk.limits
    limit = limits.open_orders if limits is not None else None
    count = len(question.risk.reservations) + 1
    if limit is not None and count > limit and not question.order.reduce_only:
        return over(
            Reason.OPEN_ORDERS_LIMIT,
            "the account has too many open orders",
            limit=limit,
            value=count,
        )
    return None


def instrument_open_orders(question: Question) -> Rejected | None:
    """How many orders the account has open in the order's instrument."""
    limits = question.risk.limits
    limit = limits.instrument_open_orders if limits is not None else None
    count = question.whole.open_orders + 1
    if limit is not None and count > limit and not question.order.reduce_only:
        return over(
            Reason.INSTRUMENT_OPEN_ORDERS_LIMIT,
            "the account has too many open orders in this instrument",
            limit=limit,
            value=count,
        )
    return None


def open_notional(question: Question) -> Rejected | None:
    """What all open orders reserve together, in the currency of the limits."""
    limits, reserves = question.risk.limits, question.notional
    limit = limits.open_notional if limits is not None else None
    if limit is None or reserves is None or question.order.reduce_only:
        return None
    value = plus(question.risk.book.open_notional, reserves)
    if value > limit:
        return over(
            Reason.OPEN_NOTIONAL_LIMIT,
            "the account's open orders are worth too much",
            limit=limit,
            value=value,
        )
    return None


def instrument_open_notional(question: Question) -> Rejected | None:
    """What open orders in the order's instrument reserve together."""
    limits, reserves = question.risk.limits, question.notional
    limit = limits.instrument_open_notional if limits is not None else None
    if limit is None or reserves is None or question.order.reduce_only:
        return None
    value = plus(question.whole.open_notional, reserves)
    if value > limit:
        return over(
            Reason.INSTRUMENT_OPEN_NOTIONAL_LIMIT,
            "the open orders in this instrument are worth too much",
            limit=limit,
            value=value,
        )
    return None


def self_trade(question: Question) -> Rejected | None:
    """An order that would meet one's own on the book; a market order would meet any.

    Reducing orders too: what they would meet can be cancelled. A conditional order meets nobody
    while it waits, and what it meets when it is triggered nobody knows yet.
    """
    limits, order = question.risk.limits, question.order
    if limits is None or not limits.self_trade or order.type in CONDITIONAL:
        return None
    own = resting.first_met(
        question.risk.resting.get(order.instrument_id, NOTHING_RESTS), order.side
    )
    if own is None:
        return None
    detail = "it would trade with an order of one's own"
    price = order.price
    if price is None:
        return Rejected(Reason.SELF_TRADE, detail, limit=plain(own), value="market")
    if price >= own if order.side is Side.BUY else price <= own:
        return over(Reason.SELF_TRADE, detail, limit=own, value=price)
    return None
