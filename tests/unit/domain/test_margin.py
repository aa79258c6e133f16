"""Margin against the venues' own worked examples; where a figure is ours, the test says so."""

from decimal import Decimal
from typing import Final

import pytest

from domain.ids import InstrumentId
from domain.margin import binance, bybit, venues
from domain.margin.prices import Leg, bankruptcy_price, liquidation_price, unrealised
from domain.margin.tiers import (
    MarginTier,
    contradiction,
    deductions,
    maintenance_margin,
    tier_of,
)
from domain.values import Price, Side, rounded, times
from tests.support.trading import number

# Binance's article on liquidation prices reckons with these two positions (its tables of 2021).
WALLET: Final = number("1535443.01")
BTC_MARK: Final = number("31967.27")
ETH_MARK: Final = number("1335.18")
BTC: Final = Leg(Side.BUY, number("109.488"), times(number("109.488"), number("32481.98")))
ETH: Final = Leg(Side.BUY, number("3683.979"), times(number("3683.979"), number("1456.84")))


def _tiers(*rows: tuple[str, str, str]) -> tuple[MarginTier, ...]:
    """Ends, leverage and rates; the constants by the published formula."""
    constants = deductions([(number(end), number(rate)) for end, _, rate in rows])
    return tuple(
        MarginTier(number(end), number(leverage), number(rate), constant)
        for (end, leverage, rate), constant in zip(rows, constants, strict=True)
    )


BTC_TIERS: Final = _tiers(
    ("50000", "125", "0.004"),
    ("250000", "100", "0.005"),
    ("1000000", "50", "0.01"),
    ("5000000", "20", "0.025"),
    ("20000000", "10", "0.05"),
    ("50000000", "5", "0.1"),
    ("100000000", "4", "0.125"),
)
ETH_TIERS: Final = _tiers(
    ("10000", "100", "0.005"),
    ("100000", "75", "0.0065"),
    ("500000", "50", "0.01"),
    ("1000000", "25", "0.02"),
    ("2000000", "10", "0.05"),
    ("5000000", "5", "0.1"),
    ("10000000", "4", "0.125"),
)
BYBIT_TIERS: Final = (
    MarginTier(number(2_000_000), number(100), number("0.005"), number(0)),
    MarginTier(number(2_600_000), number(90), number("0.0056"), number(1_200)),
    MarginTier(number(3_200_000), number(80), number("0.0063"), number(3_020)),
)
BYBIT_FEE: Final = number("0.00055")
BYBIT_BTC: Final = InstrumentId("BYBIT:BTCUSDT")
BINANCE_BTC: Final = InstrumentId("BINANCE:BTCUSDT")


def _cents(price: Decimal | None) -> Decimal:
    assert price is not None
    return rounded(price, 2)


