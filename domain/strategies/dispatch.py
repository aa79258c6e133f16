"""Which streams the commands on strategies touch, and their decisions over all of them at once.

A copy is an order like any other, with the follower's own event beside it; so the decision on the
order is handed in, and taken by whoever takes those.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from domain.accounts.state import Account
from domain.decision import Change, Decision, StreamRef
from domain.ids import AccountId
from domain.instruments.state import Instrument
from domain.orders.commands import AmendOrder, CancelOrder, PlaceOrder
from domain.orders.decide import stream as order_stream
from domain.orders.state import Order, OrderStatus
from domain.reasons import Reason, Rejected
from domain.risk.state import Risk
from domain.strategies import amending, copying, decide
from domain.strategies.commands import (
    AmendCopy,
    ChangeAccess,
    ChangeFollower,
    CopyIntent,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
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
from domain.strategies.events import (
    AmendCopied,
    CopySkipped,
    FollowerEvent,
    SignalEvent,
    StrategyEvent,
)
from domain.strategies.state import Follower, Signal, Strategy

StrategyState = Strategy | Signal | Follower
Trade = PlaceOrder | AmendOrder | CancelOrder
Place = Callable[[Trade, Sequence[object]], Decision]
"""The decision on a follower's order, on the states of its own streams."""

STATES: Final = (Strategy, Signal, Follower)
_StateT = TypeVar("_StateT")


def streams_of(
    command: StrategyCommand, of_order: Callable[[Trade], tuple[StreamRef, ...]]
) -> tuple[StreamRef, ...]:
    """Every stream that the decision reads or writes; the first is the command's main one."""
    strategy = decide.stream(command.strategy_id)
    follower = decide.stream_of_follower(command.strategy_id, command.account_id)
    match command:
        case RegisterStrategy() | StartStrategy() | PauseStrategy() | StopStrategy():
            return (strategy,)
        case ChangeAccess() | InviteFollower() | DismissFollower():
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
        case AmendCopy():
            return (follower, strategy, *of_order(amending.template(command)))


def decided(command: StrategyCommand, found: Sequence[object], at: int, place: Place) -> Decision:
    """The command's decision on the states of its streams, in their order."""
    match command:
        case RegisterStrategy():
            return _one(command, decide.register(command, _first(found, Strategy)))
        case StartStrategy() | PauseStrategy() | StopStrategy():
            return _one(command, decide.move(command, _first(found, Strategy)))
        case ChangeAccess() | InviteFollower() | DismissFollower():
            return _one(command, decide.grant(command, _first(found, Strategy)))
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
        case AmendCopy():
            return _amended(command, found, at, place)


def _amended(command: AmendCopy, found: Sequence[object], at: int, place: Place) -> Decision:
    """The follower's event, with the amend or the cancel of its copy that goes with it."""
    known, order = _found(command.account_id, found, at), _first(found, Order)
    refusal = copying.unfit(command, known.follower) or amending.unfit(command, order)
    if refusal is not None:
        return Decision(rejected=refusal)
    terms = known.follower.terms
    assert terms is not None  # unfit() refuses who does not follow
    inputs = copying.inputs_of(command, terms, known)
    wanted = amending.wanted(command, terms, inputs, order, known)
    match wanted:
        case AmendCopied():
            return _one(command, wanted)
        case (CancelOrder() as cancel, told):
            return _with(command, told, place(cancel, (order,)))
        case AmendOrder():
            # An amend looks at its order's strategy last, whoever asks for it.
            decision = place(wanted, (*found[2:], known.strategy))
            told = amending.told(command, inputs, wanted, decision.rejected)
            return _with(command, told, decision)


def _made(
    command: CopyIntent | ReportDrift, found: Sequence[object], at: int, place: Place
) -> Decision:
    """The follower's event, with the order that goes with it."""
    known = _found(command.account_id, found, at)
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


def _found(account_id: AccountId, found: Sequence[object], at: int) -> Found:
    instrument = _first(found, Instrument)
    return Found(
        account_id=account_id,
        mode=_first(found, Account).position_mode,
        follower=_first(found, Follower),
        strategy=_first(found, Strategy),
        risk=_first(found, Risk),
        rules=instrument.rules,
        rules_version=instrument.rules_version,
        at=at,
    )


def _with(
    command: CopyIntent | AmendCopy | ReportDrift, event: FollowerEvent, order: Decision
) -> Decision:
    """All in one commit; a refused order is the answer, too."""
    follower = decide.stream_of_follower(command.strategy_id, command.account_id)
    return Decision((*order.changes, Change(follower, event)), order.rejected)


def _one(
    command: StrategyCommand, outcome: StrategyEvent | SignalEvent | FollowerEvent | Rejected
) -> Decision:
    if isinstance(outcome, Rejected):
        return Decision(rejected=outcome)
    return Decision((Change(streams_of(command, _no_order)[0], outcome),))


def _no_order(order: Trade) -> tuple[StreamRef, ...]:
    """Only the main stream is asked for, and that is never the order's."""
    return (order_stream(order.account_id, order.order_id),)


def _first(found: Iterable[object], kind: type[_StateT]) -> _StateT:
    """By kind and not by place: which streams an order looks at is not known here.

    The first risk is the account's own; the platform's comes after it.
    """
    return next(state for state in found if isinstance(state, kind))
