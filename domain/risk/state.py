"""An account's risk as its events left it: limits, halts, what is held, open and reserved.

The state is immutable; an event copies the small mappings that it changes. With some hundred open
orders a copy costs microseconds, and a batch that fails to commit costs nothing to forget.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple, assert_never

from domain.ids import InstrumentId, OrderId
from domain.risk.commands import Limits
from domain.risk.events import (
    FillApplied,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
    RiskEvent,
    TradingHalted,
    TradingResumed,
)
from domain.values import ZERO, Side, minus, plus


class Exposure(NamedTuple):
    """One instrument: the net position, and what open orders could add on either side."""

    net_quantity: Decimal = ZERO
    open_buys: Decimal = ZERO
    open_sells: Decimal = ZERO


class Reservation(NamedTuple):
    """What an open order may still trade."""

    instrument_id: InstrumentId
    side: Side
    quantity: Decimal


class Intent(NamedTuple):
    """What makes two orders the same in a trader's eyes."""

    instrument_id: InstrumentId
    side: Side
    quantity: Decimal
    price: Decimal


FLAT = Exposure()


@dataclass(frozen=True, slots=True)
class Risk:
    """Everything that an admission looks at, kept as counters so that no check has to search."""

    limits: Limits | None = None
    limits_version: int = 0
    halted: bool = False
    halt_reason: str = ""
    exposures: Mapping[InstrumentId, Exposure] = field(default_factory=dict)
    reservations: Mapping[OrderId, Reservation] = field(default_factory=dict)
    intents: Mapping[Intent, int] = field(default_factory=dict)
    """Orders admitted lately and when, in microseconds; kept only while the check is on."""

    def exposure(self, instrument_id: InstrumentId) -> Exposure:
        """What is held and open in an instrument."""
        return self.exposures.get(instrument_id, FLAT)


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
        case LimitsSet():
            return replace(risk, limits=event.limits, limits_version=event.limits_version)
        case TradingHalted():
            return replace(risk, halted=True, halt_reason=event.reason)
        case TradingResumed():
            return replace(risk, halted=False, halt_reason="")
        case _:
            assert_never(event)


def _admitted(risk: Risk, event: OrderAdmitted) -> Risk:
    reservation = Reservation(event.instrument_id, event.side, event.quantity)
    exposure = _opened(risk.exposure(event.instrument_id), event.side, event.quantity)
    return replace(
        risk,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations={**risk.reservations, event.order_id: reservation},
        intents=_remembered(risk, event),
    )


def _remembered(risk: Risk, event: OrderAdmitted) -> Mapping[Intent, int]:
    window = risk.limits.duplicate_window if risk.limits is not None else 0
    if not window:
        return risk.intents if not risk.intents else {}
    recent = {intent: at for intent, at in risk.intents.items() if event.at - at < window}
    recent[Intent(event.instrument_id, event.side, event.quantity, event.price)] = event.at
    return recent


def _fill_applied(risk: Risk, event: FillApplied) -> Risk:
    exposure = risk.exposure(event.instrument_id)
    exposure = _opened(exposure, event.side, minus(ZERO, event.reserved_quantity))
    exposure = exposure._replace(net_quantity=event.net_quantity)
    return replace(
        risk,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations=_reduced(risk, event.order_id, event.reserved_quantity),
    )


def _released(risk: Risk, event: ReservationReleased) -> Risk:
    reservation = risk.reservations.get(event.order_id)
    if reservation is None:
        return risk
    exposure = _opened(
        risk.exposure(event.instrument_id), reservation.side, minus(ZERO, event.quantity)
    )
    return replace(
        risk,
        exposures={**risk.exposures, event.instrument_id: exposure},
        reservations=_reduced(risk, event.order_id, event.quantity),
    )


def _opened(exposure: Exposure, side: Side, quantity: Decimal) -> Exposure:
    if side is Side.BUY:
        return exposure._replace(open_buys=plus(exposure.open_buys, quantity))
    return exposure._replace(open_sells=plus(exposure.open_sells, quantity))


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
