"""Short words for the life of an order: amends and their answers, answers lost and found."""

from decimal import Decimal

from domain.ids import AccountId
from domain.orders.commands import (
    AmendOrder,
    OrderType,
    RecordAmendment,
    RecordAmendRejection,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    ReferencePrice,
    ReplaceOrder,
    TimeInForce,
    Trigger,
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


def replacing(
    name: str,
    by: str,
    amount: str | int | Decimal = 10,
    at: str | int | Decimal | None = "8",
    *,
    kind: OrderType | None = None,
    trigger: Trigger | None = None,
    time_in_force: TimeInForce = TimeInForce.GTC,
    reduce_only: bool = False,
    close_position: bool = False,
    reference: str | int | Decimal | None = None,
    account: AccountId = ACCOUNT,
) -> ReplaceOrder:
    """Another order in the place of one: a limit order, or what else was asked for."""
    return ReplaceOrder(
        order_id=order_id(name),
        replacement_id=order_id(by),
        account_id=account,
        instrument_id=SUSHI,
        type=kind or OrderType.LIMIT,
        time_in_force=time_in_force,
        quantity=quantity(amount),
        price=None if at is None else price(at),
        reduce_only=reduce_only or close_position,
        reference=None if reference is None else ReferencePrice(price(reference), START),
        close_position=close_position,
        trigger=trigger,
    )


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
