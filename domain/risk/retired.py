"""Forms of risk events as they were stored before, and what each means in the form of now.

Orders, limits and fills of version 1 knew fewer limits: what is new is not set, not asked and not
recorded in them. A decision of then is still derived again, since limits that are not set refuse
nothing.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.ids import AccountId, ExecutionId, InstrumentId, OrderId
from domain.orders.commands import OrderType, ReferencePrice
from domain.risk.commands import Limits
from domain.risk.compared import DecisionInputs
from domain.risk.events import FillApplied, LimitsSet, OrderAdmitted, OrderRefused
from domain.values import Money, PositionSide, Price, Quantity, Side


@dataclass(frozen=True, slots=True)
class LimitsV1:
    """The limits that there were."""

    currency: str
    order_quantity: Decimal | None
    order_notional: Decimal | None
    open_orders: int | None
    position_notional: Decimal | None
    price_collar: Decimal | None
    loss: Decimal | None
    duplicate_window: int


@dataclass(frozen=True, slots=True)
class LimitsSetV1:
    """Stored as risk.limits_set.v1."""

    account_id: AccountId
    limits_version: int
    limits: LimitsV1


@dataclass(frozen=True, slots=True)
class DecisionInputsV1:
    """The inputs that there were."""

    limits_version: int
    rules_version: int
    reference: ReferencePrice | None
    net_quantity: Decimal
    open_buys: Decimal
    open_sells: Decimal
    open_orders: int


@dataclass(frozen=True, slots=True)
class OrderAdmittedV1:
    """Stored as risk.order_admitted.v1."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    price: Price
    at: int
    inputs: DecisionInputsV1


@dataclass(frozen=True, slots=True)
class OrderRefusedV1:
    """Stored as risk.order_refused.v1."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    side: Side
    type: OrderType
    quantity: Quantity
    price: Price | None
    check: str
    reason: int
    detail: str
    limit: str
    value: str
    at: int
    inputs: DecisionInputsV1


@dataclass(frozen=True, slots=True)
class FillAppliedV1:
    """Stored as risk.fill_applied.v1."""

    account_id: AccountId
    order_id: OrderId
    instrument_id: InstrumentId
    execution_id: ExecutionId
    side: Side
    quantity: Quantity
    reserved_quantity: Decimal
    net_quantity: Decimal
    realised: Money
    fee: Money


def limits_set(old: LimitsSetV1) -> LimitsSet:
    """No limit of the new ones is set."""
    limits = old.limits
    return LimitsSet(
        old.account_id,
        old.limits_version,
        Limits(
            currency=limits.currency,
            order_quantity=limits.order_quantity,
            order_notional=limits.order_notional,
            open_orders=limits.open_orders,
            position_notional=limits.position_notional,
            price_collar=limits.price_collar,
            loss=limits.loss,
            duplicate_window=limits.duplicate_window,
        ),
    )


def order_admitted(old: OrderAdmittedV1) -> OrderAdmitted:
    """The strategy is not known: no limit of one binds what was admitted then."""
    return OrderAdmitted(
        account_id=old.account_id,
        order_id=old.order_id,
        instrument_id=old.instrument_id,
        side=old.side,
        type=old.type,
        quantity=old.quantity,
        price=old.price,
        strategy_id=None,
        at=old.at,
        inputs=_inputs(old.inputs),
        position_side=PositionSide.NET,
        limit_price=old.price if old.type is OrderType.LIMIT else None,
        trigger=None,
    )


def order_refused(old: OrderRefusedV1) -> OrderRefused:
    """The same refusal, without the groups of inputs that nothing asked for."""
    return OrderRefused(
        account_id=old.account_id,
        order_id=old.order_id,
        instrument_id=old.instrument_id,
        side=old.side,
        type=old.type,
        quantity=old.quantity,
        price=old.price,
        check=old.check,
        reason=old.reason,
        detail=old.detail,
        limit=old.limit,
        value=old.value,
        at=old.at,
        inputs=_inputs(old.inputs),
    )


def fill_applied(old: FillAppliedV1) -> FillApplied:
    """The price is not known: the last one that the stream knew stays."""
    return FillApplied(
        account_id=old.account_id,
        order_id=old.order_id,
        instrument_id=old.instrument_id,
        execution_id=old.execution_id,
        side=old.side,
        quantity=old.quantity,
        price=None,
        reserved_quantity=old.reserved_quantity,
        net_quantity=old.net_quantity,
        realised=old.realised,
        fee=old.fee,
        position_side=PositionSide.NET,
    )


def _inputs(old: DecisionInputsV1) -> DecisionInputs:
    return DecisionInputs(
        limits_version=old.limits_version,
        rules_version=old.rules_version,
        reference=old.reference,
        net_quantity=old.net_quantity,
        open_buys=old.open_buys,
        open_sells=old.open_sells,
        open_orders=old.open_orders,
    )
