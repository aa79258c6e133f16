"""Orders at work: reports late, twice and in the wrong order, and what each leaves behind."""

from dataclasses import replace
from itertools import permutations

import pytest

from domain.orders.commands import RecordCancellation, RecordExpiry, VenueReport
from domain.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCancelRejected,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderPlaced,
    OrderRejected,
)
from domain.orders.evolve import evolve
from domain.orders.state import Order, OrderStatus
from domain.reasons import Reason
from domain.values import Side
from tests.support.trading import (
    OTHER_ACCOUNT,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    desk,
    expired,
    filled,
    number,
    order_id,
    place,
    rejected,
)


def _placed() -> Desk:
    trading = desk()
    trading.events(place("a"))
    return trading


def test_a_placed_order_carries_what_the_venue_needs() -> None:
    event = desk().events(place("a", Side.SELL, "2.5", "7.999", reduce_only=False))[1]
    assert isinstance(event, OrderPlaced)
    assert event.client_order_id == "pt-" + order_id("a").replace("-", "")
    assert event.currency == "USDT"
    assert (event.quantity, event.price) == (number("2.5"), number("7.999"))


def test_from_placement_to_the_last_fill() -> None:
    trading = _placed()
    assert trading.events(accepted("a"))[0] == OrderAccepted(order_id("a"), "v-1", START)
    first = trading.events(filled("a", "x", 4))[0]
    assert isinstance(first, OrderFilled)
    assert first.filled_quantity == 4
    assert first.overfill == 0
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED
    assert trading.order("a").unfilled == 6
    last = trading.events(filled("a", "y", 6))[0]
    assert isinstance(last, OrderFilled)
    assert last.filled_quantity == 10
    assert trading.order("a").status is OrderStatus.FILLED


def test_a_fill_before_its_acceptance_counts_and_the_acceptance_still_tells_the_id() -> None:
    trading = _placed()
    trading.events(filled("a", "x", 4))
    trading.events(accepted("a", "v-7"))
    order = trading.order("a")
    assert (order.status, order.venue_order_id) == (OrderStatus.PARTIALLY_FILLED, "v-7")


def test_an_acceptance_after_the_last_fill_is_tolerated() -> None:
    trading = _placed()
    trading.events(filled("a", "x", 10))
    trading.events(accepted("a", "v-7"))
    order = trading.order("a")
    assert (order.status, order.venue_order_id) == (OrderStatus.FILLED, "v-7")


@pytest.mark.parametrize("end", [cancelled("a"), expired("a")])
def test_an_acceptance_after_the_end_changes_nothing(
    end: RecordCancellation | RecordExpiry,
) -> None:
    trading = _placed()
    trading.events(end)
    assert trading.reason(accepted("a")) is Reason.REPORT_ALREADY_APPLIED


def test_an_acceptance_after_a_rejection_is_a_contradiction() -> None:
    trading = _placed()
    trading.events(rejected("a"))
    assert trading.reason(accepted("a")) is Reason.REPORT_CONTRADICTS_ORDER


def test_a_second_acceptance_is_a_repeat_and_another_id_a_contradiction() -> None:
    trading = _placed()
    trading.events(accepted("a", "v-1"))
    trading.events(filled("a", "x", 1))
    assert trading.reason(accepted("a", "v-1")) is Reason.REPORT_ALREADY_APPLIED
    assert trading.reason(accepted("a", "v-2")) is Reason.REPORT_CONTRADICTS_ORDER


def test_one_execution_is_applied_once_whatever_the_order_has_become() -> None:
    trading = _placed()
    for command in (filled("a", "x", 1), filled("a", "y", 2), cancelled("a")):
        trading.events(command)
        before = dict(trading.states)
        assert trading.reason(filled("a", "x", 1)) is Reason.EXECUTION_ALREADY_APPLIED
        assert trading.states == before


def test_two_orders_may_share_an_execution_id() -> None:
    """A venue's trade has two sides, and both may be ours."""
    trading = desk()
    trading.events(place("a", Side.BUY))
    trading.events(place("b", Side.SELL))
    trading.events(filled("a", "x", 1))
    trading.events(filled("b", "x", 1, side=Side.SELL))
    assert trading.position().net_quantity == 0


def test_a_fill_of_the_other_side_is_a_contradiction() -> None:
    trading = _placed()
    assert trading.reason(filled("a", "x", 1, side=Side.SELL)) is Reason.REPORT_CONTRADICTS_ORDER


def test_an_overfill_is_recorded_and_adds_up() -> None:
    trading = _placed()
    trading.events(filled("a", "x", 8))
    over = trading.events(filled("a", "y", 5))[0]
    assert isinstance(over, OrderFilled)
    assert over.quantity == 5
    assert over.filled_quantity == 13
    assert over.overfill == 3
    more = trading.events(filled("a", "z", 1))[0]
    assert isinstance(more, OrderFilled)
    assert more.filled_quantity == 14
    assert more.overfill == 4
    assert trading.position().net_quantity == 14
    assert trading.order("a").unfilled == 0


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (cancelled("a"), OrderStatus.CANCELLED),
        (expired("a"), OrderStatus.EXPIRED),
        (rejected("a"), OrderStatus.REJECTED),
    ],
)
def test_a_fill_after_the_end_moves_the_position_and_keeps_the_end(
    end: VenueReport, status: OrderStatus
) -> None:
    trading = _placed()
    trading.events(end)
    trading.events(filled("a", "x", 4))
    assert trading.order("a").status is status
    assert trading.position().net_quantity == 4
    trading.events(filled("a", "y", 6))
    assert trading.order("a").status is OrderStatus.FILLED


