"""Which brackets are placed, and which are refused with which reason."""

import pytest

from domain.brackets.commands import ExitTerms, PlaceBracket
from domain.brackets.events import BracketRefused
from domain.orders.commands import OrderType
from domain.orders.events import OrderPlaced
from domain.orders.state import OrderStatus
from domain.reasons import Reason
from domain.values import Side
from tests.support.brackets import (
    PROFIT_AT_9,
    STOP_AT_7,
    STOP_LIMIT_AT_7,
    TARGET_AT_9,
    Venue,
    bracket,
    limited_at,
    protect,
    stopped_at,
    trailing,
)
from tests.support.trading import desk, order_id

ENTRY = order_id("entry")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (bracket(stop=None, target=None), Reason.BRACKET_WITHOUT_EXIT),
        (bracket(stop=stopped_at(9)), Reason.STOP_ON_WRONG_SIDE),
        (bracket(stop=stopped_at(8)), Reason.STOP_ON_WRONG_SIDE),
        (bracket(target=limited_at(7)), Reason.TARGET_ON_WRONG_SIDE),
        (bracket(at="8.5", stop=stopped_at("8.2")), Reason.STOP_ON_WRONG_SIDE),
        (bracket(side=Side.SELL), Reason.STOP_ON_WRONG_SIDE),
        (bracket(side=Side.SELL, stop=stopped_at(9)), Reason.TARGET_ON_WRONG_SIDE),
        (bracket(at=None, stop=stopped_at(9)), Reason.STOP_ON_WRONG_SIDE),
        (bracket(stop=trailing(activation="7.5")), Reason.STOP_ON_WRONG_SIDE),
        (bracket(stop=TARGET_AT_9), Reason.BRACKET_EXIT_NOT_ALLOWED),
        (bracket(target=STOP_AT_7), Reason.BRACKET_EXIT_NOT_ALLOWED),
        (bracket(stop=ExitTerms(OrderType.STOP_MARKET, None, None)), Reason.TRIGGER_MISSING),
        (bracket(target=ExitTerms(OrderType.LIMIT, None, None)), Reason.PRICE_MISSING),
        (bracket(stop=stopped_at("7.0005")), Reason.TRIGGER_OFF_TICK),
        (bracket(stop=trailing("0.5")), Reason.CALLBACK_OUT_OF_RANGE),
        (bracket(amount=3000), Reason.QUANTITY_ABOVE_MAXIMUM),
    ],
)
def test_what_does_not_belong_together_is_refused(asked: PlaceBracket, reason: Reason) -> None:
    trading = desk()
    decision = trading.do(asked)
    assert decision.rejected is not None
    assert decision.rejected.reason is reason
    (refused,) = decision.changes
    assert isinstance(refused.event, BracketRefused)
    assert trading.order("entry").status is OrderStatus.NEW


@pytest.mark.parametrize(
    "asked",
    [
        bracket(target=None),
        bracket(stop=None),
        bracket(stop=STOP_LIMIT_AT_7, target=PROFIT_AT_9),
        bracket(stop=trailing(), target=None),
        bracket(stop=trailing(activation="8.5")),
        bracket(side=Side.SELL, stop=stopped_at(9), target=limited_at(7)),
        bracket(at=None),
        bracket(at="8.5"),
    ],
)
def test_every_form_of_exit_is_placed_with_the_fill(asked: PlaceBracket) -> None:
    trading = desk()
    venue = Venue(trading)
    trading.events(asked)
    placed = [
        event for event in trading.events(venue.filled(ENTRY, 10)) if isinstance(event, OrderPlaced)
    ]
    assert placed
    for each in placed:
        order = trading.order_of(each.order_id)
        assert order.is_exit
        assert order.side is trading.order("entry").side.opposite


def test_a_reducing_entry_and_a_second_bracket_of_one_id_are_refused() -> None:
    trading = desk()
    trading.events(bracket())
    assert trading.reason(bracket()) is Reason.ORDER_ALREADY_EXISTS
    assert trading.reason(protect("none")) is Reason.BRACKET_UNKNOWN
