"""Venue reports over the streams they touch: what belongs together changes together."""

from collections.abc import Sequence

from domain import replacing
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
from domain.orders.evolve import evolve
from domain.orders.state import Order
from domain.positions import decide as positions
from domain.positions.state import Position
from domain.reasons import Rejected
from domain.risk import decide as risks
from domain.risk.events import ReservationReleased, ReservationRested
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.state import Risk


def fill(
    command: RecordFill,
    order: Order,
    position: Position,
    risk: Risk,
    at: int,
    linked: Sequence[object] = (),
) -> Decision:
    """An execution moves its order, a position and the account's risk together."""
    filled = orders.record(command, order)
    if isinstance(filled, Rejected):
        return Decision(rejected=filled)
    assert isinstance(filled, OrderFilled)
    moved = positions.apply_fill(filled, order.currency, position)
    risk_ref = risks.stream(command.account_id)
    rolled = risks.roll(command.account_id, risk, at)
    applied = risks.apply_fill(filled, moved.realised, risk)
    changes = (
        Change(orders.stream(command.account_id, command.order_id), filled),
        Change(
            positions.stream(command.account_id, command.instrument_id, command.position_side),
            moved,
        ),
        *(() if rolled is None else (Change(risk_ref, rolled),)),
        Change(risk_ref, applied),
    )
    if linked:
        after = evolve_risk(risk if rolled is None else evolve_risk(risk, rolled), applied)
        followed = replacing.followed(command, evolve(order, filled), after, linked, at)
        changes = (*changes, *(followed or ()))
    return Decision(changes)


def report(
    command: VenueReport, order: Order, risk: Risk, at: int, linked: Sequence[object] = ()
) -> Decision:
    """A report that ends the order frees or hands on what it held; a trigger may let it rest."""
    outcome = orders.record(command, order)
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    told = Change(orders.stream(command.account_id, command.order_id), outcome)
    if linked:
        followed = replacing.followed(command, evolve(order, outcome), risk, linked, at)
        if followed is not None:
            return Decision((told, *followed))
    follows: ReservationReleased | ReservationRested | None = None
    if isinstance(command, RecordTrigger):
        follows = risks.rest(order, command, risk)
    elif isinstance(command, RecordRejection | RecordCancellation | RecordExpiry | RecordNotFound):
        follows = risks.release(command.account_id, command.order_id, command.instrument_id, risk)
    if follows is None:
        return Decision((told,))
    return Decision((told, Change(risks.stream(command.account_id), follows)))
