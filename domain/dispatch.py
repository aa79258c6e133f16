"""Which streams a command touches, and its decision over all of them at once.

The aggregates decide for themselves; this module joins them where one command changes several: an
order is placed together with its reservation, a fill changes order, position and risk together.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast, get_args

from domain import amending, external, placing, replacing, reporting, states
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
from domain.ids import PLATFORM
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
    ReplaceOrder,
    VenueReport,
)
from domain.orders.evolve import evolve as evolve_order
from domain.orders.external import RecordExternalOrder
from domain.orders.state import Order
from domain.positions import decide as positions
from domain.positions.evolve import evolve as evolve_position
from domain.positions.state import Position
from domain.reasons import Rejected
from domain.registry import Event
from domain.risk import decide as risks
from domain.risk.commands import RiskCommand
from domain.risk.evolve import evolve as evolve_risk
from domain.risk.govern import govern
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
_REPLACED: Final = (ReplaceOrder, CancelOrder, *get_args(VenueReport))
"""Commands that may be about an order that is replaced, or about one that takes another's place."""
_BY_ORDER: Final = frozenset({AmendOrder, ReplaceOrder})
"""Commands that read the strategy that their order names."""


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
        case ReplaceOrder():
            return replacing.streams_of(command)
        case (
            RecordFill()
            | RecordAcceptance()
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
            return _of_report(command)
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


def _of_report(report: VenueReport) -> tuple[StreamRef, ...]:
    """A fill moves a position besides."""
    order, risk = (
        orders.stream(report.account_id, report.order_id),
        risks.stream(report.account_id),
    )
    if not isinstance(report, RecordFill):
        return order, risk
    held = positions.stream(report.account_id, report.instrument_id, report.position_side)
    return order, held, risk


def names_more(command: Command, main: State) -> bool:
    """Whether further() is worth asking: a look at a field, since nearly every answer is no."""
    if main.__class__ is not Order:
        return command.__class__ is ProtectBracket
    return (
        main.link is not None
        or main.replacement is not None
        or main.held is not None
        or command.__class__ in _BY_ORDER
    )


def further(
    command: Command, main: State, state_of: Callable[[StreamRef], State]
) -> tuple[StreamRef, ...]:
    """Streams that other states name, read behind those of streams_of().

    An amend does not say whose strategy led to the order; a sender who could say so could lie. An
    order of a bracket names the bracket, and that the other orders: ask again once it is loaded.
    One that is replaced or held names the other order, and what a new order reads.
    """
    if isinstance(command, _REPLACED) and isinstance(main, Order) and main.link is None:
        return replacing.links(command, main)
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
    main = found[0]
    # The look at a field first: the question of the fifteen classes is dearer, and mostly needless.
    if (
        names_more(command, main)
        and isinstance(command, _LINKED)
        and brackets.is_linked(command, main)
    ):
        return brackets.decide_linked(command, found, at, _decide)
    return _decide(command, found, at)


def _decide(command: Command, found: Sequence[State], at: int) -> Decision:
    """As if the order belonged to no bracket."""
    match command:
        case PlaceOrder():
            return placing.decide(command, found, at)
        case CancelOrder() | ListInstrument():
            return _small(command, found)
        case ReplaceOrder():
            return replacing.decide(command, found, at)
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
            order, risk, *linked = found
            assert isinstance(order, Order)
            assert isinstance(risk, Risk)
            return reporting.report(command, order, risk, at, linked)
        case RecordExternalOrder():
            return external.decide(command, found, at)
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
    first, position, risk, *linked = found
    assert isinstance(position, Position)
    assert isinstance(risk, Risk)
    if isinstance(command, RecordFunding):
        assert isinstance(first, Funding)
        return fundings.decide(command, first, position)
    assert isinstance(first, Order)
    return reporting.fill(command, first, position, risk, at, linked)


def _small(command: CancelOrder | ListInstrument, found: Sequence[State]) -> Decision:
    """What changes one stream, if no replacement waits."""
    first, *linked = found
    if isinstance(command, ListInstrument):
        assert isinstance(first, Instrument)
        ref = instruments.stream(command.instrument_id)
        return _one(instruments.decide(command, first), ref)
    assert isinstance(first, Order)
    if linked:
        return replacing.cancel(command, first, linked)
    return _one(orders.cancel(command, first), orders.stream(command.account_id, command.order_id))


def _placing(at: int) -> following.Place:
    """How the orders of followers are decided: like any other."""
    return lambda order, found: decide(order, cast("Sequence[State]", found), at)


def _one(outcome: Event | Rejected, ref: StreamRef) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(ref, outcome),))


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
