"""The pre-trade checks in the order in which they are asked; the first refusal is the answer.

Names are contracts: they are stored with every refusal.
"""

from typing import Final

from domain.risk.rules import limits, shape, state
from domain.risk.rules.question import Check

CHECKS: Final = (
    Check("account", state.account),
    Check("halt", state.halt),
    Check("limits_set", state.limits_set),
    Check("instrument", state.instrument),
    Check("price_and_type", shape.price_and_type),
    Check("quantity", shape.quantity),
    Check("reference_price", limits.reference_price),
    Check("minimum_notional", shape.minimum_notional),
    Check("reduce_only", limits.reduce_only),
    Check("order_quantity", limits.order_quantity),
    Check("order_notional", limits.order_notional),
    Check("open_orders", limits.open_orders),
    Check("position", limits.position),
    Check("price_collar", limits.price_collar),
    Check("duplicate", limits.duplicate),
)
