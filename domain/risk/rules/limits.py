"""Checks of the order against the account's limits: size, position, price, repetition.

A value at the limit is admitted; only above it is refused.
"""

from domain.orders.commands import OrderType
from domain.orders.forms import CONDITIONAL
from domain.reasons import Reason, Rejected
from domain.risk.rules import allotments
from domain.risk.rules.hedge import closes
from domain.risk.rules.question import Question, over
from domain.risk.state import Intent
from domain.values import ZERO, Side, magnitude, minus, plus, times


def reduce_only(question: Question) -> Rejected | None:
    """A reducing order must be against the position and not larger than what is left to reduce.

    What is open on the order's side counts as filled: together they might flip the position. What
    closes the position cannot flip it, whatever else is open.
    """
    order, exposure = question.order, question.exposure
    if order.close_position or not (order.reduce_only or closes(order)):
        return None
    if order.side is Side.BUY:
        reducible = minus(ZERO, plus(exposure.net_quantity, exposure.open_buys))
    else:
        reducible = minus(exposure.net_quantity, exposure.open_sells)
    if question.opening > reducible:
        return over(
            Reason.WOULD_INCREASE,
            "a reducing order may not open or flip a position",
            limit=max(ZERO, reducible),
            value=question.opening,
        )
    return None


def reference_price(question: Question) -> Rejected | None:
    """A market order, and every limit that compares with the market, need a market price.

    A conditional order needs it to tell on which side of the market it waits.
    """
    if question.order.reference is None and _needs_a_price(question, reducing=True):
        return Rejected(Reason.REFERENCE_PRICE_MISSING, "no market price is known yet: try again")
    return None


def stale_price(question: Question) -> Rejected | None:
    """A market price that is needed is young enough; whoever reduces need not wait for one."""
    limits, reference = question.risk.limits, question.order.reference
    if limits is None or not limits.price_age or reference is None:
        return None
    age = question.at - reference.at
    if age > limits.price_age and _needs_a_price(question, reducing=False):
        return over(
            Reason.REFERENCE_PRICE_STALE,
            "the market price is too old",
            limit=limits.price_age,
            value=age,
        )
    return None


def _needs_a_price(question: Question, *, reducing: bool) -> bool:
    """Reducing orders need one as well where they cannot be valued or collared without it."""
    order, limits = question.order, question.risk.limits
    if order.reduce_only and not reducing:
        return False
    if order.type is OrderType.MARKET or order.type in CONDITIONAL:
        return True
    if limits is None:
        return False
    if limits.price_collar is not None:
        return True
    valued = limits.need_a_mark or allotments.need_a_mark(question)
    return valued and not order.reduce_only


def order_quantity(question: Question) -> Rejected | None:
    """One order's quantity."""
    limits = question.risk.limits
    limit = limits.order_quantity if limits is not None else None
    if limit is not None and question.order.quantity > limit:
        return over(
            Reason.ORDER_QUANTITY_LIMIT,
            "the order's quantity is over the limit",
            limit=limit,
            value=question.order.quantity,
        )
    return None


def order_notional(question: Question) -> Rejected | None:
    """One order's value."""
    limits, price = question.risk.limits, question.dearest
    limit = limits.order_notional if limits is not None else None
    if limit is None or price is None:
        return None
    notional = times(price, question.order.quantity)
    if notional > limit:
        return over(
            Reason.ORDER_NOTIONAL_LIMIT,
            "the order's value is over the limit",
            limit=limit,
            value=notional,
        )
    return None


def position(question: Question) -> Rejected | None:
    """Value of the instrument's position if everything open on this side were filled."""
    limits, price = question.risk.limits, question.dearest
    limit = limits.position_notional if limits is not None else None
    if limit is None or price is None:
        return None
    worst = question.worst_position
    if question.order.close_position:
        return None  # the venue closes what is held then, whatever else is open
    if (worst > 0) != (question.order.side is Side.BUY):
        return None  # it reduces: even with all that is open it does not reach the other side
    value = times(magnitude(worst), price)
    if value > limit:
        return over(
            Reason.POSITION_LIMIT,
            "the position could pass its limit",
            limit=limit,
            value=value,
        )
    return None


def price_collar(question: Question) -> Rejected | None:
    """A limit price too far from the market is a slip of the finger.

    A conditional order's market is the one that it waits for.
    """
    limits, order = question.risk.limits, question.order
    collar = limits.price_collar if limits is not None else None
    reference = question.market
    if collar is None or order.price is None or reference is None:
        return None
    distance = magnitude(minus(order.price, reference))
    if distance > times(reference, collar):
        return over(
            Reason.PRICE_COLLAR,
            "the price is too far from the market",
            limit=times(reference, collar),
            value=distance,
        )
    return None


def duplicate(question: Question) -> Rejected | None:
    """The same intent again within the window is a double click; an amend makes no second order."""
    limits = question.risk.limits
    if limits is None or not limits.duplicate_window or question.amends:
        return None
    order = question.order
    intent = Intent(
        order.instrument_id,
        order.side,
        order.type,
        question.quantity,
        order.price,
        order.position_side,
        order.trigger,
    )
    before = question.risk.intents.get(intent)
    if before is not None and question.at - before < limits.duplicate_window:
        return over(
            Reason.DUPLICATE_INTENT,
            "the same order was admitted moments ago",
            limit=limits.duplicate_window,
            value=question.at - before,
        )
    return None
