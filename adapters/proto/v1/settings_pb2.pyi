from adapters.proto.v1 import common_pb2 as _common_pb2
from adapters.proto.v1 import users_pb2 as _users_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SetLeverageRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "instrument", "leverage")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    instrument: str
    leverage: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., leverage: _Optional[str] = ...) -> None: ...

class ChangePositionModeRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "position_mode")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_MODE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    position_mode: _users_pb2.PositionMode
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., position_mode: _Optional[_Union[_users_pb2.PositionMode, str]] = ...) -> None: ...

class ChangeMarginModeRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "margin_mode")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MARGIN_MODE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    margin_mode: _users_pb2.MarginMode
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., margin_mode: _Optional[_Union[_users_pb2.MarginMode, str]] = ...) -> None: ...
