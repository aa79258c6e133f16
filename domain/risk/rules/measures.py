"""What each check compared, also when it did not refuse: the limit, and what the order made of it.

A check answers with a refusal or with nothing, which is all that a decision needs. An auditor asks
as well how far an admitted order was from every limit. Tests hold these texts to the refusals:
where a check refuses, its numbers are the ones here.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from domain.orders.commands import OrderType
from domain.risk.rules.question import Question
from domain.risk.state import Intent
from domain.values import ZERO, Side, magnitude, minus, plain, plus, times


class Measure(NamedTuple):
    """Texts for people, plain decimals where they are numbers; empty where there is nothing."""

    limit: str = ""
    value: str = ""


def measure(check: str, question: Question) -> Measure:
    """Limit and value of a check by its name in the table."""
    return MEASURES[check](question)


def _account(question: Question) -> Measure:
    return Measure(value=question.account.status.value)


def _halt(question: Question) -> Measure:
    if question.platform.halted:
        return Measure(value="platform halted")
    return Measure(value="account halted" if question.risk.halted else "not halted")


def _limits_set(question: Question) -> Measure:
    version = question.risk.limits_version
    return Measure(value=f"version {version}" if version else "none")


def _instrument(question: Question) -> Measure:
    rules, limits = question.instrument.rules, question.risk.limits
    if rules is None:
        return Measure(value="not listed")
    if not rules.trading:
        return Measure(value="not trading")
    return Measure("" if limits is None else limits.currency, rules.currency)


def _price_and_type(question: Question) -> Measure:
    order, rules = question.order, question.instrument.rules
    tick = "" if rules is None else plain(rules.tick)
    if order.price is None:
        return Measure(value=f"{order.type.value}, no price")
    return Measure(tick, plain(order.price))


def _quantity(question: Question) -> Measure:
    rules, value = question.instrument.rules, plain(question.order.quantity)
    if rules is None:
        return Measure(value=value)
    market = question.order.type is OrderType.MARKET
    most = rules.maximum_market_quantity if market else rules.maximum_quantity
    least, step = plain(rules.minimum_quantity), plain(rules.step)
    return Measure(f"{least} to {plain(most)} in steps of {step}", value)


def _reference_price(question: Question) -> Measure:
    reference = question.order.reference
    return Measure(value="none" if reference is None else plain(reference.price))


def _minimum_notional(question: Question) -> Measure:
    rules, price = question.instrument.rules, question.price
    if rules is None or price is None:
        return Measure()
    value = plain(times(price, question.order.quantity))
    return Measure("" if question.order.reduce_only else plain(rules.minimum_notional), value)


def _reduce_only(question: Question) -> Measure:
    order, exposure = question.order, question.exposure
    if not order.reduce_only:
        return Measure(value="not reducing")
    if order.side is Side.BUY:
        left = minus(ZERO, plus(exposure.net_quantity, exposure.open_buys))
    else:
        left = minus(exposure.net_quantity, exposure.open_sells)
    return Measure(plain(max(ZERO, left)), plain(order.quantity))


def _order_quantity(question: Question) -> Measure:
    limits = question.risk.limits
    return Measure(
        _shown(None if limits is None else limits.order_quantity), plain(question.order.quantity)
    )


def _order_notional(question: Question) -> Measure:
    limits, price = question.risk.limits, question.dearest
    value = "" if price is None else plain(times(price, question.order.quantity))
    return Measure(_shown(None if limits is None else limits.order_notional), value)


def _open_orders(question: Question) -> Measure:
    limits = question.risk.limits
    limit = None if limits is None else limits.open_orders
    value = str(len(question.risk.reservations) + 1)
    return Measure("" if limit is None else str(limit), value)


def _position(question: Question) -> Measure:
    limits, price = question.risk.limits, question.dearest
    value = "" if price is None else plain(times(magnitude(question.worst_position), price))
    return Measure(_shown(None if limits is None else limits.position_notional), value)


def _price_collar(question: Question) -> Measure:
    limits, order = question.risk.limits, question.order
    collar = None if limits is None else limits.price_collar
    if order.price is None or order.reference is None:
        return Measure()
    reference = order.reference.price
    distance = plain(magnitude(minus(order.price, reference)))
    return Measure("" if collar is None else plain(times(reference, collar)), distance)


def _duplicate(question: Question) -> Measure:
    limits, order = question.risk.limits, question.order
    if limits is None or not limits.duplicate_window:
        return Measure()
    intent = Intent(order.instrument_id, order.side, order.type, order.quantity, order.price)
    before = question.risk.intents.get(intent)
    value = "first" if before is None else str(question.at - before)
    return Measure(str(limits.duplicate_window), value)


def _shown(limit: Decimal | None) -> str:
    return "" if limit is None else plain(limit)


MEASURES: Final[Mapping[str, Callable[[Question], Measure]]] = {
    "account": _account,
    "halt": _halt,
    "limits_set": _limits_set,
    "instrument": _instrument,
    "price_and_type": _price_and_type,
    "quantity": _quantity,
    "reference_price": _reference_price,
    "minimum_notional": _minimum_notional,
    "reduce_only": _reduce_only,
    "order_quantity": _order_quantity,
    "order_notional": _order_notional,
    "open_orders": _open_orders,
    "position": _position,
    "price_collar": _price_collar,
    "duplicate": _duplicate,
}
"""By the check's name; every check of the table has one."""
