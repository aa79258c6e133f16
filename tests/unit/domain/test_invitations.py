"""Who may follow: the leader's word counts, when following begins and for every copy after it."""

from dataclasses import replace

import pytest

from domain.decision import Change
from domain.dispatch import Command, evolve
from domain.ids import AccountId, derived
from domain.orders.commands import RecordAcceptance
from domain.reasons import Reason
from domain.risk.commands import SetLimits
from domain.strategies import decide
from domain.strategies.commands import (
    ChangeAccess,
    DismissFollower,
    InviteFollower,
    StopStrategy,
)
from domain.strategies.copying import order_id_of
from domain.strategies.events import (
    AmendAction,
    AmendCopied,
    CopySkipped,
    DriftAction,
    DriftFound,
    FollowerDismissed,
    FollowerInvited,
    StrategyAccessChanged,
)
from domain.strategies.retired import StrategyRegisteredV1, registered_v1
from domain.strategies.state import Strategy
from domain.strategies.terms import Access, CopySource, DriftPolicy
from domain.values import Side
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    OWNER,
    RATIO,
    STRATEGY,
    amend_copy,
    copy,
    drift,
    follow,
    intent,
    led_order,
    register,
    running,
)
from tests.support.trading import NO_LIMITS, START, SUSHI, Desk, desk

INVITE = InviteFollower(STRATEGY, LEADER, FOLLOWER)
DISMISS = DismissFollower(STRATEGY, LEADER, FOLLOWER)
CLOSE = ChangeAccess(STRATEGY, LEADER, Access.INVITATION)
OPEN = ChangeAccess(STRATEGY, LEADER, Access.OPEN)


def closed(*more: Command) -> Desk:
    """A running strategy that is followed by invitation, and an account that may trade."""
    trading = desk()
    registered = register(access=Access.INVITATION)
    for command in (SetLimits(FOLLOWER, NO_LIMITS), registered, running()[1], *more):
        trading.events(command)
    return trading


def test_without_an_invitation_nobody_follows() -> None:
    trading = closed()
    assert trading.reason(follow()) is Reason.NOT_INVITED
    assert trading.events(INVITE) == [FollowerInvited(STRATEGY, LEADER, FOLLOWER)]
    assert trading.reason(follow()) is None
    other = AccountId(derived("test", "another follower"))
    assert trading.reason(follow(account=other)) is Reason.NOT_INVITED


@pytest.mark.parametrize("command", [INVITE, DISMISS, CLOSE])
def test_nobody_but_the_leader_says_who_may_follow(
    command: InviteFollower | DismissFollower | ChangeAccess,
) -> None:
    stranger = replace(command, account_id=FOLLOWER)
    assert closed(INVITE, OPEN).reason(stranger) is Reason.STRATEGY_UNKNOWN
    assert desk().reason(command) is Reason.STRATEGY_UNKNOWN


def test_what_changes_nothing_and_what_comes_too_late_is_refused() -> None:
    trading = closed()
    assert trading.reason(CLOSE) is Reason.ACCESS_UNCHANGED
    assert trading.reason(DISMISS) is Reason.NOT_INVITED
    assert trading.reason(replace(INVITE, follower=LEADER)) is Reason.FOLLOWS_ITSELF
    assert trading.reason(INVITE) is None
    assert trading.reason(INVITE) is Reason.ALREADY_INVITED
    assert trading.events(DISMISS) == [FollowerDismissed(STRATEGY, LEADER, FOLLOWER)]
    assert trading.events(OPEN) == [StrategyAccessChanged(STRATEGY, LEADER, Access.OPEN)]
    trading.events(StopStrategy(STRATEGY, LEADER))
    for command in (INVITE, DISMISS, CLOSE):
        assert trading.reason(command) is Reason.STRATEGY_STOPPED


def test_a_strategy_invites_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "INVITED_MAX", 2)
    trading = closed()
    others = [AccountId(derived("test", "invited", str(number))) for number in range(3)]
    reasons = [trading.reason(replace(INVITE, follower=account)) for account in others]
    assert reasons == [None, None, Reason.TOO_MANY_INVITED]
    trading.events(replace(DISMISS, follower=others[0]))
    assert trading.reason(replace(INVITE, follower=others[2])) is None


@pytest.mark.parametrize("end", [(DISMISS,), (OPEN, CLOSE, DISMISS)])
def test_nothing_more_is_opened_for_who_is_dismissed(end: tuple[Command, ...]) -> None:
    trading = closed(INVITE, follow(), *end)
    [change] = trading.do(copy(intent("s"))).changes
    assert isinstance(change.event, CopySkipped)
    assert change.event.reason == Reason.NOT_INVITED
    closing = replace(intent("t", Side.SELL), reduce_only=True)
    assert trading.reason(copy(closing, seen=2, held="5")) is Reason.WOULD_INCREASE, "asked further"
    trading.events(INVITE)
    assert trading.reason(copy(intent("u"), seen=3)) is None


def test_a_strategy_that_is_closed_keeps_only_those_who_are_invited() -> None:
    trading = closed(OPEN, follow(), CLOSE)
    [change] = trading.do(copy(intent("s"))).changes
    assert isinstance(change.event, CopySkipped)


def test_copies_of_who_is_dismissed_become_smaller_and_never_larger() -> None:
    first = copy(led_order("a"))
    taken = RecordAcceptance(order_id_of(first), FOLLOWER, SUSHI, "v-2", START)
    trading = closed(INVITE, follow(), first, taken, DISMISS)
    kept = trading.do(amend_copy(led_order("a", "20"), 2)).changes[-1].event
    assert isinstance(kept, AmendCopied)
    assert (kept.action, kept.reason) == (AmendAction.KEPT, Reason.NOT_INVITED)
    smaller = trading.do(amend_copy(led_order("a", "6"), 3)).changes[-1].event
    assert isinstance(smaller, AmendCopied)
    assert smaller.action is AmendAction.AMENDED


def test_repairs_for_who_is_dismissed_only_reduce() -> None:
    repair = replace(RATIO, drift=DriftPolicy.REPAIR)
    trading = closed(INVITE, follow(repair), DISMISS)
    [change] = trading.do(drift("10", "0")).changes
    assert isinstance(change.event, DriftFound)
    assert (change.event.action, change.event.reason) == (
        DriftAction.SKIPPED,
        Reason.NOT_INVITED,
    )
    reducing = trading.do(drift("0", "3", seen=2)).changes[-1].event
    assert isinstance(reducing, DriftFound)
    assert (reducing.action, reducing.reason) == (DriftAction.REFUSED, Reason.WOULD_INCREASE)


def test_strategies_of_before_are_open_and_can_be_closed() -> None:
    old = StrategyRegisteredV1(STRATEGY, LEADER, OWNER, "trend", (SUSHI,), CopySource.SIGNALS)
    now = registered_v1(old)
    assert now.access is Access.OPEN
    trading = desk()
    stream = decide.stream(STRATEGY)
    trading.changes.append(Change(stream, now))
    trading.states[stream.stream_id] = evolve(Strategy(), now)
    assert trading.reason(follow()) is None
    assert trading.reason(CLOSE) is None


def test_invitations_outlive_an_open_time() -> None:
    trading = closed(INVITE, OPEN, CLOSE)
    strategy = trading.strategy(STRATEGY)
    assert strategy.lets_follow(FOLLOWER)
    assert not strategy.lets_follow(AccountId(derived("test", "another follower")))
    assert strategy.invited == {FOLLOWER}
