"""Replacements over the streams they touch: both orders and the reservation change together.

One decision asks for the old order's cancel and holds the new one; the decision on the report that
ends the old one sends the new one, or ends it with the reason. Both are one append each, so a crash
at any point leaves either all of a step or nothing of it, and nobody has to remember anything.

Some of the streams of such a report are named by the state of its order, not by the report: `links`
says which they are.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.accounts import decide as accounts
from domain.accounts.state import Account
from domain.decision import Change, Decision, StreamRef
from domain.ids import PLATFORM, client_order_id
from domain.instruments import decide as instruments
from domain.instruments.state import Instrument
from domain.orders import replacing as orders
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    PlaceOrder,
    RecordCancelRejection,
    ReplaceOrder,
    VenueReport,
)
from domain.orders.decide import stream as order_stream
from domain.orders.events import OrderCancelRequested, OrderHeld
from domain.orders.state import Order
from domain.placing import denied_order
from domain.reasons import Reason, Rejected
from domain.risk import replacing as risks
from domain.risk.decide import beforehand, release, stream
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.states import UNREGISTERED
from domain.strategies import decide as strategies
from domain.strategies.state import Strategy


def streams_of(command: ReplaceOrder) -> tuple[StreamRef, ...]:
    """The old order's stream first: it names the strategy of both."""
    return (
        order_stream(command.account_id, command.order_id),
        stream(command.account_id),
        stream(PLATFORM),
        instruments.stream(command.instrument_id),
        accounts.stream(command.account_id),
        order_stream(command.account_id, command.replacement_id),
    )


def links(command: ReplaceOrder | CancelOrder | VenueReport, order: Order) -> tuple[StreamRef, ...]:
    """What the decision needs besides the command's own streams; nothing for almost all."""
    if isinstance(command, ReplaceOrder):
        return _strategy_of(order)
    if isinstance(command, CancelOrder):
        if order.held is None or order.account_id is None:
            return ()
        return (stream(order.account_id), order_stream(order.account_id, order.held.replaces))
    if order.replacement is None or not order.status.is_open:
        return ()
    account_id, instrument_id = order.account_id, order.instrument_id
    assert account_id is not None
    assert instrument_id is not None
    return (
        order_stream(account_id, order.replacement.order_id),
        stream(PLATFORM),
        instruments.stream(instrument_id),
        accounts.stream(account_id),
        *_strategy_of(order),
    )


def _strategy_of(order: Order) -> tuple[StreamRef, ...]:
    return () if order.strategy_id is None else (strategies.stream(order.strategy_id),)


class _Around(NamedTuple):
    """What binds an order besides its own account's risk."""

    platform: Risk
    instrument: Instrument
    account: Account
    strategy: Strategy


def _around(found: Sequence[object]) -> _Around:
    platform, instrument, account, *led = found
    strategy = led[0] if led else UNREGISTERED
    assert isinstance(platform, Risk)
    assert isinstance(instrument, Instrument)
    assert isinstance(account, Account)
    assert isinstance(strategy, Strategy)
    return _Around(platform, instrument, account, strategy)


def decide(command: ReplaceOrder, found: Sequence[object], at: int) -> Decision:
    """The old order is to be cancelled and the new one held, or neither."""
    old, risk, *around, new = found[:6]
    assert isinstance(new, Order)
    assert isinstance(risk, Risk)
    assert isinstance(old, Order)
    refusal = orders.refusal(command, old, new)
    if refusal is not None:
        return Decision(rejected=refusal)
    account_id = command.account_id
    risk_ref, new_ref = stream(account_id), order_stream(account_id, command.replacement_id)
    around = [*around, *found[6:]]
    events, risk = beforehand(account_id, risk, _around(around).instrument, at)
    first = tuple(Change(risk_ref, event) for event in events)
    question = asked(command, old, risk, around, at)
    verdict, refusal = risks.admit(question, command.order_id, old, risk)
    first = (*first, Change(risk_ref, verdict))
    if refusal is not None:
        return Decision((*first, Change(new_ref, denied_order(question.order, refusal))), refusal)
    quantity, price = question.quantity, question.price
    assert price is not None  # as in risks.admit
    new_id = client_order_id(command.replacement_id)
    old_ref = order_stream(account_id, command.order_id)
    held = orders.held(command, old, quantity, price, new_id)
    cancelled = OrderCancelRequested(
        command.order_id, account_id, command.instrument_id, old.client_order_id
    )
    return Decision(
        (
            *first,
            Change(new_ref, held),
            Change(old_ref, orders.requested(command, old, quantity)),
            Change(old_ref, cancelled),
        )
    )


