"""How much of an intent a follower orders, and how far it is from where it should be.

Pure and total: the same intent, terms and inputs give the same order or the same reason. Quantities
are on the step, rounded towards nothing; a position never passes the follower's maximum by copying,
and a repair never turns a position around.
"""

from decimal import ROUND_DOWN, Context, Decimal, DivisionByZero, InvalidOperation
from typing import Final, NamedTuple

from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType
from domain.reasons import Reason, Rejected
from domain.strategies.terms import Intent, SizingRule, Terms
from domain.values import (
    SCALE_MAX,
    ZERO,
    Money,
    Price,
    Quantity,
    Side,
    magnitude,
    minus,
    plain,
    plus,
    times,
)

_ONE: Final = Decimal(1)
_FINEST: Final = _ONE.scaleb(-SCALE_MAX)
_DOWN: Final = Context(prec=160, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero])


class Sized(NamedTuple):
    """An order that can be made."""

    side: Side
    quantity: Quantity


class Basis(NamedTuple):
    """What sizing looks at beside the intent."""

    terms: Terms
    rules: TradingRules
    held: Decimal
    """Signed position of the follower by this strategy, open orders counted as filled."""
    equity: Money | None
    price: Price | None


def size(intent: Intent, basis: Basis) -> Sized | Rejected:
    """The follower's order, or why there is none."""
    wanted = _wanted(intent, basis)
    if isinstance(wanted, Rejected):
        return wanted
    if intent.target is not None:
        most = min(wanted, basis.terms.maximum)
        aim = most if intent.target > 0 else minus(ZERO, most)
        return _towards(aim, intent.type, basis)
    assert intent.side is not None  # one of both is there: the edge and the fold see to that
    room = _room(intent.side, basis)
    quantity = min(wanted, room)
    if quantity < wanted and quantity < _least(basis):
        return Rejected(
            Reason.COPY_AT_MAXIMUM,
            "the follower holds all that it may",
            limit=plain(basis.terms.maximum),
            value=plain(plus(basis.held, _signed(intent.side, wanted))),
        )
    return _orderable(intent.side, quantity, intent.type, basis)


def expected(terms: Terms, leader: Decimal, held: Decimal, rules: TradingRules) -> Decimal:
    """Where the follower should be, given where the leader is.

    By ratio that is a quantity. By the other rules a follower's quantity is no function of the
    leader's position, so that only being on a side where the leader is not is drift.
    """
    if terms.rule is SizingRule.RATIO:
        most = min(stepped(times(magnitude(leader), terms.value), rules.step), terms.maximum)
        aim = stepped(most, rules.step)
        return aim if leader > 0 else minus(ZERO, aim)
    return held if times(leader, held) > 0 else ZERO


def drifts(terms: Terms, aim: Decimal, held: Decimal) -> bool:
    """Whether the difference is more than the follower tolerates."""
    return magnitude(minus(aim, held)) > terms.tolerance


def repair(aim: Decimal, basis: Basis) -> Sized | Rejected:
    """A market order towards the aim; through flat it goes in two, of which this is the first."""
    if basis.held and times(aim, basis.held) < 0:
        aim = ZERO
    return _towards(aim, OrderType.MARKET, basis)


def stepped(quantity: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of the step that is not above the quantity."""
    return times(_DOWN.divide_int(quantity, step), step)


def _wanted(intent: Intent, basis: Basis) -> Decimal | Rejected:
    """The quantity by the follower's rule, before any bound."""
    terms, strength = basis.terms, intent.strength if intent.strength is not None else _ONE
    if intent.target is not None and not intent.target:
        return ZERO
    match terms.rule:
        case SizingRule.FIXED:
            return times(terms.value, strength)
        case SizingRule.RATIO:
            leader = magnitude(intent.target) if intent.target is not None else intent.quantity
            if leader is None:
                return Rejected(
                    Reason.COPY_WITHOUT_QUANTITY,
                    "a ratio needs a quantity, and the signal has none",
                )
            return times(terms.value, leader)
        case SizingRule.EQUITY_SHARE:
            if basis.price is None:
                return Rejected(
                    Reason.COPY_WITHOUT_PRICE, "a share of equity needs a price, and none is known"
                )
            if basis.equity is None or basis.equity.amount <= 0:
                value = "" if basis.equity is None else plain(basis.equity.amount)
                return Rejected(
                    Reason.COPY_WITHOUT_EQUITY, "no equity is left to take a share of", "0", value
                )
            share = times(times(basis.equity.amount, terms.value), strength)
            return _DOWN.divide(share, basis.price).quantize(_FINEST, context=_DOWN)


def _towards(aim: Decimal, kind: OrderType, basis: Basis) -> Sized | Rejected:
    """An order from what is held to the aim."""
    missing = minus(aim, basis.held)
    side = Side.BUY if missing > 0 else Side.SELL
    return _orderable(side, magnitude(missing), kind, basis)


def _room(side: Side, basis: Basis) -> Decimal:
    """How much this side may trade before the position passes the maximum on that side."""
    return max(ZERO, minus(basis.terms.maximum, _signed(side, basis.held)))


def _orderable(side: Side, quantity: Decimal, kind: OrderType, basis: Basis) -> Sized | Rejected:
    rules = basis.rules
    limit = rules.maximum_market_quantity if kind is OrderType.MARKET else rules.maximum_quantity
    quantity = stepped(min(quantity, limit), rules.step)
    least = _least(basis)
    if quantity < least:
        return Rejected(
            Reason.COPY_TOO_SMALL,
            "less than the venue's smallest order",
            limit=plain(least),
            value=plain(quantity),
        )
    if basis.price is not None and times(quantity, basis.price) < rules.minimum_notional:
        return Rejected(
            Reason.COPY_TOO_SMALL,
            "worth less than the venue's smallest order",
            limit=plain(rules.minimum_notional),
            value=plain(times(quantity, basis.price)),
        )
    return Sized(side, Quantity(quantity))


def _least(basis: Basis) -> Decimal:
    return max(basis.rules.minimum_quantity, basis.rules.step)


def _signed(side: Side, quantity: Decimal) -> Decimal:
    return quantity if side is Side.BUY else minus(ZERO, quantity)
