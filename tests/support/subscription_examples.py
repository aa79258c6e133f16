"""Well-formed requests of every RPC of named subscriptions, with every field in one of them."""

from typing import Any

from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, subscriptions_pb2


def subscription_examples(account: str) -> dict[str, list[Message]]:
    """By the name of the RPC."""
    at_start = common_pb2.Position(shard=0, number=0)
    which: dict[str, Any] = {"account_id": account, "name": "billing"}
    consume = subscriptions_pb2.ConsumeRequest(
        **which,
        window=10,
        acknowledged=[1],
        refused=[subscriptions_pb2.RefusedEvent(position=2, reason="no such customer")],
    )
    create = subscriptions_pb2.CreateSubscriptionRequest(
        **which,
        after=at_start,
        event_types=["order.filled.v2"],
        max_attempts=3,
        window=10,
        retry_delay_ms=100,
    )
    parked = subscriptions_pb2.ParkedRequest(**which, positions=[1, 2])
    return {
        "Create": [create],
        "List": [subscriptions_pb2.ListSubscriptionsRequest(account_id=account)],
        "Get": [subscriptions_pb2.SubscriptionRequest(**which)],
        "Delete": [subscriptions_pb2.SubscriptionRequest(**which)],
        "Reset": [subscriptions_pb2.ResetSubscriptionRequest(**which, after=at_start)],
        "Consume": [consume],
        "ListParked": [subscriptions_pb2.ListParkedRequest(**which, page_size=10)],
        "ReplayParked": [parked],
        "DropParked": [parked],
    }
