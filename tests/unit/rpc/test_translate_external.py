"""Reports about orders that were not placed here: described in full, named by the venue alone."""

from typing import Any

import pytest

from adapters.proto.v1 import common_pb2, venues_pb2
from adapters.rpc.translate import InvalidRequest
from adapters.rpc.translate_external import report
from domain.ids import external_order_id
from domain.orders.commands import (
    ExecutionKind,
    OrderType,
    Origin,
    RecordAcceptance,
    RecordFill,
    TimeInForce,
    TriggerSource,
)
from domain.orders.external import RecordExternalOrder
from domain.values import PositionSide, Side
from tests.support import rpc
from tests.support.rpc_life import external
from tests.support.trading import ACCOUNT, SUSHI


def _told(request: venues_pb2.Report) -> RecordExternalOrder:
    command = report(request)
    assert isinstance(command, RecordExternalOrder)
    return command


def _liquidating(**changes: Any) -> venues_pb2.Report:
    bare: dict[str, Any] = {
        "type": common_pb2.ORDER_TYPE_MARKET,
        "time_in_force": common_pb2.TIME_IN_FORCE_IOC,
        "price": "",
        "trigger_price": "",
        "trigger_source": common_pb2.TRIGGER_SOURCE_UNSPECIFIED,
        "expires_at": 0,
        "client_order_id": "",
        "origin": venues_pb2.ORDER_ORIGIN_LIQUIDATION,
    }
    return external(**{**bare, **changes})


def test_every_part_of_the_description_arrives() -> None:
    command = _told(external())
    order, told = command.order, command.report
    name = external_order_id(ACCOUNT, SUSHI, "8389765493")
    assert (command.order_id, command.account_id, command.instrument_id) == (name, ACCOUNT, SUSHI)
    assert told == RecordAcceptance(name, ACCOUNT, SUSHI, "8389765493", order.venue_time)
    assert (order.origin, order.side, order.position_side) == (
        Origin.FOREIGN, Side.SELL, PositionSide.NET,
    )  # fmt: skip
    assert (order.type, order.time_in_force) == (OrderType.STOP_LIMIT, TimeInForce.GTD)
    assert (str(order.quantity), str(order.price), order.currency) == ("10", "7.5", "USDT")
    assert order.trigger is not None
    assert (order.trigger.source, str(order.trigger.price)) == (TriggerSource.MARK, "7.6")
    assert order.expires_at == order.venue_time + 1
    assert order.client_order_id == "ios_0Zb3xq"


@pytest.mark.parametrize(
    ("origin", "said", "kind"),
    [
        (venues_pb2.ORDER_ORIGIN_LIQUIDATION, 0, ExecutionKind.LIQUIDATION),
        (venues_pb2.ORDER_ORIGIN_ADL, 0, ExecutionKind.ADL),
        (venues_pb2.ORDER_ORIGIN_SETTLEMENT, 0, ExecutionKind.SETTLEMENT),
        (venues_pb2.ORDER_ORIGIN_DELIVERY, 0, ExecutionKind.DELIVERY),
        (venues_pb2.ORDER_ORIGIN_FOREIGN, 0, ExecutionKind.TRADE),
        (
            venues_pb2.ORDER_ORIGIN_LIQUIDATION,
            venues_pb2.EXECUTION_KIND_TRADE,
            ExecutionKind.TRADE,
        ),
    ],
)
def test_an_execution_is_what_its_order_was_made_for_unless_the_venue_says_else(
    origin: int, said: int, kind: ExecutionKind
) -> None:
    request = _liquidating(origin=origin)
    request.filled.CopyFrom(rpc.report("filled").filled)
    request.filled.side = common_pb2.SIDE_SELL
    request.filled.ClearField("kind")
    if said:
        request.filled.kind = venues_pb2.EXECUTION_KIND_TRADE
    told = _told(request).report
    assert isinstance(told, RecordFill)
    assert told.kind is kind


def test_what_closes_the_position_has_no_quantity_and_only_reduces() -> None:
    order = _told(_liquidating(close_position=True, quantity="0")).order
    assert order.quantity == 0
    assert order.reduce_only
    assert order.close_position


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        (_liquidating(type=common_pb2.ORDER_TYPE_LIMIT), "external.price"),
        (_liquidating(origin=venues_pb2.ORDER_ORIGIN_UNSPECIFIED), "external.origin"),
        (_liquidating(venue_order_id=""), "external.venue_order_id"),
        (_liquidating(quantity="0"), "external.quantity"),
        (_liquidating(currency=""), "external.currency"),
        (_liquidating(expires_at=253_402_300_800_000_000), "external.expires_at"),
    ],
)
def test_what_is_missing_is_named(request_: venues_pb2.Report, wrong: str) -> None:
    with pytest.raises(InvalidRequest, match=wrong):
        report(request_)


def test_an_id_of_ours_beside_the_description_is_refused() -> None:
    request = external()
    request.order_id = rpc.ORDER
    with pytest.raises(InvalidRequest, match="order_id: must be empty"):
        report(request)


@pytest.mark.parametrize("kind", ["outcome_unknown", "reconciled", "not_found", "amend_rejected"])
def test_nobody_here_sent_it_so_it_is_neither_lost_nor_found(kind: str) -> None:
    request = external()
    getattr(request, kind).CopyFrom(getattr(rpc.report(kind), kind))
    with pytest.raises(InvalidRequest, match="not said of an order that was not placed here"):
        report(request)
