"""Admit or refuse an order, and move its reservation; limits and halts are decided in govern.py.

An admission reserves the order's whole quantity at once; fills turn reservation into position, and
whatever ends the order releases the rest.
"""

from decimal import Decimal
from functools import lru_cache

from domain.decision import STREAMS_KEPT, Aggregate, StreamRef
from domain.funding.events import FundingRecorded
from domain.ids import AccountId, InstrumentId, OrderId, risk_stream
from domain.instruments.state import Instrument
from domain.orders.commands import RecordTrigger
from domain.orders.events import OrderFilled
from domain.orders.forms import LIMITED
from domain.orders.state import Order
from domain.reasons import Reason, Rejected
from domain.risk.commands import RecordBalance
from domain.risk.compared import DecisionInputs
from domain.risk.events import (
    BalanceRecorded,
    DayRolled,
    FillApplied,
    FundingApplied,
    OrderAdmitted,
    OrderRefused,
    ReservationReleased,
    ReservationRested,
)
from domain.risk.evolve import evolve
from domain.risk.inputs import inputs_of
from domain.risk.rules.question import Question
from domain.risk.rules.table import CHECKS
from domain.risk.state import Balance, Risk
from domain.risk.sums import DAY
from domain.risk.terms import MarginTermsNoted, noted
from domain.values import ZERO, Money, plus, signed


@lru_cache(maxsize=STREAMS_KEPT)
def stream(account_id: AccountId) -> StreamRef:
    """The stream of an account's risk; PLATFORM's holds the halts that bind everybody."""
    return StreamRef(Aggregate.RISK, risk_stream(account_id), account_id)


def roll(account_id: AccountId, risk: Risk, at: int) -> DayRolled | None:
    """The beginning of a day (UTC) if a daily loss is limited and nothing was decided on it yet.

    A clock that went back does not bring a day back.
    """
    limits = risk.limits
    if limits is None or limits.daily_loss is None:
        return None
    day, book = at // DAY, risk.book
    if day <= book.day:
        return None
    return DayRolled(account_id, day, Money(book.profit, limits.currency), at)


def beforehand(
    account_id: AccountId, risk: Risk, instrument: Instrument, at: int
) -> tuple[tuple[DayRolled | MarginTermsNoted, ...], Risk]:
    """What goes before a decision in the same commit, and the risk that it leaves."""
    rolled, terms = roll(account_id, risk, at), noted(account_id, risk, instrument)
    if rolled is None and terms is None:
        return (), risk
    first = tuple(event for event in (rolled, terms) if event is not None)
    for event in first:
        risk = evolve(risk, event)
    return first, risk


def admit(question: Question) -> tuple[OrderAdmitted, None] | tuple[OrderRefused, Rejected]:
    """Ask every check in order; the event holds all inputs, so it can be derived again."""
    order = question.order
    inputs = inputs_of(question)
    for check in CHECKS:
        refusal = check.refuses(question)
        if refusal is not None:
            return _refused(question, check.name, refusal, inputs), refusal
    price = question.price
    assert price is not None  # price_and_type and reference_price refuse an order without one
    admitted = OrderAdmitted(  # by place: domain/making.py says why
        order.account_id,
        order.order_id,
        order.instrument_id,
        order.side,
        order.type,
        question.quantity,
        price,
        order.strategy_id,
        question.at,
        inputs,
        order.position_side,
        order.price,
        order.trigger,
    )
    return admitted, None


def _refused(
    question: Question, check: str, refusal: Rejected, inputs: DecisionInputs
) -> OrderRefused:
    order = question.order
    return OrderRefused(
        account_id=order.account_id,
        order_id=order.order_id,
        instrument_id=order.instrument_id,
        side=order.side,
        type=order.type,
        quantity=order.quantity,
        price=order.price,
        check=check,
        reason=int(refusal.reason),
        detail=refusal.detail,
        limit=refusal.limit,
        value=refusal.value,
        at=question.at,
        inputs=inputs,
    )


def apply_fill(fill: OrderFilled, realised: Money, risk: Risk) -> FillApplied:
    """Turn the reserved part of a fill into position; an overfill or a late fill has less of it."""
    reservation = risk.reservations.get(fill.order_id)
    reserved = min(fill.quantity, reservation.quantity) if reservation is not None else ZERO
    held = risk.exposure(fill.instrument_id, fill.position_side).net_quantity
    net_quantity = plus(held, signed(fill.side, fill.quantity))
    return FillApplied(
        account_id=fill.account_id,
        order_id=fill.order_id,
        instrument_id=fill.instrument_id,
        execution_id=fill.execution_id,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        reserved_quantity=Decimal(reserved),
        net_quantity=net_quantity,
        realised=realised,
        fee=fill.fee,
        position_side=fill.position_side,
    )


def apply_funding(payment: FundingRecorded) -> FundingApplied:
    """What a payment of funding does to the account."""
    return FundingApplied(
        account_id=payment.account_id,
        instrument_id=payment.instrument_id,
        position_side=payment.position_side,
        funding_id=payment.funding_id,
        payment=payment.payment,
    )


def release(
    account_id: AccountId, order_id: OrderId, instrument_id: InstrumentId, risk: Risk
) -> ReservationReleased | None:
    """Free what an ended order still holds; None when it holds nothing."""
    reservation = risk.reservations.get(order_id)
    if reservation is None:
        return None
    return ReservationReleased(account_id, order_id, instrument_id, reservation.quantity)


def rest(order: Order, report: RecordTrigger, risk: Risk) -> ReservationRested | None:
    """A triggered order with a limit price can lie on the book; None if it does, or is over."""
    reservation = risk.reservations.get(report.order_id)
    if reservation is None or order.type not in LIMITED:
        return None
    # Of an order that is being replaced, the other one may rest while this one still waits.
    if reservation.rests and not reservation.waits:
        return None
    return ReservationRested(report.account_id, report.order_id, report.instrument_id)


def balance(asked: RecordBalance, risk: Risk) -> BalanceRecorded | Rejected:
    """The newest word of the venue holds; an older one comes late and says nothing any more."""
    known = risk.balances.get(asked.balance.currency)
    if known is not None and asked.venue_time < known.at:
        return Rejected(Reason.BALANCE_OUTDATED, "a later balance is known")
    if known == Balance(asked.balance.amount, asked.venue_time):
        return Rejected(Reason.REPORT_ALREADY_APPLIED, "this balance is in the books")
    return BalanceRecorded(asked.account_id, asked.balance, asked.venue_time)
