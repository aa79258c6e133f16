"""What the golden bytes of retired versions of risk are read as today.

The bytes are those that releases have stored; the events here are what evolve() gets to see.
"""

from decimal import Decimal
from typing import Final

from domain.ids import ExecutionId
from domain.orders.commands import OrderType, ReferencePrice
from domain.registry import Event
from domain.risk.commands import Limits
from domain.risk.compared import DecisionInputs
from domain.risk.events import FillApplied, LimitsSet, OrderAdmitted, OrderRefused
from domain.values import Money, PositionSide, Price, Quantity, Side
from tests.contract.example_values import ACCOUNT, AT, ORDER, SUSHI, VENUE_TIME

_TEN: Final = Quantity(Decimal(10))
_PRICE: Final = Price(Decimal("7.6"))
_INPUTS: Final = DecisionInputs(
    limits_version=3,
    rules_version=1,
    reference=ReferencePrice(Price(Decimal("7.650")), VENUE_TIME),
    net_quantity=Decimal("-12.5"),
    open_buys=Decimal(0),
    open_sells=Decimal("2.50"),
    open_orders=1,
)
_INPUTS_OF_NOTHING: Final = DecisionInputs(
    limits_version=0,
    rules_version=0,
    reference=None,
    net_quantity=Decimal(0),
    open_buys=Decimal(0),
    open_sells=Decimal(0),
    open_orders=0,
)

RETIRED_RISK: Final[dict[str, Event]] = {
    "risk.limits_set.v1": LimitsSet(
        account_id=ACCOUNT,
        limits_version=3,
        limits=Limits(
            currency="USDT",
            order_quantity=Decimal(1_000),
            order_notional=Decimal("10000.50"),
            open_orders=20,
            position_notional=Decimal(50_000),
            price_collar=Decimal("0.05"),
            loss=Decimal(500),
            duplicate_window=1_000_000,
        ),
    ),
    "risk.limits_set.v1 none": LimitsSet(ACCOUNT, 4, Limits(currency="USDT")),
    "risk.order_admitted.v1": OrderAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=_TEN,
        price=_PRICE,
        strategy_id=None,
        at=AT,
        inputs=_INPUTS,
        position_side=PositionSide.NET,
        limit_price=_PRICE,
        trigger=None,
    ),
    "risk.order_admitted.v1 bare": OrderAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=_TEN,
        price=Price(Decimal("7.65")),
        strategy_id=None,
        at=AT,
        inputs=_INPUTS_OF_NOTHING,
        position_side=PositionSide.NET,
        limit_price=None,
        trigger=None,
    ),
    "risk.order_refused.v1": OrderRefused(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=_TEN,
        price=_PRICE,
        check="position",
        reason=2007,
        detail="the position could pass its limit",
        limit="50000",
        value="50076.5",
        at=AT,
        inputs=_INPUTS,
    ),
    "risk.order_refused.v1 market": OrderRefused(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=_TEN,
        price=None,
        check="limits_set",
        reason=2003,
        detail="a risk manager has to set limits first",
        limit="",
        value="",
        at=AT,
        inputs=_INPUTS_OF_NOTHING,
    ),
    "risk.fill_applied.v1": FillApplied(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        execution_id=ExecutionId("88231771"),
        side=Side.BUY,
        quantity=Quantity(Decimal(4)),
        price=None,
        reserved_quantity=Decimal(2),
        net_quantity=Decimal("-8.5"),
        realised=Money(Decimal("-0.25"), "USDT"),
        fee=Money(Decimal("0.0121584"), "USDT"),
        position_side=PositionSide.NET,
    ),
}
"""Stored name of a retired version, and a word where it has a second example."""
