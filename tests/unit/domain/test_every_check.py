"""Each check three times at each of its scopes: below its limit, at it, and a step above.

A check that is added to the table without a row here fails the first test. `step` is -1 for below,
0 for at the limit and 1 for above; where there is no number, 0 is what only just passes.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

import pytest

from domain.orders.commands import OrderType
from domain.reasons import Reason
from domain.risk.commands import HaltScope, SetLimits
from domain.risk.rules.table import CHECKS
from domain.risk.wider import Counted, Wider, WiderScope, exists
from domain.values import Side
from tests.support import check_stories as stories
from tests.support.check_stories import SECOND, TENTH, TICK, Asked
from tests.support.checks import limits, refusal
from tests.support.trading import (
    ACCOUNT,
    conditional,
    desk,
    number,
    place,
)


class Row(NamedTuple):
    """A check at one of its scopes; the reason above the limit, and the story."""

    check: str
    scope: str
    reason: Reason
    story: Callable[[int], Asked]


ROWS: Final = (
    Row("position_side", "account", Reason.POSITION_SIDE_MISMATCH, stories.position_side),
    Row("time_in_force", "order", Reason.EXPIRY_TOO_SOON, stories.time_in_force),
    Row(
        "trigger",
        "order",
        Reason.CALLBACK_OUT_OF_RANGE,
        lambda step: (
            desk(),
            conditional(
                "a",
                OrderType.TRAILING_STOP,
                trigger=None,
                callback=str(Decimal("0.1") + step * TICK),
            ),
        ),
    ),
    Row("close_position", "account", Reason.NOTHING_TO_CLOSE, stories.close_position),
    Row(
        "trigger_side",
        "order",
        Reason.TRIGGER_AT_ONCE,
        lambda step: (desk(), conditional("a", trigger=8 + (step - 1) * TICK)),
    ),
    Row("account", "account", Reason.ACCOUNT_SUSPENDED, stories.account),
    Row("halt", "account", Reason.ACCOUNT_HALTED, stories.halted_account),
    Row("halt", "platform", Reason.PLATFORM_HALTED, stories.halted_platform),
    Row("halt", "venue", Reason.VENUE_HALTED, lambda s: stories.halted_beyond(HaltScope.VENUE, s)),
    Row("halt", "user", Reason.USER_HALTED, lambda s: stories.halted_beyond(HaltScope.USER, s)),
    Row(
        "halt",
        "strategy",
        Reason.STRATEGY_HALTED,
        lambda step: stories.halted_beyond(HaltScope.STRATEGY, step),
    ),
    Row("strategy", "strategy", Reason.STRATEGY_NOT_RUNNING, stories.strategy),
    Row("margin", "account", Reason.MARGIN_INSUFFICIENT, stories.wallet),
    Row(
        "leverage",
        "account",
        Reason.LEVERAGE_LIMIT,
        lambda step: stories.wallet(step, leverage=number(1)),
    ),
    Row("limits_set", "account", Reason.LIMITS_NOT_SET, stories.limits_set),
    Row("instrument", "instrument", Reason.INSTRUMENT_NOT_TRADING, stories.instrument),
    Row(
        "price_and_type",
        "order",
        Reason.PRICE_OFF_TICK,
        lambda step: (desk(), place("a", at="8.0005" if step == 1 else 8 + step * TICK)),
    ),
    Row(
        "quantity",
        "order",
        Reason.QUANTITY_BELOW_MINIMUM,
        lambda step: (desk(), place("a", amount=Decimal("0.5") - step * TENTH, at=20)),
    ),
    Row(
        "rate", "account", Reason.RATE_LIMIT, lambda s: stories.rate("orders_per_second", SECOND, s)
    ),
    Row(
        "rate",
        "account",
        Reason.RATE_LIMIT,
        lambda s: stories.rate("orders_per_minute", 60 * SECOND, s),
    ),
    Row("reference_price", "order", Reason.REFERENCE_PRICE_MISSING, stories.reference_price),
    Row("stale_price", "order", Reason.REFERENCE_PRICE_STALE, stories.stale_price),
    Row(
        "minimum_notional",
        "order",
        Reason.NOTIONAL_BELOW_MINIMUM,
        lambda step: (desk(), place("a", at=Decimal("0.5") - step * TICK)),
    ),
    Row("reduce_only", "account", Reason.WOULD_INCREASE, stories.reduce_only),
    Row(
        "order_quantity",
        "account",
        Reason.ORDER_QUANTITY_LIMIT,
        lambda step: (
            desk(limits(order_quantity=number(10))),
            place("a", amount=10 + step * TENTH),
        ),
    ),
    Row(
        "order_notional",
        "account",
        Reason.ORDER_NOTIONAL_LIMIT,
        lambda step: (desk(limits(order_notional=number(80))), place("a", at=8 + step * TICK)),
    ),
    Row(
        "strategy_order_quantity",
        "strategy",
        Reason.STRATEGY_ORDER_QUANTITY_LIMIT,
        lambda step: (
            stories.strategic(order_quantity=number(10)),
            stories.of_strategy(place("a", amount=10 + step * TENTH)),
        ),
    ),
    Row(
        "strategy_order_notional",
        "strategy",
        Reason.STRATEGY_ORDER_NOTIONAL_LIMIT,
        lambda step: (
            stories.strategic(order_notional=number(80)),
            stories.of_strategy(place("a", at=8 + step * TICK)),
        ),
    ),
    Row(
        "open_orders",
        "account",
        Reason.OPEN_ORDERS_LIMIT,
        lambda s: stories.open_orders(s, open_orders=3),
    ),
    Row(
        "instrument_open_orders",
        "instrument",
        Reason.INSTRUMENT_OPEN_ORDERS_LIMIT,
        lambda step: stories.open_orders(step, instrument_open_orders=3),
    ),
    Row(
        "open_notional",
        "account",
        Reason.OPEN_NOTIONAL_LIMIT,
        lambda step: stories.open_notional(step, open_notional=number(80)),
    ),
    Row(
        "instrument_open_notional",
        "instrument",
        Reason.INSTRUMENT_OPEN_NOTIONAL_LIMIT,
        lambda step: stories.open_notional(step, instrument_open_notional=number(80)),
    ),
    Row(
        "strategy_open_orders",
        "strategy",
        Reason.STRATEGY_OPEN_ORDERS_LIMIT,
        stories.strategy_open_orders,
    ),
    Row(
        "strategy_open_notional",
        "strategy",
        Reason.STRATEGY_OPEN_NOTIONAL_LIMIT,
        stories.strategy_open_notional,
    ),
    Row(
        "position",
        "instrument",
        Reason.POSITION_LIMIT,
        lambda step: (
            stories.held(position_notional=number(160)),
            place("a", amount=10 + step * TENTH, reference=8),
        ),
    ),
    *(
        Row(
            "allotment",
            scope.value,
            Reason.ALLOTMENT_LIMIT,
            partial(stories.allotted, scope, counted),
        )
        for scope in WiderScope
        for counted in Counted
        if exists(Wider(scope, "", counted, "USDT"))
    ),
    Row("gross_position", "account", Reason.GROSS_POSITION_LIMIT, stories.gross),
    Row("net_position", "account", Reason.NET_POSITION_LIMIT, lambda s: stories.net(Side.BUY, s)),
    Row("net_position", "account", Reason.NET_POSITION_LIMIT, lambda s: stories.net(Side.SELL, s)),
    Row("concentration", "account", Reason.CONCENTRATION_LIMIT, stories.concentration),
    Row("daily_loss", "account", Reason.DAILY_LOSS_LIMIT, stories.daily_loss),
    Row("drawdown", "account", Reason.DRAWDOWN_LIMIT, stories.drawdown),
    Row("price_collar", "order", Reason.PRICE_COLLAR, stories.collar),
    Row("duplicate", "account", Reason.DUPLICATE_INTENT, stories.duplicate),
    Row("self_trade", "account", Reason.SELF_TRADE, lambda s: stories.self_trade(Side.BUY, s)),
    Row("self_trade", "account", Reason.SELF_TRADE, lambda s: stories.self_trade(Side.SELL, s)),
)

SCOPES: Final = {
    "halt": {scope.value for scope in HaltScope},
    "allotment": {scope.value for scope in WiderScope},
}
"""Where a check has more than one scope; a scope that is added needs its rows too."""


def test_every_check_has_its_three_cases_at_every_scope() -> None:
    rows: dict[str, set[str]] = {}
    for row in ROWS:
        rows.setdefault(row.check, set()).add(row.scope)
    assert set(rows) == {check.name for check in CHECKS}, "add rows for the new check"
    for check, scopes in rows.items():
        assert scopes == SCOPES.get(check, scopes)
        assert check in SCOPES or len(scopes) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.check}-{row.scope}")
def test_a_check_admits_below_and_at_its_limit_and_refuses_above(row: Row) -> None:
    for step in (-1, 0):
        assert refusal(*row.story(step)) is None, f"step {step}"
    found = refusal(*row.story(1))
    assert found is not None
    assert (found[0], found[1].reason) == (row.check, row.reason)


@pytest.mark.parametrize(
    ("check", "tight"),
    [
        ("rate", {"orders_per_second": 1}),
        ("stale_price", {"price_age": 1}),
        ("open_orders", {"open_orders": 0}),
        ("instrument_open_orders", {"instrument_open_orders": 0}),
        ("open_notional", {"open_notional": number(1)}),
        ("instrument_open_notional", {"instrument_open_notional": number(1)}),
        ("gross_position", {"gross_notional": number(1)}),
        ("net_position", {"net_notional": number(1)}),
        ("concentration", {"concentration": number("0.1")}),
        ("daily_loss", {"daily_loss": number(1)}),
        ("drawdown", {"drawdown": number(1)}),
    ],
)
def test_what_reduces_is_never_refused_by_what_an_opening_order_is(
    check: str, tight: dict[str, object]
) -> None:
    trading = stories.held()
    trading.events(SetLimits(ACCOUNT, limits(**tight)))
    trading.at += SECOND
    for count, price in enumerate((8, 4, 4)):
        out = place(f"out {count}", Side.SELL, 2, at=None, reduce_only=True, reference=price)
        assert refusal(trading, out) is None
    found = refusal(trading, place("in", amount=2, at=None, reference=4))
    assert found is not None
    assert found[0] == check
