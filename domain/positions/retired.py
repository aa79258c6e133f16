"""Forms of a position's events that are no longer written, and the way to those of today."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.orders.commands import ExecutionKind
from domain.positions.events import PositionChange
from domain.values import Money, PositionSide, Price, Quantity, Side

ChangeT = TypeVar("ChangeT", bound=PositionChange)


@dataclass(frozen=True, slots=True)
class PositionChangeV1:
    """`position.*.v1`: each a trade of a net position; fees in other currencies were not summed."""

    account_id: AccountId
    instrument_id: InstrumentId
    order_id: OrderId
    execution_id: ExecutionId
    side: Side
    quantity: Quantity
    price: Price
    fee: Money
    net_quantity: Decimal
    cost: Money
    realised: Money
    realised_total: Money
    fees_total: Money
    venue_time: int


def change_v1(kind: type[ChangeT]) -> Callable[[PositionChangeV1], ChangeT]:
    """The same change as it is written today; sums of other currencies are left to the reader."""

    def upcast(old: PositionChangeV1) -> ChangeT:
        return kind(
            account_id=old.account_id,
            instrument_id=old.instrument_id,
            order_id=old.order_id,
            execution_id=old.execution_id,
            side=old.side,
            quantity=old.quantity,
            price=old.price,
            fee=old.fee,
            net_quantity=old.net_quantity,
            cost=old.cost,
            realised=old.realised,
            realised_total=old.realised_total,
            fees_total=old.fees_total,
            venue_time=old.venue_time,
            position_side=PositionSide.NET,
            kind=ExecutionKind.TRADE,
            other_fees=(),
        )

    return upcast
