"""Funding: counted once by the venue's id, on position and account, whenever it comes."""

from dataclasses import replace

from domain.funding.events import FundingRecorded
from domain.ids import position_stream
from domain.orders.commands import ExecutionKind
from domain.positions.events import PositionClosed, PositionFunded
from domain.reasons import Reason
from domain.risk.events import BalanceRecorded, FundingApplied
from domain.values import Money, PositionSide, Side
from tests.support.reports import balance, funded
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    START,
    SUSHI,
    Desk,
    desk,
    filled,
    number,
    place,
    price,
    usdt,
)


def _holding() -> Desk:
    trading = desk()
    trading.events(place("a"))
    trading.events(filled("a", "x", 10))
    return trading


def test_a_payment_changes_position_and_account_together() -> None:
    trading = _holding()
    recorded, of_position, of_risk = trading.events(funded("f-1", "0.02"))
    assert recorded == FundingRecorded(
        ACCOUNT, SUSHI, PositionSide.NET, "f-1", number("0.0001"),
        price(8), number(10), usdt("0.02"), START,
    )  # fmt: skip
    assert of_position == PositionFunded(
        ACCOUNT, SUSHI, PositionSide.NET, "f-1", usdt("0.02"), usdt("0.02"), START
    )
    assert of_risk == FundingApplied(ACCOUNT, SUSHI, PositionSide.NET, "f-1", usdt("0.02"))
    position = trading.position()
    assert [position.net_quantity, position.cost, position.realised_total] == [10, 80, 0]
    assert position.funding == {"USDT": number("0.02")}


def test_a_payment_counts_once_and_others_count_too() -> None:
    trading = _holding()
    trading.events(funded("f-1", "0.02"))
    assert trading.reason(funded("f-1", "0.02")) is Reason.REPORT_ALREADY_APPLIED
    assert trading.reason(funded("f-1", "5")) is Reason.REPORT_ALREADY_APPLIED
    *_, second, _ = trading.events(funded("f-2", "-0.5"))
    assert isinstance(second, PositionFunded)
    assert second.funding_total == usdt("-0.48")
    trading.events(funded("f-1", "1", account=OTHER_ACCOUNT))
    assert trading.risk().funding == {"USDT": number("-0.48")}


def test_funding_may_come_before_the_fill_and_after_the_end() -> None:
    trading = desk()
    trading.events(funded("early", "0.01"))
    trading.events(place("a"))
    trading.events(filled("a", "x", 10))
    trading.events(place("b", Side.SELL))
    [*_, closed, _] = trading.events(filled("b", "y", 10, "9", side=Side.SELL))
    assert isinstance(closed, PositionClosed)
    trading.events(funded("late", "0.02"))
    position = trading.position()
    assert [position.net_quantity, position.realised_total] == [0, 10]
    assert position.funding == {"USDT": number("0.03")}


def test_currencies_are_never_added_to_each_other() -> None:
    trading = _holding()
    trading.events(funded("f-1", "0.02"))
    trading.events(funded("f-2", "3", currency="BNFCR"))
    assert trading.position().funding == {"USDT": number("0.02"), "BNFCR": 3}
    assert trading.risk().funding == {"USDT": number("0.02"), "BNFCR": 3}


def test_fees_of_every_currency_are_summed_on_the_position() -> None:
    trading = desk()
    trading.events(place("a", amount=10))
    trading.events(filled("a", "x", 4, fee=Money(number("0.001"), "BNB")))
    trading.events(filled("a", "y", 4, fee=usdt("0.02")))
    [*_, last, _] = trading.events(filled("a", "z", 2, fee=Money(number("0.002"), "BNB")))
    position = trading.position()
    assert (position.fees_total, position.other_fees) == (number("0.02"), {"BNB": number("0.003")})
    assert last.other_fees == (Money(number("0.003"), "BNB"),)  # type: ignore[union-attr]


def test_the_venue_s_own_executions_say_what_they_are() -> None:
    for kind in ExecutionKind:
        trading = _holding()
        trading.events(place("b", Side.SELL))
        fill = filled("b", "y", 10, "7", side=Side.SELL)
        told, moved, _ = trading.events(replace(fill, kind=kind))
        assert (told.kind, moved.kind) == (kind, kind)  # type: ignore[union-attr]


def test_a_leg_has_a_stream_of_its_own() -> None:
    streams = {position_stream(ACCOUNT, SUSHI, side) for side in PositionSide}
    assert len(streams) == len(PositionSide)
    assert position_stream(ACCOUNT, SUSHI) == position_stream(ACCOUNT, SUSHI, PositionSide.NET)


def test_the_last_balance_of_each_currency_holds() -> None:
    trading = desk()
    assert trading.events(balance(100)) == [BalanceRecorded(ACCOUNT, usdt(100), START)]
    assert trading.reason(balance(100)) is Reason.REPORT_ALREADY_APPLIED
    assert trading.reason(balance(99, at=START - 1)) is Reason.BALANCE_OUTDATED
    trading.events(balance(90, at=START))
    trading.events(balance("-5", currency="BNB", at=START - 1))
    trading.events(balance(80, at=START + 1))
    found = {name: held.amount for name, held in trading.risk().balances.items()}
    assert found == {"USDT": 80, "BNB": -5}
