"""Requests about users and accounts become commands; personal data is checked here and then sealed.

No message of an error repeats what was sent: a name in the wrong form is still somebody's name.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from google.protobuf.message import Message

from adapters.keys.cipher import Place, seal, veil
from adapters.proto.v1 import settings_pb2, users_pb2
from adapters.rpc.translate import (
    InvalidRequest,
    account,
    choice_of,
    instrument,
    quantity_of,
    text,
    uuid,
)
from domain.accounts.commands import (
    ChangeMarginMode,
    ChangePositionMode,
    OpenAccount,
    SetLeverage,
    SuspendAccount,
)
from domain.accounts.events import MarginMode, PositionMode
from domain.ids import UserId
from domain.users.commands import GrantRole, RegisterUser, RevokeRole, SuspendUser
from domain.users.events import Role, Sealed

_EMAIL_MAX: Final = 254
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_VENUE: Final = re.compile(r"[A-Z]{1,16}", re.ASCII)
REGISTERED: Final = "user.registered.v1"
SUSPENDED: Final = "user.suspended.v1"

_ROLES: Final[dict[int, Role]] = {
    users_pb2.USER_ROLE_TRADER: Role.TRADER,
    users_pb2.USER_ROLE_RISK_MANAGER: Role.RISK_MANAGER,
    users_pb2.USER_ROLE_AUDITOR: Role.AUDITOR,
    users_pb2.USER_ROLE_OPERATOR: Role.OPERATOR,
    users_pb2.USER_ROLE_SERVICE: Role.SERVICE,
}
_MARGIN_MODES: Final[dict[int, MarginMode]] = {
    users_pb2.MARGIN_MODE_CROSS: MarginMode.CROSS,
    users_pb2.MARGIN_MODE_ISOLATED: MarginMode.ISOLATED,
}
_POSITION_MODES: Final[dict[int, PositionMode]] = {
    users_pb2.POSITION_MODE_ONE_WAY: PositionMode.ONE_WAY,
    users_pb2.POSITION_MODE_HEDGE: PositionMode.HEDGE,
}
_MessageT = TypeVar("_MessageT", bound=Message)


def user(text: str) -> UserId:
    """A user id; raises InvalidRequest."""
    return UserId(uuid("user_id", text))


def check_registration(request: users_pb2.RegisterUserRequest) -> UserId:
    """The form of a registration, before a key is made for it; raises InvalidRequest."""
    uuid("command_id", request.command_id)
    subject = user(request.user_id)
    text("name", request.name)
    text("email", request.email, _EMAIL_MAX)
    if _EMAIL.fullmatch(request.email) is None:
        raise InvalidRequest("email: expected an address such as somebody@example.com")
    return subject


def check_suspension(request: users_pb2.SuspendUserRequest) -> UserId:
    """The form of a suspension; raises InvalidRequest."""
    uuid("command_id", request.command_id)
    text("reason", request.reason)
    return user(request.user_id)


def register_user(request: users_pb2.RegisterUserRequest, key: bytes | None) -> RegisterUser:
    """A registration, sealed; without a key nothing of it goes any further."""
    subject = user(request.user_id)
    return RegisterUser(
        subject,
        _sealed(key, request.name, Place(subject, REGISTERED, "name")),
        _sealed(key, request.email, Place(subject, REGISTERED, "email")),
    )


def suspend_user(request: users_pb2.SuspendUserRequest, key: bytes | None) -> SuspendUser:
    """A suspension, its reason sealed."""
    subject = user(request.user_id)
    return SuspendUser(subject, _sealed(key, request.reason, Place(subject, SUSPENDED, "reason")))


def veiled(request: _MessageT, key: bytes | None, *fields: str) -> _MessageT:
    """The request with personal data replaced, for the fingerprint that the log keeps for ever."""
    copy = type(request)()
    copy.CopyFrom(request)
    subject = user(getattr(request, "user_id"))  # noqa: B009  (every such message has one)
    for field in fields:
        place = Place(subject, "fingerprint", field)
        setattr(copy, field, veil(key, getattr(request, field), place) if key else "")
    return copy


def role(
    request: users_pb2.RoleRequest, make: Callable[[UserId, Role], GrantRole | RevokeRole]
) -> GrantRole | RevokeRole:
    """A role given or taken."""
    return make(user(request.user_id), choice_of("role", _ROLES, request.role))


def open_account(request: users_pb2.OpenAccountRequest) -> OpenAccount:
    """An account of a user at a venue."""
    return OpenAccount(
        account_id=account(request.account_id),
        user_id=user(request.user_id),
        venue=venue(request.venue),
        position_mode=choice_of("position_mode", _POSITION_MODES, request.position_mode),
        margin_mode=choice_of("margin_mode", _MARGIN_MODES, request.margin_mode),
    )


def set_leverage(request: settings_pb2.SetLeverageRequest) -> SetLeverage:
    """A leverage for one instrument."""
    return SetLeverage(
        account(request.account_id),
        instrument(request.instrument),
        quantity_of("leverage", request.leverage),
    )


def change_position_mode(request: settings_pb2.ChangePositionModeRequest) -> ChangePositionMode:
    """Another way to keep positions."""
    mode = choice_of("position_mode", _POSITION_MODES, request.position_mode)
    return ChangePositionMode(account(request.account_id), mode)


def change_margin_mode(request: settings_pb2.ChangeMarginModeRequest) -> ChangeMarginMode:
    """Something else behind positions."""
    mode = choice_of("margin_mode", _MARGIN_MODES, request.margin_mode)
    return ChangeMarginMode(account(request.account_id), mode)


def suspend_account(request: users_pb2.SuspendAccountRequest) -> SuspendAccount:
    """A suspension of an account."""
    text("reason", request.reason)
    return SuspendAccount(account(request.account_id), request.reason)


def _sealed(key: bytes | None, text: str, place: Place) -> Sealed:
    return seal(key, text, place) if key is not None else Sealed("")


def venue(text: str) -> str:
    """A venue's name; raises InvalidRequest."""
    if _VENUE.fullmatch(text) is None:
        raise InvalidRequest("venue: expected 1 to 16 upper-case letters such as BINANCE")
    return text
