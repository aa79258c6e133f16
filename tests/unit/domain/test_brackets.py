"""Brackets by the numbers: what is protected at each moment, and what a trader would call wrong."""

import pytest

from domain.brackets.events import (
    BracketEnded,
    BracketMoved,
    BracketPlaced,
    ExitGivenUp,
    ExitOrdered,
    ProtectionLost,
    ProtectionWanted,
)
from domain.brackets.state import Standing
from domain.orders.commands import BracketRole, CancelOrder, OrderType, TimeInForce
from domain.orders.events import (
    OrderCancelRejected,
    OrderCancelRequested,
    OrderFilled,
    OrderLinked,
    OrderPlaced,
    OrderResizeRequested,
)
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import HaltMode, HaltTrading, Limits, ResumeTrading
from domain.risk.exits import ExitAdmitted, ExitEnded
from domain.values import Side
from tests.support.brackets import (
    STOP_LIMIT_AT_7,
    Venue,
    bracket,
    bracket_of,
    exit_of,
    limited_at,
    protect,
    wanted,
)
from tests.support.life import amend
from tests.support.trading import ACCOUNT, SUSHI, Desk, cancel, desk, order_id, place

ENTRY = order_id("entry")
STOP = exit_of("stop")
TARGET = exit_of("target")


def _said(*values: object) -> tuple[object, ...]:
    """Compared by value, whatever the types."""
    return values


def _entered(amount: int | str = 10, of: int | str = 10) -> tuple[Desk, Venue]:
    """A bracket whose entry filled so much, with both exits at the venue."""
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket(amount=of))
    trading.events(venue.accepted(ENTRY))
    trading.events(venue.filled(ENTRY, amount))
    trading.events(venue.accepted(STOP))
    trading.events(venue.accepted(TARGET))
    return trading, venue


def test_exits_are_placed_in_the_commit_of_the_entrys_fill_and_not_before() -> None:
    trading = desk()
    venue = Venue(trading)
    _, placed, linked, begun = trading.events(bracket())
    assert isinstance(placed, OrderPlaced)
    assert isinstance(linked, OrderLinked)
    assert isinstance(begun, BracketPlaced)
    trading.events(venue.accepted(ENTRY))
    assert trading.order_of(STOP).status is OrderStatus.NEW
    events = trading.events(venue.filled(ENTRY, 4))
    exits = [event for event in events if isinstance(event, OrderPlaced)]
    assert isinstance(events[0], OrderFilled)
    assert [_said(each.order_id, each.type, each.quantity) for each in exits] == [
        (STOP, OrderType.STOP_MARKET, 4),
        (TARGET, OrderType.LIMIT, 4),
    ]
    assert all(each.side is Side.SELL and each.reduce_only for each in exits)
    assert [each.price for each in exits] == [None, 9]


def test_exits_reserve_nothing_and_are_open_for_risk_until_they_end() -> None:
    trading, venue = _entered()
    risk = trading.risk()
    assert set(risk.exits) == {STOP, TARGET}
    assert not risk.reservations
    assert risk.exposure(SUSHI).open_sells == 0
    events = trading.events(venue.filled(TARGET, 10))
    assert [type(event) for event in events if isinstance(event, ExitEnded)] == [ExitEnded]
    trading.events(venue.cancelled(STOP))
    assert not trading.risk().exits


def test_exits_grow_with_the_entry_one_change_at_a_time() -> None:
    trading, venue = _entered(4)
    events = trading.events(venue.filled(ENTRY, 2))
    resized = [event for event in events if isinstance(event, OrderResizeRequested)]
    assert [_said(each.order_id, each.quantity, each.amendment) for each in resized] == [
        (STOP, 6, 1),
        (TARGET, 6, 1),
    ]
    again = trading.events(venue.filled(ENTRY, 4))
    assert not [event for event in again if isinstance(event, OrderResizeRequested)]
    (grown,) = [
        event
        for event in trading.events(venue.amended(STOP))
        if isinstance(event, OrderResizeRequested)
    ]
    assert _said(grown.order_id, grown.quantity, grown.amendment) == (STOP, 10, 2)
    trading.events(venue.amended(STOP))
    assert trading.order_of(STOP).quantity == 10
    assert trading.order_of(STOP).status is OrderStatus.ACCEPTED


