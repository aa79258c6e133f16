"""An account's risk as its events leave it; every event can be folded onto every state."""

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from domain.changing import changed
from domain.ids import OrderId
from domain.orders.commands import OrderType
from domain.risk.events import (
    BalanceRecorded,
    FillApplied,
    FundingApplied,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
    RiskEvent,
    TradingHalted,
    TradingResumed,
)
from domain.risk.state import Balance, Exposure, Intent, Reservation, Risk
from domain.values import ZERO, Side, added, minus, plus


def evolve(risk: Risk, event: RiskEvent) -> Risk:
    """The risk state after one more event; total."""
    match event:
        case OrderAdmitted():
            return _admitted(risk, event)
        case FillApplied():
            return _fill_applied(risk, event)
        case ReservationReleased():
            return _released(risk, event)
        case OrderRefused():
            return risk
        case BalanceRecorded():
            balance = Balance(event.balance.amount, event.venue_time)
            return changed(risk, balances={**risk.balances, event.balance.currency: balance})
        case FundingApplied():
            return changed(risk, funding=added(risk.funding, event.payment))
        case LimitsSet():
            return changed(
                risk,
                limits=event.limits,
                limits_version=event.limits_version,
                intents=risk.intents if event.limits.duplicate_window else {},
            )
        case TradingHalted():
            return changed(risk, halted=True, halt_reason=event.reason)
        case TradingResumed():
            return changed(risk, halted=False, halt_reason="")
        case _:
            assert_never(event)


def _admitted(risk: Risk, event: OrderAdmitted) -> Risk:
    reservation = Reservation(event.instrument_id, event.side, event.quantity)
    exposure = _opened(risk.exposure(event.instrument_id), event.side, event.quantity)
    # Written out: even changed() is slower, and every order comes through here.
    return Risk(
        limits=risk.limits,
        limits_version=risk.limits_version,
        halted=risk.halted,
        halt_reason=risk.halt_reason,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations={**risk.reservations, event.order_id: reservation},
        intents=_remembered(risk, event),
        realised=risk.realised,
        fees=risk.fees,
        funding=risk.funding,
        balances=risk.balances,
    )


def _remembered(risk: Risk, event: OrderAdmitted) -> Mapping[Intent, int]:
    """The intents of the window with this one last; pruning stops at the first that is recent."""
    window = risk.limits.duplicate_window if risk.limits is not None else 0
    if not window:
        return risk.intents
    expired: list[Intent] = []
    for intent, at in risk.intents.items():
        if event.at - at < window:
            break
        expired.append(intent)
    recent = dict(risk.intents)
    for intent in expired:
        del recent[intent]
    limit_price = event.price if event.type is OrderType.LIMIT else None
    mine = Intent(event.instrument_id, event.side, event.type, event.quantity, limit_price)
    recent[mine] = event.at
    return recent


def _fill_applied(risk: Risk, event: FillApplied) -> Risk:
    exposure = risk.exposure(event.instrument_id)
    exposure = _opened(exposure, event.side, minus(ZERO, event.reserved_quantity))
    exposure = exposure._replace(net_quantity=event.net_quantity)
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations=_reduced(risk, event.order_id, event.reserved_quantity),
        realised=added(risk.realised, event.realised),
        fees=added(risk.fees, event.fee),
    )


def _released(risk: Risk, event: ReservationReleased) -> Risk:
    reservation = risk.reservations.get(event.order_id)
    if reservation is None:
        return risk
    exposure = risk.exposure(event.instrument_id)
    exposure = _opened(exposure, reservation.side, minus(ZERO, event.quantity))
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations=_reduced(risk, event.order_id, event.quantity),
    )


def _opened(exposure: Exposure, side: Side, quantity: Decimal) -> Exposure:
    net_quantity, buys, sells = exposure
    if side is Side.BUY:
        return Exposure(net_quantity, plus(buys, quantity), sells)
    return Exposure(net_quantity, buys, plus(sells, quantity))


def _reduced(risk: Risk, order_id: OrderId, by: Decimal) -> Mapping[OrderId, Reservation]:
    reservation = risk.reservations.get(order_id)
    if reservation is None:
        return risk.reservations
    rest = minus(reservation.quantity, by)
    reservations = dict(risk.reservations)
    if rest > 0:
        reservations[order_id] = reservation._replace(quantity=rest)
    else:
        del reservations[order_id]
    return reservations
