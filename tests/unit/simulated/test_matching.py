"""The exchange's matching: levels, partial fills, memory of what was taken, exact fees."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.simulated.matching import Market, VenueOrder, VenueStatus, refusal
from domain.ids import InstrumentId
from domain.instruments.events import TradingRules
from domain.orders.commands import Liquidity, OrderType, TimeInForce
from domain.values import Side
from projections.market import Book

NAME = InstrumentId("BINANCE:SUSHIUSDT")
D = Decimal
RULES = TradingRules("USDT", D("0.001"), D(1), D(1), D(1000), D(100), D(5), trading=True)


def _book(bids: list[tuple[str, int]], asks: list[tuple[str, int]]) -> Book:
    return Book(
        NAME, 1, 1,
        tuple((D(p), D(q)) for p, q in bids),
        tuple((D(p), D(q)) for p, q in asks),
    )  # fmt: skip


def _order(
    side: Side, quantity: int, price: str | None = None, *, rests: bool = False
) -> VenueOrder:
    return VenueOrder(
        client_order_id=f"pt-{quantity}",
        venue_order_id="S1",
        account_id="a",
        instrument_id=NAME,
        side=side,
        type=OrderType.MARKET if price is None else OrderType.LIMIT,
        time_in_force=TimeInForce.GTC if rests else TimeInForce.IOC,
        quantity=D(quantity),
        price=None if price is None else D(price),
    )


@pytest.fixture
def market() -> Market:
    market = Market()
    market.take(_book([("7.610", 10), ("7.609", 20)], [("7.611", 5), ("7.612", 7)]))
    return market


def test_a_market_order_walks_the_levels(market: Market) -> None:
    matched = market.arrive(_order(Side.BUY, 8))
    assert [(e.price, e.quantity) for e in matched.executions] == [
        (D("7.611"), D(5)),
        (D("7.612"), D(3)),
    ]
    assert matched.order.status is VenueStatus.FILLED


def test_what_the_book_does_not_have_expires(market: Market) -> None:
    matched = market.arrive(_order(Side.BUY, 20))
    assert matched.order.filled == 12
    assert matched.order.status is VenueStatus.EXPIRED


def test_a_limit_price_is_never_passed(market: Market) -> None:
    matched = market.arrive(_order(Side.SELL, 30, "7.610"))
    assert [(e.price, e.quantity) for e in matched.executions] == [(D("7.610"), D(10))]


def test_the_same_liquidity_is_given_once_until_the_next_book(market: Market) -> None:
    market.arrive(_order(Side.BUY, 5))
    assert market.arrive(_order(Side.BUY, 1)).executions[0].price == D("7.612")
    market.take(_book([("7.610", 10)], [("7.611", 5)]))
    assert market.arrive(_order(Side.BUY, 1)).executions[0].price == D("7.611")


def test_a_resting_order_is_filled_at_its_own_price_when_a_book_crosses_it(market: Market) -> None:
    rested = market.arrive(_order(Side.BUY, 8, "7.610", rests=True))
    assert rested.executions == ()
    assert rested.order.status is VenueStatus.OPEN
    market.take(_book([("7.600", 1)], [("7.605", 3)]))
    matched = market.cross(rested.order)
    assert [(e.price, e.quantity, e.liquidity) for e in matched.executions] == [
        (D("7.610"), D(3), Liquidity.MAKER)
    ]
    assert matched.order.status is VenueStatus.OPEN
    assert matched.order.left == 5


def test_fees_are_exact_at_eight_digits(market: Market) -> None:
    taken = market.arrive(_order(Side.BUY, 5)).executions[0]
    assert taken.fee == D("0.01522200")
    assert taken.liquidity is Liquidity.TAKER


@pytest.mark.parametrize(
    ("order", "rules", "words"),
    [
        (_order(Side.BUY, 5), None, "unknown symbol"),
        (_order(Side.BUY, 5), replace(RULES, trading=False), "unknown symbol"),
        (replace(_order(Side.BUY, 5), quantity=D("1.5")), RULES, "step"),
        (_order(Side.BUY, 5, "7.6105"), RULES, "tick"),
        (replace(_order(Side.BUY, 5), type=OrderType.LIMIT), RULES, "without a price"),
    ],
)
def test_orders_against_the_rules_are_refused(
    order: VenueOrder, rules: TradingRules | None, words: str
) -> None:
    assert words in refusal(order, rules)
    assert refusal(_order(Side.BUY, 5, "7.610"), RULES) == ""