def test_what_was_filled_before_the_exit_was_accepted_is_caught_up_with_its_acceptance() -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket(at=None))
    for amount in (3, 3, 4):
        trading.events(venue.filled(ENTRY, amount))
    assert trading.order_of(STOP).quantity == 3
    events = trading.events(venue.accepted(STOP))
    (resized,) = [event for event in events if isinstance(event, OrderResizeRequested)]
    assert resized.quantity == 10


def test_one_exit_cancels_the_other_and_the_bracket_ends() -> None:
    trading, venue = _entered()
    trading.events(venue.triggered(STOP))
    events = trading.events(venue.filled(STOP, 10))
    (asked,) = [event for event in events if isinstance(event, OrderCancelRequested)]
    assert asked.order_id == TARGET
    (ended,) = [
        event
        for event in trading.events(venue.cancelled(TARGET))
        if isinstance(event, BracketEnded)
    ]
    assert _said(ended.entered, ended.exited) == (10, 10)


def test_a_partial_exit_makes_the_other_smaller() -> None:
    trading, venue = _entered()
    events = trading.events(venue.filled(TARGET, 4))
    (resized,) = [event for event in events if isinstance(event, OrderResizeRequested)]
    assert _said(resized.order_id, resized.quantity) == (STOP, 6)
    assert trading.order_of(TARGET).unfilled == 6


def test_the_first_exit_ends_the_entry() -> None:
    trading, venue = _entered(4)
    events = trading.events(venue.filled(TARGET, 1))
    asked = [event.order_id for event in events if isinstance(event, OrderCancelRequested)]
    assert asked == [ENTRY]


def test_what_the_entry_brings_in_after_the_exit_is_protected_anew() -> None:
    trading, venue = _entered(4)
    trading.events(venue.filled(STOP, 4))
    trading.events(venue.cancelled(TARGET))
    events = trading.events(venue.filled(ENTRY, 3))
    ordered = [event for event in events if isinstance(event, ExitOrdered)]
    assert [_said(each.role, each.number, each.quantity) for each in ordered] == [
        (BracketRole.STOP, 2, 3),
        (BracketRole.TARGET, 2, 3),
    ]


def test_both_exits_in_a_race_are_a_recorded_fact() -> None:
    trading, venue = _entered()
    trading.events(venue.filled(STOP, 10))
    events = trading.events(venue.filled(TARGET, 10))
    (moved,) = [event for event in events if isinstance(event, BracketMoved)]
    assert _said(moved.entered, moved.exited, moved.overrun) == (10, 20, 10)
    assert trading.position().net_quantity == -10
    assert any(isinstance(event, BracketEnded) for event in events)


@pytest.mark.parametrize("how", ["cancelled", "rejected", "expired", "not_found"])
def test_an_entry_that_ends_unfilled_ends_the_bracket(how: str) -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket())
    if how == "not_found":
        trading.events(venue.unknown(ENTRY))
    events = trading.events(getattr(venue, how)(ENTRY))
    assert any(isinstance(event, BracketEnded) for event in events)
    assert not any(isinstance(event, OrderPlaced) for event in events)


def test_an_entry_that_ends_partly_filled_leaves_what_was_filled_protected() -> None:
    trading, venue = _entered(4)
    trading.events(cancel("entry"))
    events = trading.events(venue.cancelled(ENTRY))
    assert not any(isinstance(event, BracketEnded) for event in events)
    assert {wanted(trading.order_of(each)) for each in (STOP, TARGET)} == {4}


def test_a_denied_entry_has_no_bracket() -> None:
    trading = desk(Limits(currency="USDT", order_quantity=place("x", amount=5).quantity))
    assert trading.reason(bracket()) is Reason.ORDER_QUANTITY_LIMIT
    assert trading.order("entry").status is OrderStatus.DENIED
    assert bracket_of(trading).entry_id is None


def test_whoever_cancels_an_exit_gives_it_up() -> None:
    trading, venue = _entered(4)
    asked, given_up = trading.events(CancelOrder(STOP, ACCOUNT))
    assert isinstance(asked, OrderCancelRequested)
    assert isinstance(given_up, ExitGivenUp)
    trading.events(venue.cancelled(STOP))
    events = trading.events(venue.filled(ENTRY, 2))
    resized = [event.order_id for event in events if isinstance(event, OrderResizeRequested)]
    assert resized == [TARGET], "the other one still grows"
    again = trading.events(protect())
    assert [event.role for event in again if isinstance(event, ExitOrdered)] == [BracketRole.STOP]
    assert trading.order_of(exit_of("stop", 2)).quantity == 6


