"""Requests become commands; the fingerprint is of everything but the command's own id."""

import dataclasses
import hashlib

import pytest
from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, risk_pb2
from adapters.rpc import translate, translate_life
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.translate_limits import set_limits
from domain.orders.commands import OrderType, TimeInForce, Trigger, TriggerSource
from domain.risk.commands import Limits, StrategyLimits
from domain.values import Side
from tests.support import rpc
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI, number, price


def test_an_order_arrives_as_it_was_sent() -> None:
    request = rpc.place(strategy_id=rpc.ORDER, reduce_only=True, price="7.50")
    order = translate.place_order(request)
    assert (order.order_id, order.account_id, order.instrument_id) == (
        request.order_id, ACCOUNT, SUSHI,
    )  # fmt: skip
    assert (order.side, order.type, order.time_in_force) == (
        Side.BUY, OrderType.LIMIT, TimeInForce.GTC,
    )  # fmt: skip
    assert (order.quantity, order.price) == (number(10), number("7.50"))
    assert (order.reduce_only, order.strategy_id, order.reference) == (True, rpc.ORDER, None)


def test_the_form_of_an_order_arrives_as_it_was_sent() -> None:
    request = rpc.place(
        type=common_pb2.ORDER_TYPE_STOP_MARKET,
        time_in_force=common_pb2.TIME_IN_FORCE_GTD,
        price="",
        quantity="",
        close_position=True,
        trigger_price="7.50",
        trigger_source=common_pb2.TRIGGER_SOURCE_MARK,
        expires_at=TIME,
    )
    order = translate.place_order(request)
    assert (order.type, order.time_in_force) == (OrderType.STOP_MARKET, TimeInForce.GTD)
    assert (order.quantity, order.close_position, order.reduce_only) == (number(0), True, True)
    assert order.trigger == Trigger(TriggerSource.MARK, price("7.5"), None, None)
    assert order.expires_at == TIME
    trailing = rpc.place(trigger_callback="0.01", activation_price="8.2")
    assert translate.place_order(trailing).trigger == Trigger(
        TriggerSource.LAST, None, number("0.01"), price("8.2")
    )
    with pytest.raises(InvalidRequest, match="trigger_source"):
        translate.place_order(rpc.place(trigger_source=99))
    with pytest.raises(InvalidRequest, match="expires_at"):
        translate.place_order(rpc.place(expires_at=2**63))
    with pytest.raises(InvalidRequest, match="quantity"):
        translate.place_order(rpc.place(quantity=""))


def test_every_type_and_time_in_force_can_be_asked_for() -> None:
    types = set(common_pb2.OrderType.values()) - {0}
    assert {translate.place_order(rpc.place(type=kind)).type for kind in types} == set(OrderType)
    forces = set(common_pb2.TimeInForce.values()) - {0}
    told = {translate.place_order(rpc.place(time_in_force=f)).time_in_force for f in forces}
    assert told == set(TimeInForce)


def test_what_is_left_empty_is_not_set() -> None:
    order = translate.place_order(rpc.place(price="", strategy_id=""))
    assert (order.price, order.strategy_id) == (None, None)
    request = rpc.set_limits()
    request.limits.open_orders = 0
    assert set_limits(request).limits == Limits(currency="USDT")


