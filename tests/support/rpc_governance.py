"""Requests about limits, halts and changes by two persons, each optional part in one of them."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import risk_pb2, risk_queries_pb2
from tests.support.trading import ACCOUNT


def _fresh() -> str:
    return str(uuid4())


def halt(**changes: Any) -> risk_pb2.HaltRequest:
    """A halt; of the platform unless a scope is given."""
    return risk_pb2.HaltRequest(**{"command_id": _fresh(), "reason": "a drill", **changes})


def resume(**changes: Any) -> risk_pb2.ResumeRequest:
    """The end of a halt; of the platform unless a scope is given."""
    return risk_pb2.ResumeRequest(**{"command_id": _fresh(), "reason": "it is over", **changes})


def approve(change_id: str, account: str = ACCOUNT) -> risk_pb2.ApproveChangeRequest:
    """A second person's yes."""
    return risk_pb2.ApproveChangeRequest(
        command_id=_fresh(), account_id=account, change_id=change_id
    )


def decline(change_id: str, account: str = ACCOUNT) -> risk_pb2.DeclineChangeRequest:
    """A second person's no."""
    return risk_pb2.DeclineChangeRequest(
        command_id=_fresh(), account_id=account, change_id=change_id, reason="a slip"
    )


def wider_limit(**changes: Any) -> risk_pb2.WiderLimit:
    """The name of a limit over many accounts; everybody's gross notional unless said otherwise."""
    usual = {"counted": risk_pb2.COUNTED_GROSS_NOTIONAL, "currency": "USDT"}
    return risk_pb2.WiderLimit(**{**usual, **changes})


def set_wider_limit(value: str, **name: Any) -> risk_pb2.SetWiderLimitRequest:
    """A limit over many accounts."""
    return risk_pb2.SetWiderLimitRequest(
        command_id=_fresh(), limit=wider_limit(**name), value=value
    )


def move_allotment(
    amount: str,
    account: str = ACCOUNT,
    direction: Any = risk_pb2.ALLOTMENT_DIRECTION_TO_ACCOUNT,
    **name: Any,
) -> risk_pb2.MoveAllotmentRequest:
    """A part of such a limit for an account."""
    return risk_pb2.MoveAllotmentRequest(
        command_id=_fresh(),
        account_id=account,
        limit=wider_limit(**name),
        amount=amount,
        direction=direction,
    )


def governance_examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC about them."""
    limits = risk_pb2.Limits(
        currency="USDT",
        order_quantity="100",
        order_notional="1000",
        open_orders=10,
        position_notional="5000",
        price_collar="0.05",
        loss="500",
        duplicate_window=1_000_000,
        strategies=[risk_pb2.StrategyLimits(strategy_id=_fresh(), open_orders=5)],
    )
    return {
        "SetLimits": [
            risk_pb2.SetLimitsRequest(command_id=_fresh(), account_id=account, limits=limits)
        ],
        "Halt": [halt(account_id=account, mode=risk_pb2.HALT_MODE_REDUCE_ONLY)],
        "Resume": [resume(account_id=account)],
        "ApproveChange": [approve(_fresh(), account)],
        "DeclineChange": [decline(_fresh(), account)],
        "SetWiderLimit": [
            set_wider_limit("1000", user_id=_fresh()),
            set_wider_limit("1000", strategy_id=_fresh(), counted=risk_pb2.COUNTED_OPEN_NOTIONAL),
            set_wider_limit("1000", venue="BINANCE", counted=risk_pb2.COUNTED_POSITION_NOTIONAL),
        ],
        "MoveAllotment": [move_allotment("10", account)],
        "ListWiderLimits": [risk_queries_pb2.ListWiderLimitsRequest(as_of=7, page_size=7)],
        "ListAllotments": [
            risk_queries_pb2.ListAllotmentsRequest(account_id=account, as_of=7, page_size=7)
        ],
        "ListHalts": [risk_queries_pb2.ListHaltsRequest(account_id=account)],
        "ListChanges": [
            risk_queries_pb2.ListChangesRequest(account_id=account, pending_only=True, page_size=7)
        ],
        "ListLimitsHistory": [risk_queries_pb2.ListLimitsHistoryRequest(account_id=account)],
    }
