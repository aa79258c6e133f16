"""Amends by the numbers: what is reserved at each moment of a race, and what is refused."""

from dataclasses import replace
from itertools import permutations

import pytest

from domain.ids import PLATFORM
from domain.orders.commands import VenueReport
from domain.orders.events import OrderAmended, OrderAmendRequested, OrderFilled
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import Halted, HaltMode, HaltScope, HaltTrading, Limits, StrategyLimits
from domain.risk.events import AmendAdmitted, AmendRefused, ReservationAmended, ReservationReleased
from domain.strategies.commands import PauseStrategy, StopStrategy
from domain.values import Quantity, Side
from tests.support.checks import limits
from tests.support.life import amend, amend_rejected, amended, lost, not_found, reconciled
from tests.support.reports import balance
from tests.support.strategies import STRATEGY, running
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    START,
    Desk,
    accepted,
    cancel,
    cancelled,
    desk,
    filled,
    number,
    order_id,
    place,
)

TIGHT = Limits(currency="USDT", position_notional=number(100))


def _resting(limits: Limits | None = None) -> Desk:
    trading = desk() if limits is None else desk(limits)
    trading.events(place("a"))
    trading.events(accepted("a"))
    return trading


def _reserved(trading: Desk) -> object:
    held = trading.risk().reservations.get(order_id("a"))
    return None if held is None else (held.quantity, held.price)


def test_more_is_reserved_at_once_and_less_is_free_when_the_venue_has_answered() -> None:
    trading = _resting()
    admitted, requested = trading.events(amend("a", 12, 9))
    assert isinstance(admitted, AmendAdmitted)
    assert isinstance(requested, OrderAmendRequested)
    assert requested.amendment == 1
    assert (requested.quantity, requested.price) == (number(12), number(9))
    assert _reserved(trading) == (12, 9)
    _, now = trading.events(amended("a", 12, 9))
    assert isinstance(now, ReservationAmended)
    assert trading.order("a").status is OrderStatus.ACCEPTED
    trading.events(amend("a", 6, 7))
    assert _reserved(trading) == (12, 9), "the venue may still trade by the old terms"
    trading.events(amended("a", 6, 7, number=2, time=START + 1))
    assert _reserved(trading) == (6, 7)
    assert trading.risk().exposure(place("a").instrument_id).open_buys == 6


def test_a_refusal_by_the_venue_brings_back_what_was_reserved() -> None:
    trading = _resting()
    trading.events(amend("a", 12))
    trading.events(filled("a", "x", 4))
    assert trading.order("a").status is OrderStatus.PENDING_AMEND
    trading.events(amend_rejected("a"))
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED
    assert _reserved(trading) == (6, 8)


def test_a_limit_is_asked_of_what_the_order_would_be_its_own_reservation_aside() -> None:
    trading = _resting(TIGHT)
    trading.events(filled("a", "x", 4))
    decision = trading.do(amend("a", "12.6"))
    (refused,) = (change.event for change in decision.changes)
    assert isinstance(refused, AmendRefused)
    assert (refused.check, refused.limit, refused.value) == ("position", "100", "100.8")
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.POSITION_LIMIT
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED
    assert trading.reason(amend("a", "12.5")) is None, "at the limit: 4 held and 8.5 to come"
    assert trading.reason(place("b", amount=1)) is Reason.POSITION_LIMIT


def test_in_whatever_order_a_race_is_told_the_order_ends_alike() -> None:
    reports: tuple[VenueReport, ...] = (
        amended("a", 12, time=START + 1),
        filled("a", "x", 4),
        filled("a", "y", 8),
    )
    for arrival in permutations(reports):
        trading = _resting()
        trading.events(amend("a", 12))
        for report in (*arrival, *arrival):
            trading.do(report)
        order = trading.order("a")
        assert order.status is OrderStatus.FILLED
        assert order.filled == order.quantity == 12
        assert trading.risk().reservations == {}


