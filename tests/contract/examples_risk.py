"""Examples of the events of risk, whose shapes are the largest; examples.py has the others."""

from decimal import Decimal
from typing import Final

from domain.ids import ExecutionId
from domain.margin.tiers import MarginTier
from domain.orders.commands import OrderType, ReferencePrice
from domain.registry import Event
from domain.risk.commands import Limits, StrategyLimits
from domain.risk.compared import (
    DecisionInputs,
    MarginInputs,
    OpenInputs,
    PaceInputs,
    PositionInputs,
    ProfitInputs,
    StrategyInputs,
)
from domain.risk.events import (
    DayRolled,
    FillApplied,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
)
from domain.risk.terms import MarginTermsNoted
from domain.values import PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    STOP,
    STRATEGY,
    SUSHI,
    VENUE_TIME,
    price_of,
    quantity_of,
    usdt,
)

INPUTS: Final = DecisionInputs(
    limits_version=3,
    rules_version=1,
    reference=ReferencePrice(price_of("7.650"), VENUE_TIME),
    net_quantity=Decimal("-12.5"),
    open_buys=Decimal(0),
    open_sells=Decimal("2.50"),
    open_orders=1,
    pace=PaceInputs(second=1_000_000, minute=59_990_000),
    opened=OpenInputs(1, Decimal("19.125"), Decimal("40.50")),
    positions=PositionInputs(
        mark=Decimal("7.65"), gross=Decimal("114.75"), long=Decimal(0), short=Decimal("-114.75")
    ),
    profits=ProfitInputs(profit=Decimal("-12.5"), peak=Decimal(30), day_start=Decimal("0.5")),
    strategy=StrategyInputs(open_orders=1, open_notional=Decimal("19.125")),
    own_price=Decimal("7.7"),
    margin=MarginInputs(
        balance=Decimal("1000.50"),
        leverage=Decimal(20),
        gross=Decimal("190.75"),
        required=Decimal("9.5375"),
    ),
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

RISK: Final[dict[str, Event]] = {
    "risk.limits_set.v2": LimitsSet(
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
            orders_per_second=10,
            orders_per_minute=200,
            price_age=5_000_000,
            instrument_open_orders=5,
            open_notional=Decimal(20_000),
            instrument_open_notional=Decimal(5_000),
            gross_notional=Decimal(100_000),
            net_notional=Decimal(60_000),
            concentration=Decimal("0.50"),
            concentration_from=Decimal(1_000),
            daily_loss=Decimal(250),
            drawdown=Decimal("400.25"),
            self_trade=True,
            strategies={
                STRATEGY: StrategyLimits(Decimal(100), Decimal("1000.5"), 4, Decimal(2_000))
            },
            leverage=Decimal("2.50"),
        ),
    ),
    "risk.limits_set.v2 none": LimitsSet(ACCOUNT, 4, Limits(currency="USDT")),
    "risk.order_admitted.v2": OrderAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=quantity_of("10"),
        price=price_of("7.6"),
        strategy_id=STRATEGY,
        at=AT,
        inputs=INPUTS,
        position_side=PositionSide.NET,
        limit_price=price_of("7.6"),
        trigger=None,
    ),
    "risk.order_admitted.v2 bare": OrderAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=quantity_of("10"),
        price=price_of("7.65"),
        strategy_id=None,
        at=AT,
        inputs=_INPUTS_OF_NOTHING,
        position_side=PositionSide.LONG,
        limit_price=None,
        trigger=None,
    ),
    "risk.order_admitted.v2 stop": OrderAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.SELL,
        type=OrderType.STOP_MARKET,
        quantity=quantity_of("12.5"),
        price=price_of("7.65"),
        strategy_id=None,
        at=AT,
        inputs=INPUTS,
        position_side=PositionSide.NET,
        limit_price=None,
        trigger=STOP,
    ),
    "risk.order_refused.v2": OrderRefused(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=quantity_of("10"),
        price=price_of("7.6"),
        check="position",
        reason=2007,
        detail="the position could pass its limit",
        limit="50000",
        value="50076.5",
        at=AT,
        inputs=INPUTS,
    ),
    "risk.order_refused.v2 market": OrderRefused(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=quantity_of("10"),
        price=None,
        check="limits_set",
        reason=2003,
        detail="a risk manager has to set limits first",
        limit="",
        value="",
        at=AT,
        inputs=_INPUTS_OF_NOTHING,
    ),
    "risk.reservation_released.v1": ReservationReleased(ACCOUNT, ORDER, SUSHI, Decimal(6)),
    "risk.fill_applied.v2": FillApplied(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        execution_id=ExecutionId("88231771"),
        side=Side.BUY,
        quantity=quantity_of("4"),
        price=price_of("7.5990"),
        reserved_quantity=Decimal(2),
        net_quantity=Decimal("-8.5"),
        realised=usdt("-0.25"),
        fee=usdt("0.0121584"),
        position_side=PositionSide.NET,
    ),
    "risk.day_rolled.v1": DayRolled(ACCOUNT, 18_830, usdt("-12.50"), AT),
    "risk.margin_terms_noted.v1": MarginTermsNoted(
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        rules_version=3,
        taker_fee=Decimal("0.00055"),
        margin_tiers=(
            MarginTier(Decimal(20_000), Decimal(25), Decimal("0.02"), Decimal(0)),
            MarginTier(Decimal(100_000), Decimal("12.5"), Decimal("0.04"), Decimal(400)),
        ),
    ),
}
"""Merged into EXAMPLES."""
