"""Which streams the commands on strategies touch, and their decisions over all of them at once.

A copy is an order like any other, with the follower's own event beside it; so the decision on the
order is handed in, and taken by whoever takes those.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from domain.decision import Change, Decision, StreamRef
from domain.instruments.state import Instrument
from domain.orders.commands import PlaceOrder
from domain.orders.decide import stream as order_stream
from domain.orders.state import Order, OrderStatus
from domain.reasons import Reason, Rejected
from domain.risk.state import Risk
from domain.strategies import copying, decide
from domain.strategies.commands import (
    ChangeFollower,
    CopyIntent,
    FollowStrategy,
    PauseStrategy,
    RegisterStrategy,
    ReportDrift,
    StartStrategy,
    StopStrategy,
    StrategyCommand,
    SubmitSignal,
    UnfollowStrategy,
)
from domain.strategies.copying import Found
from domain.strategies.events import CopySkipped, FollowerEvent, SignalEvent, StrategyEvent
from domain.strategies.state import Follower, Signal, Strategy

StrategyState = Strategy | Signal | Follower
Place = Callable[[PlaceOrder, Sequence[object]], Decision]
"""The decision on an order, on the states of its own streams."""

STATES: Final = (Strategy, Signal, Follower)
_StateT = TypeVar("_StateT")


def streams_of(
    command: StrategyCommand, of_order: Callable[[PlaceOrder], tuple[StreamRef, ...]]
) -> tuple[StreamRef, ...]:
    """Every stream that the decision reads or writes; the first is the command's main one."""
    strategy = decide.stream(command.strategy_id)
    follower = decide.stream_of_follower(command.strategy_id, command.account_id)
    match command:
        case RegisterStrategy() | StartStrategy() | PauseStrategy() | StopStrategy():
            return (strategy,)
        case SubmitSignal():
            signal = decide.stream_of_signal(
                command.strategy_id, command.signal_id, command.account_id
            )
            return (signal, strategy)
        case FollowStrategy():
            return (follower, strategy)
        case ChangeFollower() | UnfollowStrategy():
            return (follower,)
        case CopyIntent() | ReportDrift():
            return (follower, *of_order(copying.template(command)))


def decided(command: StrategyCommand, found: Sequence[object], at: int, place: Place) -> Decision:
    """The command's decision on the states of its streams, in their order."""
    match command:
        case RegisterStrategy():
            return _one(command, decide.register(command, _first(found, Strategy)))
        case StartStrategy() | PauseStrategy() | StopStrategy():
            return _one(command, decide.move(command, _first(found, Strategy)))
        case SubmitSignal():
            signal, strategy = _first(found, Signal), _first(found, Strategy)
            return _one(command, decide.submit(command, signal, strategy, at))
        case FollowStrategy():
            follower, strategy = _first(found, Follower), _first(found, Strategy)
            return _one(command, decide.follow(command, follower, strategy))
        case ChangeFollower() | UnfollowStrategy():
            return _one(command, decide.change(command, _first(found, Follower)))
        case CopyIntent() | ReportDrift():
            return _made(command, found, at, place)


def _made(
    command: CopyIntent | ReportDrift, found: Sequence[object], at: int, place: Place
) -> Decision:
    """The follower's event, with the order that goes with it."""
    known = _found(found, at)
    refusal = copying.unfit(command, known.follower)
    if refusal is not None:
        return Decision(rejected=refusal)
    if _first(found, Order).status is not OrderStatus.NEW:
        return Decision(
            rejected=Rejected(Reason.ORDER_ALREADY_EXISTS, "the order of this copy was made")
        )
    terms = known.follower.terms
    assert terms is not None  # unfit() refuses who does not follow
    if isinstance(command, CopyIntent):
        inputs = copying.inputs_of(command, terms, known)
        order = copying.wanted(command, terms, inputs, known)
        if isinstance(order, CopySkipped):
            return _one(command, order)
        decision = place(order, found[1:])
        return _with(command, copying.copied(command, inputs, order, decision.rejected), decision)
    outcome = copying.drifted(command, terms, known)
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    drift, repair = outcome
    if repair is None:
        return _one(command, drift)
    decision = place(repair, found[1:])
    if decision.rejected is not None:
        drift = copying.refused_repair(drift, decision.rejected)
    return _with(command, drift, decision)


def _found(found: Sequence[object], at: int) -> Found:
    instrument = _first(found, Instrument)
    return Found(
        follower=_first(found, Follower),
        strategy=_first(found, Strategy),
        risk=_first(found, Risk),
        rules=instrument.rules,
        rules_version=instrument.rules_version,
        at=at,
    )


def _with(command: CopyIntent | ReportDrift, event: FollowerEvent, order: Decision) -> Decision:
    """All in one commit; a refused order is the answer, too."""
    follower = decide.stream_of_follower(command.strategy_id, command.account_id)
    return Decision((*order.changes, Change(follower, event)), order.rejected)


def _one(
    command: StrategyCommand, outcome: StrategyEvent | SignalEvent | FollowerEvent | Rejected
) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(streams_of(command, _no_order)[0], outcome),))


def _no_order(order: PlaceOrder) -> tuple[StreamRef, ...]:
    """Only the main stream is asked for, and that is never the order's."""
    return (order_stream(order.account_id, order.order_id),)


def _first(found: Iterable[object], kind: type[_StateT]) -> _StateT:
    """By kind and not by place: which streams an order looks at is not known here.

    The first risk is the account's own; the platform's comes after it.
    """
    return next(state for state in found if isinstance(state, kind))
