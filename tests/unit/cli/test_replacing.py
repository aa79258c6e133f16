"""`patriot orders replace` says what it was told, and the old order's terms for the rest."""

from typing import Any

import pytest

from adapters.cli.orders import orders
from adapters.cli.replacing import replacement
from adapters.proto.v1 import common_pb2, queries_pb2
from adapters.rpc.translate_life import replace_order
from domain.orders.commands import OrderType, TimeInForce, Trigger, TriggerSource
from domain.values import Price
from tests.support.trading import ACCOUNT, SUSHI, number

OLD = "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11"
NEW = "5d7e1c1a-3a52-4c0e-8f0b-6a9d1b2c3e4f"


def _stop(**changes: Any) -> queries_pb2.Order:
    fields = {
        "order_id": OLD,
        "account_id": ACCOUNT,
        "instrument": SUSHI,
        "side": "sell",
        "type": "stop_limit",
        "time_in_force": "gtc",
        "quantity": "10",
        "price": "7.4",
        "reduce_only": True,
        "trigger_price": "7.5",
        "trigger_source": "mark",
    }
    return queries_pb2.Order(**{**fields, **changes})


def test_what_is_not_said_stays() -> None:
    asked = replace_order(replacement(_stop(), NEW, {"trigger_price": "7.6"}))
    assert (asked.order_id, asked.replacement_id, asked.instrument_id) == (OLD, NEW, SUSHI)
    assert (asked.type, asked.time_in_force) == (OrderType.STOP_LIMIT, TimeInForce.GTC)
    assert (asked.quantity, asked.price) == (number(10), number("7.4"))
    assert asked.reduce_only
    assert asked.trigger == Trigger(TriggerSource.MARK, Price(number("7.6")), None, None)


def test_another_type_drops_what_it_has_no_use_for() -> None:
    asked = replace_order(replacement(_stop(), NEW, {"type_": "limit", "quantity": "12"}))
    assert (asked.type, asked.price, asked.trigger) == (OrderType.LIMIT, number("7.4"), None)
    asked = replace_order(replacement(_stop(), NEW, {"type_": "stop_market"}))
    assert asked.price is None
    assert asked.trigger is not None


def test_what_closes_the_position_goes_on_closing_it_unless_a_quantity_is_said() -> None:
    old = _stop(type="stop_market", price="", close_position=True)
    assert replacement(old, NEW, {"trigger_price": "7.6"}).close_position
    asked = replacement(old, NEW, {"quantity": "4"})
    assert (asked.close_position, asked.quantity) == (False, "4")


def test_a_date_goes_with_gtd_alone() -> None:
    old = _stop(time_in_force="gtd", expires_at=1_626_912_000_000_000)
    assert replacement(old, NEW, {}).expires_at == 1_626_912_000_000_000
    asked = replacement(old, NEW, {"time_in_force": "gtc"})
    assert (asked.expires_at, asked.time_in_force) == (0, common_pb2.TIME_IN_FORCE_GTC)


@pytest.mark.parametrize("option", ["--type", "--trigger-price", "--may-open", "--expires-at"])
def test_the_command_has_every_term(option: str) -> None:
    command = orders.commands["replace"]
    named = [each for param in command.params for each in (*param.opts, *param.secondary_opts)]
    assert option in named
