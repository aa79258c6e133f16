from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    USER_ROLE_UNSPECIFIED: _ClassVar[UserRole]
    USER_ROLE_TRADER: _ClassVar[UserRole]
    USER_ROLE_RISK_MANAGER: _ClassVar[UserRole]
    USER_ROLE_AUDITOR: _ClassVar[UserRole]
    USER_ROLE_OPERATOR: _ClassVar[UserRole]
    USER_ROLE_SERVICE: _ClassVar[UserRole]

class MarginMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARGIN_MODE_UNSPECIFIED: _ClassVar[MarginMode]
    MARGIN_MODE_CROSS: _ClassVar[MarginMode]
    MARGIN_MODE_ISOLATED: _ClassVar[MarginMode]

class PositionMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITION_MODE_UNSPECIFIED: _ClassVar[PositionMode]
    POSITION_MODE_ONE_WAY: _ClassVar[PositionMode]
    POSITION_MODE_HEDGE: _ClassVar[PositionMode]
USER_ROLE_UNSPECIFIED: UserRole
USER_ROLE_TRADER: UserRole
USER_ROLE_RISK_MANAGER: UserRole
USER_ROLE_AUDITOR: UserRole
USER_ROLE_OPERATOR: UserRole
USER_ROLE_SERVICE: UserRole
MARGIN_MODE_UNSPECIFIED: MarginMode
MARGIN_MODE_CROSS: MarginMode
MARGIN_MODE_ISOLATED: MarginMode
POSITION_MODE_UNSPECIFIED: PositionMode
POSITION_MODE_ONE_WAY: PositionMode
POSITION_MODE_HEDGE: PositionMode

class RegisterUserRequest(_message.Message):
    __slots__ = ("command_id", "user_id", "name", "email")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    user_id: str
    name: str
    email: str
    def __init__(self, command_id: _Optional[str] = ..., user_id: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...

class RoleRequest(_message.Message):
    __slots__ = ("command_id", "user_id", "role")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    user_id: str
    role: UserRole
    def __init__(self, command_id: _Optional[str] = ..., user_id: _Optional[str] = ..., role: _Optional[_Union[UserRole, str]] = ...) -> None: ...

class SuspendUserRequest(_message.Message):
    __slots__ = ("command_id", "user_id", "reason")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    user_id: str
    reason: str
    def __init__(self, command_id: _Optional[str] = ..., user_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class UserRequest(_message.Message):
    __slots__ = ("command_id", "user_id")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    user_id: str
    def __init__(self, command_id: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class OpenAccountRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "user_id", "venue", "position_mode", "margin_mode")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    POSITION_MODE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_MODE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    user_id: str
    venue: str
    position_mode: PositionMode
    margin_mode: MarginMode
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., user_id: _Optional[str] = ..., venue: _Optional[str] = ..., position_mode: _Optional[_Union[PositionMode, str]] = ..., margin_mode: _Optional[_Union[MarginMode, str]] = ...) -> None: ...

class SuspendAccountRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "reason")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    reason: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class AccountCommandRequest(_message.Message):
    __slots__ = ("command_id", "account_id")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ...) -> None: ...
