"""Admit or refuse a replacement, and bring reservations to what is left when its story ends.

The checks are asked as if the replaced order held nothing, for both are never open together: a
replacement of the same size is never refused for its own predecessor. One reservation, the larger
quantity at the dearer price, is kept for both from the admission on, so that nobody else is given
what either may need.
"""

from typing import Final

from domain.ids import OrderId
from domain.orders.events import OrderHeld
from domain.orders.state import Order
from domain.reasons import Rejected
from domain.risk.inputs import inputs_of
from domain.risk.replacements import (
    ReplacementAdmitted,
    ReplacementDropped,
    ReplacementRefused,
    ReservationReplaced,
)
from domain.risk.rules.question import Question
from domain.risk.rules.table import CHECKS, first_refusal
from domain.risk.state import Risk
from domain.values import ZERO, Price, Quantity, plus

AGAIN: Final = frozenset(
    {"account", "halt", "strategy", "limits_set", "instrument", "quantity", "minimum_notional"}
)
"""Checks that are asked once more when a replacement is about to be sent: a halt binds the very
next order, and what is left may be too little for the venue. The others compare with what is
reserved, and that it was since it was admitted."""
_AGAIN: Final = tuple(check for check in CHECKS if check.name in AGAIN)


def admit(
    question: Question, replaces: OrderId, replaced: Order, risk: Risk
) -> tuple[ReplacementAdmitted, None] | tuple[ReplacementRefused, Rejected]:
    """Ask every check; `question` sees an account without the replaced order, `risk` has it."""
    asked, filled = question.order, replaced.filled
    refused = first_refusal(question)
    if refused is not None:
        return _refused(question, replaces, replaced, *refused), refused[1]
    price = question.price
    assert price is not None  # price_and_type and reference_price refuse an order without one
    was = risk.reservations.get(replaces)
    admitted = ReplacementAdmitted(
        account_id=asked.account_id,
        order_id=asked.order_id,
        replaces=replaces,
        instrument_id=asked.instrument_id,
        side=asked.side,
        type=asked.type,
        quantity=Quantity(plus(question.quantity, filled)),
        price=price,
        filled=filled,
        reserved_quantity=max(question.quantity, ZERO if was is None else was.quantity),
        reserved_price=price if was is None else Price(max(price, was.price)),
        strategy_id=asked.strategy_id,
        at=question.at,
        inputs=inputs_of(question),
        position_side=asked.position_side,
        limit_price=asked.price,
        trigger=asked.trigger,
    )
    return admitted, None


def _refused(
    question: Question, replaces: OrderId, replaced: Order, check: str, refusal: Rejected
) -> ReplacementRefused:
    asked = question.order
    return ReplacementRefused(
        account_id=asked.account_id,
        order_id=asked.order_id,
        replaces=replaces,
        instrument_id=asked.instrument_id,
        side=asked.side,
        type=asked.type,
        quantity=Quantity(plus(asked.quantity, replaced.filled)),
        price=asked.price,
        filled=replaced.filled,
        check=check,
        reason=int(refusal.reason),
        detail=refusal.detail,
        limit=refusal.limit,
        value=refusal.value,
        at=question.at,
        inputs=inputs_of(question),
    )


def refusal_now(question: Question) -> Rejected | None:
    """Why a replacement that was admitted may not be sent any more."""
    refused = first_refusal(question, _AGAIN)
    return None if refused is None else refused[1]


def taken_over(terms: OrderHeld, quantity: Quantity) -> ReservationReplaced:
    """The replacement holds what is left of it, the replaced order nothing."""
    return ReservationReplaced(
        account_id=terms.account_id,
        order_id=terms.order_id,
        replaces=terms.replaces,
        instrument_id=terms.instrument_id,
        side=terms.side,
        type=terms.type,
        quantity=quantity,
        price=terms.valued_at,
        strategy_id=terms.strategy_id,
        position_side=terms.position_side,
    )


def dropped(terms: OrderHeld, replaced: Order, risk: Risk) -> ReplacementDropped | None:
    """The order that was to be replaced holds its own alone; None when nothing is reserved."""
    shared = risk.reservations.get(terms.replaces)
    if shared is None:
        return None
    price = replaced.price
    if price is None:
        price = Price(shared.price if shared.waiting is None else shared.waiting.alone)
    return ReplacementDropped(
        account_id=terms.account_id,
        order_id=terms.order_id,
        replaces=terms.replaces,
        instrument_id=terms.instrument_id,
        side=terms.side,
        quantity=max(ZERO, replaced.reserved),
        price=price,
        strategy_id=terms.strategy_id,
        position_side=terms.position_side,
    )
