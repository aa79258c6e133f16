"""Checks of how long an order stays, what it waits for, and whether it closes what is held.

The numbers are those of Binance USD-M (New Order and New Algo Order, read 2026-11): a callback rate
of 0.1 to 10 %, a goodTillDate more than 600 s ahead, closePosition with stop and take-profit orders
at the market alone and without quantity. Bybit's are wider or the same.
"""

from decimal import Decimal
from typing import Final

from domain.orders.commands import OrderType, PlaceOrder, TimeInForce, Trigger
from domain.orders.forms import CLOSING, CONDITIONAL, LIMITED, reached
from domain.reasons import Reason, Rejected
from domain.risk.rules.question import Question, over
from domain.values import Price, Side, is_multiple, plain

CALLBACK_MINIMUM: Final = Decimal("0.001")
CALLBACK_MAXIMUM: Final = Decimal("0.1")
LEADS: Final = {"BINANCE": 600_000_000}
"""Microseconds by which a date must be ahead, by venue; the others ask for the future alone."""


def time_in_force(question: Question) -> Rejected | None:
    """A date with GTD alone and far enough ahead; at the market nothing to post or to keep whole.

    A conditional order at the market waits until it is cancelled or until its date.
    """
    order = question.order
    if order.time_in_force is TimeInForce.GTC and order.expires_at is None:
        return None
    waits = order.type in CONDITIONAL and order.type not in LIMITED
    if waits and order.time_in_force not in {TimeInForce.GTC, TimeInForce.GTD}:
        return Rejected(
            Reason.TIME_IN_FORCE_NOT_ALLOWED,
            "it waits for its price and then trades at the market: use gtc, or gtd with a date",
        )
    if order.time_in_force is not TimeInForce.GTD:
        if order.expires_at is None:
            return None
        return Rejected(Reason.EXPIRY_NOT_ALLOWED, "a date needs the time in force gtd")
    if order.expires_at is None:
        return Rejected(Reason.EXPIRY_MISSING, "the time in force gtd needs expires_at")
    lead = LEADS.get(order.instrument_id.partition(":")[0], 0)
    if order.expires_at <= question.at + lead:
        return over(
            Reason.EXPIRY_TOO_SOON,
            "expires_at must be in the future, and as far ahead as the venue asks for",
            limit=question.at + lead,
            value=order.expires_at,
        )
    return None


def trigger(question: Question) -> Rejected | None:
    """A conditional order waits for a price on the tick, or for a callback; no other waits."""
    order, condition = question.order, question.order.trigger
    if order.type not in CONDITIONAL:
        if condition is None:
            return None
        return Rejected(Reason.TRIGGER_NOT_ALLOWED, f"a {order.type.value} order waits for nothing")
    if condition is None:
        return Rejected(Reason.TRIGGER_MISSING, "a conditional order needs what it waits for")
    trails = order.type is OrderType.TRAILING_STOP
    refusal = _trailing(condition) if trails else _fixed(condition)
    return refusal or _on_tick(question, condition)


def _trailing(condition: Trigger) -> Rejected | None:
    if condition.price is not None:
        return Rejected(
            Reason.TRIGGER_NOT_ALLOWED, "a trailing stop follows: it has no trigger_price"
        )
    if condition.callback is None:
        return Rejected(Reason.TRIGGER_MISSING, "a trailing stop needs its callback")
    if not CALLBACK_MINIMUM <= condition.callback <= CALLBACK_MAXIMUM:
        return Rejected(
            Reason.CALLBACK_OUT_OF_RANGE,
            "the callback is a part of the price: 0.01 is 1 %",
            f"{plain(CALLBACK_MINIMUM)} to {plain(CALLBACK_MAXIMUM)}",
            plain(condition.callback),
        )
    return None


def _fixed(condition: Trigger) -> Rejected | None:
    if condition.callback is not None or condition.activation is not None:
        return Rejected(
            Reason.TRIGGER_NOT_ALLOWED, "callback and activation_price are a trailing stop's"
        )
    if condition.price is None:
        return Rejected(Reason.TRIGGER_MISSING, "a stop or a take profit needs its trigger_price")
    return None


def _on_tick(question: Question, condition: Trigger) -> Rejected | None:
    rules, price = question.instrument.rules, condition.price or condition.activation
    if rules is None or price is None or is_multiple(price, rules.tick):
        return None
    return over(
        Reason.TRIGGER_OFF_TICK,
        "the trigger is no multiple of the tick",
        limit=rules.tick,
        value=price,
    )


def close_position(question: Question) -> Rejected | None:
    """Closing all is for stops and take profits at the market, has no quantity, needs a position.

    All others need a quantity. reduce_only is part of closing, so the venue need not be told both.
    """
    order = question.order
    if not order.close_position:
        if order.quantity > 0:
            return None
        return Rejected(Reason.QUANTITY_MISSING, "the order needs a quantity")
    if order.type not in CLOSING:
        return Rejected(
            Reason.CLOSE_POSITION_NOT_ALLOWED,
            "only a stop or a take profit at the market can close the whole position",
        )
    if not order.reduce_only:
        return Rejected(Reason.CONTRADICTORY_FLAGS, "closing the position is reducing it")
    if order.quantity:
        return over(
            Reason.CLOSE_POSITION_WITH_QUANTITY,
            "what closes the position has no quantity of its own",
            limit=0,
            value=order.quantity,
        )
    if not question.closable:
        return Rejected(Reason.NOTHING_TO_CLOSE, "nothing is held against the order's side")
    return None


def trigger_side(question: Question) -> Rejected | None:
    """What would trigger at once is refused, as at the venues: it is no stop but a market order.

    Judged by the reference price whatever the trigger's source, because it is the one price that
    every decision records.
    """
    price = waited_for(question.order)
    if price is None or question.order.reference is None:
        return None
    if would_trigger(question.order, price):
        return over(
            Reason.TRIGGER_AT_ONCE,
            "the market is there already: it would trigger at once",
            limit=question.order.reference.price,
            value=price,
        )
    return None


def waited_for(order: PlaceOrder) -> Price | None:
    """The price that has to be reached first; None where nothing has to be."""
    if order.trigger is None or order.type not in CONDITIONAL:
        return None
    return order.trigger.price or order.trigger.activation


def would_trigger(order: PlaceOrder, price: Price) -> bool:
    """Whether the market has reached the price already."""
    assert order.reference is not None
    market = order.reference.price
    if order.type is OrderType.TRAILING_STOP:
        # It begins to follow from a better price: above the market to sell, below to buy.
        return market >= price if order.side is Side.SELL else market <= price
    return reached(order.type, order.side, price, market)
