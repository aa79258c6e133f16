"""Hedge mode: legs beside each other, each reduced by its own closing orders and never flipped."""

from dataclasses import replace

import pytest

from domain.accounts.commands import ChangeMarginMode, ChangePositionMode, SetLeverage
from domain.accounts.events import (
    LeverageSet,
    MarginMode,
    MarginModeChanged,
    PositionMode,
    PositionModeChanged,
)
from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.orders.commands import ReferencePrice
from domain.positions.state import Position
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, SetLimits
from domain.values import PositionSide, Quantity, Side
from tests.support.checks import admitted, limits, refused
from tests.support.hedged import fill, leg, opened
from tests.support.reports import funded
from tests.support.trading import (
    ACCOUNT,
    RULES,
    SUSHI,
    Desk,
    cancelled,
    desk,
    filled,
    number,
    order_id,
    place,
    price,
)

LONG, SHORT, NET = PositionSide.LONG, PositionSide.SHORT, PositionSide.NET


def both_held() -> Desk:
    """10 long and 4 short."""
    trading = opened()
    for name, side, of, amount in (("l", Side.BUY, LONG, 10), ("s", Side.SELL, SHORT, 4)):
        trading.events(leg(name, side, of, amount))
        trading.events(fill(name, side, of, amount))
    return trading


def held(trading: Desk, side: PositionSide) -> Position:
    """A leg's position."""
    return trading.position(side=side)


def test_legs_are_positions_of_their_own() -> None:
    trading = both_held()
    assert [held(trading, side).net_quantity for side in (LONG, SHORT, NET)] == [10, -4, 0]
    risk = trading.risk()
    assert [risk.exposure(SUSHI, side).net_quantity for side in (LONG, SHORT)] == [10, -4]
    assert risk.exposure(SUSHI).net_quantity == 6, "the instrument is worth what both are"
    trading.events(leg("c", Side.SELL, LONG, 10))
    trading.events(fill("c", Side.SELL, LONG, 10, "9"))
    assert [held(trading, LONG).net_quantity, held(trading, LONG).realised_total] == [0, 10]
    assert held(trading, SHORT).net_quantity == -4


@pytest.mark.parametrize(
    ("mode", "of", "limit"),
    [
        (PositionMode.HEDGE, NET, "long or short"),
        (PositionMode.ONE_WAY, LONG, "net"),
        (PositionMode.ONE_WAY, SHORT, "net"),
    ],
)
def test_an_order_must_fit_the_account_s_mode(
    mode: PositionMode, of: PositionSide, limit: str
) -> None:
    order = leg("a", Side.BUY, of)
    refused(opened(mode), order, "position_side", Reason.POSITION_SIDE_MISMATCH, limit, of.value)


def test_an_account_that_was_never_opened_is_one_way() -> None:
    refused(
        desk(), leg("a", Side.BUY, LONG), "position_side", Reason.POSITION_SIDE_MISMATCH,
        "net", "long",
    )  # fmt: skip


@pytest.mark.parametrize(("side", "of"), [(Side.BUY, LONG), (Side.SELL, SHORT)])
def test_an_opening_order_cannot_reduce(side: Side, of: PositionSide) -> None:
    order = leg("a", side, of, reduce_only=True)
    refused(both_held(), order, "position_side", Reason.CONTRADICTORY_FLAGS)


@pytest.mark.parametrize("reduce_only", [False, True])
@pytest.mark.parametrize(("side", "of", "most"), [(Side.SELL, LONG, 10), (Side.BUY, SHORT, 4)])
def test_a_closing_order_takes_what_its_leg_holds_and_no_more(
    side: Side, of: PositionSide, most: int, *, reduce_only: bool
) -> None:
    more = leg("more", side, of, most + 1, reduce_only=reduce_only)
    refused(both_held(), more, "reduce_only", Reason.WOULD_INCREASE, str(most), str(most + 1))
    trading = both_held()
    admitted(trading, leg("a", side, of, most - 1, reduce_only=reduce_only))
    again = leg("b", side, of, 2, reduce_only=reduce_only)
    refused(trading, again, "reduce_only", Reason.WOULD_INCREASE, "1", "2")
    trading.events(cancelled("a"))
    admitted(trading, leg("c", side, of, most, reduce_only=reduce_only))


