"""Checks of hedge mode: which position an order moves, and that closing a leg never flips it.

In hedge mode a buy opens the long leg and a sell closes it; a sell opens the short leg and a buy
closes it. So a closing order reduces by its nature, whether it says so or not, as at the venues.
"""

from domain.accounts.events import PositionMode
from domain.orders.commands import PlaceOrder
from domain.reasons import Reason, Rejected
from domain.risk.rules.question import Question
from domain.values import PositionSide, Side


def closes(order: PlaceOrder) -> bool:
    """Whether the order can only make a leg smaller; never of a net position."""
    if order.position_side is PositionSide.NET:
        return False
    return (order.position_side is PositionSide.LONG) == (order.side is Side.SELL)


def position_side(question: Question) -> Rejected | None:
    """A leg in hedge mode, the net position in one-way mode; an opening order does not reduce."""
    order, mode = question.order, question.account.position_mode
    hedged = order.position_side is not PositionSide.NET
    if hedged != (mode is PositionMode.HEDGE):
        wanted = "long or short" if mode is PositionMode.HEDGE else PositionSide.NET.value
        return Rejected(
            Reason.POSITION_SIDE_MISMATCH,
            f"the account is in {mode.value} mode",
            limit=wanted,
            value=order.position_side.value,
        )
    if hedged and order.reduce_only and not closes(order):
        return Rejected(
            Reason.CONTRADICTORY_FLAGS,
            f"a {order.side.value} of the {order.position_side.value} leg opens: it cannot reduce",
        )
    return None
