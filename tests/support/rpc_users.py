"""Requests about users and accounts, well-formed unless a test says otherwise."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from adapters.proto.v1 import settings_pb2, user_queries_pb2, users_pb2
from tests.support.membership import user_id
from tests.support.trading import ACCOUNT, SUSHI

ADA = user_id("ada")


def _fresh() -> str:
    return str(uuid4())


def register(**changes: Any) -> users_pb2.RegisterUserRequest:
    """A registration."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "user_id": ADA,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
    }
    return users_pb2.RegisterUserRequest(**{**fields, **changes})


def of_user(**changes: Any) -> users_pb2.UserRequest:
    """A command on a user that says nothing more."""
    return users_pb2.UserRequest(**{"command_id": _fresh(), "user_id": ADA, **changes})


def with_role(**changes: Any) -> users_pb2.RoleRequest:
    """A role to give or to take."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "user_id": ADA,
        "role": users_pb2.USER_ROLE_TRADER,
    }
    return users_pb2.RoleRequest(**{**fields, **changes})


def suspend_user(**changes: Any) -> users_pb2.SuspendUserRequest:
    """A suspension of a user."""
    fields: dict[str, Any] = {"command_id": _fresh(), "user_id": ADA, "reason": "a drill"}
    return users_pb2.SuspendUserRequest(**{**fields, **changes})


def open_account(**changes: Any) -> users_pb2.OpenAccountRequest:
    """An account of the user."""
    fields: dict[str, Any] = {
        "command_id": _fresh(),
        "account_id": ACCOUNT,
        "user_id": ADA,
        "venue": "BINANCE",
        "position_mode": users_pb2.POSITION_MODE_ONE_WAY,
        "margin_mode": users_pb2.MARGIN_MODE_CROSS,
    }
    return users_pb2.OpenAccountRequest(**{**fields, **changes})


def suspend_account(**changes: Any) -> users_pb2.SuspendAccountRequest:
    """A suspension of an account."""
    fields: dict[str, Any] = {"command_id": _fresh(), "account_id": ACCOUNT, "reason": "a drill"}
    return users_pb2.SuspendAccountRequest(**{**fields, **changes})


def of_account(**changes: Any) -> users_pb2.AccountCommandRequest:
    """A command on an account that says nothing more."""
    fields: dict[str, Any] = {"command_id": _fresh(), "account_id": ACCOUNT}
    return users_pb2.AccountCommandRequest(**{**fields, **changes})


def get_user(user: str = ADA) -> user_queries_pb2.GetUserRequest:
    """A question about a user."""
    return user_queries_pb2.GetUserRequest(user_id=user)


def membership_examples(account: str = ACCOUNT) -> dict[str, list[Message]]:
    """Well-formed requests of every RPC about users and accounts."""
    return {
        "RegisterUser": [register()],
        "GrantRole": [with_role()],
        "RevokeRole": [with_role()],
        "SuspendUser": [suspend_user()],
        "ReinstateUser": [of_user()],
        "EraseUser": [of_user()],
        "OpenAccount": [open_account(account_id=account)],
        "SuspendAccount": [suspend_account(account_id=account)],
        "ReinstateAccount": [of_account(account_id=account)],
        "CloseAccount": [of_account(account_id=account)],
        "SetLeverage": [
            settings_pb2.SetLeverageRequest(
                command_id=_fresh(), account_id=account, instrument=SUSHI, leverage="20"
            )
        ],
        "ChangePositionMode": [
            settings_pb2.ChangePositionModeRequest(
                command_id=_fresh(),
                account_id=account,
                position_mode=users_pb2.POSITION_MODE_HEDGE,
            )
        ],
        "ChangeMarginMode": [
            settings_pb2.ChangeMarginModeRequest(
                command_id=_fresh(),
                account_id=account,
                margin_mode=users_pb2.MARGIN_MODE_ISOLATED,
            )
        ],
        "GetUser": [get_user()],
        "ListAccounts": [
            user_queries_pb2.ListAccountsRequest(account_id=account),
            user_queries_pb2.ListAccountsRequest(account_id=account, user_id=ADA, page_size=7),
        ],
    }
