"""Margin of a whole account: the two positions of the article, and nothing missing is guessed."""

from decimal import Decimal
from typing import Final

import pytest

from domain.accounts.events import MarginMode
from domain.ids import InstrumentId
from domain.margin.account import Held, Margin, margins
from domain.margin.prices import Leg
from domain.margin.venues import Terms
from domain.values import Side, rounded
from tests.support.trading import number
from tests.unit.domain.test_margin import (
    BTC,
    BTC_MARK,
    BTC_TIERS,
    ETH,
    ETH_MARK,
    ETH_TIERS,
    WALLET,
)

_BTC: Final = Held(
    Terms(InstrumentId("BINANCE:BTCUSDT"), number(20), number(0), BTC_TIERS), BTC, "USDT", BTC_MARK
)
_ETH: Final = Held(
    Terms(InstrumentId("BINANCE:ETHUSDT"), number(5), number(0), ETH_TIERS), ETH, "USDT", ETH_MARK
)
_CROSS: Final = MarginMode.CROSS


def test_binance_s_example_as_one_account() -> None:
    """https://www.binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93"""
    btc, eth = margins([_BTC, _ETH], {"USDT": WALLET}, _CROSS)
    assert btc.liquidation is not None
    assert eth.liquidation is not None
    assert rounded(btc.liquidation, 2) == number("26316.89")
    assert rounded(eth.liquidation, 2) == number("1153.26")
    assert rounded(btc.maintenance or number(0), 5) == number("71200.81144")
    assert rounded(eth.maintenance or number(0), 3) == number("356512.508")
    assert btc.initial == BTC.quantity * BTC_MARK / 20
    assert btc.bankruptcy is not None
    assert btc.bankruptcy < btc.liquidation


def test_what_is_missing_is_not_guessed() -> None:
    unmarked = _ETH._replace(mark=None)
    btc, eth = margins([_BTC, unmarked], {"USDT": WALLET}, _CROSS)
    assert eth == Margin()
    assert (btc.liquidation, btc.bankruptcy) == (None, None)
    assert btc.initial is not None
    [alone] = margins([_BTC], {"BNB": WALLET}, _CROSS)
    assert (alone.liquidation, alone.bankruptcy) == (None, None)
    untiered = _BTC._replace(terms=_BTC.terms._replace(tiers=()))
    [found] = margins([untiered], {"USDT": WALLET}, _CROSS)
    assert (found.maintenance, found.liquidation) == (None, None)
    assert found.initial is not None


def test_another_currency_stands_for_itself() -> None:
    other = _ETH._replace(currency="USDC", mark=None)
    both = margins([_BTC, other], {"USDT": WALLET}, _CROSS)[0]
    assert both == margins([_BTC], {"USDT": WALLET}, _CROSS)[0]


@pytest.mark.parametrize("wallets", [{}, {"USDT": Decimal(1)}])
def test_isolated_positions_ask_no_wallet(wallets: dict[str, Decimal]) -> None:
    both = margins([_BTC, _ETH._replace(mark=None)], wallets, MarginMode.ISOLATED)
    assert both[0].bankruptcy == rounded(number("32481.98") * number("0.95"), 18)
    assert both[0].liquidation is not None


def test_legs_share_their_price() -> None:
    short = _BTC._replace(leg=Leg(Side.SELL, number(10), number(320_000)))
    long, hedge = margins([_BTC, short], {"USDT": number(500_000)}, _CROSS)
    assert long.liquidation == hedge.liquidation is not None
    alone = margins([_BTC], {"USDT": number(500_000)}, _CROSS)[0]
    assert alone.liquidation != long.liquidation
