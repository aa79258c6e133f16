"""Examples of the events that move a position or its money; examples.py has the others."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.funding.events import FundingRecorded
from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.orders.commands import ExecutionKind
from domain.positions.events import (
    PositionClosed,
    PositionFill,
    PositionFlipped,
    PositionFunded,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.registry import Event
from domain.risk.events import BalanceRecorded, FundingApplied
from domain.values import Money, PositionSide, Price, Quantity, Side

ACCOUNT: Final = AccountId("3f0e8f1a-6a1c-4c7e-9d55-0b7f6a1f2c01")
ORDER: Final = OrderId("0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11")
SUSHI: Final = InstrumentId("BINANCE:SUSHIUSDT")
VENUE_TIME: Final = 1_626_912_000_123_000


def _price(text: str) -> Price:
    return Price(Decimal(text))


def _quantity(text: str) -> Quantity:
    return Quantity(Decimal(text))


def _usdt(text: str) -> Money:
    return Money(Decimal(text), "USDT")


def _change(kind: type[PositionFill], net: str, cost: str, realised: str) -> PositionFill:
    return kind(
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        order_id=ORDER,
        execution_id=ExecutionId("88231771"),
        side=Side.SELL,
        quantity=_quantity("4"),
        price=_price("7.651"),
        fee=_usdt("0.0122416"),
        net_quantity=Decimal(net),
        cost=_usdt(cost),
        realised=_usdt(realised),
        realised_total=_usdt("1.666666666666666667"),
        fees_total=_usdt("-0.5"),
        venue_time=VENUE_TIME,
        position_side=PositionSide.NET,
        kind=ExecutionKind.TRADE,
        other_fees=(),
    )


POSITIONS: Final[dict[str, Event]] = {
    "position.opened.v2": _change(PositionOpened, "-4", "30.604", "0"),
    "position.increased.v2": _change(PositionIncreased, "-8", "61.208", "0"),
    "position.reduced.v2": _change(PositionReduced, "6", "6.666666666666666667", "-0.25"),
    "position.closed.v2": _change(PositionClosed, "0", "0", "1.5"),
    "position.flipped.v2": _change(PositionFlipped, "-1", "7.651", "1.500"),
    "position.reduced.v2 liquidation": replace(
        _change(PositionReduced, "6", "6.666666666666666667", "-0.25"),
        position_side=PositionSide.LONG,
        kind=ExecutionKind.ADL,
        other_fees=(Money(Decimal("0.00021"), "BNB"), Money(Decimal("-0.5"), "FDUSD")),
    ),
    "position.funded.v1": PositionFunded(
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        position_side=PositionSide.SHORT,
        funding_id="9689322392",
        payment=_usdt("-0.0153"),
        funding_total=_usdt("1.25"),
        venue_time=VENUE_TIME,
    ),
    "funding.recorded.v1": FundingRecorded(
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        position_side=PositionSide.SHORT,
        funding_id="9689322392",
        rate=Decimal("0.0001"),
        mark_price=_price("7.650"),
        quantity=Decimal("-20.0"),
        payment=_usdt("-0.0153"),
        venue_time=VENUE_TIME,
    ),
    "risk.funding_applied.v1": FundingApplied(
        ACCOUNT, SUSHI, PositionSide.SHORT, "9689322392", _usdt("-0.0153")
    ),
    "risk.balance_recorded.v1": BalanceRecorded(ACCOUNT, _usdt("-12.50"), VENUE_TIME),
}

RETIRED_POSITIONS: Final[dict[str, Event]] = {
    "position.opened.v1": _change(PositionOpened, "-4", "30.604", "0"),
    "position.increased.v1": _change(PositionIncreased, "-8", "61.208", "0"),
    "position.reduced.v1": _change(PositionReduced, "6", "6.666666666666666667", "-0.25"),
    "position.closed.v1": _change(PositionClosed, "0", "0", "1.5"),
    "position.flipped.v1": _change(PositionFlipped, "-1", "7.651", "1.500"),
}
