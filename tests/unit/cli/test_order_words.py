"""An order in words: its price, what it waits for, how long it stays."""

from dataclasses import replace

import pytest

from adapters.cli.order_words import condition, how_much, price, until
from domain.orders.commands import OrderType, PlaceOrder, TimeInForce, TriggerSource
from domain.values import Side
from tests.support.trading import START, closing, conditional, place


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (place("a"), "at no more than 8"),
        (place("a", Side.SELL), "at no less than 8"),
        (place("a", at=None), "at whatever the market asks"),
        (place("a", Side.SELL, at=None), "at the market"),
        (conditional("a"), "at the market, once the last price falls to 7.5"),
        (
            conditional("a", side=Side.BUY, trigger="8.5", source=TriggerSource.MARK),
            "at whatever the market asks, once the mark price rises to 8.5",
        ),
        (
            conditional("a", OrderType.TAKE_PROFIT_LIMIT, at="8.4", trigger="8.5"),
            "at no less than 8.4, once the last price rises to 8.5",
        ),
        (
            conditional(
                "a", OrderType.TRAILING_STOP, trigger=None, callback="0.015", activation="9"
            ),
            "at the market, once the last price is 1.5 % from its highest after it was at 9",
        ),
    ],
)
def test_the_price_tells_what_the_order_waits_for(order: PlaceOrder, words: str) -> None:
    assert price(order) == words


def test_what_makes_no_sense_is_shown_without_it() -> None:
    """A denied order is shown as well, whatever it lacked."""
    assert condition(conditional("a", trigger=None)) == ""


def test_how_much_and_how_long() -> None:
    assert (how_much(place("a")), how_much(closing("a"))) == ("10", "all that is held")
    dated = replace(place("a", time_in_force=TimeInForce.GTD), expires_at=START)
    assert until(dated) == "open until 2021-07-22 00:00:00.000000 UTC"
    told = {until(place("a", time_in_force=force)) for force in TimeInForce}
    assert len(told) == len(TimeInForce)
