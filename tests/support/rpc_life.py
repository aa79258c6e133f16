"""Requests about the life of an order after its placement, well-formed unless changed."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, orders_pb2, venues_pb2
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI

CONTENTS: dict[str, Message] = {
    "amended": venues_pb2.Amended(amendment=1, quantity="12", price="8.1"),
    "amend_rejected": venues_pb2.AmendRejection(amendment=1, reason="unknown order"),
    "outcome_unknown": venues_pb2.OutcomeUnknown(reason="no answer"),
    "reconciled": venues_pb2.Reconciled(venue_order_id="v-1", filled_quantity="0"),
    "not_found": venues_pb2.NotFound(),
}
"""Reports by their kind."""


def amend(order_id: str, **changes: Any) -> orders_pb2.AmendOrderRequest:
    """Another quantity and price."""
    fields = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "order_id": order_id,
        "instrument": SUSHI,
        "quantity": "12",
        "price": "8.1",
    }
    return orders_pb2.AmendOrderRequest(**{**fields, **changes})


def external(account: str = ACCOUNT, **changes: Any) -> venues_pb2.Report:
    """The venue takes a stop that somebody placed with it, every part of it there."""
    order = {
        "origin": venues_pb2.ORDER_ORIGIN_FOREIGN,
        "venue_order_id": "8389765493",
        "client_order_id": "ios_0Zb3xq",
        "side": common_pb2.SIDE_SELL,
        "type": common_pb2.ORDER_TYPE_STOP_LIMIT,
        "time_in_force": common_pb2.TIME_IN_FORCE_GTD,
        "quantity": "10",
        "price": "7.5",
        "position_side": common_pb2.POSITION_SIDE_NET,
        "trigger_price": "7.6",
        "trigger_source": common_pb2.TRIGGER_SOURCE_MARK,
        "expires_at": TIME + 1,
        "currency": "USDT",
    }
    return venues_pb2.Report(
        command_id=str(uuid4()),
        account_id=account,
        instrument=SUSHI,
        venue_time=TIME,
        external=venues_pb2.ExternalOrder(**{**order, **changes}),
        accepted=venues_pb2.Acceptance(venue_order_id="8389765493"),
    )


def replace(order_id: str, **changes: Any) -> orders_pb2.ReplaceOrderRequest:
    """A limit order in the place of another one."""
    fields = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "order_id": order_id,
        "replacement_id": str(uuid4()),
        "instrument": SUSHI,
        "type": common_pb2.ORDER_TYPE_LIMIT,
        "time_in_force": common_pb2.TIME_IN_FORCE_GTC,
        "quantity": "12",
        "price": "8.1",
    }
    return orders_pb2.ReplaceOrderRequest(**{**fields, **changes})


def cancel_all(**changes: Any) -> orders_pb2.CancelAllOrdersRequest:
    """Of one instrument and one strategy, of which nothing is open."""
    fields = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "instrument": SUSHI,
        "strategy_id": str(uuid4()),
    }
    return orders_pb2.CancelAllOrdersRequest(**{**fields, **changes})


def life_examples(order_id: str, account: str) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC."""
    return {
        "AmendOrder": [amend(order_id, account_id=account)],
        "ReplaceOrder": [replace(order_id, account_id=account)],
        "CancelAllOrders": [cancel_all(account_id=account)],
    }


def life_batches(order_id: str, account: str) -> list[orders_pb2.CommandBatch]:
    """Well-formed batches of one command each."""
    amending = orders_pb2.OrderCommand(amend=amend(order_id, account_id=account))
    replacing = orders_pb2.OrderCommand(replace=replace(order_id, account_id=account))
    return [orders_pb2.CommandBatch(commands=[one]) for one in (amending, replacing)]
