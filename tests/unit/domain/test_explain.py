"""What each check compared: complete, in order, and the very numbers of the refusals."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.accounts.commands import SuspendAccount
from domain.ids import PLATFORM, AccountId
from domain.orders.commands import PlaceOrder
from domain.reasons import Reason
from domain.risk.commands import HaltTrading, Limits, SetLimits
from domain.risk.explain import CheckOutcome, Outcome, explain
from domain.risk.rules.measures import MEASURES
from domain.risk.rules.table import CHECKS
from domain.values import Side
from tests.support.membership import open_account, register
from tests.support.trading import ACCOUNT, NO_LIMITS, Desk, desk, filled, place


def _explained(trading: Desk, order: PlaceOrder) -> dict[str, CheckOutcome]:
    question = trading.question(order)
    outcomes = explain(question)
    assert [one.check for one in outcomes] == [check.name for check in CHECKS]
    return {one.check: one for one in outcomes}


def test_every_check_has_a_measure() -> None:
    assert list(MEASURES) == [check.name for check in CHECKS]


def test_an_admitted_order_passed_every_check_and_says_by_how_much() -> None:
    limits = Limits(
        currency="USDT",
        order_quantity=Decimal(15),
        order_notional=Decimal(120),
        open_orders=3,
        position_notional=Decimal(400),
        price_collar=Decimal("0.05"),
        duplicate_window=1_000_000,
    )
    trading = desk(limits)
    found = _explained(trading, place("a", amount=10, at="8", reference="8.1"))
    assert {one.outcome for one in found.values()} == {Outcome.PASSED}
    assert {name: (one.limit, one.value) for name, one in found.items()} == {
        "account": ("", "never_opened"),
        "position_side": ("net", "net"),
        "halt": ("", "not halted"),
        "strategy": ("", "unregistered"),
        "limits_set": ("", "version 1"),
        "instrument": ("USDT", "USDT"),
        "price_and_type": ("0.001", "8"),
        "time_in_force": ("", "gtc"),
        "trigger": ("", "none"),
        "close_position": ("", "has a quantity"),
        "quantity": ("0.5 to 10000 in steps of 0.1", "10"),
        "reference_price": ("", "8.1"),
        "trigger_side": ("", ""),
        "minimum_notional": ("5", "80"),
        "reduce_only": ("", "not reducing"),
        "order_quantity": ("15", "10"),
        "order_notional": ("120", "80"),
        "open_orders": ("3", "1"),
        "position": ("400", "80"),
        "price_collar": ("0.405", "0.1"),
        "duplicate": ("1000000", "first"),
        "rate": ("", ""),
        "stale_price": ("", "0"),
        "strategy_order_quantity": ("", ""),
        "strategy_order_notional": ("", ""),
        "instrument_open_orders": ("", "1"),
        "open_notional": ("", "80"),
        "instrument_open_notional": ("", "80"),
        "strategy_open_orders": ("", ""),
        "strategy_open_notional": ("", ""),
        "gross_position": ("", "81"),
        "net_position": ("", "81"),
        "concentration": ("", ""),
        "allotment": ("", ""),
        "leverage": ("", ""),
        "margin": ("", ""),
        "daily_loss": ("", ""),
        "drawdown": ("", ""),
        "self_trade": ("", ""),
    }


def test_after_the_first_refusal_nothing_was_asked() -> None:
    trading = desk(replace(NO_LIMITS, order_quantity=Decimal(5), order_notional=Decimal(1)))
    found = _explained(trading, place("a", amount=10))
    refused = found["order_quantity"]
    assert (refused.outcome, refused.limit, refused.value) == (Outcome.REFUSED, "5", "10")
    assert refused.detail == "the order's quantity is over the limit"
    names = list(found)
    at = names.index("order_quantity")
    assert {found[name].outcome for name in names[:at]} == {Outcome.PASSED}
    assert {found[name].outcome for name in names[at + 1 :]} == {Outcome.NOT_ASKED}
    assert (found["order_notional"].limit, found["order_notional"].value) == ("1", "80")


def test_what_is_not_there_is_said_and_not_guessed() -> None:
    nobody = desk(limits=None, rules=None)
    found = _explained(nobody, place("a", at=None))
    assert found["limits_set"].outcome is Outcome.REFUSED
    assert {name: one.value for name, one in found.items()} == {
        "account": "never_opened",
        "position_side": "net",
        "halt": "not halted",
        "strategy": "unregistered",
        "limits_set": "none",
        "instrument": "not listed",
        "price_and_type": "market, no price",
        "time_in_force": "ioc",
        "trigger": "none",
        "close_position": "has a quantity",
        "quantity": "10",
        "reference_price": "none",
        "trigger_side": "",
        "minimum_notional": "",
        "reduce_only": "not reducing",
        "order_quantity": "10",
        "order_notional": "",
        "open_orders": "1",
        "position": "",
        "price_collar": "",
        "duplicate": "",
        "rate": "",
        "stale_price": "",
        "strategy_order_quantity": "",
        "strategy_order_notional": "",
        "instrument_open_orders": "1",
        "open_notional": "",
        "instrument_open_notional": "",
        "strategy_open_orders": "",
        "strategy_open_notional": "",
        "gross_position": "",
        "net_position": "",
        "concentration": "",
        "allotment": "",
        "leverage": "",
        "margin": "",
        "daily_loss": "",
        "drawdown": "",
        "self_trade": "",
    }


def test_a_suspended_account_is_told_by_the_first_check() -> None:
    trading = desk()
    for command in (register(), open_account(ACCOUNT), SuspendAccount(ACCOUNT, "a drill")):
        assert trading.reason(command) is None
    account = _explained(trading, place("a"))["account"]
    assert (account.outcome, account.value) == (Outcome.REFUSED, "suspended")


@pytest.mark.parametrize(
    ("scope", "value"), [(ACCOUNT, "account halted"), (PLATFORM, "platform halted")]
)
def test_a_halt_names_its_scope_and_its_reason(scope: AccountId, value: str) -> None:
    trading = desk()
    assert trading.reason(HaltTrading(scope, "loss")) is None
    halt = _explained(trading, place("a"))["halt"]
    assert (halt.outcome, halt.value, halt.detail) == (Outcome.REFUSED, value, "loss")


def test_a_reducing_order_is_measured_against_what_is_left_to_reduce() -> None:
    trading = desk()
    trading.events(place("a", amount=10))
    trading.events(filled("a", "x", 10))
    trading.events(place("b", Side.SELL, amount=3))
    found = _explained(trading, place("c", Side.SELL, amount=8, reduce_only=True))
    assert found["reduce_only"].outcome is Outcome.REFUSED
    assert (found["reduce_only"].limit, found["reduce_only"].value) == ("7", "8")
    assert found["minimum_notional"].limit == ""


def test_a_repeated_intent_says_how_long_ago_it_was() -> None:
    trading = desk(replace(NO_LIMITS, duplicate_window=1_000_000))
    trading.events(place("a"))
    trading.at += 400
    found = _explained(trading, place("b"))
    assert found["duplicate"].outcome is Outcome.REFUSED
    assert (found["duplicate"].limit, found["duplicate"].value) == ("1000000", "400")
    assert trading.reason(place("b")) is Reason.DUPLICATE_INTENT
    trading.events(SetLimits(ACCOUNT, NO_LIMITS))
    assert _explained(trading, place("b"))["duplicate"].value == ""
