"""What strategies hold adds up to what the account holds, leg by leg, whoever filled what."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.commands import OpenAccount
from domain.accounts.events import MarginMode, PositionMode
from domain.ids import ExecutionId, StrategyId, derived
from domain.orders.commands import ExecutionKind
from domain.users.commands import RegisterUser
from domain.users.events import Sealed
from domain.values import PositionSide, Price, Quantity, Side
from projections.virtual_positions import UNATTRIBUTED
from tests.property import read_models
from tests.property.drawn import prices, quantities
from tests.support.membership import user_id
from tests.support.trading import ACCOUNT, Desk, desk, filled, place

_STRATEGIES = (None, *(StrategyId(derived("virtual", name)) for name in "ab"))
_LEGS = {
    PositionMode.ONE_WAY: (PositionSide.NET,),
    PositionMode.HEDGE: (PositionSide.LONG, PositionSide.SHORT),
}

_fills = st.tuples(
    st.sampled_from(_STRATEGIES),
    st.sampled_from(Side),
    st.integers(0, 1),
    quantities,
    prices,
    st.sampled_from(ExecutionKind),
)


def _trading(mode: PositionMode) -> Desk:
    trading = desk()
    trading.events(RegisterUser(user_id("ada"), Sealed("bmFtZQ=="), Sealed("ZW1haWw=")))
    trading.events(OpenAccount(ACCOUNT, user_id("ada"), "BINANCE", mode, MarginMode.CROSS))
    return trading


def _fill(
    trading: Desk,
    number: int,
    drawn: tuple[StrategyId | None, Side, PositionSide, Quantity, Price, ExecutionKind],
) -> bool:
    """An order of the strategy and its fill; orders that may not be placed are passed by."""
    strategy, side, leg, quantity, price, kind = drawn
    order = place(f"o-{number}", side, quantity)
    order = replace(order, strategy_id=strategy, position_side=leg)
    if trading.reason(order) is not None:
        return False
    report = filled(f"o-{number}", "x", quantity, price, side=side)
    trading.events(
        replace(report, execution_id=ExecutionId(f"x-{number}"), position_side=leg, kind=kind)
    )
    return True


@given(st.sampled_from(PositionMode), st.lists(_fills, max_size=20))
def test_virtual_positions_sum_to_the_account_s(
    mode: PositionMode,
    story: list[tuple[StrategyId | None, Side, int, Quantity, Price, ExecutionKind]],
) -> None:
    trading = _trading(mode)
    legs = _LEGS[mode]
    by_hand: dict[tuple[str, str], Fraction] = {}
    for number, (strategy, side, leg, quantity, price, kind) in enumerate(story):
        where = legs[leg % len(legs)]
        if not _fill(trading, number, (strategy, side, where, quantity, price, kind)):
            continue
        key = (where.value, strategy or UNATTRIBUTED)
        moved = side.sign * Fraction(quantity)
        by_hand[key] = by_hand.get(key, Fraction(0)) + moved
    parts = read_models.parts_of_strategies(trading)
    for side_ in legs:
        position = trading.position(side=side_)
        net = earned = Fraction(0)
        for part in parts:
            if part.position_side == side_.value:
                assert part.net_quantity == by_hand[side_.value, part.strategy_id]
                assert part.cost >= 0
                net += Fraction(part.net_quantity)
                sign = 1 if part.net_quantity > 0 else -1
                earned += Fraction(part.realised) - sign * Fraction(part.cost)
        sign = 1 if position.net_quantity > 0 else -1
        assert net == position.net_quantity
        assert earned == Fraction(position.realised_total) - sign * Fraction(position.cost)


@given(st.lists(_fills, max_size=25))
def test_hedged_orders_never_flip_a_leg_and_exposures_are_sums(
    story: list[tuple[StrategyId | None, Side, int, Quantity, Price, ExecutionKind]],
) -> None:
    trading = _trading(PositionMode.HEDGE)
    legs = _LEGS[PositionMode.HEDGE]
    for number, (strategy, side, leg, quantity, price, kind) in enumerate(story):
        _fill(trading, number, (strategy, side, legs[leg], quantity, price, kind))
        long, short = (trading.position(side=of).net_quantity for of in legs)
        assert long >= 0
        assert short <= 0
        risk = trading.risk()
        instrument = place("x").instrument_id
        assert risk.exposure(instrument).net_quantity == Fraction(long) + Fraction(short)
        assert [risk.exposure(instrument, of).net_quantity for of in legs] == [long, short]
