"""Reports about orders that PATRIOT did not place, over the streams they touch.

The first report that comes begins the order and counts it as open, whatever else it says; then the
report is recorded like any other. So its fills are applied once to order, position and risk, late
and repeated reports change nothing, and every order of arrival ends in the same state.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, cast

from domain import amending, reporting
from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.instruments import decide as instruments
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import RecordAmendment, RecordFill
from domain.orders.events import OrderEvent
from domain.orders.evolve import evolve
from domain.orders.external import RecordExternalOrder, observed
from domain.orders.state import Order, OrderStatus
from domain.positions import decide as positions
from domain.positions.state import Position
from domain.reasons import Reason, Rejected
from domain.risk import counting
from domain.risk import decide as risks
from domain.risk.events import RiskEvent
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.state import Risk
from domain.values import ZERO, Quantity, times

_NOTHING_TO_CLOSE: Final = Rejected(
    Reason.NOTHING_TO_CLOSE, "it closes what is held, and nothing is held against it"
)


def streams_of(command: RecordExternalOrder) -> tuple[StreamRef, ...]:
    """The order, the account's risk, the position that it moves and the instrument's rules."""
    order = command.order
    return (
        orders.stream(order.account_id, order.order_id),
        risks.stream(order.account_id),
        positions.stream(order.account_id, order.instrument_id, order.position_side),
        instruments.stream(order.instrument_id),
    )


def decide(command: RecordExternalOrder, found: Sequence[object], at: int) -> Decision:
    """The report, after the order's beginning if nobody told of it before."""
    order, risk, position, instrument = found
    assert isinstance(order, Order)
    assert isinstance(risk, Risk)
    assert isinstance(position, Position)
    assert isinstance(instrument, Instrument)
    begins: tuple[Change, ...] = ()
    if order.status is OrderStatus.NEW:
        quantity = _quantity(command, position)
        if not quantity:
            return Decision(rejected=_NOTHING_TO_CLOSE)
        begun = observed(command.order, _currency(command, risk, instrument), quantity)
        count = counting.counted(begun, _mark(command, risk))
        begins = (
            Change(orders.stream(command.account_id, command.order_id), begun),
            Change(risks.stream(command.account_id), count),
        )
        order, risk = evolve(order, begun), evolve_risk(risk, count)
    elif _is_news(command, order):
        begins = amending.decide(_resized(command), (order, risk), at).changes
        order, risk = _after(begins, order, risk)
    told = _told(command, order, risk, position, at)
    refused = told.rejected
    if refused is None:
        return Decision((*begins, *told.changes))
    # The description has said already what an acceptance or an amendment would say.
    return Decision(begins) if begins and _says_nothing_new(refused) else told


def _told(
    command: RecordExternalOrder, order: Order, risk: Risk, position: Position, at: int
) -> Decision:
    report = command.report
    match report:
        case RecordFill():
            return reporting.fill(report, order, position, risk, at)
        case RecordAmendment():
            return amending.decide(report, (order, risk), at)
        case _:
            return reporting.report(report, order, risk, at)


def _is_news(command: RecordExternalOrder, order: Order) -> bool:
    """Whether the order was amended since it was last described; that report may come later.

    Without this an end could come before the amendment that made room for it, be refused as a
    contradiction, and leave the order open for ever.
    """
    now = command.order
    return (
        not isinstance(command.report, RecordAmendment)
        and not now.close_position
        and now.venue_time > order.amended_at
        and (now.quantity, now.price) != (order.quantity, order.price)
    )


def _resized(command: RecordExternalOrder) -> RecordAmendment:
    now = command.order
    return RecordAmendment(
        now.order_id,
        now.account_id,
        now.instrument_id,
        0,
        now.quantity,
        now.price,
        now.venue_time,
    )


def _after(changes: Sequence[Change], order: Order, risk: Risk) -> tuple[Order, Risk]:
    for change in changes:
        if change.stream.aggregate is Aggregate.ORDER:
            order = evolve(order, cast("OrderEvent", change.event))
        else:
            risk = evolve_risk(risk, cast("RiskEvent", change.event))
    return order, risk


def _says_nothing_new(refused: Rejected) -> bool:
    return refused.reason is Reason.REPORT_ALREADY_APPLIED


def _quantity(command: RecordExternalOrder, position: Position) -> Quantity:
    """What the order can trade; one that closes whatever is held has no quantity of its own.

    While nothing is held against it, it cannot trade, and is left for a later report to begin. A
    fill of it is never left: what it closed is told later, then.
    """
    order, report = command.order, command.report
    if not order.close_position:
        return order.quantity
    held = times(position.net_quantity, Decimal(-order.side.sign))
    traded = report.quantity if isinstance(report, RecordFill) else ZERO
    return Quantity(max(held, traded, ZERO))


def _mark(command: RecordExternalOrder, risk: Risk) -> Decimal:
    """The price at which an order without one is valued; 0 while none is known."""
    traded = command.report.price if isinstance(command.report, RecordFill) else ZERO
    return risk.exposure(command.instrument_id).mark or traded


def _currency(command: RecordExternalOrder, risk: Risk, instrument: Instrument) -> str:
    """As in our own books; the venue's word for an instrument that was never listed here."""
    rules = instrument.rules
    if rules is not None:
        return rules.currency
    return risk.exposure(command.instrument_id).currency or command.order.currency
