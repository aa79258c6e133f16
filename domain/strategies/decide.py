"""Register, start, pause and stop a strategy, take a signal, follow and unfollow; or refuse."""

from functools import lru_cache
from typing import Final, assert_never

from domain.decision import STREAMS_KEPT, Aggregate, StreamRef
from domain.ids import (
    PLATFORM,
    AccountId,
    SignalId,
    StrategyId,
    follower_stream,
    signal_stream,
    strategy_stream,
)
from domain.reasons import Reason, Rejected
from domain.strategies.commands import (
    ChangeAccess,
    ChangeFollower,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
    PauseStrategy,
    RegisterStrategy,
    StartStrategy,
    StopStrategy,
    SubmitSignal,
    UnfollowStrategy,
)
from domain.strategies.events import (
    FollowerDismissed,
    FollowerEvent,
    FollowerInvited,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    SignalSubmitted,
    StrategyAccessChanged,
    StrategyEvent,
    StrategyPaused,
    StrategyRegistered,
    StrategyStarted,
    StrategyStopped,
)
from domain.strategies.state import Follower, Signal, Strategy, StrategyStatus

INVITED_MAX: Final = 10_000
"""Accounts that one strategy has invited: every order with its id reads its state."""


@lru_cache(maxsize=STREAMS_KEPT)
def stream(strategy_id: StrategyId) -> StreamRef:
    """The stream of one strategy; the platform's, for orders of any account look at it."""
    return StreamRef(Aggregate.STRATEGY, strategy_stream(strategy_id), PLATFORM)


def stream_of_signal(
    strategy_id: StrategyId, signal_id: SignalId, account_id: AccountId
) -> StreamRef:
    """The stream of one signal, the leader's account's."""
    return StreamRef(Aggregate.SIGNAL, signal_stream(strategy_id, signal_id), account_id)


@lru_cache(maxsize=STREAMS_KEPT)
def stream_of_follower(strategy_id: StrategyId, account_id: AccountId) -> StreamRef:
    """The stream of one follower, its own account's."""
    return StreamRef(Aggregate.FOLLOWER, follower_stream(strategy_id, account_id), account_id)


def register(command: RegisterStrategy, strategy: Strategy) -> StrategyRegistered | Rejected:
    """The id is taken once for ever."""
    if strategy.status is not StrategyStatus.UNREGISTERED:
        return Rejected(
            Reason.STRATEGY_ALREADY_EXISTS, "this strategy_id is taken: choose a fresh one"
        )
    return StrategyRegistered(
        strategy_id=command.strategy_id,
        account_id=command.account_id,
        owner=command.owner,
        label=command.label,
        instruments=command.instruments,
        source=command.source,
        access=command.access,
    )


def move(
    command: StartStrategy | PauseStrategy | StopStrategy, strategy: Strategy
) -> StrategyEvent | Rejected:
    """Start, pause or stop; only the leader's account moves it."""
    refusal = _not_led_by(command.account_id, strategy)
    if refusal is not None:
        return refusal
    status = strategy.status
    if status is StrategyStatus.STOPPED:
        return Rejected(Reason.STRATEGY_STOPPED, "the strategy was stopped for ever")
    match command:
        case StartStrategy():
            if status is StrategyStatus.RUNNING:
                return Rejected(Reason.STRATEGY_RUNNING, "the strategy is running")
            return StrategyStarted(command.strategy_id, command.account_id)
        case PauseStrategy():
            if status is not StrategyStatus.RUNNING:
                return Rejected(Reason.STRATEGY_NOT_RUNNING, f"the strategy is {status.value}")
            return StrategyPaused(command.strategy_id, command.account_id)
        case StopStrategy():
            return StrategyStopped(command.strategy_id, command.account_id)
        case _:
            assert_never(command)


def grant(
    command: ChangeAccess | InviteFollower | DismissFollower, strategy: Strategy
) -> StrategyEvent | Rejected:
    """Say who may follow; only the leader's account says it."""
    refusal = _not_led_by(command.account_id, strategy)
    if refusal is not None:
        return refusal
    if strategy.status is StrategyStatus.STOPPED:
        return Rejected(Reason.STRATEGY_STOPPED, "the strategy was stopped for ever")
    match command:
        case ChangeAccess():
            if command.access is strategy.access:
                return Rejected(Reason.ACCESS_UNCHANGED, f"access is {strategy.access.value}")
            return StrategyAccessChanged(command.strategy_id, command.account_id, command.access)
        case InviteFollower():
            return _invited(command, strategy)
        case DismissFollower():
            if command.follower not in strategy.invited:
                return Rejected(Reason.NOT_INVITED, "the account is not invited")
            return FollowerDismissed(command.strategy_id, command.account_id, command.follower)
        case _:
            assert_never(command)


