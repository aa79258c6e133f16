"""A copy follows its leader's order: amended with it, sized anew, or cancelled if nothing is left.

What is amended is asked of the follower's checks like any amend, in the same commit as the
follower's event. Where they refuse, the copy stays what they admitted before: it is not cancelled,
for a limit of the follower is no reason to take away what it has. An amend is of the whole
quantity, as at the venues, so what of the copy has been filled counts as a part of it.
"""

from domain.orders import amending as orders
from domain.orders.commands import AmendOrder, CancelOrder
from domain.orders.state import Order
from domain.reasons import Reason, Rejected
from domain.strategies import copying
from domain.strategies.commands import AmendCopy
from domain.strategies.copying import Found
from domain.strategies.events import AmendAction, AmendCopied, SizingInputs
from domain.strategies.terms import Terms
from domain.values import Quantity, plain


def template(command: AmendCopy) -> AmendOrder:
    """An amend that changes nothing: enough to know which streams one looks at."""
    return AmendOrder(
        order_id=copying.order_id_of(command),
        account_id=command.account_id,
        instrument_id=command.intent.instrument_id,
        quantity=None,
        price=None,
        reference=command.reference,
    )


def unfit(command: AmendCopy, order: Order) -> Rejected | None:
    """Why the copy cannot be amended yet, or not any more; nothing is recorded.

    Its own next event tells the sender when to ask again: accepted, answered, or ended.
    """
    possible = orders.wanted(template(command), order)
    if isinstance(possible, Rejected) and possible.reason is not Reason.AMEND_CHANGES_NOTHING:
        return possible
    return None


def wanted(
    command: AmendCopy, terms: Terms, inputs: SizingInputs, order: Order, found: Found
) -> AmendOrder | tuple[CancelOrder, AmendCopied] | AmendCopied:
    """The amend, or the cancel with its event, or the event that says why neither."""
    intent = command.intent
    sized = copying.sized_for(intent, terms, inputs, found)
    if isinstance(sized, Rejected):
        return _cancelled(command, inputs, sized)
    if sized.quantity <= order.filled:
        nothing = Rejected(
            Reason.AMEND_BELOW_FILLED,
            "as much is filled as the copy should have",
            limit=plain(order.filled),
            value=plain(sized.quantity),
        )
        return _cancelled(command, inputs, nothing)
    rests = copying.resting(intent, terms, found)
    if rests is not None and sized.quantity > order.quantity:
        return _event(command, inputs, AmendAction.KEPT, None, rests)
    if (sized.quantity, intent.price) == (order.quantity, order.price):
        same = Rejected(Reason.AMEND_CHANGES_NOTHING, "the copy has this quantity and price")
        return _event(command, inputs, AmendAction.KEPT, None, same)
    return AmendOrder(
        order_id=copying.order_id_of(command),
        account_id=command.account_id,
        instrument_id=intent.instrument_id,
        quantity=sized.quantity,
        price=intent.price,
        reference=command.reference,
    )


def told(
    command: AmendCopy, inputs: SizingInputs, amend: AmendOrder, refusal: Rejected | None
) -> AmendCopied:
    """What became of the amend."""
    action = AmendAction.AMENDED if refusal is None else AmendAction.REFUSED
    return _event(command, inputs, action, amend.quantity, refusal)


def _cancelled(
    command: AmendCopy, inputs: SizingInputs, why: Rejected
) -> tuple[CancelOrder, AmendCopied]:
    cancel = CancelOrder(copying.order_id_of(command), command.account_id)
    return cancel, _event(command, inputs, AmendAction.CANCELLED, None, why)


def _event(
    command: AmendCopy,
    inputs: SizingInputs,
    action: AmendAction,
    quantity: Quantity | None,
    why: Rejected | None,
) -> AmendCopied:
    return AmendCopied(
        strategy_id=command.strategy_id,
        account_id=command.account_id,
        intent=command.intent,
        inputs=inputs,
        order_id=copying.order_id_of(command),
        action=action,
        quantity=quantity,
        reason=None if why is None else int(why.reason),
        detail="" if why is None else copying.sentence(why),
    )
