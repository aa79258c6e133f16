"""The pre-trade checks in the order in which they are asked; the first refusal is the answer.

Names are contracts: they are stored with every refusal.
"""

from collections.abc import Iterable
from typing import Final

from domain.reasons import Rejected
from domain.risk.rules import (
    allotments,
    conditions,
    hedge,
    limits,
    margin,
    opened,
    positions,
    shape,
    state,
    strategies,
)
from domain.risk.rules.question import Check, Question

CHECKS: Final = (
    Check("account", state.account),
    Check("position_side", hedge.position_side),
    Check("halt", state.halt),
    Check("strategy", state.strategy),
    Check("limits_set", state.limits_set),
    Check("instrument", state.instrument),
    Check("price_and_type", shape.price_and_type),
    Check("time_in_force", conditions.time_in_force),
    Check("trigger", conditions.trigger),
    Check("close_position", conditions.close_position),
    Check("quantity", shape.quantity),
    Check("rate", opened.rate),
    Check("reference_price", limits.reference_price),
    Check("stale_price", limits.stale_price),
    Check("trigger_side", conditions.trigger_side),
    Check("minimum_notional", shape.minimum_notional),
    Check("reduce_only", limits.reduce_only),
    Check("order_quantity", limits.order_quantity),
    Check("order_notional", limits.order_notional),
    Check("strategy_order_quantity", strategies.order_quantity),
    Check("strategy_order_notional", strategies.order_notional),
    Check("open_orders", opened.open_orders),
    Check("instrument_open_orders", opened.instrument_open_orders),
    Check("open_notional", opened.open_notional),
    Check("instrument_open_notional", opened.instrument_open_notional),
    Check("strategy_open_orders", strategies.open_orders),
    Check("strategy_open_notional", strategies.open_notional),
    Check("position", limits.position),
    Check("gross_position", positions.gross),
    Check("net_position", positions.net),
    Check("concentration", positions.concentration),
    Check("allotment", allotments.allotment),
    Check("leverage", margin.leverage),
    Check("margin", margin.margin),
    Check("daily_loss", positions.daily_loss),
    Check("drawdown", positions.drawdown),
    Check("price_collar", limits.price_collar),
    Check("duplicate", limits.duplicate),
    Check("self_trade", opened.self_trade),
)


def first_refusal(
    question: Question, checks: Iterable[Check] = CHECKS
) -> tuple[str, Rejected] | None:
    """The first check that refuses, by its name; None if all of them let it pass."""
    for check in checks:
        refusal = check.refuses(question)
        if refusal is not None:
            return check.name, refusal
    return None
