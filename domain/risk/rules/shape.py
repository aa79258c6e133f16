"""Checks of the order against the venue's own rules, so that it is not refused there."""

from domain.orders.commands import OrderType, TimeInForce
from domain.orders.forms import LIMITED
from domain.reasons import Reason, Rejected
from domain.risk.rules.question import Question, over
from domain.values import is_multiple, times


def price_and_type(question: Question) -> Rejected | None:
    """A limited order has a price on the tick; one at the market has none, and never rests."""
    order, rules = question.order, question.instrument.rules
    if order.type not in LIMITED:
        if order.price is not None:
            return Rejected(Reason.PRICE_ON_MARKET_ORDER, "a market order has no price")
        if order.type is OrderType.MARKET and order.time_in_force is not TimeInForce.IOC:
            return Rejected(
                Reason.CONTRADICTORY_FLAGS, "a market order cannot rest: use immediate or cancel"
            )
        return None
    if order.price is None:
        return Rejected(Reason.PRICE_MISSING, "a limit order needs a price")
    if rules is not None and not is_multiple(order.price, rules.tick):
        return over(
            Reason.PRICE_OFF_TICK,
            "the price is no multiple of the tick",
            limit=rules.tick,
            value=order.price,
        )
    return None


def quantity(question: Question) -> Rejected | None:
    """The quantity is on the step and between the venue's minimum and maximum.

    One that closes the position has no quantity of its own (the check `close_position`).
    """
    order, rules = question.order, question.instrument.rules
    if rules is None or order.close_position:
        return None
    if not is_multiple(order.quantity, rules.step):
        return over(
            Reason.QUANTITY_OFF_STEP,
            "the quantity is no multiple of the step",
            limit=rules.step,
            value=order.quantity,
        )
    if order.quantity < rules.minimum_quantity:
        return over(
            Reason.QUANTITY_BELOW_MINIMUM,
            "the quantity is under the venue's minimum",
            limit=rules.minimum_quantity,
            value=order.quantity,
        )
    market = order.type not in LIMITED
    maximum = rules.maximum_market_quantity if market else rules.maximum_quantity
    if order.quantity > maximum:
        return over(
            Reason.QUANTITY_ABOVE_MAXIMUM,
            "the quantity is over the venue's maximum",
            limit=maximum,
            value=order.quantity,
        )
    return None


def minimum_notional(question: Question) -> Rejected | None:
    """The value reaches the venue's minimum; reducing orders are exempt, as at the venues."""
    rules, price = question.instrument.rules, question.price
    if rules is None or question.order.reduce_only or price is None:
        return None
    notional = times(price, question.order.quantity)
    if notional < rules.minimum_notional:
        return over(
            Reason.NOTIONAL_BELOW_MINIMUM,
            "the value is under the venue's minimum",
            limit=rules.minimum_notional,
            value=notional,
        )
    return None
