"""Commands and questions as they were when they were decided on, from what was recorded of them."""

from collections.abc import Sequence
from typing import TypeAlias

from domain import placing, replacing
from domain.dispatch import State
from domain.orders.commands import PlaceOrder, ReplaceOrder
from domain.orders.events import OrderDenied, OrderHeld, OrderPlaced
from domain.orders.state import Order
from domain.risk.events import OrderAdmitted, OrderRefused
from domain.risk.replacements import ReplacementAdmitted, ReplacementRefused
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.values import ZERO, Quantity

Verdict: TypeAlias = OrderAdmitted | OrderRefused | ReplacementAdmitted | ReplacementRefused
Begun: TypeAlias = OrderPlaced | OrderDenied | OrderHeld


def command_of(order: Begun, verdict: Verdict) -> PlaceOrder | ReplaceOrder:
    """The order's own words, and the recorded market price."""
    # What closes the position is recorded with what was held, and asked for without a quantity.
    nothing = Quantity(ZERO)
    if isinstance(verdict, ReplacementAdmitted | ReplacementRefused):
        return ReplaceOrder(
            order_id=verdict.replaces,
            replacement_id=order.order_id,
            account_id=order.account_id,
            instrument_id=order.instrument_id,
            type=order.type,
            time_in_force=order.time_in_force,
            quantity=nothing if order.close_position else verdict.quantity,
            price=order.price,
            reduce_only=order.reduce_only,
            reference=verdict.inputs.reference,
            expires_at=order.expires_at,
            close_position=order.close_position,
            trigger=order.trigger,
        )
    closes = isinstance(order, OrderPlaced) and order.close_position
    return PlaceOrder(
        order_id=order.order_id,
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=nothing if closes else order.quantity,
        price=order.price,
        reduce_only=order.reduce_only,
        strategy_id=order.strategy_id,
        reference=verdict.inputs.reference,
        position_side=order.position_side,
        expires_at=order.expires_at,
        close_position=order.close_position,
        trigger=order.trigger,
    )


def question_of(command: PlaceOrder | ReplaceOrder, before: Sequence[State], at: int) -> Question:
    """What the checks were asked, on the states before the decision."""
    if isinstance(command, PlaceOrder):
        return placing.question(command, before[1:], at)
    old, risk, platform, instrument, account, _, *led = before
    assert isinstance(old, Order)
    assert isinstance(risk, Risk)
    return replacing.asked(command, old, risk, (platform, instrument, account, *led), at)