def test_a_cancel_gives_up_an_exit_that_is_being_replaced() -> None:
    trading, venue = _entered(4)
    trading.events(venue.filled(ENTRY, 2))
    replaced = trading.events(venue.amend_rejected(STOP))
    assert any(isinstance(event, OrderCancelRequested) for event in replaced)
    (given_up,) = trading.events(CancelOrder(STOP, ACCOUNT))
    assert isinstance(given_up, ExitGivenUp)
    assert not any(
        isinstance(event, ExitOrdered) for event in trading.events(venue.cancelled(STOP))
    )


def test_an_exit_that_the_venue_does_not_amend_has_a_successor() -> None:
    trading, venue = _entered(4)
    trading.events(venue.filled(ENTRY, 2))
    trading.events(venue.amend_rejected(STOP))
    events = trading.events(venue.cancelled(STOP))
    (ordered,) = [event for event in events if isinstance(event, ExitOrdered)]
    assert _said(ordered.number, ordered.quantity, ordered.type) == (2, 6, OrderType.STOP_MARKET)


def test_a_refused_cancel_is_not_asked_for_again_at_once() -> None:
    trading, venue = _entered()
    trading.events(venue.filled(STOP, 10))
    events = trading.events(venue.cancel_rejected(TARGET))
    assert not any(isinstance(event, OrderCancelRequested) for event in events)


def test_a_trader_s_cancel_that_was_refused_does_not_leave_an_exit_of_a_closed_bracket() -> None:
    trading, venue = _entered()
    trading.events(CancelOrder(TARGET, ACCOUNT))
    trading.events(venue.filled(STOP, 10))
    events = trading.events(venue.cancel_rejected(TARGET))
    assert [type(event) for event in events] == [OrderCancelRejected, OrderCancelRequested]
    again = trading.events(venue.cancel_rejected(TARGET))
    assert [type(event) for event in again] == [OrderCancelRejected], "not asked for ever"


def test_an_exit_that_the_venue_would_not_cancel_grows_where_it_stands() -> None:
    trading, venue = _entered(4)
    trading.events(CancelOrder(STOP, ACCOUNT))
    trading.events(protect())
    trading.events(venue.filled(ENTRY, 2))
    events = trading.events(venue.cancel_rejected(STOP))
    (resized,) = [event for event in events if isinstance(event, OrderResizeRequested)]
    assert _said(resized.order_id, resized.quantity, resized.amendment) == (STOP, 6, 1)
    refused = trading.events(venue.amend_rejected(STOP))
    assert any(isinstance(event, OrderCancelRequested) for event in refused)
    (told,) = trading.events(venue.cancel_rejected(STOP))
    assert isinstance(told, OrderCancelRejected), "a venue that refuses both is not asked for ever"
    again = trading.events(venue.filled(ENTRY, 1))
    assert [
        _said(each.order_id, each.quantity, each.amendment)
        for each in again
        if isinstance(each, OrderResizeRequested) and each.order_id == STOP
    ] == [(STOP, 7, 2)]


def test_a_stop_whose_price_was_passed_leaves_at_the_market() -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket())
    trading.events(venue.filled(ENTRY, 10))
    events = trading.events(venue.rejected(STOP))
    (placed,) = [event for event in events if isinstance(event, OrderPlaced)]
    assert _said(placed.order_id, placed.type) == (exit_of("stop", 2), OrderType.MARKET)
    assert _said(placed.time_in_force, placed.quantity) == (TimeInForce.IOC, 10)
    (lost,) = [
        event
        for event in trading.events(venue.rejected(exit_of("stop", 2)))
        if isinstance(event, ProtectionLost)
    ]
    assert _said(lost.role, lost.quantity, lost.reason) == (
        BracketRole.STOP,
        10,
        Reason.EXIT_ENDED_BY_VENUE,
    )


