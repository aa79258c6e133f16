"""What becomes of a copy when the leader's order is amended: resized, cancelled, kept, refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.dispatch import Command
from domain.ids import OrderId
from domain.orders.commands import (
    CancelOrder,
    RecordAcceptance,
    RecordAmendment,
    RecordFill,
)
from domain.orders.events import OrderAmendRequested, OrderCancelRequested
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import Limits, SetLimits
from domain.risk.events import AmendAdmitted, AmendRefused
from domain.strategies.commands import ChangeFollower, PauseStrategy, UnfollowStrategy
from domain.strategies.copying import order_id_of
from domain.strategies.events import AmendAction, AmendCopied
from domain.strategies.terms import CopySource, SizingRule, Terms
from domain.values import Price, Quantity
from tests.support.strategies import (
    FOLLOWER,
    LEADER,
    RATIO,
    STRATEGY,
    amend_copy,
    copy,
    follow,
    led_order,
    register,
    running,
)
from tests.support.trading import NO_LIMITS, START, SUSHI, Desk, desk, filled, usdt

COPY = order_id_of(copy(led_order("a")))
PAUSED = replace(RATIO, paused=True)
SHARE = Terms(SizingRule.EQUITY_SHARE, Decimal("0.1"), RATIO.maximum, capital=usdt(800))


def copied(*, terms: Terms = RATIO, taken: bool = True) -> Desk:
    """A follower with a copy of the leader's order of 10 at 8, and one event for each."""
    trading = desk()
    start = running()[1]
    for command in (
        SetLimits(FOLLOWER, NO_LIMITS),
        register(source=CopySource.ORDERS),
        start,
        follow(terms),
        copy(led_order("a")),
    ):
        trading.events(command)
    if taken:
        trading.events(RecordAcceptance(COPY, FOLLOWER, SUSHI, "v-2", START))
    return trading


def part(amount: str) -> RecordFill:
    """A part of the copy was executed."""
    return replace(filled("a", "1", amount), order_id=COPY, account_id=FOLLOWER)


def told(trading: Desk, command: Command) -> AmendCopied:
    event = trading.do(command).changes[-1].event
    assert isinstance(event, AmendCopied)
    return event


def test_a_copy_is_amended_in_one_commit_and_sized_anew() -> None:
    trading = copied()
    decision = trading.do(amend_copy(led_order("a", "20", "7.5"), 2))
    admitted, requested, event = (change.event for change in decision.changes)
    assert isinstance(admitted, AmendAdmitted)
    assert isinstance(requested, OrderAmendRequested)
    assert (requested.order_id, requested.quantity, requested.price) == (
        COPY,
        Decimal(10),
        Decimal("7.5"),
    )
    assert isinstance(event, AmendCopied)
    assert (event.action, event.order_id, event.quantity) == (
        AmendAction.AMENDED,
        COPY,
        Decimal(10),
    )
    assert (event.reason, event.intent) == (None, led_order("a", "20", "7.5"))
    assert trading.order_of(COPY).status is OrderStatus.PENDING_AMEND


def test_only_who_knows_all_events_amends_and_only_once() -> None:
    trading = copied()
    assert trading.reason(amend_copy(led_order("a", "20"), 1)) is Reason.FOLLOWER_MOVED
    assert trading.reason(amend_copy(led_order("a", "20"), 2)) is None
    assert trading.reason(amend_copy(led_order("a", "20"), 2)) is Reason.FOLLOWER_MOVED
    trading.events(UnfollowStrategy(STRATEGY, FOLLOWER))
    assert trading.reason(amend_copy(led_order("a", "20"), 4)) is Reason.NOT_FOLLOWING


