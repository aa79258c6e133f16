"""Short words for the life of an order: amends and their answers, answers lost and found."""

from decimal import Decimal

from domain.ids import AccountId
from domain.orders.commands import (
    AmendOrder,
    RecordAmendment,
    RecordAmendRejection,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    ReferencePrice,
)
from tests.support.trading import ACCOUNT, START, SUSHI, order_id, price, quantity


def amend(
    name: str,
    amount: str | int | Decimal | None = None,
    at: str | int | Decimal | None = None,
    *,
    account: AccountId = ACCOUNT,
    reference: str | int | Decimal | None = None,
) -> AmendOrder:
    """Ask for another quantity or price."""
    return AmendOrder(
        order_id=order_id(name),
        account_id=account,
        instrument_id=SUSHI,
        quantity=None if amount is None else quantity(amount),
        price=None if at is None else price(at),
        reference=None if reference is None else ReferencePrice(price(reference), START),
    )


def amended(
    name: str,
    amount: str | int | Decimal,
    at: str | int | Decimal = "8",
    *,
    number: int = 1,
    time: int = START,
) -> RecordAmendment:
    """The venue has the order with this quantity and price."""
    return RecordAmendment(
        order_id(name), ACCOUNT, SUSHI, number, quantity(amount), price(at), time
    )


def amend_rejected(name: str, *, number: int = 1) -> RecordAmendRejection:
    """The venue refused to amend."""
    return RecordAmendRejection(order_id(name), ACCOUNT, SUSHI, number, "unknown order", START)


def lost(name: str) -> RecordOutcomeUnknown:
    """Nothing came back from the venue."""
    return RecordOutcomeUnknown(order_id(name), ACCOUNT, SUSHI, "no answer", START)


def reconciled(
    name: str, venue_order_id: str = "v-1", *, filled: str | int | Decimal = 0
) -> RecordReconciled:
    """The venue was asked and has it open."""
    return RecordReconciled(order_id(name), ACCOUNT, SUSHI, venue_order_id, Decimal(filled), START)


def not_found(name: str) -> RecordNotFound:
    """The venue was asked and never had it."""
    return RecordNotFound(order_id(name), ACCOUNT, SUSHI, START)
