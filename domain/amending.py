"""Amends over the streams they touch: the order and its reservation always change together.

The amended order is asked about as if it were new, with what it holds now taken out of the
account, so one table of checks judges both. Reserved and used together stay within the limits in
every race, for the larger of both quantities is reserved from the admission to the venue's answer.
"""

from collections.abc import Sequence

from domain import replacing
from domain.accounts.state import Account
from domain.decision import Change, Decision
from domain.instruments.state import Instrument
from domain.orders import amending as orders
from domain.orders.commands import AmendOrder, AmendReport, PlaceOrder
from domain.orders.decide import record
from domain.orders.decide import stream as order_stream
from domain.orders.evolve import evolve
from domain.orders.state import Amendment, Order
from domain.reasons import Rejected
from domain.risk import amending as risks
from domain.risk.decide import beforehand, stream
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.strategies.state import Strategy
from domain.values import Price, Quantity


def decide(command: AmendOrder | AmendReport, found: Sequence[object], at: int) -> Decision:
    """An amend, or the venue's word on one, on the states of the command's streams."""
    if not isinstance(command, AmendOrder):
        order, risk, *linked = found
        assert isinstance(order, Order)
        assert isinstance(risk, Risk)
        return _answered(command, order, risk, linked, at)
    asked = question(command, found, at)
    if isinstance(asked, Rejected):
        return Decision(rejected=asked)
    order, risk, *_ = found
    assert isinstance(order, Order)
    assert isinstance(risk, Risk)
    events, _risk = beforehand(command.account_id, risk, asked.instrument, at)
    verdict, refusal = risks.admit(asked, order)
    risk_ref = stream(command.account_id)
    first = tuple(Change(risk_ref, event) for event in (*events, verdict))
    if refusal is not None:
        return Decision(first, refusal)
    requested = orders.requested(command, order, verdict.quantity, verdict.price)
    order_ref = order_stream(command.account_id, command.order_id)
    return Decision((*first, Change(order_ref, requested)))


def question(command: AmendOrder, found: Sequence[object], at: int) -> Question | Rejected:
    """What the checks are asked, or why the order cannot be amended at all."""
    order, risk, platform, instrument, account, *led = found
    assert isinstance(order, Order)
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(instrument, Instrument)
    assert isinstance(account, Account)
    wanted = orders.wanted(command, order)
    if isinstance(wanted, Rejected):
        return wanted
    _events, ready = beforehand(command.account_id, risk, instrument, at)
    emptied = replacing.without(command, ready)
    (strategy,) = led or (Strategy(),)
    assert isinstance(strategy, Strategy)
    return Question(
        order=_as_it_would_be(command, order, wanted),
        risk=emptied,
        platform=platform,
        instrument=instrument,
        exposure=emptied.exposure(command.instrument_id, order.position_side),
        at=at,
        account=account,
        strategy=strategy,
        amends=True,
        filled=order.filled,
    )


def _answered(
    report: AmendReport, order: Order, risk: Risk, linked: Sequence[object], at: int
) -> Decision:
    """The venue's word on an amend, and the reservation as the order needs it from now on."""
    outcome = record(report, order)
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    order_ref = order_stream(report.account_id, report.order_id)
    told, after = Change(order_ref, outcome), evolve(order, outcome)
    followed = replacing.followed(report, after, risk, linked, at)
    if followed is not None:
        return Decision((told, *followed))
    settled = risks.settled(report.account_id, report.order_id, report.instrument_id, after, risk)
    if settled is None:
        return Decision((told,))
    return Decision((told, Change(stream(report.account_id), settled)))


def _as_it_would_be(command: AmendOrder, order: Order, wanted: Amendment) -> PlaceOrder:
    assert wanted.price is not None  # orders.wanted() refuses an order without one
    return PlaceOrder(
        order_id=command.order_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=Quantity(wanted.quantity),
        price=Price(wanted.price),
        reduce_only=order.reduce_only,
        strategy_id=order.strategy_id,
        position_side=order.position_side,
        reference=command.reference,
        expires_at=order.expires_at,
    )
