"""Examples of what happens to an order after it was placed, fills and ends aside."""

from decimal import Decimal
from typing import Final

from domain.orders.events import (
    Finding,
    OrderAmended,
    OrderAmendRejected,
    OrderAmendRequested,
    OrderOutcomeUnknown,
    OrderReconciled,
)
from domain.registry import Event
from domain.risk.events import AmendAdmitted, AmendRefused, ReservationAmended, ReservationRested
from domain.values import PositionSide, Side
from tests.contract.example_values import (
    ACCOUNT,
    AT,
    ORDER,
    STRATEGY,
    SUSHI,
    VENUE_TIME,
    price_of,
    quantity_of,
)
from tests.contract.examples_risk import INPUTS

LIFE: Final[dict[str, Event]] = {
    "order.amend_requested.v1": OrderAmendRequested(
        ORDER,
        ACCOUNT,
        SUSHI,
        "pt-0b9f3c1e5f0e4b6e9d5e0a5a0c0f6a11",
        2,
        quantity_of("120"),
        price_of("7.655"),
    ),
    "order.amended.v1": OrderAmended(ORDER, 2, quantity_of("120"), price_of("7.655"), VENUE_TIME),
    "order.amended.v1 elsewhere": OrderAmended(ORDER, 0, quantity_of("120"), None, VENUE_TIME),
    "order.amend_rejected.v1": OrderAmendRejected(ORDER, 2, "unknown order", VENUE_TIME),
    "order.outcome_unknown.v1": OrderOutcomeUnknown(ORDER, "no answer in 5 s", VENUE_TIME),
    "order.reconciled.v1": OrderReconciled(ORDER, Finding.OPEN, "8389765493", VENUE_TIME),
    "order.reconciled.v1 gone": OrderReconciled(ORDER, Finding.NOT_FOUND, "", VENUE_TIME),
    "risk.amend_admitted.v1": AmendAdmitted(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        quantity=quantity_of("120"),
        price=price_of("7.655"),
        filled=Decimal("12.5"),
        reserved_quantity=Decimal("107.5"),
        reserved_price=price_of("7.660"),
        strategy_id=STRATEGY,
        at=AT,
        inputs=INPUTS,
        position_side=PositionSide.NET,
    ),
    "risk.amend_refused.v1": AmendRefused(
        account_id=ACCOUNT,
        order_id=ORDER,
        instrument_id=SUSHI,
        side=Side.BUY,
        quantity=quantity_of("120"),
        price=price_of("7.655"),
        filled=Decimal(0),
        check="order_notional",
        reason=2005,
        detail="the order's value is over the limit",
        limit="900",
        value="918.6",
        at=AT,
        inputs=INPUTS,
    ),
    "risk.reservation_amended.v1": ReservationAmended(
        ACCOUNT,
        ORDER,
        SUSHI,
        Side.BUY,
        Decimal("107.5"),
        Decimal("7.655"),
        STRATEGY,
        PositionSide.NET,
    ),
    "risk.reservation_amended.v1 bare": ReservationAmended(
        ACCOUNT, ORDER, SUSHI, Side.SELL, Decimal(1), None, None, PositionSide.LONG
    ),
    "risk.reservation_rested.v1": ReservationRested(ACCOUNT, ORDER, SUSHI),
}
"""Merged into EXAMPLES."""
