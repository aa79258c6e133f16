"""Admit or refuse an amend, and bring a reservation to what the order may trade afterwards.

What more an amend needs is reserved when it is admitted, what less it needs is free once the venue
has answered: until then the order may trade by its old terms or by its new ones.
"""

from domain.ids import AccountId, InstrumentId, OrderId
from domain.orders.forms import LIMITED
from domain.orders.state import Order
from domain.reasons import Rejected
from domain.risk.decide import release
from domain.risk.events import AmendAdmitted, AmendRefused, ReservationAmended, ReservationReleased
from domain.risk.inputs import inputs_of
from domain.risk.rules.question import Question
from domain.risk.rules.table import first_refusal
from domain.risk.state import Risk
from domain.values import Price, minus


def admit(
    question: Question, order: Order
) -> tuple[AmendAdmitted, None] | tuple[AmendRefused, Rejected]:
    """Ask every check about the order as it would be."""
    asked = question.order
    assert asked.price is not None
    assert order.price is not None  # orders/amending.py refuses to amend an order without one
    refused = first_refusal(question)
    if refused is not None:
        return _refused(question, asked.price, *refused), refused[1]
    admitted = AmendAdmitted(
        account_id=asked.account_id,
        order_id=asked.order_id,
        instrument_id=asked.instrument_id,
        side=asked.side,
        quantity=asked.quantity,
        price=asked.price,
        filled=question.filled,
        reserved_quantity=minus(max(order.quantity, asked.quantity), question.filled),
        reserved_price=Price(max(order.price, asked.price)),
        strategy_id=asked.strategy_id,
        at=question.at,
        inputs=inputs_of(question),
        position_side=order.position_side,
    )
    return admitted, None


def _refused(question: Question, price: Price, check: str, refusal: Rejected) -> AmendRefused:
    asked = question.order
    return AmendRefused(
        account_id=asked.account_id,
        order_id=asked.order_id,
        instrument_id=asked.instrument_id,
        side=asked.side,
        quantity=asked.quantity,
        price=price,
        filled=question.filled,
        check=check,
        reason=int(refusal.reason),
        detail=refusal.detail,
        limit=refusal.limit,
        value=refusal.value,
        at=question.at,
        inputs=inputs_of(question),
    )


def settled(
    account_id: AccountId,
    order_id: OrderId,
    instrument_id: InstrumentId,
    order: Order,
    risk: Risk,
) -> ReservationAmended | ReservationReleased | None:
    """What the order, as it is now, holds from now on; None when nothing changes."""
    reserved = order.reserved
    # An amendment of what trades at the market names a price that the order does not have.
    price = order.price if order.type in LIMITED else None
    if reserved <= 0:
        return release(account_id, order_id, instrument_id, risk)
    held = risk.reservations.get(order_id)
    if held is not None and held.waiting is not None and order.replacement is not None:
        reserved = max(reserved, minus(order.replacement.quantity, order.filled))
        price = Price(max(held.waiting.price, price or held.waiting.alone))
    return ReservationAmended(
        account_id=account_id,
        order_id=order_id,
        instrument_id=instrument_id,
        side=order.side,
        quantity=reserved,
        price=price,
        strategy_id=order.strategy_id,
        position_side=order.position_side,
    )