def test_a_cancel_before_the_acceptance_is_asked_for_at_once() -> None:
    trading = _placed()
    event = trading.events(cancel("a"))[0]
    assert isinstance(event, OrderCancelRequested)
    assert event.instrument_id == SUSHI
    assert trading.order("a").status is OrderStatus.PENDING_CANCEL
    assert trading.reason(cancel("a")) is Reason.CANCEL_ALREADY_REQUESTED


def test_a_refused_cancel_brings_back_what_the_order_was() -> None:
    trading = _placed()
    seen = []
    for step in (None, accepted("a"), filled("a", "x", 1)):
        if step is not None:
            trading.events(step)
        trading.events(cancel("a"))
        event = trading.events(cancel_rejected("a"))[0]
        assert isinstance(event, OrderCancelRejected)
        seen.append(trading.order("a").status)
    assert seen == [OrderStatus.SUBMITTING, OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED]


def test_a_refused_cancel_counts_what_arrived_while_it_was_pending() -> None:
    trading = _placed()
    trading.events(cancel("a"))
    trading.events(accepted("a"))
    trading.events(filled("a", "x", 1))
    trading.events(cancel_rejected("a"))
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED


def test_a_cancel_that_crosses_with_the_last_fill_loses() -> None:
    trading = _placed()
    trading.events(cancel("a"))
    trading.events(filled("a", "x", 10))
    assert trading.order("a").status is OrderStatus.FILLED
    assert trading.reason(cancel_rejected("a")) is Reason.REPORT_ALREADY_APPLIED
    assert trading.reason(cancelled("a")) is Reason.REPORT_CONTRADICTS_ORDER


def test_the_end_says_what_was_left() -> None:
    trading = _placed()
    trading.events(filled("a", "x", 4))
    assert trading.events(cancelled("a"))[0] == OrderCancelled(order_id("a"), number(6), START)
    trading.events(place("b"))
    assert trading.events(expired("b"))[0] == OrderExpired(
        order_id("b"), number(10), "immediate or cancel", START
    )


def test_a_rejection_is_final_and_impossible_once_the_venue_took_the_order() -> None:
    trading = _placed()
    assert trading.events(rejected("a"))[0] == OrderRejected(order_id("a"), "no margin", START)
    assert trading.reason(rejected("a")) is Reason.REPORT_ALREADY_APPLIED
    trading.events(place("b"))
    trading.events(accepted("b"))
    assert trading.reason(rejected("b")) is Reason.REPORT_CONTRADICTS_ORDER
    trading.events(cancel("b"))
    assert trading.reason(rejected("b")) is Reason.REPORT_CONTRADICTS_ORDER
    trading.events(place("c"))
    trading.events(cancel("c"))
    trading.events(rejected("c"))
    assert trading.order("c").status is OrderStatus.REJECTED


def test_a_stranger_s_order_is_unknown_and_not_merely_forbidden() -> None:
    trading = _placed()
    assert trading.reason(cancel("a", account=OTHER_ACCOUNT)) is Reason.ORDER_UNKNOWN
    assert trading.reason(cancel("nobody")) is Reason.ORDER_UNKNOWN
    reports: tuple[VenueReport, ...] = (
        accepted("a"),
        rejected("a"),
        filled("a", "x", 1),
        cancelled("a"),
        cancel_rejected("a"),
        expired("a"),
    )
    for report in reports:
        foreign = replace(report, account_id=OTHER_ACCOUNT)
        elsewhere = replace(report, instrument_id=type(SUSHI)("BINANCE:BTCUSDT"))
        assert trading.reason(foreign) is Reason.ORDER_UNKNOWN
        assert trading.reason(elsewhere) is Reason.ORDER_UNKNOWN
        assert trading.reason(replace(report, order_id=order_id("b"))) is Reason.ORDER_UNKNOWN


def test_whatever_the_order_of_arrival_the_order_ends_alike() -> None:
    reports: tuple[VenueReport, ...] = (
        accepted("a"),
        filled("a", "x", 3),
        filled("a", "y", 4),
        cancelled("a"),
    )
    ends = set()
    for arrival in permutations(reports):
        trading = _placed()
        for report in (*arrival, *arrival):
            trading.do(report)
        order = trading.order("a")
        ends.add((order.status, order.filled, order.executions, trading.position().net_quantity))
        assert trading.risk().reservations == {}
    assert ends == {(OrderStatus.CANCELLED, number(7), frozenset({"x", "y"}), number(7))}


def test_events_that_could_not_be_decided_are_folded_all_the_same() -> None:
    fill = desk()
    fill.events(place("a"))
    event = fill.events(filled("a", "x", 3))[0]
    assert isinstance(event, OrderFilled)
    order = evolve(Order(), event)
    assert order.status is OrderStatus.NEW
    assert order.filled == 3
    assert order.executions == {"x"}
    assert evolve(order, OrderCancelled(order_id("a"), number(1), START)).status is OrderStatus.NEW