def _invited(command: InviteFollower, strategy: Strategy) -> FollowerInvited | Rejected:
    if command.follower == command.account_id:
        return Rejected(Reason.FOLLOWS_ITSELF, "the leader's account cannot follow itself")
    if command.follower in strategy.invited:
        return Rejected(Reason.ALREADY_INVITED, "the account is invited")
    if len(strategy.invited) >= INVITED_MAX:
        return Rejected(
            Reason.TOO_MANY_INVITED,
            "the strategy has invited as many as it can: dismiss some, or open it",
            limit=str(INVITED_MAX),
            value=str(len(strategy.invited) + 1),
        )
    return FollowerInvited(command.strategy_id, command.account_id, command.follower)


def submit(
    command: SubmitSignal, signal: Signal, strategy: Strategy, at: int
) -> SignalSubmitted | Rejected:
    """A signal of a running strategy, in an instrument of it, once."""
    refusal = _not_led_by(command.account_id, strategy)
    if refusal is not None:
        return refusal
    if signal.submitted:
        return Rejected(Reason.SIGNAL_ALREADY_EXISTS, "this signal_id is taken: choose a fresh one")
    if strategy.status is not StrategyStatus.RUNNING:
        return Rejected(
            Reason.STRATEGY_NOT_RUNNING, f"the strategy is {strategy.status.value}: start it first"
        )
    if command.instrument_id not in strategy.instruments:
        return Rejected(
            Reason.STRATEGY_INSTRUMENT,
            "the strategy was not registered for this instrument",
            limit=", ".join(strategy.instruments),
            value=command.instrument_id,
        )
    if command.valid_until is not None and at > command.valid_until:
        return Rejected(
            Reason.SIGNAL_EXPIRED,
            "valid_until has passed",
            limit=str(command.valid_until),
            value=str(at),
        )
    return SignalSubmitted(
        signal_id=command.signal_id,
        strategy_id=command.strategy_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        side=command.side,
        target=command.target,
        quantity=command.quantity,
        strength=command.strength,
        price=command.price,
        valid_until=command.valid_until,
    )


def follow(
    command: FollowStrategy, follower: Follower, strategy: Strategy
) -> FollowingBegun | Rejected:
    """Whom the leader lets, except its own account, may follow a strategy that is not stopped."""
    if strategy.status is StrategyStatus.UNREGISTERED:
        return Rejected(Reason.STRATEGY_UNKNOWN, "there is no such strategy: register it first")
    if strategy.status is StrategyStatus.STOPPED:
        return Rejected(Reason.STRATEGY_STOPPED, "the strategy was stopped for ever")
    if strategy.account_id == command.account_id:
        return Rejected(Reason.FOLLOWS_ITSELF, "the leader's account cannot follow itself")
    if not strategy.lets_follow(command.account_id):
        return Rejected(Reason.NOT_INVITED, "ask the strategy's leader for an invitation")
    if follower.terms is not None:
        return Rejected(Reason.ALREADY_FOLLOWING, "the account follows it: change its terms")
    return FollowingBegun(command.strategy_id, command.account_id, command.terms)


def change(
    command: ChangeFollower | UnfollowStrategy, follower: Follower
) -> FollowerEvent | Rejected:
    """Other terms, or none; possible whatever the strategy is."""
    if follower.terms is None:
        return not_following()
    match command:
        case ChangeFollower():
            if command.terms == follower.terms:
                return Rejected(Reason.FOLLOWER_UNCHANGED, "these are the terms already")
            return FollowingChanged(command.strategy_id, command.account_id, command.terms)
        case UnfollowStrategy():
            return FollowingEnded(command.strategy_id, command.account_id)
        case _:
            assert_never(command)


def not_following() -> Rejected:
    """The answer where nobody follows."""
    return Rejected(Reason.NOT_FOLLOWING, "the account does not follow this strategy")


def _not_led_by(account_id: AccountId, strategy: Strategy) -> Rejected | None:
    """A stranger's strategy must look like none at all."""
    if strategy.account_id != account_id:
        return Rejected(Reason.STRATEGY_UNKNOWN, "this account leads no such strategy")
    return None
