"""Examples of orders that were not placed here, one full and one as bare as venues tell them."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.orders.commands import OrderType, Origin, TimeInForce, Trigger, TriggerSource
from domain.orders.events import OrderObserved
from domain.registry import Event
from domain.risk.counting import OrderCounted
from domain.values import PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    SUSHI,
    VENUE_TIME,
    price_of,
    quantity_of,
)

_OBSERVED: Final = OrderObserved(
    order_id=ORDER,
    account_id=ACCOUNT,
    instrument_id=SUSHI,
    origin=Origin.FOREIGN,
    venue_order_id="8389765493",
    client_order_id="ios_0Zb3xq",
    side=Side.SELL,
    type=OrderType.STOP_LIMIT,
    time_in_force=TimeInForce.GTD,
    quantity=quantity_of("120.5"),
    price=price_of("7.655"),
    position_side=PositionSide.LONG,
    reduce_only=True,
    close_position=False,
    trigger=Trigger(TriggerSource.MARK, price_of("7.7"), None, None),
    expires_at=AT + 1,
    currency="USDT",
    venue_time=VENUE_TIME,
)
_COUNTED: Final = OrderCounted(
    account_id=ACCOUNT,
    order_id=ORDER,
    instrument_id=SUSHI,
    side=Side.SELL,
    quantity=quantity_of("120.5"),
    price=price_of("7.655"),
    rests=True,
    position_side=PositionSide.LONG,
    currency="USDT",
)

EXTERNAL: Final[dict[str, Event]] = {
    "order.observed.v1": _OBSERVED,
    "order.observed.v1 liquidation": replace(
        _OBSERVED,
        origin=Origin.LIQUIDATION,
        client_order_id="",
        type=OrderType.MARKET,
        time_in_force=TimeInForce.IOC,
        price=None,
        position_side=PositionSide.NET,
        trigger=None,
        expires_at=None,
    ),
    "risk.order_counted.v1": _COUNTED,
    "risk.order_counted.v1 unpriced": replace(
        _COUNTED, price=Decimal(0), rests=False, position_side=PositionSide.NET
    ),
}
