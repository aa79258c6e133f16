"""Which streams a command touches, and its decision over all of them at once.

The aggregates decide for themselves; this module joins them where one command changes several: an
order is placed together with its reservation, a fill changes order, position and risk together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast, get_args

from domain import amending, external, reporting, states
from domain.accounts import decide as accounts
from domain.accounts import dispatch as membership
from domain.accounts.commands import AccountCommand
from domain.accounts.evolve import evolve as evolve_account
from domain.accounts.state import Account
from domain.allotments import dispatch as allotting
from domain.allotments.commands import AllotmentCommand
from domain.allotments.evolve import evolve as evolve_allotments
from domain.allotments.state import Allotments
from domain.brackets import dispatch as brackets
from domain.brackets.commands import BracketCommand, ProtectBracket
from domain.brackets.evolve import evolve as evolve_bracket
from domain.brackets.state import Bracket
from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.funding import decide as fundings
from domain.funding.commands import FundingCommand, RecordFunding
from domain.funding.evolve import evolve as evolve_funding
from domain.funding.state import Funding
from domain.ids import PLATFORM, client_order_id
from domain.instruments import decide as instruments
from domain.instruments.commands import InstrumentCommand, ListInstrument
from domain.instruments.evolve import evolve as evolve_instrument
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import (
    AmendOrder,
    CancelOrder,
    OrderCommand,
    PlaceOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordAmendRejection,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordNotFound,
    RecordOutcomeUnknown,
    RecordReconciled,
    RecordRejection,
    RecordTrigger,
)
from domain.orders.events import OrderDenied, OrderPlaced
from domain.orders.evolve import evolve as evolve_order
from domain.orders.external import RecordExternalOrder
from domain.orders.state import Order
from domain.orders.transitions import Move, after
from domain.positions import decide as positions
from domain.positions.evolve import evolve as evolve_position
from domain.positions.state import Position
from domain.reasons import Reason, Rejected
from domain.registry import Event
from domain.risk import decide as risks
from domain.risk.commands import RiskCommand
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.govern import govern
from domain.risk.rules.question import Question
from domain.risk.state import Risk
from domain.strategies import decide as strategies
from domain.strategies import dispatch as following
from domain.strategies.commands import StrategyCommand
from domain.strategies.evolve import evolve_following
from domain.strategies.state import Follower, Signal, Strategy
from domain.users.commands import UserCommand
from domain.users.evolve import evolve as evolve_user
from domain.users.state import User

Command = (
    OrderCommand
    | RecordExternalOrder
    | RiskCommand
    | InstrumentCommand
    | UserCommand
    | AccountCommand
    | FundingCommand
    | StrategyCommand
    | AllotmentCommand
    | BracketCommand
)
_Others = (
    RiskCommand | StrategyCommand | AllotmentCommand | BracketCommand | UserCommand | AccountCommand
)
"""What is neither an order nor a report."""
State: TypeAlias = states.State


_LINKED: Final = get_args(brackets.Linked)
"""Commands that may be about an order of a bracket."""


def streams_of(command: Command) -> tuple[StreamRef, ...]:
    """Every stream that the command names, read or written; the first is its main one."""
    match command:
        case PlaceOrder() | AmendOrder():
            streams = (
                orders.stream(command.account_id, command.order_id),
                risks.stream(command.account_id),
                risks.stream(PLATFORM),
                instruments.stream(command.instrument_id),
                accounts.stream(command.account_id),
            )
            if isinstance(command, AmendOrder) or command.strategy_id is None:
                return streams
            return (*streams, strategies.stream(command.strategy_id))
        case CancelOrder():
            return (orders.stream(command.account_id, command.order_id),)
        case RecordFill():
            return (
                orders.stream(command.account_id, command.order_id),
                positions.stream(command.account_id, command.instrument_id, command.position_side),
                risks.stream(command.account_id),
            )
        case (
            RecordAcceptance()
            | RecordRejection()
            | RecordCancellation()
            | RecordCancelRejection()
            | RecordExpiry()
            | RecordTrigger()
            | RecordAmendment()
            | RecordAmendRejection()
            | RecordOutcomeUnknown()
            | RecordReconciled()
            | RecordNotFound()
        ):
            return (
                orders.stream(command.account_id, command.order_id),
                risks.stream(command.account_id),
            )
        case ListInstrument():
            return (instruments.stream(command.instrument_id),)
        case RecordFunding() | RecordExternalOrder():
            return _of_told(command)
        case _:
            return _streams_of_others(command)


def _streams_of_others(command: _Others) -> tuple[StreamRef, ...]:
    if isinstance(command, RiskCommand):
        return (risks.stream(command.account_id),)
    if isinstance(command, StrategyCommand):
        return following.streams_of(command, streams_of)
    if isinstance(command, AllotmentCommand):
        return allotting.streams_of(command)
    if isinstance(command, BracketCommand):
        return brackets.streams_of(command, streams_of)
    return membership.streams_of(command)


def names_more(command: Command, main: State) -> bool:
    """Whether further() is worth asking: a look at a field, since nearly every answer is no."""
    if main.__class__ is not Order:
        return command.__class__ is ProtectBracket
    return main.link is not None or command.__class__ is AmendOrder


def further(
    command: Command, main: State, state_of: Callable[[StreamRef], State]
) -> tuple[StreamRef, ...]:
    """Streams that other states name, read behind those of streams_of().

    An amend does not say whose strategy led to the order; a sender who could say so could lie. An
    order of a bracket names the bracket, and that the other orders: ask again once it is loaded.
    """
    led: tuple[StreamRef, ...] = ()
    if isinstance(command, AmendOrder) and isinstance(main, Order) and main.strategy_id is not None:
        led = (strategies.stream(main.strategy_id),)
    if isinstance(command, _LINKED):
        return (*led, *brackets.links(command, main, state_of))
    return led


def streams_read(command: Command, state_of: Callable[[StreamRef], State]) -> tuple[StreamRef, ...]:
    """Every stream whose state the decision is handed, in that order."""
    streams = streams_of(command)
    return (*streams, *further(command, state_of(streams[0]), state_of))


def _of_told(command: RecordFunding | RecordExternalOrder) -> tuple[StreamRef, ...]:
    """Of what a venue told and nobody here had asked for."""
    if isinstance(command, RecordFunding):
        return fundings.streams(command)
    return external.streams_of(command)


def initial(aggregate: Aggregate) -> State:
    """The state of a stream without events."""
    return states.INITIAL[aggregate]


def evolve(state: State, event: Event) -> State:
    """The state after one more event of its own stream."""
    return _EVOLVE[state.__class__](state, event)


def decide(command: Command, found: Sequence[State], at: int) -> Decision:
    """The command's decision on the states of streams_read(command), in that order.

    `at` is in microseconds since 1970-01-01 UTC.
    """
    if isinstance(command, _LINKED) and brackets.is_linked(command, found[0]):
        return brackets.decide_linked(command, found, at, _decide)
    return _decide(command, found, at)


def _decide(command: Command, found: Sequence[State], at: int) -> Decision:
    """As if the order belonged to no bracket."""
    match command:
        case PlaceOrder():
            return _place(command, found, at)
        case CancelOrder():
            (order,) = found
            assert isinstance(order, Order)
            return _one(
                orders.cancel(command, order), orders.stream(command.account_id, command.order_id)
            )
        case RecordFill() | RecordFunding():
            return _moved(command, found, at)
        case AmendOrder() | RecordAmendment() | RecordAmendRejection():
            return amending.decide(command, found, at)
        case (
            RecordAcceptance()
            | RecordRejection()
            | RecordCancellation()
            | RecordCancelRejection()
            | RecordExpiry()
            | RecordTrigger()
            | RecordOutcomeUnknown()
            | RecordReconciled()
            | RecordNotFound()
        ):
            order, risk = found
            assert isinstance(order, Order)
            assert isinstance(risk, Risk)
            return reporting.report(command, order, risk)
        case RecordExternalOrder():
            return external.decide(command, found, at)
        case ListInstrument():
            (instrument,) = found
            assert isinstance(instrument, Instrument)
            return _one(
                instruments.decide(command, instrument), instruments.stream(command.instrument_id)
            )
        case _:
            return _decided_of_others(command, found, at)


def _decided_of_others(command: _Others, found: Sequence[State], at: int) -> Decision:
    if isinstance(command, RiskCommand):
        (risk,) = found
        assert isinstance(risk, Risk)
        return govern(command, risk, at)
    if isinstance(command, StrategyCommand):
        return following.decided(command, found, at, _placing(at))
    if isinstance(command, AllotmentCommand):
        return allotting.decided(command, found, at)
    if isinstance(command, BracketCommand):
        return brackets.decided(command, found, at, _placing(at))
    return membership.decided(command, found)


def _moved(command: RecordFill | RecordFunding, found: Sequence[State], at: int) -> Decision:
    """What moves a position, or the money of one."""
    first, position, risk = found
    assert isinstance(position, Position)
    assert isinstance(risk, Risk)
    if isinstance(command, RecordFunding):
        assert isinstance(first, Funding)
        return fundings.decide(command, first, position)
    assert isinstance(first, Order)
    return reporting.fill(command, first, position, risk, at)


def _placing(at: int) -> following.Place:
    """How the orders of followers are decided: like any other."""
    return lambda order, found: decide(order, cast("Sequence[State]", found), at)


def _one(outcome: Event | Rejected, ref: StreamRef) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(ref, outcome),))


def _place(command: PlaceOrder, found: Sequence[State], at: int) -> Decision:
    """The order as it is asked of the checks, unless its id is taken."""
    order, risk, platform, instrument, account, *led = found
    strategy = led[0] if led else states.UNREGISTERED
    assert isinstance(order, Order)
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(instrument, Instrument)
    assert isinstance(account, Account)
    assert isinstance(strategy, Strategy)
    if after(order.status, Move.PLACE) is None:
        return Decision(
            rejected=Rejected(
                Reason.ORDER_ALREADY_EXISTS, "this order_id is taken: choose a fresh one"
            )
        )
    exposure = risk.exposure(command.instrument_id, command.position_side)
    return _checked(Question(command, risk, platform, instrument, exposure, at, account, strategy))


def _checked(question: Question) -> Decision:
    """The order and its reservation, or the denied order and the check that refused it."""
    command = question.order
    order_ref = orders.stream(command.account_id, command.order_id)
    risk_ref = risks.stream(command.account_id)
    rolled = risks.roll(command.account_id, question.risk, question.at)
    first: tuple[Change, ...] = ()
    if rolled is not None:
        first = (Change(risk_ref, rolled),)
        question = replace(question, risk=evolve_risk(question.risk, rolled))
    verdict, refusal = risks.admit(question)
    if refusal is not None:
        denied = OrderDenied(
            order_id=command.order_id,
            account_id=command.account_id,
            instrument_id=command.instrument_id,
            side=command.side,
            type=command.type,
            time_in_force=command.time_in_force,
            quantity=command.quantity,
            price=command.price,
            reduce_only=command.reduce_only,
            strategy_id=command.strategy_id,
            reason=int(refusal.reason),
            detail=refusal.detail,
            position_side=command.position_side,
            expires_at=command.expires_at,
            close_position=command.close_position,
            trigger=command.trigger,
        )
        return Decision((*first, Change(risk_ref, verdict), Change(order_ref, denied)), refusal)
    rules = question.instrument.rules
    assert rules is not None  # the check "instrument" refused an order without rules
    placed = OrderPlaced(  # by place: domain/making.py says why
        command.order_id,
        command.account_id,
        command.instrument_id,
        command.side,
        command.type,
        command.time_in_force,
        question.quantity,
        command.price,
        command.reduce_only,
        command.strategy_id,
        client_order_id(command.order_id),
        rules.currency,
        command.position_side,
        command.expires_at,
        command.close_position,
        command.trigger,
    )
    return Decision((*first, Change(risk_ref, verdict), Change(order_ref, placed)))


_EVOLVE: Final[Mapping[type[State], Callable[[Any, Any], State]]] = {
    Order: evolve_order,
    Risk: evolve_risk,
    Position: evolve_position,
    Instrument: evolve_instrument,
    Account: evolve_account,
    Funding: evolve_funding,
    User: evolve_user,
    Strategy: evolve_following,
    Signal: evolve_following,
    Follower: evolve_following,
    Allotments: evolve_allotments,
    Bracket: evolve_bracket,
}
"""Every state has one."""
