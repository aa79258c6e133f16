"""The checks of leverage and margin: at the limit admitted, above it refused, or not asked."""

from dataclasses import replace
from decimal import Decimal

from domain.accounts.commands import OpenAccount, SetLeverage
from domain.accounts.events import MarginMode, PositionMode
from domain.ids import InstrumentId
from domain.instruments.commands import ListInstrument
from domain.margin.tiers import MarginTier
from domain.orders.events import OrderPlaced
from domain.reasons import Reason
from domain.risk.compared import MarginInputs
from domain.risk.events import OrderAdmitted
from domain.risk.terms import MarginTermsNoted
from domain.users.commands import RegisterUser
from domain.users.events import Sealed
from domain.values import PositionSide, Side
from tests.support.checks import admitted, limits, refused
from tests.support.life import amend, replacing
from tests.support.membership import user_id
from tests.support.reports import balance
from tests.support.trading import (
    ACCOUNT,
    RULES,
    START,
    SUSHI,
    Desk,
    accepted,
    cancelled,
    desk,
    filled,
    number,
    place,
)

BTC = InstrumentId("BINANCE:BTCUSDT")
BYBIT = InstrumentId("BYBIT:SUSHIUSDT")
BYBIT_BTC = InstrumentId("BYBIT:BTCUSDT")
TIERS = (
    MarginTier(number(200), number(10), number("0.05"), number(0)),
    MarginTier(number(10_000), number(4), number("0.1"), number(10)),
)


def opened(
    wallet: str | None = None,
    leverage: str | None = None,
    mode: PositionMode = PositionMode.ONE_WAY,
    *,
    leverage_cap: str | None = None,
    venue: str = "BINANCE",
) -> Desk:
    """A desk whose account is open, with a wallet and a leverage where they are given."""
    cap = None if leverage_cap is None else number(leverage_cap)
    trading = desk(limits(leverage=cap), replace(RULES, margin_tiers=TIERS))
    trading.events(RegisterUser(user_id("ada"), Sealed("bmFtZQ=="), Sealed("ZW1haWw=")))
    trading.events(OpenAccount(ACCOUNT, user_id("ada"), venue, mode, MarginMode.CROSS))
    if leverage is not None:
        trading.events(SetLeverage(ACCOUNT, SUSHI, number(leverage)))
    if wallet is not None:
        trading.events(balance(wallet))
    return trading


def test_without_a_balance_nothing_is_asked() -> None:
    admitted(opened(leverage="2", leverage_cap="1"), place("a", amount=100))
    trading = opened(leverage_cap="1")
    trading.events(balance("0.01", currency="BNB"))
    admitted(trading, place("a", amount=100))


def test_an_account_without_leverage_pays_in_full() -> None:
    trading = opened("80")
    admitted(trading, place("a", amount=10))
    refused(trading, place("b", amount=1), "margin", Reason.MARGIN_INSUFFICIENT, "80", "88")
    trading.events(balance("79.99", at=START + 1))
    trading.events(cancelled("a"))
    refused(trading, place("c", amount=10), "margin", Reason.MARGIN_INSUFFICIENT, "79.99", "80")


def test_leverage_divides_and_the_tier_caps_it() -> None:
    admitted(opened("20", "10"), place("a", amount=25))
    # Worth 208 the second tier allows 4 times: 52.
    order = place("a", amount=26)
    refused(opened("51.99", "10"), order, "margin", Reason.MARGIN_INSUFFICIENT, "51.99", "52")
    admitted(opened("52", "10"), order)


def test_what_is_open_and_held_elsewhere_counts() -> None:
    trading = opened("100", "10")
    trading.events(ListInstrument(BTC, RULES))
    trading.events(place("other", instrument=BTC, amount=10))
    admitted(trading, place("a", amount=25))
    refused(
        trading, place("b", Side.SELL, amount=26), "margin", Reason.MARGIN_INSUFFICIENT,
        "100", "132",
    )  # fmt: skip
    trading.events(SetLeverage(ACCOUNT, BTC, number(4)))
    admitted(trading, place("c", Side.SELL, amount=26))


def elsewhere(wallet: str) -> Desk:
    """400 open in an instrument that allows 10 times up to 200 and 4 times above."""
    trading = opened(wallet, "10")
    trading.events(ListInstrument(BTC, replace(RULES, margin_tiers=TIERS)))
    trading.events(SetLeverage(ACCOUNT, BTC, number(10)))
    trading.events(place("other", instrument=BTC, amount=50))
    return trading


def test_another_instrument_is_reckoned_by_its_own_tiers() -> None:
    order = place("a", amount=10)
    # 400 / 4 + 80 / 10; by leverage alone it were 48.
    refused(elsewhere("107.99"), order, "margin", Reason.MARGIN_INSUFFICIENT, "107.99", "108")
    admitted(elsewhere("108"), order)


