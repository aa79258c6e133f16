"""An account's risk as its events leave it; every event can be folded onto every state."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias, assert_never

from domain.changing import changed
from domain.layered import with_entry, without
from domain.orders.commands import OrderType
from domain.orders.forms import LIMITED
from domain.risk import pace, resting, sums
from domain.risk.commands import Halted, HaltScope
from domain.risk.counting import OrderCounted
from domain.risk.events import (
    AmendAdmitted,
    AmendRefused,
    BalanceRecorded,
    ChangeApproved,
    ChangeExpired,
    ChangeRefused,
    ChangeSuperseded,
    ChangeWithdrawn,
    DayRolled,
    FillApplied,
    FundingApplied,
    LimitsProposed,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
    ReservationAmended,
    ReservationReleased,
    ReservationRested,
    ResumeProposed,
    RiskEvent,
    TradingHalted,
    TradingResumed,
)
from domain.risk.exits import ExitAdmitted, ExitEnded, ExitEvent, exits_after
from domain.risk.holding import counted, holding, legs_with_open, with_open
from domain.risk.legs import gained as hedged
from domain.risk.legs import with_leg
from domain.risk.replacements import (
    ReplacementAdmitted,
    ReplacementDropped,
    ReplacementEvent,
    ReplacementRefused,
    ReservationReplaced,
)
from domain.risk.reserved import (
    alone,
    freed_by,
    placed,
    reservation,
    rested,
    shared,
    taken_over,
)
from domain.risk.state import (
    EMPTY,
    Balance,
    Exposure,
    Halt,
    Intent,
    Leg,
    Proposal,
    Reservation,
    Risk,
)
from domain.risk.terms import MarginTermsNoted, terms_after
from domain.risk.wider_events import ShareChanged, WiderEvent, WiderLimitProposed, WiderLimitSet
from domain.risk.wider_evolve import evolve_wider
from domain.values import ZERO, PositionSide, Side, added, minus, plus, signed, times

RiskStreamEvent: TypeAlias = RiskEvent | WiderEvent | ReplacementEvent | MarginTermsNoted
"""Everything that a risk stream holds."""


def evolve(risk: Risk, event: RiskStreamEvent) -> Risk:
    """The risk state after one more event; total."""
    match event:
        case OrderAdmitted():
            return _admitted(risk, event)
        case FillApplied():
            return _fill_applied(risk, event)
        case ReservationReleased() | ReservationRested():
            return _released(risk, event)
        case OrderRefused() | AmendRefused() | ReplacementRefused():
            return risk
        case (
            AmendAdmitted()
            | ReservationAmended()
            | ReplacementAdmitted()
            | ReservationReplaced()
            | ReplacementDropped()
        ):
            return _resized(risk, event)
        case LimitsSet():
            return _limited(risk, event)
        case TradingHalted() | TradingResumed():
            return _switched(risk, event)
        case LimitsProposed() | ResumeProposed():
            return _proposed(risk, event)
        case (
            ChangeApproved()
            | ChangeRefused()
            | ChangeWithdrawn()
            | ChangeExpired()
            | ChangeSuperseded()
        ):
            pending = dict(risk.governance.pending)
            pending.pop(event.change_id, None)
            return changed(risk, governance=replace(risk.governance, pending=pending))
        case _:
            return _accounted(risk, event)


def _accounted(
    risk: Risk,
    event: (
        BalanceRecorded
        | FundingApplied
        | DayRolled
        | MarginTermsNoted
        | OrderCounted
        | WiderEvent
        | ExitEvent
    ),
) -> Risk:
    """What no order of ours did: money, time, wider limits, and orders of others."""
    match event:
        case ExitAdmitted() | ExitEnded():
            return changed(risk, exits=exits_after(risk.exits, event))
        case OrderCounted():
            return counted(risk, event)
        case ShareChanged() | WiderLimitSet() | WiderLimitProposed():
            return changed(risk, governance=evolve_wider(risk.governance, event))
        case BalanceRecorded():
            balance = Balance(event.balance.amount, event.venue_time)
            return changed(risk, balances={**risk.balances, event.balance.currency: balance})
        case FundingApplied():
            return changed(
                risk,
                funding=added(risk.funding, event.payment),
                books=sums.paid(risk.books, event.payment),
            )
        case DayRolled():
            book = risk.books.get(event.profit.currency, EMPTY)
            rolled = book._replace(day=event.day, day_start=event.profit.amount)
            return changed(risk, books={**risk.books, event.profit.currency: rolled})
        case MarginTermsNoted():
            return changed(risk, terms=terms_after(risk.terms, event))
        case _:
            assert_never(event)


def _limited(risk: Risk, event: LimitsSet) -> Risk:
    """A check that is switched off forgets; one that is switched on begins with what is open."""
    limits = event.limits
    return changed(
        risk,
        limits=limits,
        limits_version=event.limits_version,
        intents=risk.intents if limits.duplicate_window else {},
        books=sums.watched(risk.books, limits),
        pace=pace.paid(risk.pace, limits, risk.pace.at),
        resting=resting.all_of(risk.reservations) if limits.self_trade else {},
    )


def _switched(risk: Risk, event: TradingHalted | TradingResumed) -> Risk:
    """A halt of the account or the platform itself, or one of those that PLATFORM keeps."""
    governance = risk.governance
    if event.scope in {HaltScope.ACCOUNT, HaltScope.PLATFORM}:
        if isinstance(event, TradingResumed):
            return changed(risk, halted=False, halt_reason="")
        governance = replace(governance, mode=event.mode)
        return changed(risk, halted=True, halt_reason=event.reason, governance=governance)
    halts = dict(governance.halts)
    halted = Halted(event.scope, event.subject)
    if isinstance(event, TradingHalted):
        halts[halted] = Halt(event.mode, event.reason)
    else:
        halts.pop(halted, None)
    return changed(risk, governance=replace(governance, halts=halts))


def _proposed(risk: Risk, event: LimitsProposed | ResumeProposed) -> Risk:
    if isinstance(event, LimitsProposed):
        proposal = Proposal(event.proposed_by, event.expires_at, limits=event.limits)
    else:
        proposal = Proposal(
            event.proposed_by,
            event.expires_at,
            resume=Halted(event.scope, event.subject),
            reason=event.reason,
        )
    pending = {**risk.governance.pending, event.change_id: proposal}
    return changed(risk, governance=replace(risk.governance, pending=pending))


def _admitted(risk: Risk, event: OrderAdmitted) -> Risk:
    limits, order_price = risk.limits, event.price
    limit_order = event.type is OrderType.LIMIT
    notional = times(order_price, event.quantity)
    before = risk.exposure(event.instrument_id)
    currency = before.currency if limits is None else limits.currency
    reference = event.inputs.reference
    net_quantity, buys, sells, mark, orders, worth, _ = before
    buying = event.side is Side.BUY
    after = Exposure(
        net_quantity,
        plus(buys, event.quantity) if buying else buys,
        sells if buying else plus(sells, event.quantity),
        reference.price if reference is not None else mark or order_price,
        orders + 1,
        plus(worth, notional),
        currency,
    )
    reservation = Reservation(
        event.instrument_id,
        event.side,
        event.quantity,
        order_price,
        limit_order,
        event.strategy_id,
        event.position_side,
        waits=not limit_order and event.type in LIMITED,
    )
    legs = legs_with_open(risk, reservation, event.quantity)
    gross = hedged(event.instrument_id, before, risk.legs, after, legs)
    # Written out and by place: even changed() is slower, and every order comes through here.
    return Risk(
        limits,
        risk.limits_version,
        risk.halted,
        risk.halt_reason,
        {**risk.exposures, event.instrument_id: after},
        legs,
        with_entry(risk.reservations, event.order_id, reservation),
        _remembered(risk, event),
        risk.realised,
        risk.fees,
        risk.funding,
        risk.balances,
        sums.moved(risk.books, currency, before, after, legs=gross),
        (
            pace.ordered(risk.pace, limits, event.at)
            if limits is not None and pace.is_limited(limits)
            else risk.pace
        ),
        (
            resting.with_one(risk.resting, event.instrument_id, event.side, order_price)
            if limit_order and limits is not None and limits.self_trade
            else risk.resting
        ),
        placed(risk.strategies, event.strategy_id, 1, notional),
        risk.governance,
        risk.exits,
        risk.terms,
    )


def _remembered(risk: Risk, event: OrderAdmitted) -> Mapping[Intent, int]:
    """The intents of the window with this one last; pruning stops at the first that is recent."""
    window = risk.limits.duplicate_window if risk.limits is not None else 0
    if not window:
        return risk.intents
    recent = risk.intents
    for intent, at in risk.intents.items():
        if event.at - at < window:
            break
        recent = without(recent, intent)
    mine = Intent(
        event.instrument_id,
        event.side,
        event.type,
        event.quantity,
        event.limit_price,
        event.position_side,
        event.trigger,
    )
    return with_entry(recent, mine, event.at)


def _fill_applied(risk: Risk, event: FillApplied) -> Risk:
    before, currency = risk.exposure(event.instrument_id), event.realised.currency
    freed = freed_by(risk, event.order_id, event.reserved_quantity)
    _, buys, sells, mark, orders, worth, _ = before
    less = minus(ZERO, event.reserved_quantity)
    buying = event.side is Side.BUY
    after = Exposure(
        _held(before, event),
        plus(buys, less) if buying else buys,
        sells if buying else plus(sells, less),
        mark if event.price is None else event.price,
        orders - freed.orders,
        minus(worth, freed.notional),
        currency,
    )
    fee = event.fee.amount if event.fee.currency == currency else ZERO
    legs = _leg_filled(risk, event)
    gross = hedged(event.instrument_id, before, risk.legs, after, legs)
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: after},
        legs=legs,
        reservations=freed.reservations,
        realised=added(risk.realised, event.realised),
        fees=added(risk.fees, event.fee),
        books=sums.moved(risk.books, currency, before, after, fee=fee, legs=gross),
        resting=freed.resting,
        strategies=freed.strategies,
    )


def _released(risk: Risk, event: ReservationReleased | ReservationRested) -> Risk:
    """A reservation ends, or comes to the book."""
    if isinstance(event, ReservationRested):
        return rested(risk, event)
    reservation = risk.reservations.get(event.order_id)
    if reservation is None:
        return risk
    before = risk.exposure(event.instrument_id)
    freed = freed_by(risk, event.order_id, event.quantity)
    after = with_open(before, reservation.side, minus(ZERO, event.quantity))._replace(
        open_orders=before.open_orders - freed.orders,
        open_notional=minus(before.open_notional, freed.notional),
    )
    legs = legs_with_open(risk, reservation, minus(ZERO, event.quantity))
    gross = hedged(event.instrument_id, before, risk.legs, after, legs)
    return changed(
        risk,
        exposures={**risk.exposures, event.instrument_id: after},
        legs=legs,
        reservations=freed.reservations,
        books=sums.moved(risk.books, before.currency, before, after, legs=gross),
        resting=freed.resting,
        strategies=freed.strategies,
    )


def _held(before: Exposure, event: FillApplied) -> Decimal:
    """The instrument's net quantity; of a hedged one the fill says only what its leg holds."""
    if event.position_side is PositionSide.NET:
        return event.net_quantity
    return plus(before.net_quantity, signed(event.side, event.quantity))


