"""Profit and funding for both sides, with the figures that the venues' own pages reckon with.

Margin and liquidation prices are in test_margin.py and test_margin_account.py.

Bybit, P&L of USDT contracts: https://help.bybit.com/hc/en-us/articles/
900000630066-P-L-calculations-USDT-Contract- ; funding: https://www.bybit.com/en/help-center/article/
Funding-fee-calculationDerivatives_Trading_Mechanism_UTA. Binance, a beginner's guide to futures:
https://www.binance.com/en/support/announcement/a-beginner-s-guide-to-futures-trading-360039304272 ;
funding: https://www.binance.com/en/support/faq/360033525031. For funding the figures are ours: both
pages give the formula, value of the position at the mark price times the rate, and who pays whom.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.margin.prices import Leg, unrealised
from domain.values import Side, divided, minus, times
from tests.support.reports import funded
from tests.support.trading import RULES, Desk, desk, filled, number, place, usdt

BINANCE = InstrumentId("BINANCE:BTCUSDT")
BYBIT = InstrumentId("BYBIT:BTCUSDT")


def _trading(instrument: InstrumentId) -> Desk:
    trading = desk()
    trading.events(
        ListInstrument(
            instrument, replace(RULES, minimum_quantity=number("0.1"), minimum_notional=number(1))
        )
    )
    return trading


def _trade(
    trading: Desk,
    instrument: InstrumentId,
    name: str,
    side: Side,
    amount: str,
    at: int,
    fee: str = "0",
) -> None:
    trading.events(place(name, side, amount, at, instrument=instrument))
    report = filled(name, name, amount, at, side=side, fee=usdt(fee))
    trading.events(replace(report, instrument_id=instrument))


def test_bybit_s_average_entry_price() -> None:
    """0.5 at 5,000 and 0.3 at 6,000 are 0.8 at 5,375."""
    trading = _trading(BYBIT)
    _trade(trading, BYBIT, "a", Side.BUY, "0.5", 5_000)
    _trade(trading, BYBIT, "b", Side.BUY, "0.3", 6_000)
    position = trading.position(instrument=BYBIT)
    assert position.cost == 4_300
    assert divided(position.cost, position.net_quantity) == 5_375


@pytest.mark.parametrize(
    ("instrument", "side", "amount", "entry", "out", "profit"),
    [
        (BYBIT, Side.BUY, "0.2", 7_000, 7_500, 100),
        (BYBIT, Side.SELL, "0.4", 6_000, 5_000, 400),
        (BINANCE, Side.BUY, "1", 5_000, 5_500, 500),
        (BINANCE, Side.SELL, "1", 5_000, 4_500, 500),
    ],
)
def test_profit_unrealised_and_realised_for_both_sides(
    instrument: InstrumentId, side: Side, amount: str, entry: int, out: int, profit: int
) -> None:
    trading = _trading(instrument)
    _trade(trading, instrument, "in", side, amount, entry)
    held = trading.position(instrument=instrument)
    leg = Leg(side, abs(held.net_quantity), held.cost)
    assert unrealised(leg, number(out)) == profit
    _trade(trading, instrument, "out", side.opposite, amount, out)
    assert trading.position(instrument=instrument).realised_total == profit
    assert trading.risk().realised == {"USDT": profit}
    assert trading.risk().book.profit == profit


def test_bybit_s_closed_profit_of_a_short() -> None:
    """0.4 from 6,000 to 5,000: 400 - 1.32 to open - 1.10 to close - 2.10 of funding = 395.48."""
    trading, taker = _trading(BYBIT), number("0.00055")
    assert times(number("0.4"), times(number(6_000), taker)) == number("1.32")
    _trade(trading, BYBIT, "in", Side.SELL, "0.4", 6_000, "1.32")
    trading.events(funded("f-1", "2.10", instrument=BYBIT))
    _trade(trading, BYBIT, "out", Side.BUY, "0.4", 5_000, "1.10")
    position = trading.position(instrument=BYBIT)
    earned = minus(position.realised_total, position.fees_total)
    assert minus(earned, position.funding["USDT"]) == number("395.48")
    assert trading.risk().book.profit == number("395.48")


@pytest.mark.parametrize("instrument", [BINANCE, BYBIT])
@pytest.mark.parametrize(
    ("side", "rate", "paid"),
    [
        (Side.BUY, "0.0001", "0.8"),
        (Side.SELL, "0.0001", "-0.8"),
        (Side.BUY, "-0.0001", "-0.8"),
        (Side.SELL, "-0.0001", "0.8"),
    ],
)
def test_funding_for_both_sides(instrument: InstrumentId, side: Side, rate: str, paid: str) -> None:
    """1 at a mark of 8,000 and 0.01 %: a positive rate is paid by longs, a negative by shorts."""
    trading, mark = _trading(instrument), Decimal(8_000)
    _trade(trading, instrument, "in", side, "1", 8_000)
    payment = times(times(trading.position(instrument=instrument).net_quantity, mark), number(rate))
    assert payment == number(paid)
    trading.events(funded("f-1", payment, instrument=instrument))
    assert trading.position(instrument=instrument).funding == {"USDT": number(paid)}
    assert trading.risk().funding == {"USDT": number(paid)}
    assert trading.risk().book.profit == -number(paid)
    assert trading.position(instrument=instrument).realised_total == 0, "it is no profit of a trade"
