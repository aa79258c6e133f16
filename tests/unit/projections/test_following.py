"""What is due for followers is a function of the log: intents, positions, cancels, drift."""

from dataclasses import replace
from decimal import Decimal

from domain.dispatch import Command
from domain.registry import TYPE_NAMES
from domain.risk.commands import SetLimits
from domain.strategies.commands import ChangeFollower, UnfollowStrategy
from domain.strategies.terms import CopySource
from projections.following import TYPES, Following
from tests.support.life import amend, amended, lost, not_found, reconciled
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    RATIO,
    STRATEGY,
    copy,
    drift,
    follow,
    intent,
    register,
    running,
    signal,
)
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    START,
    SUSHI,
    Desk,
    accepted,
    desk,
    filled,
    place,
)


def told(trading: Desk) -> Following:
    """The fold of everything that was decided at the desk."""
    following = Following()
    for position, change in enumerate(trading.changes, start=1):
        if TYPE_NAMES[type(change.event)] in TYPES:
            following.fold(position, change.event, START)
    return following


def led(*more: Command) -> Desk:
    trading = desk()
    for command in (SetLimits(FOLLOWER, NO_LIMITS), *running(), *more):
        trading.do(command)
    return trading


def test_a_signal_waits_for_those_who_follow_at_that_moment() -> None:
    trading = led(signal("early"), follow(), signal("a"), signal("b"))
    [due] = told(trading).copies()
    assert (due.account_id, due.intent, due.seen, due.held) == (
        FOLLOWER,
        intent("a"),
        1,
        Decimal(0),
    )


def test_what_was_decided_waits_no_more_and_counts_as_held() -> None:
    trading = led(follow(), signal("a"), signal("b"))
    trading.events(copy(intent("a")))
    [due] = told(trading).copies()
    assert (due.intent, due.seen, due.held) == (intent("b"), 2, Decimal(5))
    trading.events(copy(intent("b"), seen=2, held="5"))
    assert told(trading).copies() == []


def test_who_leaves_or_changes_is_asked_for_what_it_is_now() -> None:
    trading = led(follow(), signal("a"))
    trading.events(ChangeFollower(STRATEGY, FOLLOWER, replace(RATIO, paused=True)))
    [due] = told(trading).copies()
    assert due.seen == 2
    trading.events(UnfollowStrategy(STRATEGY, FOLLOWER))
    assert told(trading).copies() == []
    trading.events(follow())
    assert told(trading).copies() == [], "what waited is gone"


def test_signals_of_a_strategy_whose_orders_are_copied_are_not_copied() -> None:
    trading = desk()
    trading.events(register(source=CopySource.ORDERS))
    for command in (running()[1], follow(), signal("a")):
        trading.events(command)
    assert told(trading).copies() == []


def test_a_drift_that_was_reported_is_not_found_again() -> None:
    trading = led(follow())
    following = told(trading)
    following.strategies[STRATEGY].held[LEADER] = {SUSHI: Decimal(10)}
    [found] = following.drifts(quiet_since=START, again_before=START)
    assert (found.leader, found.held, found.seen) == (Decimal(10), Decimal(0), 1)
    trading.events(drift("10", "0"))
    again = told(trading)
    again.strategies[STRATEGY].held[LEADER] = {SUSHI: Decimal(10)}
    assert again.drifts(quiet_since=START, again_before=START + 1) == []
    again.strategies[STRATEGY].held[LEADER] = {SUSHI: Decimal(12)}
    assert len(again.drifts(quiet_since=START, again_before=START + 1)) == 1


def test_nothing_is_compared_while_something_is_under_way() -> None:
    trading = led(follow(), signal("a"))
    trading.events(copy(intent("a")))
    following = told(trading)
    following.strategies[STRATEGY].held[LEADER] = {SUSHI: Decimal(40)}
    assert following.drifts(quiet_since=START, again_before=START) == []
    following.open.clear()
    assert len(following.drifts(quiet_since=START, again_before=START)) == 1
    assert following.drifts(quiet_since=START - 1, again_before=START) == [], "moved just now"
    waiting = told(led(follow(), signal("a")))
    waiting.strategies[STRATEGY].held[LEADER] = {SUSHI: Decimal(40)}
    assert waiting.drifts(quiet_since=START, again_before=START) == []


def test_orders_of_strategies_that_were_never_registered_are_nobody_s_business() -> None:
    trading = desk()
    trading.events(replace(place("a"), strategy_id=STRATEGY))
    following = told(trading)
    assert (following.strategies, following.open) == ({}, {})


def _ours(following: Following) -> tuple[Decimal, Decimal, int]:
    """Held and working quantity of the account, and how many orders are open."""
    of_strategy = following.strategies[STRATEGY]
    held = of_strategy.held.get(ACCOUNT, {}).get(SUSHI, Decimal(0))
    return held, of_strategy.working[ACCOUNT][SUSHI], len(following.open)


def test_what_an_amend_leaves_open_is_what_counts() -> None:
    trading = led(replace(place("a", amount="10"), strategy_id=STRATEGY), accepted("a"))
    trading.events(filled("a", "1", "4"))
    assert _ours(told(trading)) == (Decimal(4), Decimal(6), 1)
    trading.events(amend("a", "15"))
    assert _ours(told(trading)) == (Decimal(4), Decimal(6), 1), "the venue was only asked"
    trading.events(amended("a", "15"))
    assert _ours(told(trading)) == (Decimal(4), Decimal(11), 1)
    trading.events(amend("a", "5"))
    trading.events(amended("a", "5", number=2))
    assert _ours(told(trading)) == (Decimal(4), Decimal(1), 1)
    trading.events(filled("a", "2", "1"))
    assert _ours(told(trading)) == (Decimal(5), Decimal(0), 0)


def test_an_order_that_the_venue_never_had_is_open_no_more() -> None:
    trading = led(replace(place("a", amount="10"), strategy_id=STRATEGY), lost("a"))
    assert _ours(told(trading)) == (Decimal(0), Decimal(10), 1)
    trading.events(not_found("a"))
    assert _ours(told(trading)) == (Decimal(0), Decimal(0), 0)


def test_an_order_that_the_venue_has_stays_open() -> None:
    trading = led(replace(place("a", amount="10"), strategy_id=STRATEGY), lost("a"))
    trading.events(reconciled("a"))
    assert _ours(told(trading)) == (Decimal(0), Decimal(10), 1)
