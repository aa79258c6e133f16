"""What each check compared, also when it did not refuse: the limit, and what the order made of it.

A check answers with a refusal or with nothing, which is all that a decision needs. An auditor asks
as well how far an admitted order was from every limit. Tests hold these texts to the refusals:
where a check refuses, its numbers are the ones here.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from domain.accounts.events import PositionMode
from domain.ids import venue_of
from domain.orders.commands import TimeInForce
from domain.orders.forms import CONDITIONAL, LIMITED
from domain.risk import pace, resting
from domain.risk.rules import allotments, margin, positions, strategies
from domain.risk.rules.conditions import (
    CALLBACK_MAXIMUM,
    CALLBACK_MINIMUM,
    LEADS,
    waited_for,
)
from domain.risk.rules.hedge import closes
from domain.risk.rules.question import Question
from domain.risk.rules.state import wider_halts
from domain.risk.state import NOTHING_RESTS, Intent
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


def _position_side(question: Question) -> Measure:
    hedged = question.account.position_mode is PositionMode.HEDGE
    return Measure("long or short" if hedged else "net", question.order.position_side.value)


def _halt(question: Question) -> Measure:
    if question.platform.halted:
        return Measure(value="platform halted")
    for halted, _ in wider_halts(question):
        return Measure(value=f"{halted} halted")
    return Measure(value="account halted" if question.risk.halted else "not halted")


def _strategy(question: Question) -> Measure:
    return Measure(value=question.strategy.status.value)


def _limits_set(question: Question) -> Measure:
    version = question.risk.limits_version
    return Measure(value=f"version {version}" if version else "none")


def _instrument(question: Question) -> Measure:
    rules, limits = question.instrument.rules, question.risk.limits
    if rules is None:
        return Measure(value="not listed")
    venue = venue_of(question.order.instrument_id)
    if question.account.venue not in {"", venue}:
        return Measure(question.account.venue, venue)
    if not rules.trading:
        return Measure(value="not trading")
    return Measure("" if limits is None else limits.currency, rules.currency)


def _price_and_type(question: Question) -> Measure:
    order, rules = question.order, question.instrument.rules
    tick = "" if rules is None else plain(rules.tick)
    if order.price is None:
        return Measure(value=f"{order.type.value}, no price")
    return Measure(tick, plain(order.price))


def _time_in_force(question: Question) -> Measure:
    order = question.order
    if order.time_in_force is not TimeInForce.GTD or order.expires_at is None:
        return Measure(value=order.time_in_force.value)
    lead = LEADS.get(order.instrument_id.partition(":")[0], 0)
    return Measure(str(question.at + lead), str(order.expires_at))


def _trigger(question: Question) -> Measure:
    condition, rules = question.order.trigger, question.instrument.rules
    if condition is None:
        return Measure(value="none")
    price = condition.price or condition.activation
    if condition.callback is not None and not (
        CALLBACK_MINIMUM <= condition.callback <= CALLBACK_MAXIMUM
    ):
        limit = f"{plain(CALLBACK_MINIMUM)} to {plain(CALLBACK_MAXIMUM)}"
        return Measure(limit, plain(condition.callback))
    if price is None:
        return Measure(value="" if condition.callback is None else plain(condition.callback))
    return Measure("" if rules is None else plain(rules.tick), plain(price))


def _close_position(question: Question) -> Measure:
    if not question.order.close_position:
        return Measure(value="has a quantity" if question.order.quantity else "no quantity")
    return Measure("0", plain(question.order.quantity))


def _trigger_side(question: Question) -> Measure:
    price, reference = waited_for(question.order), question.order.reference
    if price is None or reference is None:
        return Measure()
    return Measure(plain(reference.price), plain(price))


def _quantity(question: Question) -> Measure:
    rules, value = question.instrument.rules, plain(question.order.quantity)
    if rules is None or question.order.close_position:
        return Measure(value=value)
    market = question.order.type not in LIMITED
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
    if not order.reduce_only and not closes(order):
        return Measure(value="not reducing")
    if order.side is Side.BUY:
        left = minus(ZERO, plus(exposure.net_quantity, exposure.open_buys))
    else:
        left = minus(exposure.net_quantity, exposure.open_sells)
    return Measure(plain(max(ZERO, left)), plain(question.opening))


def _rate(question: Question) -> Measure:
    limits = question.risk.limits
    room = None if limits is None else pace.tightest(question.risk.pace, limits, question.at)
    if room is None:
        return Measure()
    return Measure(f"{room.limit} a {room.window}", str(room.orders))


def _stale_price(question: Question) -> Measure:
    limits, reference = question.risk.limits, question.order.reference
    age = None if limits is None else limits.price_age
    return Measure(
        str(age) if age else "", "" if reference is None else str(question.at - reference.at)
    )


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


def _instrument_open_orders(question: Question) -> Measure:
    limits = question.risk.limits
    limit = None if limits is None else limits.instrument_open_orders
    return Measure("" if limit is None else str(limit), str(question.whole.open_orders + 1))


def _open_notional(question: Question) -> Measure:
    limits, reserves = question.risk.limits, question.notional
    limit = None if limits is None else limits.open_notional
    return _sum(limit, question.risk.book.open_notional, reserves)


def _instrument_open_notional(question: Question) -> Measure:
    limits, reserves = question.risk.limits, question.notional
    limit = None if limits is None else limits.instrument_open_notional
    return _sum(limit, question.whole.open_notional, reserves)


def _strategy_order_quantity(question: Question) -> Measure:
    limits = strategies.limits_of(question)
    if limits is None:
        return Measure()
    return Measure(_shown(limits.order_quantity), plain(question.order.quantity))


def _strategy_order_notional(question: Question) -> Measure:
    limits, price = strategies.limits_of(question), question.dearest
    if limits is None or price is None:
        return Measure()
    return Measure(_shown(limits.order_notional), plain(times(price, question.order.quantity)))


def _strategy_open_orders(question: Question) -> Measure:
    limits = strategies.limits_of(question)
    if limits is None:
        return Measure()
    limit = limits.open_orders
    count = strategies.placed_by(question).orders + 1
    return Measure("" if limit is None else str(limit), str(count))


def _strategy_open_notional(question: Question) -> Measure:
    limits, reserves = strategies.limits_of(question), question.notional
    if limits is None:
        return Measure()
    return _sum(limits.open_notional, strategies.placed_by(question).notional, reserves)


def _gross_position(question: Question) -> Measure:
    limits, value = question.risk.limits, positions.gross_after(question)
    limit = None if limits is None else limits.gross_notional
    return Measure(_shown(limit), "" if value is None else plain(value))


def _net_position(question: Question) -> Measure:
    limits, value = question.risk.limits, positions.net_after(question)
    limit = None if limits is None else limits.net_notional
    return Measure(_shown(limit), "" if value is None else plain(value))


def _concentration(question: Question) -> Measure:
    compared = positions.concentration_after(question)
    return Measure() if compared is None else Measure(*map(plain, compared))


def _allotment(question: Question) -> Measure:
    found = allotments.tightest(question)
    return Measure() if found is None else Measure(plain(found.share), plain(found.value))


def _leverage(question: Question) -> Measure:
    limits, wallet, value = question.risk.limits, margin.balance(question), margin.gross(question)
    limit = _shown(None if limits is None else limits.leverage)
    if wallet is None or value is None:
        return Measure(limit)
    return Measure(limit, margin.multiple(value, wallet))


def _margin(question: Question) -> Measure:
    wallet = margin.balance(question)
    value = None if wallet is None else margin.required(question)
    return Measure(_shown(wallet), _shown(value))


def _daily_loss(question: Question) -> Measure:
    limits = question.risk.limits
    limit = None if limits is None else limits.daily_loss
    if limit is None:
        return Measure()  # no day is counted
    return Measure(plain(limit), plain(positions.lost_today(question)))


def _drawdown(question: Question) -> Measure:
    limits = question.risk.limits
    limit = None if limits is None else limits.drawdown
    if limit is None:
        return Measure()  # no peak is kept
    return Measure(plain(limit), plain(positions.fallen(question)))


def _position(question: Question) -> Measure:
    limits, price = question.risk.limits, question.dearest
    value = "" if price is None else plain(times(magnitude(question.worst_position), price))
    return Measure(_shown(None if limits is None else limits.position_notional), value)


def _price_collar(question: Question) -> Measure:
    limits, order = question.risk.limits, question.order
    collar = None if limits is None else limits.price_collar
    reference = question.market
    if order.price is None or reference is None:
        return Measure()
    distance = plain(magnitude(minus(order.price, reference)))
    return Measure("" if collar is None else plain(times(reference, collar)), distance)


def _duplicate(question: Question) -> Measure:
    limits, order = question.risk.limits, question.order
    if limits is None or not limits.duplicate_window or question.amends:
        return Measure()
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
    value = "first" if before is None else str(question.at - before)
    return Measure(str(limits.duplicate_window), value)


def _self_trade(question: Question) -> Measure:
    order, limits = question.order, question.risk.limits
    if limits is None or not limits.self_trade or order.type in CONDITIONAL:
        return Measure()
    own = resting.first_met(
        question.risk.resting.get(order.instrument_id, NOTHING_RESTS), order.side
    )
    return Measure(_shown(own), "market" if order.price is None else plain(order.price))


def _sum(limit: Decimal | None, before: Decimal, reserves: Decimal | None) -> Measure:
    return Measure(_shown(limit), "" if reserves is None else plain(plus(before, reserves)))


def _shown(limit: Decimal | None) -> str:
    return "" if limit is None else plain(limit)


MEASURES: Final[Mapping[str, Callable[[Question], Measure]]] = {
    "account": _account,
    "position_side": _position_side,
    "halt": _halt,
    "strategy": _strategy,
    "limits_set": _limits_set,
    "instrument": _instrument,
    "price_and_type": _price_and_type,
    "time_in_force": _time_in_force,
    "trigger": _trigger,
    "close_position": _close_position,
    "quantity": _quantity,
    "rate": _rate,
    "reference_price": _reference_price,
    "stale_price": _stale_price,
    "trigger_side": _trigger_side,
    "minimum_notional": _minimum_notional,
    "reduce_only": _reduce_only,
    "order_quantity": _order_quantity,
    "order_notional": _order_notional,
    "strategy_order_quantity": _strategy_order_quantity,
    "strategy_order_notional": _strategy_order_notional,
    "open_orders": _open_orders,
    "instrument_open_orders": _instrument_open_orders,
    "open_notional": _open_notional,
    "instrument_open_notional": _instrument_open_notional,
    "strategy_open_orders": _strategy_open_orders,
    "strategy_open_notional": _strategy_open_notional,
    "position": _position,
    "gross_position": _gross_position,
    "net_position": _net_position,
    "concentration": _concentration,
    "allotment": _allotment,
    "leverage": _leverage,
    "margin": _margin,
    "daily_loss": _daily_loss,
    "drawdown": _drawdown,
    "price_collar": _price_collar,
    "duplicate": _duplicate,
    "self_trade": _self_trade,
}
"""By the check's name; every check of the table has one."""
