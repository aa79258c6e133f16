"""Positions under any fills: money is exact, averages are near, and no number is too large."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ExecutionId
from domain.orders.commands import ExecutionKind, Liquidity
from domain.orders.events import OrderFilled
from domain.positions.decide import apply_fill
from domain.positions.events import (
    PositionClosed,
    PositionFlipped,
    PositionIncreased,
    PositionOpened,
    PositionReduced,
)
from domain.positions.evolve import evolve
from domain.positions.state import Position
from domain.values import PositionSide, Side, parse_price, parse_quantity
from tests.support.trading import ACCOUNT, START, SUSHI, order_id, usdt

LARGEST = 10**36 - 1
"""The largest number of the wire, in units of its last place."""

units = st.one_of(
    st.integers(1, 10_000).map(lambda n: n * 10**15),
    st.integers(1, LARGEST),
    st.sampled_from([1, 2, 3, 10**18, LARGEST - 1, LARGEST]),
)
texts = units.map(lambda n: f"{n // 10**18}.{n % 10**18:018d}")
fills = st.lists(st.tuples(st.sampled_from(Side), texts, texts), max_size=12)


def _fill(side: Side, quantity: str, price: str) -> OrderFilled:
    return OrderFilled(
        order_id=order_id("a"),
        account_id=ACCOUNT,
        instrument_id=SUSHI,
        strategy_id=None,
        execution_id=ExecutionId("x"),
        side=side,
        price=parse_price(price),
        quantity=parse_quantity(quantity),
        fee=usdt("0.01"),
        liquidity=Liquidity.MAKER,
        filled_quantity=parse_quantity(quantity),
        overfill=usdt(0).amount,
        venue_time=START,
        position_side=PositionSide.NET,
        kind=ExecutionKind.TRADE,
    )


@given(fills)
def test_profit_is_cash_plus_what_is_bound_for_any_numbers_of_the_wire(
    trades: list[tuple[Side, str, str]],
) -> None:
    position, cash, net = Position(), Fraction(0), Fraction(0)
    for side, quantity, price in trades:
        position = evolve(position, apply_fill(_fill(side, quantity, price), "USDT", position))
        cash -= side.sign * Fraction(quantity) * Fraction(price)
        net += side.sign * Fraction(quantity)
        bound = Fraction(position.cost) * (1 if net > 0 else -1)
        assert Fraction(position.realised_total) == cash + bound
        assert position.net_quantity == net
        assert position.cost >= 0
        assert net != 0 or position.cost == 0


@given(fills)
def test_the_cost_is_the_average_cost_but_for_the_last_digit(
    trades: list[tuple[Side, str, str]],
) -> None:
    """The oracle is average cost in fractions, which never rounds."""
    position, net, cost, reductions = Position(), Fraction(0), Fraction(0), 0
    for side, quantity, price in trades:
        position = evolve(position, apply_fill(_fill(side, quantity, price), "USDT", position))
        signed = side.sign * Fraction(quantity)
        if net * signed >= 0:
            cost += Fraction(quantity) * Fraction(price)
        elif abs(signed) <= abs(net):
            cost -= cost * abs(signed) / abs(net)
            reductions += 1
        else:
            cost = (abs(signed) - abs(net)) * Fraction(price)
        net += signed
        assert abs(Fraction(position.cost) - cost) <= reductions * Fraction(1, 10**18)


@given(fills)
def test_every_change_has_the_name_of_what_it_did(trades: list[tuple[Side, str, str]]) -> None:
    position = Position()
    for side, quantity, price in trades:
        before = Fraction(position.net_quantity)
        event = apply_fill(_fill(side, quantity, price), "USDT", position)
        position = evolve(position, event)
        after = Fraction(position.net_quantity)
        if before == 0:
            kind: type[object] = PositionOpened
        elif after == 0:
            kind = PositionClosed
        elif before * after < 0:
            kind = PositionFlipped
        else:
            kind = PositionIncreased if abs(after) > abs(before) else PositionReduced
        assert type(event) is kind
        if kind in {PositionOpened, PositionIncreased}:
            assert event.realised.amount == 0


@given(st.permutations([(Side.BUY, "3", "7.123"), (Side.SELL, "5", "7.9"), (Side.BUY, "2", "8")]))
def test_the_order_of_fills_moves_no_money(trades: list[tuple[Side, str, str]]) -> None:
    position = Position()
    for trade in trades:
        position = evolve(position, apply_fill(_fill(*trade), "USDT", position))
    assert position.net_quantity == 0
    assert position.cost == 0
    assert position.realised_total == parse_price("2.131")
