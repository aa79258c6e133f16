"""What is due for followers is a function of the log: intents, positions, cancels, drift."""

from dataclasses import replace
from decimal import Decimal

from domain.dispatch import Command
from domain.orders.commands import (
    CancelOrder,
    RecordAcceptance,
    RecordAmendRejection,
    RecordCancelRejection,
    TimeInForce,
)
from domain.reasons import Reason
from domain.registry import TYPE_NAMES
from domain.risk.commands import SetLimits
from domain.strategies.commands import ChangeFollower, CopyIntent, UnfollowStrategy
from domain.strategies.copying import order_id_of
from domain.strategies.events import CopySkipped
from domain.strategies.terms import CopySource
from projections.following import TYPES, Following
from tests.support.life import amend, amend_rejected, amended, lost, not_found, reconciled
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    MARKET,
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
    signal,
)
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancelled,
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


def _led_order(*more: Command) -> Desk:
    """A leader's order of 10 at 8 that the venue has, and one follower."""
    trading = desk()
    leading = replace(place("a"), strategy_id=STRATEGY)
    for command in (
        SetLimits(FOLLOWER, NO_LIMITS),
        register(source=CopySource.ORDERS),
        running()[1],
        follow(),
        leading,
        accepted("a"),
        *more,
    ):
        trading.events(command)
    return trading


COPIED = copy(led_order("a"))
COPY = order_id_of(COPIED)
TAKEN = RecordAcceptance(COPY, FOLLOWER, SUSHI, "v-2", START)
LEADER_AMENDS = (amend("a", "20"), amended("a", "20"))


def test_copies_are_behind_once_the_venue_has_amended_the_leader_s_order() -> None:
    trading = _led_order(COPIED, TAKEN, LEADER_AMENDS[0])
    assert told(trading).amends() == [], "the venue was only asked"
    trading.events(LEADER_AMENDS[1])
    [due] = told(trading).amends()
    assert (due.account_id, due.order_id, due.seen, due.held) == (FOLLOWER, COPY, 2, Decimal(0))
    assert due.intent == led_order("a", "20")
    trading.events(amend_copy(due.intent, due.seen))
    assert told(trading).amends() == []


def test_a_copy_waits_until_the_venue_can_be_asked_and_its_last_amend_is_answered() -> None:
    trading = _led_order(COPIED, *LEADER_AMENDS)
    assert told(trading).amends() == [], "an amend would overtake the copy"
    trading.events(TAKEN)
    [first] = told(trading).amends()
    trading.events(amend_copy(first.intent, first.seen))
    for command in (amend("a", "30"), amended("a", "30", number=2, time=START + 1)):
        trading.events(command)
    assert told(trading).amends() == [], "the venue is still being asked"
    trading.events(RecordAmendRejection(COPY, FOLLOWER, SUSHI, 1, "too late", START))
    [second] = told(trading).amends()
    assert (second.intent, second.seen) == (led_order("a", "30"), 3)
    assert second.moves > first.moves, "another question"


def test_an_order_that_was_amended_before_it_was_copied_is_copied_as_it_is() -> None:
    trading = _led_order(*LEADER_AMENDS)
    [due] = told(trading).copies()
    assert due.intent == led_order("a", "20")


def test_a_copy_that_an_amend_overtook_is_behind_though_the_leader_s_order_is_filled() -> None:
    trading = _led_order(*LEADER_AMENDS, filled("a", "1", "20"), COPIED, TAKEN)
    [due] = told(trading).amends()
    assert due.intent == led_order("a", "20")


def test_what_the_copy_has_and_may_get_is_not_held_by_others() -> None:
    trading = _led_order(COPIED, TAKEN, replace(filled("a", "1", "2"), order_id=COPY,
                                                account_id=FOLLOWER))  # fmt: skip
    mine = replace(place("mine", account=FOLLOWER, amount=7), strategy_id=STRATEGY)
    for command in (mine, *LEADER_AMENDS):
        trading.events(command)
    [due] = told(trading).amends()
    assert due.held == Decimal(7)


def test_a_copy_whose_cancel_is_on_its_way_is_not_asked_again_before_the_venue_would_not() -> None:
    trading = _led_order(COPIED, TAKEN, CancelOrder(COPY, FOLLOWER), cancel("a"))
    assert told(trading).cancels() == {}
    trading.events(RecordCancelRejection(COPY, FOLLOWER, SUSHI, "unknown order", START))
    assert told(trading).cancels() == {COPY: FOLLOWER}
    trading.events(CancelOrder(COPY, FOLLOWER))
    assert told(trading).cancels() == {}


def test_copies_that_end_or_belong_to_nobody_any_more_are_not_amended() -> None:
    leaving = _led_order(COPIED, TAKEN, *LEADER_AMENDS, UnfollowStrategy(STRATEGY, FOLLOWER))
    assert told(leaving).amends() == []
    cancelling = _led_order(COPIED, TAKEN, *LEADER_AMENDS, CancelOrder(COPY, FOLLOWER))
    assert told(cancelling).amends() == []
    ending = _led_order(COPIED, TAKEN, *LEADER_AMENDS, cancel("a"))
    assert told(ending).amends() == []
    assert told(ending).cancels() == {COPY: FOLLOWER}
    refused = RecordCancelRejection(COPY, FOLLOWER, SUSHI, "unknown order", START)
    cancelling.events(refused)
    assert len(told(cancelling).amends()) == 1, "it stays open after all"


def test_an_order_that_is_filled_while_more_is_asked_for_stays_open_until_the_answer() -> None:
    asking = (COPIED, TAKEN, amend("a", "20"), filled("a", "1", "10"))
    trading = _led_order(*asking)
    assert len(told(trading).open) == 2, "the venue may have amended it already"
    trading.events(amended("a", "20"))
    following = told(trading)
    assert following.strategies[STRATEGY].working[ACCOUNT] == {SUSHI: Decimal(10)}
    [due] = following.amends()
    assert due.intent == led_order("a", "20")
    refused = _led_order(*asking, amend_rejected("a"))
    assert list(told(refused).open) == [COPY], "there is nothing left of it"
    smaller = _led_order(COPIED, TAKEN, amend("a", "9"), filled("a", "1", "10"))
    assert list(told(smaller).open) == [COPY], "filled, whatever the venue answers"


def test_an_order_that_ends_before_it_is_copied_leaves_no_more_than_its_fills() -> None:
    trading = _led_order(cancel("a"))
    [due] = told(trading).copies()
    decision = trading.do(CopyIntent(*due, MARKET))
    [change] = decision.changes
    assert isinstance(change.event, CopySkipped)
    assert change.event.reason == Reason.SIGNAL_EXPIRED
    assert told(trading).copies() == []
    traded = _led_order(filled("a", "1", "4"), cancelled("a"))
    [due] = told(traded).copies()
    wanted = replace(led_order("a", "4"), time_in_force=TimeInForce.IOC)
    assert due.intent == wanted, "what the leader has is bought at once or not at all"