def asked(
    command: ReplaceOrder, old: Order, risk: Risk, around: Sequence[object], at: int
) -> Question:
    """What the checks are asked: the new order, in an account where the old one holds nothing."""
    emptied = without(command, risk)
    return _question(orders.as_placed(command, old), emptied, _around(around), at)


def _question(order: PlaceOrder, risk: Risk, around: _Around, at: int) -> Question:
    return Question(
        order=order,
        risk=risk,
        platform=around.platform,
        instrument=around.instrument,
        exposure=risk.exposure(order.instrument_id, order.position_side),
        at=at,
        account=around.account,
        strategy=around.strategy,
        amends=True,
    )


def without(command: AmendOrder | ReplaceOrder, risk: Risk) -> Risk:
    """The account's risk as if the order that is to change held nothing."""
    held = release(command.account_id, command.order_id, command.instrument_id, risk)
    return risk if held is None else evolve_risk(risk, held)


def cancel(command: CancelOrder, held: Order, found: Sequence[object]) -> Decision:
    """A replacement that is held ends at once; the old order's cancel is asked for all the same."""
    if held.account_id != command.account_id:
        return Decision(rejected=Rejected(Reason.ORDER_UNKNOWN, "this account has no such order"))
    risk, old = found
    assert isinstance(risk, Risk)
    assert isinstance(old, Order)
    assert held.held is not None
    why = Rejected(Reason.WITHDRAWN, "it was cancelled before it was sent")
    return Decision(_withdrawn(held.held, old, risk, why))


def followed(
    report: VenueReport, replaced: Order, risk: Risk, linked: Sequence[object], at: int
) -> tuple[Change, ...] | None:
    """What a report means for the replacement of its order; None when it means nothing.

    `replaced` and `risk` are as the report leaves them, the reservation still in place.
    """
    if not linked:
        return None
    held, *others = linked
    assert isinstance(held, Order)
    terms = held.held
    if terms is None:
        return None
    if replaced.status.is_open:
        if not isinstance(report, RecordCancelRejection):
            return None
        why = Rejected(Reason.REPLACED_ORDER_STANDS, "the venue did not cancel the order before it")
        return _withdrawn(terms, replaced, risk, why)
    question = _question(orders.asked_again(terms, replaced), risk, _around(others), at)
    if question.quantity <= 0:
        why = Rejected(Reason.NOTHING_LEFT, "the order before it traded all of it")
        return _withdrawn(terms, replaced, risk, why)
    refusal = risks.refusal_now(question)
    if refusal is not None:
        return _withdrawn(terms, replaced, risk, refusal)
    quantity = question.quantity
    return (
        Change(stream(terms.account_id), risks.taken_over(terms, quantity)),
        Change(order_stream(terms.account_id, terms.order_id), orders.released(terms, quantity)),
    )


def _withdrawn(terms: OrderHeld, replaced: Order, risk: Risk, why: Rejected) -> tuple[Change, ...]:
    dropped = risks.dropped(terms, replaced, risk)
    ended = Change(order_stream(terms.account_id, terms.order_id), orders.withdrawn(terms, why))
    if dropped is None:
        return (ended,)
    return (Change(stream(terms.account_id), dropped), ended)
