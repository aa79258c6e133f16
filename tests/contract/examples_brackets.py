"""Examples of brackets: what binds their orders, and what only those orders have."""

from decimal import Decimal
from typing import Final

from domain.brackets.commands import ExitTerms
from domain.brackets.events import (
    BracketEnded,
    BracketMoved,
    BracketPlaced,
    BracketRefused,
    ExitGivenUp,
    ExitOrdered,
    ProtectionLost,
    ProtectionWanted,
)
from domain.ids import ExecutionId, OrderId
from domain.orders.commands import BracketRole, OrderType
from domain.orders.events import OrderLinked, OrderResizeRequested
from domain.registry import Event
from domain.risk.exits import ExitAdmitted, ExitEnded
from domain.values import PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    STOP,
    STRATEGY,
    SUSHI,
    price_of,
    quantity_of,
)

_EXIT: Final = OrderId("3c9d1f5a-77aa-8c11-9b5e-2f4d6e8a0c13")
_STOP: Final = ExitTerms(OrderType.STOP_MARKET, None, STOP)
_TARGET: Final = ExitTerms(OrderType.LIMIT, price_of("8.250"), None)

BRACKETS: Final[dict[str, Event]] = {
    "order.linked.v1": OrderLinked(_EXIT, ACCOUNT, ORDER, BracketRole.TARGET),
    "order.resize_requested.v1": OrderResizeRequested(
        _EXIT, ACCOUNT, SUSHI, "pt-3c9d1f5a77aa8c119b5e2f4d6e8a0c13", 1, quantity_of("12.5")
    ),
    "risk.exit_admitted.v1": ExitAdmitted(
        account_id=ACCOUNT,
        order_id=_EXIT,
        entry_id=ORDER,
        instrument_id=SUSHI,
        side=Side.SELL,
        position_side=PositionSide.NET,
        quantity=quantity_of("12.5"),
        strategy_id=STRATEGY,
        limits_version=3,
        rules_version=1,
        at=AT,
    ),
    "risk.exit_ended.v1": ExitEnded(ACCOUNT, _EXIT, SUSHI),
    "bracket.placed.v1": BracketPlaced(
        entry_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.BUY,
        position_side=PositionSide.NET,
        strategy_id=STRATEGY,
        quantity=quantity_of("100"),
        currency="USDT",
        stop=_STOP,
        target=_TARGET,
    ),
    "bracket.placed.v1 bare": BracketPlaced(
        entry_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.SELL,
        position_side=PositionSide.SHORT,
        strategy_id=None,
        quantity=quantity_of("100"),
        currency="USDT",
        stop=None,
        target=_TARGET,
    ),
    "bracket.refused.v1": BracketRefused(
        entry_id=ORDER,
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        side=Side.SELL,
        position_side=PositionSide.NET,
        strategy_id=None,
        quantity=quantity_of("100"),
        stop=_STOP,
        target=None,
        reason=1043,
        detail="the stop of this entry has to be above the price at which it enters",
        limit="8.000",
        value="7.500",
    ),
    "bracket.moved.v1": BracketMoved(
        entry_id=ORDER,
        account_id=ACCOUNT,
        role=BracketRole.STOP,
        order_id=_EXIT,
        execution_id=ExecutionId("44121"),
        quantity=quantity_of("12.5"),
        entered=Decimal(100),
        exited=Decimal("112.5"),
        overrun=Decimal("12.5"),
    ),
    "bracket.exit_ordered.v1": ExitOrdered(
        entry_id=ORDER,
        account_id=ACCOUNT,
        role=BracketRole.TARGET,
        number=2,
        order_id=_EXIT,
        type=OrderType.LIMIT,
        quantity=quantity_of("12.5"),
    ),
    "bracket.exit_given_up.v1": ExitGivenUp(ORDER, ACCOUNT, BracketRole.TARGET, _EXIT),
    "bracket.protection_lost.v1": ProtectionLost(
        ORDER, ACCOUNT, BracketRole.STOP, Decimal("12.5"), 3042, "the venue ended it: expired"
    ),
    "bracket.protection_wanted.v1": ProtectionWanted(ORDER, ACCOUNT, BracketRole.STOP),
    "bracket.ended.v1": BracketEnded(ORDER, ACCOUNT, Decimal(100), Decimal(100)),
}
