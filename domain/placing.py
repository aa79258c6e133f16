"""An order over the streams it touches: it is placed together with its reservation, or denied."""

from collections.abc import Sequence
from dataclasses import replace

from domain.accounts.state import Account
from domain.decision import Change, Decision
from domain.ids import client_order_id
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import PlaceOrder
from domain.orders.events import OrderDenied, OrderPlaced
from domain.orders.state import Order
from domain.orders.transitions import Move, after
from domain.reasons import Reason, Rejected
from domain.risk import decide as risks
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.states import UNREGISTERED
from domain.strategies.state import Strategy
from domain.values import Quantity


def decide(command: PlaceOrder, found: Sequence[object], at: int) -> Decision:
    """The order as it is asked of the checks, unless its id is taken."""
    order, *around = found
    assert isinstance(order, Order)
    if after(order.status, Move.PLACE) is None:
        return Decision(
            rejected=Rejected(
                Reason.ORDER_ALREADY_EXISTS, "this order_id is taken: choose a fresh one"
            )
        )
    return _checked(question(command, around, at))


def question(command: PlaceOrder, around: Sequence[object], at: int) -> Question:
    """What the checks are asked of an order, by the states of all streams but its own."""
    risk, platform, instrument, account, *led = around
    strategy = led[0] if led else UNREGISTERED
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(instrument, Instrument)
    assert isinstance(account, Account)
    assert isinstance(strategy, Strategy)
    exposure = risk.exposure(command.instrument_id, command.position_side)
    return Question(command, risk, platform, instrument, exposure, at, account, strategy)


def _checked(question: Question) -> Decision:
    """The order and its reservation, or the denied order and the check that refused it."""
    command = question.order
    order_ref = orders.stream(command.account_id, command.order_id)
    risk_ref = risks.stream(command.account_id)
    events, risk = risks.beforehand(
        command.account_id, question.risk, question.instrument, question.at
    )
    first = tuple(Change(risk_ref, event) for event in events)
    if first:
        question = replace(question, risk=risk)
    verdict, refusal = risks.admit(question)
    if refusal is not None:
        denied = Change(order_ref, denied_order(command, refusal))
        return Decision((*first, Change(risk_ref, verdict), denied), refusal)
    rules = question.instrument.rules
    assert rules is not None  # the check "instrument" refused an order without rules
    placed = placed_order(command, question.quantity, rules.currency)
    return Decision((*first, Change(risk_ref, verdict), Change(order_ref, placed)))


def placed_order(order: PlaceOrder, quantity: Quantity, currency: str) -> OrderPlaced:
    """The order as it is to be sent, for so much; `currency` is that of its prices."""
    return OrderPlaced(  # by place: domain/making.py says why
        order.order_id,
        order.account_id,
        order.instrument_id,
        order.side,
        order.type,
        order.time_in_force,
        quantity,
        order.price,
        order.reduce_only,
        order.strategy_id,
        client_order_id(order.order_id),
        currency,
        order.position_side,
        order.expires_at,
        order.close_position,
        order.trigger,
    )


def denied_order(order: PlaceOrder, refusal: Rejected) -> OrderDenied:
    """The order as it was asked for, with the reason of the first check that refused."""
    return OrderDenied(
        order_id=order.order_id,
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=order.quantity,
        price=order.price,
        reduce_only=order.reduce_only,
        strategy_id=order.strategy_id,
        reason=int(refusal.reason),
        detail=refusal.detail,
        position_side=order.position_side,
        expires_at=order.expires_at,
        close_position=order.close_position,
        trigger=order.trigger,
    )