def test_fills_past_a_smaller_quantity_fill_the_order_once_the_venue_confirms_it() -> None:
    trading = _resting()
    trading.events(amend("a", 5))
    (fill, *_) = trading.events(filled("a", "x", 6))
    assert isinstance(fill, OrderFilled)
    assert fill.overfill == 0, "the old quantity may still be in force"
    assert trading.order("a").status is OrderStatus.PENDING_AMEND
    told, freed = trading.events(amended("a", 5))
    assert isinstance(told, OrderAmended)
    assert isinstance(freed, ReservationReleased)
    assert freed.quantity == 4
    assert trading.order("a").status is OrderStatus.FILLED


def test_a_cancel_may_follow_and_its_answer_comes_whenever_it_comes() -> None:
    trading = _resting()
    trading.events(amend("a", 12))
    trading.events(cancel("a"))
    trading.events(amended("a", 12))
    assert trading.order("a").status is OrderStatus.PENDING_CANCEL
    assert _reserved(trading) == (12, 8)
    trading.events(cancelled("a"))
    assert _reserved(trading) is None
    late = amended("a", 11, number=0, time=START + 1)
    assert [type(event) for event in trading.events(late)] == [OrderAmended]
    assert trading.order("a").status is OrderStatus.CANCELLED


def test_an_amendment_that_is_older_than_the_last_one_says_nothing_new() -> None:
    trading = _resting()
    trading.events(amended("a", 12, number=0, time=START + 5))
    assert trading.reason(amended("a", 11, number=0, time=START + 4)) is (
        Reason.REPORT_ALREADY_APPLIED
    )
    assert trading.order("a").quantity == 12


def test_an_amendment_that_changes_nothing_outdates_those_before_it() -> None:
    """The venue had other numbers in between, and is back at ours."""
    trading = _resting()
    trading.events(amended("a", 10, number=0, time=START + 2))
    older = amended("a", 12, number=0, time=START + 1)
    assert trading.reason(older) is Reason.REPORT_ALREADY_APPLIED
    assert trading.order("a").quantity == 10


def test_room_made_by_other_means_opens_a_filled_order_again() -> None:
    trading = _resting()
    trading.events(filled("a", "x", 10))
    assert trading.order("a").status is OrderStatus.FILLED
    trading.events(amended("a", 12, number=0, time=START + 1))
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED
    assert _reserved(trading) == (2, 8)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (amend("a", 10, 8), Reason.AMEND_CHANGES_NOTHING),
        (amend("a", 3), Reason.AMEND_BELOW_FILLED),
        (amend("a", "10.05"), Reason.QUANTITY_OFF_STEP),
        (amend("a", at="8.0005"), Reason.PRICE_OFF_TICK),
        (amend("nobody", 12), Reason.ORDER_UNKNOWN),
        (amend("a", 12, account=OTHER_ACCOUNT), Reason.ORDER_UNKNOWN),
    ],
)
def test_what_cannot_be_amended_is_told(asked: object, reason: Reason) -> None:
    trading = _resting()
    trading.events(filled("a", "x", 3))
    assert trading.reason(asked) is reason  # type: ignore[arg-type]
    assert trading.order("a").pending is None


def test_an_amend_waits_for_the_acceptance_and_for_the_answer_before_it() -> None:
    trading = desk()
    trading.events(place("a"))
    assert trading.reason(amend("a", 12)) is Reason.AMEND_NOT_POSSIBLE
    trading.events(accepted("a"))
    trading.events(amend("a", 12))
    assert trading.reason(amend("a", 13)) is Reason.AMEND_ALREADY_REQUESTED
    trading.events(cancel("a"))
    assert trading.reason(amend("a", 13)) is Reason.AMEND_NOT_POSSIBLE
    trading.events(cancelled("a"))
    assert trading.reason(amend("a", 13)) is Reason.ORDER_NOT_OPEN


def test_a_halt_binds_amends_as_it_binds_orders() -> None:
    trading = _resting()
    trading.events(HaltTrading(ACCOUNT, "loss"))
    assert trading.reason(amend("a", 5)) is Reason.ACCOUNT_HALTED
    assert trading.reason(cancel("a")) is None