def test_the_other_leg_does_not_count() -> None:
    trading = both_held()
    admitted(trading, leg("buys", Side.BUY, LONG, 20))
    refused(
        trading, leg("close", Side.BUY, SHORT, 5), "reduce_only", Reason.WOULD_INCREASE, "4", "5"
    )


def test_reducing_orders_of_a_leg_pass_a_halt() -> None:
    trading = both_held()
    trading.events(HaltTrading(ACCOUNT, "loss"))
    refused(trading, leg("a", Side.SELL, LONG, 1), "halt", Reason.ACCOUNT_HALTED)
    admitted(trading, leg("b", Side.SELL, LONG, 1, reduce_only=True))


def test_a_fill_of_the_other_leg_contradicts() -> None:
    trading = opened()
    trading.events(leg("a", Side.BUY, LONG))
    for wrong in (NET, SHORT):
        assert trading.reason(fill("a", Side.BUY, wrong)) is Reason.REPORT_CONTRADICTS_ORDER


def test_a_leg_pays_its_own_funding() -> None:
    trading = both_held()
    trading.events(funded("f-1", "0.5", side=LONG))
    trading.events(funded("f-1", "-0.2", side=SHORT))
    assert held(trading, LONG).funding == {"USDT": number("0.5")}
    assert held(trading, SHORT).funding == {"USDT": number("-0.2")}
    assert trading.risk().funding == {"USDT": number("0.3")}


def test_modes_change_only_while_nothing_is_held_or_open() -> None:
    trading = opened(PositionMode.ONE_WAY)
    hedge = ChangePositionMode(ACCOUNT, PositionMode.HEDGE)
    isolated = ChangeMarginMode(ACCOUNT, MarginMode.ISOLATED)
    trading.events(place("a"))
    assert trading.reason(hedge) is trading.reason(isolated) is Reason.ACCOUNT_NOT_EMPTY
    trading.events(filled("a", "x", 10))
    assert trading.reason(hedge) is trading.reason(isolated) is Reason.ACCOUNT_NOT_EMPTY
    trading.events(place("b", Side.SELL))
    trading.events(filled("b", "y", 10, side=Side.SELL))
    assert trading.events(hedge) == [PositionModeChanged(ACCOUNT, PositionMode.HEDGE)]
    assert trading.events(isolated) == [MarginModeChanged(ACCOUNT, MarginMode.ISOLATED)]
    assert trading.reason(hedge) is trading.reason(isolated) is Reason.SETTING_UNCHANGED
    admitted(trading, leg("l", Side.BUY, LONG))


def test_equal_legs_are_not_nothing() -> None:
    trading = opened()
    for name, side, of in (("l", Side.BUY, LONG), ("s", Side.SELL, SHORT)):
        trading.events(leg(name, side, of))
        trading.events(fill(name, side, of))
    assert trading.risk().exposure(SUSHI).net_quantity == 0
    back = ChangePositionMode(ACCOUNT, PositionMode.ONE_WAY)
    decision = trading.do(back)
    assert decision.rejected is not None
    assert (decision.rejected.reason, decision.rejected.value) == (
        Reason.ACCOUNT_NOT_EMPTY, "0 open orders, 2 positions",
    )  # fmt: skip


