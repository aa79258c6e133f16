"""Requests become commands; the fingerprint is of everything but the command's own id."""

import pytest
from google.protobuf.message import Message

from adapters.rpc import translate
from adapters.rpc.translate import InvalidRequest
from domain.orders.commands import OrderType, TimeInForce
from domain.risk.commands import Limits
from domain.values import Side
from tests.support import rpc
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI, number


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


def test_what_is_left_empty_is_not_set() -> None:
    order = translate.place_order(rpc.place(price="", strategy_id=""))
    assert (order.price, order.strategy_id) == (None, None)
    request = rpc.set_limits()
    request.limits.open_orders = 0
    assert translate.set_limits(request).limits == Limits(currency="USDT")


@pytest.mark.parametrize("kind", rpc.REPORTS)
def test_every_report_is_understood(kind: str) -> None:
    report = translate.report(rpc.report(kind))
    assert type(report).__name__.lower().startswith("record")
    assert (report.order_id, report.venue_time) == (rpc.ORDER, TIME)


def _print(request: Message) -> bytes:
    return translate.identified(request, request.command_id).fingerprint  # type: ignore[attr-defined]


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