def test_what_cannot_be_amended_yet_or_any_more_is_refused_and_nothing_is_recorded() -> None:
    trading = copied(taken=False)
    wanted = amend_copy(led_order("a", "20"), 2)
    decision = trading.do(wanted)
    assert decision.rejected is not None
    assert (decision.rejected.reason, decision.changes) == (Reason.AMEND_NOT_POSSIBLE, ())
    trading.events(RecordAcceptance(COPY, FOLLOWER, SUSHI, "v-2", START))
    assert trading.reason(wanted) is None
    again = amend_copy(led_order("a", "30"), 3)
    assert trading.reason(again) is Reason.AMEND_ALREADY_REQUESTED
    told_by_venue = (Quantity(Decimal(10)), Price(Decimal(8)), START)
    trading.events(RecordAmendment(COPY, FOLLOWER, SUSHI, 1, *told_by_venue))
    assert trading.reason(again) is None
    assert trading.reason(amend_copy(led_order("b", "30"), 4)) is Reason.ORDER_UNKNOWN
    trading.events(CancelOrder(COPY, FOLLOWER))
    assert trading.reason(amend_copy(led_order("a", "40"), 4)) is Reason.AMEND_NOT_POSSIBLE


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("0.8", Reason.COPY_TOO_SMALL), ("8", Reason.AMEND_BELOW_FILLED)],
    ids=["too small", "filled"],
)
def test_a_copy_of_which_nothing_would_be_left_is_cancelled(amount: str, reason: Reason) -> None:
    trading = copied()
    trading.events(part("4"))
    decision = trading.do(amend_copy(led_order("a", amount), 2))
    cancel, event = (change.event for change in decision.changes)
    assert isinstance(cancel, OrderCancelRequested)
    assert isinstance(event, AmendCopied)
    assert (event.action, event.quantity) == (AmendAction.CANCELLED, None)
    assert event.reason == reason


def test_what_is_filled_is_a_part_of_the_amended_copy() -> None:
    trading = copied()
    trading.events(part("4"))
    event = told(trading, amend_copy(led_order("a", "8.2"), 2))
    assert (event.action, event.quantity) == (AmendAction.AMENDED, Decimal("4.1"))


def test_the_copy_itself_does_not_count_against_the_maximum() -> None:
    trading = copied(terms=replace(RATIO, maximum=RATIO.maximum))
    event = told(trading, amend_copy(led_order("a", "300"), 2))
    assert event.quantity == RATIO.maximum
    other = copied()
    assert told(other, amend_copy(led_order("a", "300"), 2, held="40")).quantity == Decimal(60)


def test_a_share_of_equity_is_taken_at_the_new_price() -> None:
    trading = copied(terms=SHARE)
    event = told(trading, amend_copy(led_order("a", "10", "4"), 2))
    assert (event.quantity, event.inputs.equity) == (Decimal(20), usdt(800))


def test_a_refusal_leaves_the_copy_as_it_was() -> None:
    trading = copied()
    trading.events(SetLimits(FOLLOWER, Limits("USDT", order_quantity=Decimal(6))))
    decision = trading.do(amend_copy(led_order("a", "20"), 2))
    assert decision.rejected is not None
    refused, event = (change.event for change in decision.changes)
    assert isinstance(refused, AmendRefused)
    assert isinstance(event, AmendCopied)
    assert (event.action, event.quantity) == (AmendAction.REFUSED, Decimal(10))
    assert event.reason == decision.rejected.reason == Reason.ORDER_QUANTITY_LIMIT
    order = trading.order_of(COPY)
    assert (order.status, order.quantity) == (OrderStatus.ACCEPTED, Decimal(5))


def test_while_the_follower_rests_copies_become_smaller_and_never_larger() -> None:
    trading = copied()
    trading.events(ChangeFollower(STRATEGY, FOLLOWER, PAUSED))
    event = told(trading, amend_copy(led_order("a", "20"), 3))
    assert (event.action, event.reason) == (AmendAction.KEPT, Reason.FOLLOWER_PAUSED)
    event = told(trading, amend_copy(led_order("a", "6"), 4))
    assert (event.action, event.quantity) == (AmendAction.AMENDED, Decimal(3))


def test_while_the_strategy_rests_copies_are_amended_no_more_than_its_own_orders() -> None:
    trading = copied()
    trading.events(PauseStrategy(STRATEGY, LEADER))
    event = told(trading, amend_copy(led_order("a", "20"), 2))
    assert (event.action, event.reason) == (AmendAction.KEPT, Reason.STRATEGY_NOT_RUNNING)
    event = told(trading, amend_copy(led_order("a", "6"), 3))
    assert (event.action, event.reason) == (AmendAction.REFUSED, Reason.STRATEGY_NOT_RUNNING)


def test_an_amend_that_makes_no_difference_to_the_copy_is_recorded_as_such() -> None:
    trading = copied()
    event = told(trading, amend_copy(led_order("a", "10.1"), 2))
    assert (event.action, event.reason) == (AmendAction.KEPT, Reason.AMEND_CHANGES_NOTHING)


def test_its_id_is_that_of_the_copy() -> None:
    assert order_id_of(amend_copy(led_order("a", "99"), 7)) == COPY
    assert order_id_of(amend_copy(led_order("b"), 2)) != OrderId(COPY)