def test_another_instrument_of_bybit_wants_its_fee_too() -> None:
    trading = opened("1000", "10", venue="BYBIT")
    rules = replace(RULES, taker_fee=number("0.00055"), margin_tiers=TIERS)
    for instrument in (BYBIT, BYBIT_BTC):
        trading.events(ListInstrument(instrument, rules))
        trading.events(SetLeverage(ACCOUNT, instrument, number(4)))
    trading.events(place("other", instrument=BYBIT_BTC, amount=100))
    trading.events(balance("0.01", at=START + 1))
    order = place("a", amount=100, instrument=BYBIT)
    # Twice 800 / 4 + 800 x 0.75 x 0.055 %
    refused(trading, order, "margin", Reason.MARGIN_INSUFFICIENT, "0.01", "400.66")


def test_terms_are_noted_once_and_again_when_the_rules_have_changed() -> None:
    trading = opened(leverage="10")
    assert [type(event) for event in trading.events(place("a"))] == [OrderAdmitted, OrderPlaced]
    trading.events(balance("1000"))
    first, *rest = trading.events(place("b"))
    assert first == MarginTermsNoted(ACCOUNT, SUSHI, 1, RULES.taker_fee, TIERS)
    assert [type(event) for event in rest] == [OrderAdmitted, OrderPlaced]
    assert [type(event) for event in trading.events(place("c"))] == [OrderAdmitted, OrderPlaced]
    trading.events(ListInstrument(SUSHI, replace(RULES, margin_tiers=TIERS[:1])))
    for name in "bc":
        trading.events(accepted(name))
    amended, *_ = trading.events(amend("c", 3))
    assert amended == MarginTermsNoted(ACCOUNT, SUSHI, 2, RULES.taker_fee, TIERS[:1])
    trading.events(ListInstrument(SUSHI, RULES))
    replaced, *_ = trading.events(replacing("b", "d"))
    assert replaced == MarginTermsNoted(ACCOUNT, SUSHI, 3, RULES.taker_fee, ())
    trading.events(ListInstrument(SUSHI, replace(RULES, tick=number("0.01"))))
    assert not any(isinstance(event, MarginTermsNoted) for event in trading.events(place("e")))


def test_the_larger_side_counts_and_reducing_orders_pass() -> None:
    trading = opened("20", "10")
    trading.events(place("a", amount=25))
    trading.events(filled("a", "x", 25))
    trading.events(balance("1", at=START + 1))
    admitted(trading, place("reduce", Side.SELL, 10))
    refused(trading, place("more", amount=1), "margin", Reason.MARGIN_INSUFFICIENT, "1", "52")


def test_bybit_wants_the_fee_to_close_too() -> None:
    trading = opened("1000", venue="BYBIT")
    rules = replace(RULES, taker_fee=number("0.00055"))
    trading.events(ListInstrument(BYBIT, rules))
    trading.events(SetLeverage(ACCOUNT, BYBIT, number(10)))
    trading.events(balance("0.01", at=START + 1))
    order = place("a", amount=100, instrument=BYBIT)
    # 800 / 10 + 800 x 0.9 x 0.055 %
    refused(trading, order, "margin", Reason.MARGIN_INSUFFICIENT, "0.01", "80.396")


def test_the_cap_is_a_multiple_of_the_wallet() -> None:
    trading = opened("100", "10", leverage_cap="1.6")
    admitted(trading, place("a", amount=20))
    refused(trading, place("b", amount=1), "leverage", Reason.LEVERAGE_LIMIT, "1.6", "1.68")
    trading.events(filled("a", "x", 20))
    admitted(trading, place("c", Side.SELL, 20))
    refused(trading, place("d", Side.SELL, 21), "leverage", Reason.LEVERAGE_LIMIT, "1.6", "1.68")


def test_an_empty_wallet_carries_nothing() -> None:
    for amount in ("0", "-5"):
        trading = opened(amount, "10", leverage_cap="3")
        refused(trading, place("a", amount=10), "leverage", Reason.LEVERAGE_LIMIT, "3", "")


def test_each_leg_of_a_hedged_instrument_counts() -> None:
    trading = opened("100", "10", PositionMode.HEDGE, leverage_cap="2")
    long = replace(place("l", amount=20), position_side=PositionSide.LONG)
    trading.events(long)
    trading.events(replace(filled("l", "x", 20), position_side=PositionSide.LONG))
    short = replace(place("s", Side.SELL, 5), position_side=PositionSide.SHORT)
    admitted(trading, short)
    more = replace(place("t", Side.SELL, 1), position_side=PositionSide.SHORT)
    refused(trading, more, "leverage", Reason.LEVERAGE_LIMIT, "2", "2.08")
    close = replace(place("c", Side.SELL, 20), position_side=PositionSide.LONG)
    admitted(trading, close)


def test_the_decision_says_what_the_wallet_had_to_carry() -> None:
    trading = opened("100", "10")
    event = trading.events(place("a", amount=10))[1]
    assert isinstance(event, OrderAdmitted)
    assert event.inputs.margin == MarginInputs(
        balance=Decimal(100), leverage=Decimal(10), gross=Decimal(80), required=Decimal(8)
    )
    silent = desk().events(place("a"))[0]
    assert isinstance(silent, OrderAdmitted)
    assert silent.inputs.margin is None


def test_values_are_at_the_market() -> None:
    trading = opened("100", leverage_cap="1")
    order = place("a", amount=10, at="8", reference="11")
    refused(trading, order, "leverage", Reason.LEVERAGE_LIMIT, "1", "1.1")
