"""When the simulated venue takes a position over: at the price that the margin formulas give."""

from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.simulated.members import BRACKETS, Due, Executed, Members, Place
from domain.ids import InstrumentId
from domain.margin.prices import Leg
from domain.margin.tiers import contradiction
from domain.margin.venues import Terms, cross_prices
from domain.values import ZERO, PositionSide, Side
from tests.support.trading import RULES

A, B = InstrumentId("BINANCE:AUSDT"), InstrumentId("BINANCE:BUSDT")
_RULES = {A: RULES, B: RULES}
NET = PositionSide.NET


def _traded(
    members: Members,
    side: Side,
    quantity: str,
    price: str,
    instrument: InstrumentId = A,
    leg: PositionSide = NET,
    fee: str = "0",
) -> None:
    numbers = Decimal(quantity), Decimal(price), Decimal(fee)
    members.traded(Executed(Place("m", instrument, leg), side, *numbers))


def _due(members: Members, at: str, other: str | None = None) -> list[Due]:
    marks = {A: Decimal(at)}
    if other is not None:
        marks[B] = Decimal(other)
    return list(members.due(A, marks))


def test_the_brackets_are_a_table_that_margin_can_be_reckoned_with() -> None:
    assert contradiction(BRACKETS) == ""


@pytest.mark.parametrize(("side", "nearer"), [(Side.BUY, "0.0001"), (Side.SELL, "-0.0001")])
def test_it_is_taken_over_at_the_liquidation_price_and_not_before(side: Side, nearer: str) -> None:
    members = Members(_RULES)
    members.deposited("m", "USDT", Decimal(200))
    _traded(members, side, "1000", "2")
    leg = Leg(side, Decimal(1000), Decimal(2000))
    terms = Terms(A, Decimal(50), ZERO, BRACKETS)
    liquidation, bankruptcy = cross_prices(terms, [leg], Decimal(2), Decimal(200))
    assert liquidation is not None
    assert bankruptcy is not None
    assert not _due(members, str(liquidation + Decimal(nearer)))
    beyond = liquidation - Decimal(nearer)
    (due,) = _due(members, str(beyond))
    assert due.account_id == "m"
    assert due.held == ((NET, Decimal(1000) * side.sign),)
    assert due.bankruptcy == bankruptcy


def test_who_deposited_nothing_is_never_taken_over() -> None:
    members = Members(_RULES)
    members.deposited("other", "USDT", Decimal(1))
    members.deposited("m", "USDC", Decimal(1))
    _traded(members, Side.BUY, "1000", "2")
    assert not _due(members, "0.001")


def test_profit_and_fees_are_part_of_the_wallet() -> None:
    members = Members(_RULES)
    members.deposited("m", "USDT", Decimal(100))
    _traded(members, Side.BUY, "10", "2", fee="0.5")
    _traded(members, Side.SELL, "10", "5", fee="0.25")
    assert members.wallet("m", "USDT") == Decimal("129.25")
    assert members.net(Place("m", A, NET)) == 0
    assert not _due(members, "0.001"), "nothing is held"


def test_what_is_won_elsewhere_stands_behind_it_and_what_is_lost_does_not() -> None:
    def holding() -> Members:
        members = Members(_RULES)
        members.deposited("m", "USDT", Decimal(200))
        _traded(members, Side.BUY, "1000", "2")
        _traded(members, Side.BUY, "100", "3", instrument=B)
        return members

    assert not _due(holding(), "1.85", other="3")
    assert _due(holding(), "1.85", other="2.5")
    assert not _due(holding(), "1.7", other="6")
    assert not _due(holding(), "1.7"), "without a mark of everything nothing is guessed"


def test_both_legs_of_a_hedged_instrument_are_taken_over_together() -> None:
    members = Members(_RULES)
    members.deposited("m", "USDT", Decimal(50))
    _traded(members, Side.BUY, "1000", "2", leg=PositionSide.LONG)
    _traded(members, Side.SELL, "400", "2", leg=PositionSide.SHORT)
    assert not _due(members, "2")
    (due,) = _due(members, "1.9")
    assert set(due.held) == {
        (PositionSide.LONG, Decimal(1000)), (PositionSide.SHORT, Decimal(-400)),
    }  # fmt: skip


def test_the_bankruptcy_price_is_on_the_tick_and_above_nothing() -> None:
    rules = {A: replace(RULES, tick=Decimal("0.5"))}
    members = Members(rules)
    members.deposited("m", "USDT", Decimal(200))
    _traded(members, Side.BUY, "1000", "2")
    (due,) = _due(members, "1.5")
    assert due.bankruptcy == 2
    covered = Members(rules)
    covered.deposited("m", "USDT", Decimal(2000))
    covered.deposited("m", "USDT", Decimal("0.5"))
    _traded(covered, Side.BUY, "1000", "2")
    assert not _due(covered, "0.001"), "no price takes it all"