def test_leverage_is_set_for_each_instrument_up_to_the_venue_s_most() -> None:
    trading = opened()
    assert trading.reason(SetLeverage(ACCOUNT, SUSHI, number("50.01"))) is (
        Reason.LEVERAGE_ABOVE_MAXIMUM
    )
    assert trading.events(SetLeverage(ACCOUNT, SUSHI, number(50))) == [
        LeverageSet(ACCOUNT, SUSHI, number(50))
    ]
    assert trading.reason(SetLeverage(ACCOUNT, SUSHI, number(50))) is Reason.SETTING_UNCHANGED
    assert trading.reason(SetLeverage(ACCOUNT, SUSHI, number("0.5"))) is Reason.MALFORMED
    other = InstrumentId("BINANCE:BTCUSDT")
    assert trading.reason(SetLeverage(ACCOUNT, other, number(2))) is Reason.INSTRUMENT_UNKNOWN
    trading.events(ListInstrument(other, RULES))
    trading.events(SetLeverage(ACCOUNT, other, number(200)))
    assert trading.account().leverages == {SUSHI: 50, other: 200}


def test_settings_belong_to_opened_accounts() -> None:
    for setting in (
        SetLeverage(ACCOUNT, SUSHI, number(2)),
        ChangePositionMode(ACCOUNT, PositionMode.HEDGE),
        ChangeMarginMode(ACCOUNT, MarginMode.ISOLATED),
    ):
        assert desk().reason(setting) is Reason.ACCOUNT_UNKNOWN


@pytest.mark.parametrize(
    ("bound", "check", "reason", "limit", "over"),
    [
        # 10 long and 4 short at 8: 112 in gross and 48 in net.
        ({"gross_notional": number(120)}, "gross_position", Reason.GROSS_POSITION_LIMIT, "120", 2),
        ({"net_notional": number(56)}, "net_position", Reason.NET_POSITION_LIMIT, "56", 2),
    ],
)
def test_gross_counts_both_legs_and_net_their_difference(
    bound: dict[str, object], check: str, reason: Reason, limit: str, over: int
) -> None:
    trading = both_held()
    assert trading.risk().book.gross == 112
    trading.events(SetLimits(ACCOUNT, limits(**bound)))
    order = replace(leg("more", Side.BUY, LONG, over), reference=ReferencePrice(price(8), 0))
    refused(trading, order, check, reason, limit, str(int(limit) + 8))
    admitted(trading, replace(order, order_id=order_id("one"), quantity=Quantity(number(1))))


def test_the_share_of_a_hedged_instrument_is_that_of_both_its_legs() -> None:
    trading = both_held()
    bnb = InstrumentId("BINANCE:BNBUSDT")
    trading.events(ListInstrument(bnb, RULES))
    trading.events(replace(leg("other", Side.BUY, LONG, 14), instrument_id=bnb))
    trading.events(SetLimits(ACCOUNT, limits(concentration=number("0.5"))))
    order = replace(leg("half", Side.SELL, SHORT, 1), reference=ReferencePrice(price(8), 0))
    refused(trading, order, "concentration", Reason.CONCENTRATION_LIMIT, "116", "120")


def test_a_leg_in_which_nothing_is_left_is_none() -> None:
    """Otherwise the account would count as hedged for ever, also in one-way mode."""
    trading = both_held()
    for name, side, of, amount in (("x", Side.SELL, LONG, 10), ("y", Side.BUY, SHORT, 4)):
        trading.events(leg(name, side, of, amount))
        trading.events(fill(name, side, of, amount))
    assert trading.risk().legs == {}
    assert trading.risk().book.gross == 0
    trading.events(ChangePositionMode(ACCOUNT, PositionMode.ONE_WAY))
    trading.events(place("net", amount=5))
    assert trading.risk().book.gross == 40


def test_an_account_trades_at_its_own_venue_alone() -> None:
    trading, elsewhere = opened(PositionMode.ONE_WAY), InstrumentId("BYBIT:SUSHIUSDT")
    trading.events(ListInstrument(elsewhere, RULES))
    refused(
        trading,
        place("there", instrument=elsewhere),
        "instrument",
        Reason.INSTRUMENT_OF_OTHER_VENUE,
        "BINANCE",
        "BYBIT",
    )
    admitted(trading, place("here"))