def test_every_limit_arrives() -> None:
    """A field that is forgotten on the way would be a limit that binds nobody."""
    numbers = {
        "order_quantity", "order_notional", "position_notional", "price_collar", "loss",
        "open_notional", "instrument_open_notional", "gross_notional", "net_notional",
        "concentration", "concentration_from", "daily_loss", "drawdown", "leverage",
    }  # fmt: skip
    counts = {
        "open_orders", "duplicate_window", "orders_per_second", "orders_per_minute", "price_age",
        "instrument_open_orders",
    }  # fmt: skip
    strategy = risk_pb2.StrategyLimits(
        strategy_id=rpc.ORDER,
        order_quantity="1",
        order_notional="2",
        open_orders=3,
        open_notional="4",
    )
    wire = risk_pb2.Limits(currency="USDT", self_trade=True, strategies=[strategy])
    for place, name in enumerate(sorted(numbers), 1):
        setattr(wire, name, f"0.{place}")
    for place, name in enumerate(sorted(counts), 1):
        setattr(wire, name, place)
    known = {field.name for field in dataclasses.fields(Limits)}
    assert known == numbers | counts | {"currency", "self_trade", "strategies"}
    assert known == set(risk_pb2.Limits.DESCRIPTOR.fields_by_name)
    limits = set_limits(rpc.set_limits(limits=wire)).limits
    for place, name in enumerate(sorted(numbers), 1):
        assert getattr(limits, name) == number(f"0.{place}"), name
    for place, name in enumerate(sorted(counts), 1):
        assert getattr(limits, name) == place, name
    assert (limits.currency, limits.self_trade) == ("USDT", True)
    its = StrategyLimits(number(1), number(2), 3, number(4))
    assert limits.strategies == {rpc.ORDER: its}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (risk_pb2.Limits(currency="USDT", concentration="1.01"), "concentration"),
        (risk_pb2.Limits(currency="USDT", price_age=3_600_000_001), "price_age"),
        (risk_pb2.Limits(currency="USDT", orders_per_second=1_000_001), "orders_per_second"),
        (risk_pb2.Limits(currency="USDT", daily_loss="-1"), "daily_loss"),
        (
            risk_pb2.Limits(currency="USDT", strategies=[risk_pb2.StrategyLimits()]),
            "strategies.strategy_id",
        ),
        (
            risk_pb2.Limits(
                currency="USDT",
                strategies=[risk_pb2.StrategyLimits(strategy_id=rpc.ORDER)] * 2,
            ),
            "twice",
        ),
        (
            risk_pb2.Limits(
                currency="USDT",
                strategies=[risk_pb2.StrategyLimits(strategy_id=rpc.ORDER)] * 201,
            ),
            "at most 200",
        ),
    ],
)
def test_what_is_no_limit_is_refused(wrong: risk_pb2.Limits, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        set_limits(rpc.set_limits(limits=wrong))


@pytest.mark.parametrize("kind", rpc.REPORTS)
def test_every_report_is_understood(kind: str) -> None:
    report = translate_life.report(rpc.report(kind))
    assert type(report).__name__.lower().startswith("record")
    assert (report.order_id, report.venue_time) == (rpc.ORDER, TIME)


def _print(request: Message) -> bytes:
    return translate.identified(request, request.command_id).fingerprint  # type: ignore[attr-defined]


def test_the_fingerprint_is_that_of_the_request_without_its_command_id() -> None:
    requests = [
        each
        for examples in rpc.examples().values()
        for each in examples
        if "command_id" in type(each).DESCRIPTOR.fields_by_name
    ]
    assert len(requests) > 20
    for request in requests:
        content = type(request)()
        content.CopyFrom(request)
        content.ClearField("command_id")
        kind = request.DESCRIPTOR.full_name.encode()
        bare = kind + b"\x00" + content.SerializeToString(deterministic=True)
        assert _print(request) == hashlib.sha256(bare).digest(), kind


def test_the_fingerprint_is_of_the_content() -> None:
    order = rpc.place()
    same, other = rpc.place(), rpc.place()
    for request in (same, other):
        request.CopyFrom(order)
        request.command_id = rpc.fresh()
    other.quantity = "10.0"
    assert _print(order) == _print(same)
    assert _print(order) != _print(other)
    assert len(_print(order)) == 32


def test_requests_of_different_kinds_never_share_a_fingerprint() -> None:
    """A halt and a resume have the same bytes on the wire."""
    [halt], [resume] = rpc.examples()["Halt"], rpc.examples()["Resume"]
    resume.ParseFromString(halt.SerializeToString())
    assert _print(halt) != _print(resume)


def test_the_text_of_an_error_is_short_and_printable() -> None:
    with pytest.raises(InvalidRequest) as caught:
        translate.place_order(rpc.place(quantity="\x1b[31m" + "9" * 1_000_000))
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()