class TestBinance:
    """Figures of its articles on liquidation prices and on the cost of a position."""

    def test_the_constant_of_a_bracket(self) -> None:
        assert [tier.deduction for tier in BTC_TIERS[:4]] == [0, 50, 1_300, 16_300]
        assert ETH_TIERS[5].deduction == 135_365

    def test_maintenance_margin_of_the_article_s_positions(self) -> None:
        btc = maintenance_margin(BTC_TIERS, times(BTC.quantity, BTC_MARK))
        eth = maintenance_margin(ETH_TIERS, times(ETH.quantity, ETH_MARK))
        assert rounded(btc, 5) == number("71200.81144")
        assert rounded(eth, 3) == number("356512.508")

    def test_liquidation_prices_in_cross_margin(self) -> None:
        """The article's results: 1,153.26 and 26,316.89."""
        beside_eth = venues.collateral_beside(
            WALLET,
            maintenance_margin(BTC_TIERS, times(BTC.quantity, BTC_MARK)),
            unrealised(BTC, BTC_MARK),
        )
        beside_btc = venues.collateral_beside(
            WALLET,
            maintenance_margin(ETH_TIERS, times(ETH.quantity, ETH_MARK)),
            unrealised(ETH, ETH_MARK),
        )
        assert rounded(unrealised(BTC, BTC_MARK), 2) == number("-56354.57")
        eth = liquidation_price([ETH], beside_eth, ETH_TIERS, ETH_MARK)
        btc = liquidation_price([BTC], beside_btc, BTC_TIERS, BTC_MARK)
        assert _cents(eth) == number("1153.26")
        assert _cents(btc) == number("26316.89")

    def test_initial_margin_and_the_cost_of_an_order(self) -> None:
        price, mark, leverage = number("9253.30"), number("9259.84"), number(20)
        assert binance.initial_margin(price, leverage) == number("462.665")
        long = binance.order_cost(Side.BUY, number(1), price, leverage, mark)
        short = binance.order_cost(Side.SELL, number(1), price, leverage, mark)
        assert (long, short) == (number("462.665"), number("469.205"))

    def test_isolated_margin_by_the_formula(self) -> None:
        """Figures of ours: 10 at 100, 10 times leverage, 0.4 %: (0 + 100 - 1000)/(0.04 - 10)."""
        terms = venues.Terms(BINANCE_BTC, number(10), number(0), BTC_TIERS)
        leg = Leg(Side.BUY, number(10), number(1000))
        liquidation, bankrupt = venues.isolated_prices(terms, leg, number(100))
        assert rounded(liquidation or number(0), 6) == number("90.361446")
        assert bankrupt == 90
        more, _ = venues.isolated_prices(terms, leg, number(100), added=number(100))
        assert rounded(more or number(0), 6) == number("80.321285")

    def test_both_legs_of_a_hedged_instrument_share_one_price(self) -> None:
        """Figures of ours: (500 + 0 - 1000 + 300) / (10*0.004 + 3*0.004 - 10 + 3)."""
        legs = [Leg(Side.BUY, number(10), number(1000)), Leg(Side.SELL, number(3), number(300))]
        found = liquidation_price(legs, number(500), BTC_TIERS, number(100))
        assert rounded(found or number(0), 9) == rounded(number(200) / number("6.948"), 9)


class TestBybit:
    """Figures of the pages that domain/margin/bybit.py names."""

    def test_the_cost_of_an_order(self) -> None:
        """1 BTC at 50,000 with 10 times leverage: 5,000 + 27.5 + 24.75."""
        value, leverage = number(50_000), number(10)
        assert bybit.fee_to_close(Side.BUY, value, leverage, BYBIT_FEE) == number("24.75")
        assert bybit.initial_margin(Side.BUY, value, leverage, BYBIT_FEE) == number("5024.75")
        assert bybit.order_cost(Side.BUY, value, leverage, BYBIT_FEE) == number("5052.25")

    def test_a_short_pays_more_to_close(self) -> None:
        """By the formula of the same page: 50,000 x (1 + 1/10) x 0.055 %; the figure is ours."""
        paid = bybit.fee_to_close(Side.SELL, number(50_000), number(10), BYBIT_FEE)
        assert paid == number("30.25")

    def test_maintenance_margin_with_the_fee_to_close(self) -> None:
        """1 BTC at 40,000 with 50 times leverage: (40,000 x 0.5 %) - 0 + 21.56 = 221.56."""
        found = bybit.position_maintenance(
            Side.BUY, number(40_000), number(50), BYBIT_FEE, BYBIT_TIERS
        )
        assert found == number("221.56")

    def test_brackets_by_value(self) -> None:
        """0.5 % up to 2,000,000, 0.56 % up to 2,600,000; constants as the API lists them."""
        assert tier_of(BYBIT_TIERS, number(2_000_000)).maintenance_rate == number("0.005")
        assert tier_of(BYBIT_TIERS, number(2_600_000)).maintenance_rate == number("0.0056")
        listed = [tier.deduction for tier in BYBIT_TIERS]
        assert listed == deductions([(t.up_to, t.maintenance_rate) for t in BYBIT_TIERS])

    def test_liquidation_price_in_isolated_margin(self) -> None:
        """1 BTC long at 40,000, 50 times leverage, 3,000 added, fee 0.055 %: 36,380.25."""
        terms = venues.Terms(BYBIT_BTC, number(50), BYBIT_FEE, BYBIT_TIERS)
        leg = Leg(Side.BUY, number(1), number(40_000))
        found, _ = venues.isolated_prices(terms, leg, number(40_000), added=number(3_000))
        assert _cents(found) == number("36380.25")

    def test_a_short_in_isolated_margin(self) -> None:
        """By the formula for shorts; the figure is ours: (40,000 + 800 + 3,000/1.00055) / 1.005."""
        terms = venues.Terms(BYBIT_BTC, number(50), BYBIT_FEE, BYBIT_TIERS)
        leg = Leg(Side.SELL, number(1), number(40_000))
        found, _ = venues.isolated_prices(terms, leg, number(40_000), added=number(3_000))
        assert _cents(found) == number("43580.45")

    def test_bankruptcy_price(self) -> None:
        """60,000 at 50 times leverage: 58,800; the equation of prices.py says the same."""
        assert bybit.bankruptcy_price(Side.BUY, Price(number(60_000)), number(50)) == 58_800
        terms = venues.Terms(BYBIT_BTC, number(50), BYBIT_FEE, BYBIT_TIERS)
        leg = Leg(Side.BUY, number(2), number(120_000))
        assert venues.isolated_prices(terms, leg, number(60_000))[1] == 58_800

    def test_cross_margin_counts_the_fee_to_close(self) -> None:
        """Derived, no figure of the venue: there balance and maintenance margin are equal."""
        terms = venues.Terms(BYBIT_BTC, number(10), BYBIT_FEE, BYBIT_TIERS)
        leg = Leg(Side.BUY, number(1), number(50_000))
        found, bankrupt = venues.cross_prices(terms, [leg], number(50_000), number(10_000))
        assert found is not None
        left = 10_000 + unrealised(leg, found)
        assert rounded(left - venues.maintenance(terms, Side.BUY, found), 9) == 0
        assert bankrupt == 40_000


