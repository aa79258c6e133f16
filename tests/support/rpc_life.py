"""Requests about the life of an order after its placement, well-formed unless changed."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import orders_pb2, venues_pb2
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
        "CancelAllOrders": [cancel_all(account_id=account)],
    }