def test_a_strategy_that_does_not_run_amends_nothing_that_opens() -> None:
    for move, reason in (
        (PauseStrategy(STRATEGY, ACCOUNT), Reason.STRATEGY_NOT_RUNNING),
        (StopStrategy(STRATEGY, ACCOUNT), Reason.STRATEGY_NOT_RUNNING),
        (
            HaltTrading(PLATFORM, "loss", Halted(HaltScope.STRATEGY, STRATEGY), HaltMode.FULL),
            Reason.STRATEGY_HALTED,
        ),
    ):
        trading = desk()
        for command in running():
            trading.events(command)
        trading.events(replace(place("a"), strategy_id=STRATEGY))
        trading.events(accepted("a"))
        trading.events(amend("a", 11))
        trading.events(amended("a", 11))
        trading.events(move)
        decision = trading.do(amend("a", 12))
        assert decision.rejected is not None, move
        assert decision.rejected.reason is reason
        (refused,) = (change.event for change in decision.changes)
        assert isinstance(refused, AmendRefused)
        assert _reserved(trading) == (11, 8)
        assert trading.reason(cancel("a")) is None


def test_a_strategy_s_own_limits_hold_for_what_its_order_would_be() -> None:
    own = StrategyLimits(order_quantity=Quantity(number(12)), open_notional=number(100))
    trading = desk(Limits(currency="USDT", strategies={STRATEGY: own}))
    trading.events(replace(place("a"), strategy_id=STRATEGY))
    trading.events(accepted("a"))
    assert trading.reason(amend("a", "12.1")) is Reason.STRATEGY_ORDER_QUANTITY_LIMIT
    assert trading.reason(amend("a", 12, "8.334")) is Reason.STRATEGY_OPEN_NOTIONAL_LIMIT
    assert trading.reason(amend("a", 12, "8.333")) is None


def test_an_unknown_outcome_holds_its_reservation_until_the_venue_is_definite() -> None:
    trading = desk()
    trading.events(place("a", Side.SELL))
    trading.events(lost("a"))
    assert trading.order("a").status is OrderStatus.UNKNOWN
    assert _reserved(trading) == (10, 8)
    assert trading.reason(reconciled("a", filled=4)) is Reason.FILLS_MISSING
    trading.events(filled("a", "x", 4, side=Side.SELL))
    trading.events(reconciled("a", filled=4))
    assert trading.order("a").status is OrderStatus.PARTIALLY_FILLED
    assert trading.reason(not_found("a")) is Reason.REPORT_CONTRADICTS_ORDER
    assert trading.reason(lost("a")) is Reason.REPORT_ALREADY_APPLIED


def test_an_order_that_the_venue_never_had_ends_and_frees_what_it_held() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(lost("a"))
    told, freed = trading.events(not_found("a"))
    assert isinstance(freed, ReservationReleased)
    assert told is not None
    assert trading.order("a").status is OrderStatus.REJECTED
    assert trading.risk().reservations == {}


def test_what_is_filled_of_an_amended_order_counts_once_in_gross_and_net_and_margin() -> None:
    """An order of 10 of which 4 are filled and which is to be 12 makes the position 12, not 16."""
    for bound in ({"gross_notional": number(96)}, {"net_notional": number(96)}):
        trading = desk(limits(**bound))
        trading.events(place("a", reference=8))
        trading.events(accepted("a"))
        trading.events(filled("a", "x", 4))
        assert trading.reason(amend("a", "12.1", reference=8)) is not None
        assert trading.reason(amend("a", 12, reference=8)) is None
    trading = desk()
    trading.events(balance(96))
    trading.events(place("a", reference=8))
    trading.events(accepted("a"))
    trading.events(filled("a", "x", 4))
    assert trading.reason(amend("a", "12.1", reference=8)) is Reason.MARGIN_INSUFFICIENT
    assert trading.reason(amend("a", 12, reference=8)) is None
