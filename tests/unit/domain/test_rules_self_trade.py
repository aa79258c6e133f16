"""Whom an order would meet on the book: limit orders, and triggered ones with a limit price."""

import pytest

from domain.orders.commands import OrderType, PlaceOrder
from domain.orders.events import OrderTriggered
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.risk.commands import Limits, SetLimits
from domain.risk.events import ReservationReleased, ReservationRested
from domain.values import Side
from tests.support.checks import limits
from tests.support.life import amended, replacing
from tests.support.trading import (
    ACCOUNT,
    START,
    SUSHI,
    Desk,
    accepted,
    cancel_rejected,
    cancelled,
    conditional,
    desk,
    expired,
    filled,
    order_id,
    place,
    triggered,
)

WATCHED = limits(self_trade=True)


def _stop(kind: OrderType = OrderType.STOP_LIMIT) -> PlaceOrder:
    """To be sold at 7.4, once the price is at 7.5; a take profit at 8.5."""
    rises = kind is OrderType.TAKE_PROFIT_LIMIT
    return conditional(
        "stop", kind, at="8.4" if rises else "7.4", trigger="8.5" if rises else "7.5"
    )


def _waiting(kind: OrderType = OrderType.STOP_LIMIT, watched: Limits = WATCHED) -> Desk:
    trading = desk(watched)
    trading.events(_stop(kind))
    trading.events(accepted("stop"))
    return trading


@pytest.mark.parametrize(
    ("kind", "price"), [(OrderType.STOP_LIMIT, "7.4"), (OrderType.TAKE_PROFIT_LIMIT, "8.4")]
)
def test_a_triggered_stop_with_a_limit_lies_on_the_book(kind: OrderType, price: str) -> None:
    trading = _waiting(kind)
    assert trading.reason(place("before", at=price)) is None, "it waits beside the book"
    trading.events(cancelled("before"))
    told, rests = trading.events(triggered("stop"))
    assert isinstance(told, OrderTriggered)
    assert rests == ReservationRested(ACCOUNT, order_id("stop"), SUSHI)
    decision = trading.do(place("after", at=price))
    assert decision.rejected is not None
    assert decision.rejected.reason is Reason.SELF_TRADE
    assert decision.rejected.limit == price
    trading.events(expired("stop"))
    assert trading.reason(place("free", at=price)) is None


def test_a_fill_that_overtakes_the_trigger_brings_the_rest_to_the_book() -> None:
    trading = _waiting()
    trading.events(filled("stop", "x", 4, side=Side.SELL))
    assert trading.reason(place("after", at="7.4")) is Reason.SELF_TRADE
    (told,) = trading.events(triggered("stop"))
    assert isinstance(told, OrderTriggered), "it lies there already"
    trading.events(filled("stop", "y", 6, side=Side.SELL))
    assert trading.reason(place("free", at="7.4")) is None
    assert trading.risk().resting.get(SUSHI) is not None, "the buy rests"


def test_a_check_that_is_switched_on_later_knows_what_was_triggered_before() -> None:
    trading = _waiting(watched=limits())
    trading.events(triggered("stop"))
    assert trading.reason(place("unasked", at="7.4")) is None
    trading.events(cancelled("unasked"))
    trading.events(SetLimits(ACCOUNT, WATCHED))
    assert trading.reason(place("after", at="7.4")) is Reason.SELF_TRADE


def test_a_stop_that_was_moved_by_other_means_waits_until_it_is_triggered() -> None:
    trading = _waiting()
    trading.events(amended("stop", 9, "7.3", number=0, time=START + 1))
    assert trading.reason(place("before", at="7.3")) is None
    trading.events(cancelled("before"))
    trading.events(triggered("stop"))
    assert trading.reason(place("after", at="7.29")) is None
    assert trading.reason(place("met", at="7.3")) is Reason.SELF_TRADE


def test_an_order_at_the_market_rests_at_no_price_whatever_an_amendment_says_of_it() -> None:
    trading = desk(WATCHED)
    trading.events(conditional("stop"))
    trading.events(filled("stop", "x", 10, side=Side.SELL))
    trading.events(amended("stop", 12, "7.3", number=0, time=START + 1))
    assert trading.order("stop").status is OrderStatus.PARTIALLY_FILLED, "open again"
    assert trading.reason(place("free", at="7.3")) is None


def test_what_is_at_the_market_or_over_comes_to_no_book() -> None:
    trading = desk(WATCHED)
    trading.events(conditional("stop"))
    assert [type(event) for event in trading.events(triggered("stop"))] == [OrderTriggered]
    trading = _waiting()
    _, released = trading.events(cancelled("stop"))
    assert isinstance(released, ReservationReleased)
    assert trading.reason(triggered("stop")) is Reason.REPORT_ALREADY_APPLIED


def test_a_stop_that_is_triggered_while_it_is_replaced_is_on_the_book_when_it_stays() -> None:
    trading = desk(Limits(currency="USDT", self_trade=True))
    trading.events(conditional("a", OrderType.STOP_LIMIT, at="7.4"))
    trading.events(accepted("a"))
    trading.events(replacing("a", "b", 10, "8.5", kind=OrderType.LIMIT))
    trading.events(triggered("a"))
    trading.events(cancel_rejected("a"))
    held = trading.risk().reservations[order_id("a")]
    assert (held.rests, held.waits) == (True, False)
    assert trading.reason(place("c", Side.BUY, 1, "7.4")) is Reason.SELF_TRADE