def test_the_bracket_is_that_of_the_liquidation_price() -> None:
    """At entry the value is in the second bracket, at the liquidation price in the first."""
    leg = Leg(Side.BUY, number(1), number(60_000))
    found = liquidation_price([leg], number(20_000), BTC_TIERS, number(60_000))
    assert rounded(found or number(0), 6) == rounded(number(40_000) / number("0.996"), 6)


def test_a_position_that_the_collateral_carries_to_nothing_has_no_price() -> None:
    leg = Leg(Side.BUY, number(1), number(100))
    assert liquidation_price([leg], number(100), BTC_TIERS, number(100)) is None
    assert bankruptcy_price([leg], number(100)) is None
    assert liquidation_price([leg], number(10), (), number(100)) is None
    assert liquidation_price([], number(10), BTC_TIERS, number(100)) is None


def test_a_fully_hedged_instrument_has_no_bankruptcy_price() -> None:
    legs = [Leg(Side.BUY, number(1), number(100)), Leg(Side.SELL, number(1), number(100))]
    assert bankruptcy_price(legs, number(10)) is None


def test_leverage_is_what_the_bracket_allows() -> None:
    terms = venues.Terms(BINANCE_BTC, number(50), number(0), BTC_TIERS)
    assert terms.allowed_leverage(number(1_000_000)) == 50
    assert terms.allowed_leverage(number(1_000_001)) == 20
    assert venues.initial(terms, Side.BUY, number(2_000_000)) == 100_000
    assert venues.Terms(BINANCE_BTC, number(7), number(0), ()).allowed_leverage(number(9)) == 7


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([("10", "20", "0.01", "0"), ("10", "10", "0.02", "1")], "rise in value"),
        ([("10", "20", "0.01", "0"), ("20", "30", "0.02", "1")], "fall in leverage"),
        ([("10", "20", "0.01", "0"), ("20", "10", "0.005", "1")], "rise in value and rate"),
        ([("0", "20", "0.01", "0")], "ends above 0"),
        ([("10", "0.5", "0.01", "0")], "leverage of 1 at least"),
        ([("10", "20", "1", "0")], "below 1"),
        ([("10", "20", "0.01", "-1")], "no negative deduction"),
    ],
)
def test_a_table_that_cannot_be_reckoned_with(
    rows: list[tuple[str, str, str, str]], wrong: str
) -> None:
    tiers = [MarginTier(*(number(cell) for cell in row)) for row in rows]
    assert wrong in contradiction(tiers)
    assert contradiction(BTC_TIERS) == contradiction(()) == ""
