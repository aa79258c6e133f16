"""Turn a replacement into order events, or into the reason why not; pure, of orders alone.

The old order is asked to be cancelled, the new one is held here until that order has ended for
certain. What the old one fills meanwhile comes off the new one, so that both together never trade
more than the new quantity, as with FIX, where the quantity of a replace counts what is done.
"""

from domain.orders.commands import Origin, PlaceOrder, ReplaceOrder
from domain.orders.events import OrderHeld, OrderPlaced, OrderReplaceRequested, OrderWithdrawn
from domain.orders.state import Order, OrderStatus
from domain.orders.transitions import Move, Outcome, after
from domain.reasons import Reason, Rejected
from domain.values import ZERO, Price, Quantity, minus, plain, plus


def refusal(command: ReplaceOrder, order: Order, replacement: Order) -> Rejected | None:
    """Why the order cannot be replaced now, or not under this id."""
    named = (command.account_id, command.instrument_id)
    if order.instrument_id is None or named != (order.account_id, order.instrument_id):
        return Rejected(Reason.ORDER_UNKNOWN, "this account has no such order in this instrument")
    if after(replacement.status, Move.HOLD) is None:
        return Rejected(
            Reason.ORDER_ALREADY_EXISTS, "this replacement_id is taken: choose a fresh one"
        )
    if order.status is OrderStatus.HELD:
        return is_held()
    outcome = after(order.status, Move.REQUEST_CANCEL)
    if outcome is Outcome.KNOWN or (order.cancelling and order.status is OrderStatus.UNKNOWN):
        return Rejected(Reason.CANCEL_ALREADY_REQUESTED, "the venue is being asked to cancel")
    if outcome is None:
        return Rejected(Reason.ORDER_NOT_OPEN, f"the order is {order.status.value}")
    if order.origin is not Origin.PATRIOT:
        return Rejected(Reason.AMEND_NOT_POSSIBLE, "it was not placed here: cancel it instead")
    if order.link is not None:
        return Rejected(Reason.AMEND_NOT_POSSIBLE, "it belongs to a bracket, which would lose it")
    if order.pending is not None:
        return Rejected(Reason.AMEND_ALREADY_REQUESTED, "the venue is being asked to amend")
    if not command.close_position and command.quantity <= order.filled:
        return Rejected(
            Reason.AMEND_BELOW_FILLED,
            "nothing would be left of the order: cancel it instead",
            limit=plain(order.filled),
            value=plain(command.quantity),
        )
    return None


def is_held() -> Rejected:
    """What is held here can be cancelled, and nothing else."""
    return Rejected(
        Reason.ORDER_IS_HELD, "the order waits for the end of the one that it replaces: cancel it"
    )


def as_placed(command: ReplaceOrder, order: Order) -> PlaceOrder:
    """The replacement as it would be sent if the old order filled nothing more."""
    closes = command.close_position
    return PlaceOrder(
        order_id=command.replacement_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        side=order.side,
        type=command.type,
        time_in_force=command.time_in_force,
        quantity=command.quantity if closes else Quantity(minus(command.quantity, order.filled)),
        price=command.price,
        reduce_only=command.reduce_only,
        strategy_id=order.strategy_id,
        reference=command.reference,
        position_side=order.position_side,
        expires_at=command.expires_at,
        close_position=closes,
        trigger=command.trigger,
    )


def held(
    command: ReplaceOrder, order: Order, quantity: Quantity, price: Price, client_order_id: str
) -> OrderHeld:
    """The replacement waits; `quantity` is what it would be sent with, `price` its value."""
    return OrderHeld(
        order_id=command.replacement_id,
        replaces=command.order_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        side=order.side,
        type=command.type,
        time_in_force=command.time_in_force,
        quantity=Quantity(plus(quantity, order.filled)),
        price=command.price,
        reduce_only=command.reduce_only,
        strategy_id=order.strategy_id,
        client_order_id=client_order_id,
        currency=order.currency,
        position_side=order.position_side,
        expires_at=command.expires_at,
        close_position=command.close_position,
        trigger=command.trigger,
        valued_at=price,
    )


def requested(command: ReplaceOrder, order: Order, quantity: Quantity) -> OrderReplaceRequested:
    """The old order is named its successor."""
    return OrderReplaceRequested(
        order_id=command.order_id,
        replacement_id=command.replacement_id,
        quantity=Quantity(plus(quantity, order.filled)),
    )


def asked_again(terms: OrderHeld, replaced: Order) -> PlaceOrder:
    """What is left of a replacement once the order that it replaces has ended; may be 0 or less."""
    left = ZERO if terms.close_position else minus(terms.quantity, replaced.filled)
    return PlaceOrder(
        order_id=terms.order_id,
        account_id=terms.account_id,
        instrument_id=terms.instrument_id,
        side=terms.side,
        type=terms.type,
        time_in_force=terms.time_in_force,
        quantity=Quantity(left),
        price=terms.price,
        reduce_only=terms.reduce_only,
        strategy_id=terms.strategy_id,
        position_side=terms.position_side,
        expires_at=terms.expires_at,
        close_position=terms.close_position,
        trigger=terms.trigger,
    )


def released(terms: OrderHeld, quantity: Quantity) -> OrderPlaced:
    """The replacement is to be sent, with what is left of it."""
    return OrderPlaced(
        order_id=terms.order_id,
        account_id=terms.account_id,
        instrument_id=terms.instrument_id,
        side=terms.side,
        type=terms.type,
        time_in_force=terms.time_in_force,
        quantity=quantity,
        price=terms.price,
        reduce_only=terms.reduce_only,
        strategy_id=terms.strategy_id,
        client_order_id=terms.client_order_id,
        currency=terms.currency,
        position_side=terms.position_side,
        expires_at=terms.expires_at,
        close_position=terms.close_position,
        trigger=terms.trigger,
    )


def withdrawn(terms: OrderHeld, why: Rejected) -> OrderWithdrawn:
    """The replacement ends without being sent."""
    return OrderWithdrawn(terms.order_id, terms.quantity, int(why.reason), why.detail)