def _leg_filled(risk: Risk, event: FillApplied) -> Mapping[Leg, Exposure]:
    if event.position_side is PositionSide.NET:
        return risk.legs
    leg = risk.exposure(event.instrument_id, event.position_side)
    leg = with_open(leg, event.side, minus(ZERO, event.reserved_quantity))
    held = leg._replace(net_quantity=event.net_quantity)
    return with_leg(risk.legs, Leg(event.instrument_id, event.position_side), held)


def _resized(
    risk: Risk,
    event: AmendAdmitted
    | ReservationAmended
    | ReplacementAdmitted
    | ReservationReplaced
    | ReplacementDropped,
) -> Risk:
    """So much is reserved for an order, whatever was before.

    A replacement shares the replaced order's reservation, takes its place, or leaves it.
    """
    if isinstance(event, AmendAdmitted | ReservationAmended):
        was, mark = risk.reservations.get(event.order_id), risk.exposure(event.instrument_id).mark
        after = holding(risk, event.order_id, reservation(event, was, mark))
        return _paced(after, event.at) if isinstance(event, AmendAdmitted) else after
    was = risk.reservations.get(event.replaces)
    match event:
        case ReplacementAdmitted():
            return _paced(holding(risk, event.replaces, shared(event, was)), event.at)
        case ReplacementDropped():
            return holding(risk, event.replaces, alone(event, was))
        case ReservationReplaced():
            if was is not None:
                risk = holding(risk, event.replaces, was._replace(quantity=ZERO))
            return holding(risk, event.order_id, taken_over(event))


def _paced(risk: Risk, at: int) -> Risk:
    """An amend and a replacement count like an order."""
    limits = risk.limits
    if limits is None or not pace.is_limited(limits):
        return risk
    return changed(risk, pace=pace.ordered(risk.pace, limits, at))