def test_a_stop_triggered_into_an_empty_book_leaves_the_rest_at_the_market() -> None:
    trading, venue = _entered()
    trading.events(venue.triggered(STOP))
    trading.events(venue.filled(STOP, 4))
    events = trading.events(venue.expired(STOP))
    (placed,) = [event for event in events if isinstance(event, OrderPlaced)]
    assert _said(placed.type, placed.quantity) == (OrderType.MARKET, 6)


def test_an_exit_that_the_venue_takes_away_is_lost_until_somebody_acts() -> None:
    trading, venue = _entered(4)
    events = trading.events(venue.cancelled(TARGET))
    (lost,) = [event for event in events if isinstance(event, ProtectionLost)]
    assert _said(lost.role, lost.quantity) == (BracketRole.TARGET, 4)
    target = bracket_of(trading).target
    assert target is not None
    assert target.standing is Standing.LOST
    more = trading.events(venue.filled(ENTRY, 2))
    assert [event.quantity for event in more if isinstance(event, ExitOrdered)] == [6]


def test_an_exit_that_never_reached_the_venue_is_sent_under_a_fresh_id() -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket())
    trading.events(venue.filled(ENTRY, 10))
    trading.events(venue.unknown(STOP))
    events = trading.events(venue.not_found(STOP))
    (ordered,) = [event for event in events if isinstance(event, ExitOrdered)]
    assert _said(ordered.number, ordered.type) == (2, OrderType.STOP_MARKET)


def test_a_reduce_only_halt_lets_exits_out_and_a_full_one_holds_them() -> None:
    for mode, out in ((HaltMode.REDUCE_ONLY, 2), (HaltMode.FULL, 0)):
        trading = desk()
        venue = Venue(trading)
        trading.events(bracket())
        trading.events(HaltTrading(ACCOUNT, "storm", None, mode))
        events = trading.events(venue.filled(ENTRY, 10))
        assert len([event for event in events if isinstance(event, ExitAdmitted)]) == out
        lost = [event.reason for event in events if isinstance(event, ProtectionLost)]
        assert lost == [Reason.ACCOUNT_HALTED] * (2 - out)
    trading.events(ResumeTrading(ACCOUNT, "calm"))
    events = trading.events(protect())
    assert [type(event) for event in events[:2]] == [ProtectionWanted, ProtectionWanted]
    assert len([event for event in events if isinstance(event, ExitOrdered)]) == 2
    assert trading.reason(protect()) is Reason.BRACKET_PROTECTED


def test_less_than_the_venue_takes_waits_for_more() -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket())
    events = trading.events(venue.filled(ENTRY, "0.3"))
    lost = [event.reason for event in events if isinstance(event, ProtectionLost)]
    assert lost == [Reason.QUANTITY_BELOW_MINIMUM] * 2
    events = trading.events(venue.filled(ENTRY, "0.3"))
    assert [str(event.quantity) for event in events if isinstance(event, ExitOrdered)] == [
        "0.6",
        "0.6",
    ]


def test_the_same_execution_twice_protects_once() -> None:
    trading, venue = _entered(4)
    fill = venue.filled(ENTRY, 2)
    trading.events(fill)
    assert trading.reason(fill) is Reason.EXECUTION_ALREADY_APPLIED
    assert bracket_of(trading).entered == 6


def test_exits_are_not_amended_by_hand_and_the_entry_not_past_them() -> None:
    trading, venue = _entered(4)
    del venue
    asked = amend("entry", None, "6.5")
    assert trading.reason(asked) is Reason.STOP_ON_WRONG_SIDE
    assert trading.reason(amend("entry", None, "7.5")) is None
    exit_amended = type(asked)(TARGET, ACCOUNT, SUSHI, None, limited_at(10).price)
    assert trading.reason(exit_amended) is Reason.AMEND_NOT_POSSIBLE


def test_a_triggered_stop_limit_is_made_smaller_where_it_lies() -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(bracket(stop=STOP_LIMIT_AT_7))
    trading.events(venue.filled(ENTRY, 10))
    trading.events(venue.accepted(STOP))
    trading.events(venue.accepted(TARGET))
    trading.events(venue.triggered(STOP))
    events = trading.events(venue.filled(TARGET, 4))
    (resized,) = [event for event in events if isinstance(event, OrderResizeRequested)]
    assert _said(resized.order_id, resized.quantity) == (STOP, 6)
    trading.events(venue.amended(STOP))
    assert trading.order_of(STOP).status is OrderStatus.TRIGGERED
