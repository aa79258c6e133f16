"""Positions by worked examples: every number here was found with paper and pencil."""

from collections.abc import Sequence

import pytest

from domain.ids import ExecutionId
from domain.orders.commands import ExecutionKind, Liquidity
from domain.orders.events import OrderFilled
from domain.positions.decide import apply_fill
from domain.positions.events import (
    PositionClosed,
    PositionFill,
    PositionFlipped,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.positions.evolve import evolve
from domain.positions.state import Position
from domain.values import ZERO, Money, PositionSide, Side, minus, plus, times
from tests.support.trading import (
    ACCOUNT,
    START,
    SUSHI,
    number,
    order_id,
    price,
    quantity,
    usdt,
)

Trade = tuple[Side, str, str]
"""Side, quantity, price."""

B, S = Side.BUY, Side.SELL


def _fill(trade: Trade, fee: Money | None = None) -> OrderFilled:
    side, amount, at = trade
    return OrderFilled(
        order_id=order_id("a"),
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        strategy_id=None,
        execution_id=ExecutionId("x"),
        side=side,
        price=price(at),
        quantity=quantity(amount),
        fee=fee or usdt(0),
        liquidity=Liquidity.MAKER,
        filled_quantity=number(amount),
        overfill=number(0),
        venue_time=START,
        position_side=PositionSide.NET,
        kind=ExecutionKind.TRADE,
    )


def _run(trades: Sequence[Trade]) -> tuple[PositionFill, Position]:
    position = Position()
    event: PositionFill | None = None
    for trade in trades:
        event = apply_fill(_fill(trade), "USDT", position)
        position = evolve(position, event)
    assert event is not None
    return event, position


@pytest.mark.parametrize(
    ("trades", "kind", "net", "cost", "profit"),
    [
        # Opening costs price times quantity, on either side.
        ([(B, "10", "8")], PositionOpened, "10", "80", "0"),
        ([(S, "10", "8")], PositionOpened, "-10", "80", "0"),
        # More of the same adds its cost: 80 + 45, average 8.333...
        ([(B, "10", "8"), (B, "5", "9")], PositionIncreased, "15", "125", "0"),
        ([(S, "10", "8"), (S, "5", "9")], PositionIncreased, "-15", "125", "0"),
        # Less of it earns the difference to the average: 4 * (9 - 8).
        ([(B, "10", "8"), (S, "4", "9")], PositionReduced, "6", "48", "4"),
        ([(S, "10", "8"), (B, "4", "9")], PositionReduced, "-6", "48", "-4"),
        ([(S, "10", "8"), (B, "4", "7")], PositionReduced, "-6", "48", "4"),
        # Closing releases everything.
        ([(B, "10", "8"), (S, "10", "7.5")], PositionClosed, "0", "0", "-5"),
        ([(S, "10", "8"), (B, "10", "7.5")], PositionClosed, "0", "0", "5"),
        # Through flat: the first 10 close with a profit of 10, the other 5 open at 9.
        ([(B, "10", "8"), (S, "15", "9")], PositionFlipped, "-5", "45", "10"),
        ([(S, "10", "8"), (B, "15", "9")], PositionFlipped, "5", "45", "-10"),
        # After a flip profit is measured from the flip's price.
        ([(B, "10", "8"), (S, "15", "9"), (B, "5", "8")], PositionClosed, "0", "0", "5"),
        # Flat and open again.
        ([(B, "1", "8"), (S, "1", "9"), (S, "2", "7")], PositionOpened, "-2", "14", "0"),
    ],
)
def test_worked_examples(
    trades: Sequence[Trade], kind: type[PositionFill], net: str, cost: str, profit: str
) -> None:
    event, position = _run(trades)
    assert type(event) is kind
    assert (position.net_quantity, position.cost) == (number(net), number(cost))
    assert event.realised == usdt(profit)


def test_a_third_is_rounded_and_the_rest_stays_in_the_cost() -> None:
    """Cost 10 for 3: selling 1 releases 3.333 333 333 333 333 333 and keeps the odd digit."""
    event, position = _run([(B, "2", "2"), (B, "1", "6"), (S, "1", "4")])
    assert event.realised == usdt("0.666666666666666667")
    assert position.cost == number("6.666666666666666667")
    event, position = _run([(B, "2", "2"), (B, "1", "6"), (S, "1", "4"), (S, "2", "4")])
    assert position.cost == 0
    # Sold for 12, bought for 10: nothing was lost on the way.
    assert position.realised_total == 2


def test_the_smallest_cost_is_never_released_twice() -> None:
    """18 places cannot show a share of 1e-36: what is released is bounded by what there is."""
    tiny = "0.000000000000000001"
    three = "0.000000000000000003"
    _, position = _run([(B, three, three), (S, tiny, "1"), (S, tiny, "1")])
    assert position.cost >= 0
    _, position = _run([(B, "0.6", tiny), (S, "0.59", tiny)])
    assert position.cost == 0
    assert position.net_quantity == number("0.01")


def test_the_largest_numbers_of_the_wire_do_not_break_the_arithmetic() -> None:
    largest = "9" * 18 + "." + "9" * 18
    smaller = "7" * 18 + "." + "7" * 18
    trades = [(B, largest, largest), (B, smaller, largest), (S, smaller, smaller)]
    _, position = _run(trades)
    bought = ZERO
    for side, amount, at in trades:
        cash = times(number(amount), number(at))
        bought = plus(bought, cash) if side is B else minus(bought, cash)
    assert plus(position.realised_total, bought) == position.cost


def test_totals_run_on_through_flat() -> None:
    position = Position()
    for trade, fee in (
        ((B, "10", "8"), "0.08"),
        ((S, "10", "9"), "0.09"),
        ((S, "1", "9"), "-0.01"),
    ):
        position = evolve(position, apply_fill(_fill(trade, usdt(fee)), "USDT", position))
    assert position.realised_total == 10
    assert position.fees_total == number("0.16")


def test_a_fee_in_another_currency_stays_on_its_fill() -> None:
    fee = Money(number("0.001"), "BNB")
    event = apply_fill(_fill((B, "10", "8"), fee), "USDT", Position())
    assert event.fee == fee
    assert event.fees_total == usdt(0)
    assert event.cost == usdt(80)
