"""Well-formed requests of every RPC about strategies."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, strategy_queries_pb2
from adapters.proto.v1 import strategies_pb2 as wire_pb2
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, SUSHI

STRATEGY_FIELDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        [
            f"{request}.strategy_id"
            for request in (
                "RegisterStrategyRequest",
                "StrategyRequest",
                "AccessRequest",
                "InvitationRequest",
                "SubmitSignalRequest",
                "FollowRequest",
                "CopyRequest",
                "ReportDriftRequest",
            )
        ],
        "uuid",
    ),
    "owner": "uuid",
    "signal_id": "uuid",
    "intent_id": "uuid",
    "label": "text",
    "instruments": "instrument",
    "source": "enum",
    "access": "enum",
    "RegisterStrategyRequest.access": "optional enum",
    "follower": "uuid",
    "SubmitSignalRequest.side": "optional enum",
    "Intent.side": "optional enum",
    "target": "optional signed",
    "SubmitSignalRequest.quantity": "optional positive",
    "Intent.quantity": "optional positive",
    "strength": "optional positive",
    "valid_until": "optional time",
    "rule": "three words",
    "value": "positive",
    "maximum": "positive",
    "capital": "capital",
    "capital_currency": "capital",
    "paused": "any",
    "tolerance": "optional not negative",
    "drift": "enum",
    "Intent.kind": "enum",
    "seen": "any",
    "held": "signed",
    "leader": "signed",
    "ListStrategiesRequest.account_id": "optional uuid",
    "ListStrategyRowsRequest.account_id": "optional uuid",
}
"""Kind of each field, for the test of bad inputs."""

STRATEGY: Final = "2a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d"


def _fresh() -> str:
    return str(uuid4())


def register(**changes: Any) -> wire_pb2.RegisterStrategyRequest:
    """A strategy in the example instrument."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "owner": _fresh(),
        "label": "trend",
        "instruments": [SUSHI],
        "source": wire_pb2.COPY_SOURCE_SIGNALS,
        "access": wire_pb2.STRATEGY_ACCESS_OPEN,
    }
    return wire_pb2.RegisterStrategyRequest(**{**fields, **changes})


def of_strategy(**changes: Any) -> wire_pb2.StrategyRequest:
    """A command that says no more than which strategy and which account."""
    fields = {"command_id": _fresh(), "strategy_id": STRATEGY, "account_id": ACCOUNT}
    return wire_pb2.StrategyRequest(**{**fields, **changes})


def change_access(**changes: Any) -> wire_pb2.AccessRequest:
    """Only the invited may follow."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "access": wire_pb2.STRATEGY_ACCESS_INVITATION,
    }
    return wire_pb2.AccessRequest(**{**fields, **changes})


def invitation(**changes: Any) -> wire_pb2.InvitationRequest:
    """Another account may follow."""
    fields = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "follower": OTHER_ACCOUNT,
    }
    return wire_pb2.InvitationRequest(**{**fields, **changes})


def signal(**changes: Any) -> wire_pb2.SubmitSignalRequest:
    """A signal to buy."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "signal_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "instrument": SUSHI,
        "side": common_pb2.SIDE_BUY,
        "quantity": "10",
    }
    return wire_pb2.SubmitSignalRequest(**{**fields, **changes})


def follow(**changes: Any) -> wire_pb2.FollowRequest:
    """Following by ratio; terms by their names."""
    of_request: dict[str, str] = {
        name: changes.pop(name) for name in ("command_id", "account_id") if name in changes
    }
    terms: dict[str, Any] = {
        "rule": wire_pb2.SIZING_RULE_RATIO,
        "value": "0.5",
        "maximum": "100",
        "drift": wire_pb2.DRIFT_POLICY_REPORT,
    }
    fields: dict[str, str] = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        **of_request,
    }
    return wire_pb2.FollowRequest(**fields, terms=wire_pb2.FollowTerms(**{**terms, **changes}))


def intent(**changes: Any) -> wire_pb2.Intent:
    """What a signal to buy means to followers."""
    fields: dict[str, Any] = {
        "intent_id": _fresh(),
        "kind": wire_pb2.INTENT_KIND_SIGNAL,
        "instrument": SUSHI,
        "side": common_pb2.SIDE_BUY,
        "quantity": "10",
        "type": common_pb2.ORDER_TYPE_MARKET,
        "time_in_force": common_pb2.TIME_IN_FORCE_IOC,
    }
    return wire_pb2.Intent(**{**fields, **changes})


def copy(wanted: wire_pb2.Intent | None = None, **changes: Any) -> wire_pb2.CopyRequest:
    """One intent for one follower."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "intent": intent() if wanted is None else wanted,
        "seen": 1,
        "held": "0",
    }
    return wire_pb2.CopyRequest(**{**fields, **changes})


def report_drift(**changes: Any) -> wire_pb2.ReportDriftRequest:
    """A follower that is not where it should be."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "strategy_id": STRATEGY,
        "account_id": ACCOUNT,
        "instrument": SUSHI,
        "seen": 1,
        "leader": "10",
        "held": "-1",
    }
    return wire_pb2.ReportDriftRequest(**{**fields, **changes})


def strategy_examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Each optional part is in one of them."""
    of: dict[str, Any] = {"account_id": account}
    rows = [
        strategy_queries_pb2.ListStrategyRowsRequest(**of),
        strategy_queries_pb2.ListStrategyRowsRequest(**of, strategy_id=STRATEGY, page_size=7),
    ]
    share = {
        "rule": wire_pb2.SIZING_RULE_EQUITY_SHARE,
        "capital": "1000",
        "capital_currency": "USDT",
        "tolerance": "0.5",
    }
    told = {"strength": "0.5", "price": "8", "valid_until": 1_700_000_000_000_000}
    target = {"side": None, "target": "-5"}
    return {
        "RegisterStrategy": [register(**of)],
        "StartStrategy": [of_strategy(**of)],
        "PauseStrategy": [of_strategy(**of)],
        "StopStrategy": [of_strategy(**of)],
        "ChangeAccess": [change_access(**of)],
        "InviteFollower": [invitation(**of)],
        "DismissFollower": [invitation(**of)],
        "SubmitSignal": [signal(**of, **told), signal(**of, **target)],
        "Follow": [follow(**of), follow(**of, **share)],
        "ChangeFollower": [follow(**of), follow(**of, **share)],
        "Unfollow": [of_strategy(**of)],
        "Copy": [copy(intent(**told), **of), copy(intent(**target), **of)],
        "AmendCopy": [copy(intent(**told), **of), copy(intent(**target), **of)],
        "ReportDrift": [report_drift(**of)],
        "ListStrategies": [
            strategy_queries_pb2.ListStrategiesRequest(**of),
            strategy_queries_pb2.ListStrategiesRequest(**of, page_size=7),
        ],
        "ListFollowers": list(rows),
        "ListInvitations": list(rows),
        "ListSignals": list(rows),
        "ListCopies": list(rows),
        "ListStrategyProfit": list(rows),
    }
