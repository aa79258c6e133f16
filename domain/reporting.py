"""Venue reports over the streams they touch: what belongs together changes together."""

from domain.decision import Change, Decision
from domain.orders import decide as orders
from domain.orders.commands import (
    RecordCancellation,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordRejection,
    RecordTrigger,
    VenueReport,
)
from domain.orders.events import OrderFilled
from domain.orders.state import Order
from domain.positions import decide as positions
from domain.positions.state import Position
from domain.reasons import Rejected
from domain.risk import decide as risks
from domain.risk.events import ReservationReleased, ReservationRested
from domain.risk.state import Risk


def fill(command: RecordFill, order: Order, position: Position, risk: Risk, at: int) -> Decision:
    """An execution moves its order, a position and the account's risk together."""
    filled = orders.record(command, order)
    if isinstance(filled, Rejected):
        return Decision(rejected=filled)
    assert isinstance(filled, OrderFilled)
    moved = positions.apply_fill(filled, order.currency, position)
    risk_ref = risks.stream(command.account_id)
    rolled = risks.roll(command.account_id, risk, at)
    applied = risks.apply_fill(filled, moved.realised, risk)
    return Decision(
        (
            Change(orders.stream(command.account_id, command.order_id), filled),
            Change(
                positions.stream(command.account_id, command.instrument_id, command.position_side),
                moved,
            ),
            *(() if rolled is None else (Change(risk_ref, rolled),)),
            Change(risk_ref, applied),
        )
    )


def report(command: VenueReport, order: Order, risk: Risk) -> Decision:
    """A report that ends the order frees its reservation; a trigger may bring it to the book."""
    outcome = orders.record(command, order)
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    told = Change(orders.stream(command.account_id, command.order_id), outcome)
    follows: ReservationReleased | ReservationRested | None = None
    if isinstance(command, RecordTrigger):
        follows = risks.rest(order, command, risk)
    elif isinstance(command, RecordRejection | RecordCancellation | RecordExpiry | RecordNotFound):
        follows = risks.release(command.account_id, command.order_id, command.instrument_id, risk)
    if follows is None:
        return Decision((told,))
    return Decision((told, Change(risks.stream(command.account_id), follows)))
