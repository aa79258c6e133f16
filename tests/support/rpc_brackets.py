"""Requests on brackets, well-formed unless changed."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import bracket_queries_pb2, brackets_pb2, common_pb2
from tests.support.rpc_time import TIME
from tests.support.trading import ACCOUNT, SUSHI

STOP = brackets_pb2.BracketExit(
    type=common_pb2.ORDER_TYPE_STOP_MARKET,
    trigger_price="7",
    trigger_source=common_pb2.TRIGGER_SOURCE_MARK,
)
TARGET = brackets_pb2.BracketExit(type=common_pb2.ORDER_TYPE_LIMIT, price="9")
TRAILING = brackets_pb2.BracketExit(
    type=common_pb2.ORDER_TYPE_TRAILING_STOP, trigger_callback="0.01", activation_price="8.5"
)


def place_bracket(**changes: Any) -> brackets_pb2.PlaceBracketRequest:
    """A buy at 8 with a stop at 7 and a target at 9."""
    fields: dict[str, Any] = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "order_id": str(uuid4()),
        "instrument": SUSHI,
        "side": common_pb2.SIDE_BUY,
        "type": common_pb2.ORDER_TYPE_LIMIT,
        "time_in_force": common_pb2.TIME_IN_FORCE_GTC,
        "quantity": "10",
        "price": "8",
        "stop": STOP,
        "target": TARGET,
    }
    return brackets_pb2.PlaceBracketRequest(**{**fields, **changes})


def protect(order_id: str, **changes: Any) -> brackets_pb2.ProtectBracketRequest:
    """Send what is missing."""
    fields = {
        "command_id": str(uuid4()),
        "account_id": ACCOUNT,
        "order_id": order_id,
        "instrument": SUSHI,
    }
    return brackets_pb2.ProtectBracketRequest(**{**fields, **changes})


def bracket_examples(order_id: str, account: str) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC on brackets, each optional part in one of them."""
    waiting = place_bracket(
        account_id=account,
        type=common_pb2.ORDER_TYPE_STOP_LIMIT,
        time_in_force=common_pb2.TIME_IN_FORCE_GTD,
        expires_at=TIME + 1,
        trigger_price="8",
        trigger_source=common_pb2.TRIGGER_SOURCE_LAST,
        position_side=common_pb2.POSITION_SIDE_NET,
        strategy_id=str(uuid4()),
        stop=TRAILING,
    )
    asked = bracket_queries_pb2.ListBracketsRequest(
        account_id=account, open_only=True, page_size=7, page_token=""
    )
    return {
        "PlaceBracket": [place_bracket(account_id=account), waiting],
        "ProtectBracket": [protect(order_id, account_id=account)],
        "ListBrackets": [asked],
    }
