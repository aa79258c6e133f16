"""Strategies, signals and followers as their events leave them; nothing moves a stopped one."""

from dataclasses import replace
from typing import assert_never, cast

from domain.strategies.events import (
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftFound,
    FollowerDismissed,
    FollowerEvent,
    FollowerInvited,
    FollowingBegun,
    FollowingChanged,
    FollowingEnded,
    IntentCopied,
    SignalEvent,
    StrategyAccessChanged,
    StrategyEvent,
    StrategyPaused,
    StrategyRegistered,
    StrategyStarted,
    StrategyStopped,
)
from domain.strategies.state import Follower, Signal, Strategy, StrategyStatus

FollowingEvent = StrategyEvent | SignalEvent | FollowerEvent


def evolve_following(
    state: Strategy | Signal | Follower, event: FollowingEvent
) -> Strategy | Signal | Follower:
    """The state of one of the three after one more event of its own stream."""
    match state:
        case Strategy():
            return evolve_strategy(state, cast("StrategyEvent", event))
        case Signal():
            return evolve_signal(state, cast("SignalEvent", event))
        case Follower():
            return evolve_follower(state, cast("FollowerEvent", event))


def evolve_strategy(strategy: Strategy, event: StrategyEvent) -> Strategy:
    """The strategy after one more event."""
    if strategy.status is StrategyStatus.STOPPED:
        return strategy
    match event:
        case StrategyRegistered():
            return Strategy(
                StrategyStatus.REGISTERED,
                event.account_id,
                event.instruments,
                event.source,
                event.access,
            )
        case StrategyStarted():
            return replace(strategy, status=StrategyStatus.RUNNING)
        case StrategyPaused():
            return replace(strategy, status=StrategyStatus.PAUSED)
        case StrategyStopped():
            return replace(strategy, status=StrategyStatus.STOPPED)
        case StrategyAccessChanged():
            return replace(strategy, access=event.access)
        case FollowerInvited():
            return replace(strategy, invited=strategy.invited | {event.follower})
        case FollowerDismissed():
            return replace(strategy, invited=strategy.invited - {event.follower})
        case _:
            assert_never(event)


def evolve_signal(signal: Signal, event: SignalEvent) -> Signal:
    """A signal has one event."""
    del signal, event
    return Signal(submitted=True)


def evolve_follower(follower: Follower, event: FollowerEvent) -> Follower:
    """The follower after one more event."""
    seen = follower.seen + 1
    match event:
        case FollowingBegun() | FollowingChanged():
            return Follower(event.terms, seen)
        case FollowingEnded():
            return Follower(None, seen)
        case IntentCopied() | CopySkipped() | CopyRefused() | AmendCopied() | DriftFound():
            return Follower(follower.terms, seen)
        case _:
            assert_never(event)
