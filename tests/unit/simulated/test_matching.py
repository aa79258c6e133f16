"""The exchange's matching: levels, partial fills, memory of what was taken, exact fees."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.matching import Market, VenueOrder, VenueStatus, priority, refusal
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


def test_the_best_price_rests_in_front_and_equal_prices_as_they_came() -> None:
    buys = [_order(Side.BUY, n, price, rests=True) for n, price in ((1, "7"), (2, "8"), (3, "8"))]
    assert [int(order.quantity) for order in sorted(buys, key=priority)] == [2, 3, 1]
    sells = [_order(Side.SELL, n, price, rests=True) for n, price in ((1, "8"), (2, "7"), (3, "7"))]
    assert [int(order.quantity) for order in sorted(sells, key=priority)] == [2, 3, 1]


@given(
    st.lists(st.tuples(st.integers(700, 720), st.integers(1, 9)), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 30), st.none() | st.integers(690, 730)), max_size=8),
)
def test_no_order_gets_more_or_worse_than_the_book_has(
    levels: list[tuple[int, int]], orders: list[tuple[int, int | None]]
) -> None:
    """Against a plain count of what each level still has."""
    left = dict(sorted(levels))
    market = Market()
    market.take(_book([], [(str(price), quantity) for price, quantity in left.items()]))
    for quantity, limit in orders:
        matched = market.arrive(_order(Side.BUY, quantity, None if limit is None else str(limit)))
        expected = []
        wanted = quantity
        for price in sorted(left):
            given_now = min(wanted, left[price]) if limit is None or price <= limit else 0
            if given_now:
                expected.append((D(price), D(given_now)))
                left[price] -= given_now
                wanted -= given_now
        assert [(e.price, e.quantity) for e in matched.executions] == expected
        assert matched.order.filled == quantity - wanted
        assert (matched.order.status is VenueStatus.FILLED) == (wanted == 0)


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
        (_order(Side.BUY, 1001, "7.610"), RULES, "maximum"),
        (_order(Side.BUY, 101), RULES, "maximum"),
        (replace(_order(Side.BUY, 5), type=OrderType.LIMIT), RULES, "without a price"),
    ],
)
def test_orders_against_the_rules_are_refused(
    order: VenueOrder, rules: TradingRules | None, words: str
) -> None:
    assert words in refusal(order, rules, 1)
    assert refusal(_order(Side.BUY, 5, "7.610"), RULES, 1) == ""
