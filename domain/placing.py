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
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.states import UNREGISTERED
from domain.strategies.state import Strategy


def decide(command: PlaceOrder, found: Sequence[object], at: int) -> Decision:
    """The order as it is asked of the checks, unless its id is taken."""
    order, risk, platform, instrument, account, *led = found
    strategy = led[0] if led else UNREGISTERED
    assert isinstance(order, Order)
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(instrument, Instrument)
    assert isinstance(account, Account)
    assert isinstance(strategy, Strategy)
    if after(order.status, Move.PLACE) is None:
        return Decision(
            rejected=Rejected(
                Reason.ORDER_ALREADY_EXISTS, "this order_id is taken: choose a fresh one"
            )
        )
    exposure = risk.exposure(command.instrument_id, command.position_side)
    return _checked(Question(command, risk, platform, instrument, exposure, at, account, strategy))


def _checked(question: Question) -> Decision:
    """The order and its reservation, or the denied order and the check that refused it."""
    command = question.order
    order_ref = orders.stream(command.account_id, command.order_id)
    risk_ref = risks.stream(command.account_id)
    rolled = risks.roll(command.account_id, question.risk, question.at)
    first: tuple[Change, ...] = ()
    if rolled is not None:
        first = (Change(risk_ref, rolled),)
        question = replace(question, risk=evolve_risk(question.risk, rolled))
    verdict, refusal = risks.admit(question)
    if refusal is not None:
        denied = Change(order_ref, denied_order(command, refusal))
        return Decision((*first, Change(risk_ref, verdict), denied), refusal)
    rules = question.instrument.rules
    assert rules is not None  # the check "instrument" refused an order without rules
    placed = OrderPlaced(  # by place: domain/making.py says why
        command.order_id,
        command.account_id,
        command.instrument_id,
        command.side,
        command.type,
        command.time_in_force,
        question.quantity,
        command.price,
        command.reduce_only,
        command.strategy_id,
        client_order_id(command.order_id),
        rules.currency,
        command.position_side,
        command.expires_at,
        command.close_position,
        command.trigger,
    )
    return Decision((*first, Change(risk_ref, verdict), Change(order_ref, placed)))


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
