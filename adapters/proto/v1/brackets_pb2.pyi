from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlaceBracketRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "order_id", "instrument", "side", "type", "time_in_force", "quantity", "price", "strategy_id", "trigger_price", "trigger_source", "expires_at", "position_side", "stop", "target")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    order_id: str
    instrument: str
    side: _common_pb2.Side
    type: _common_pb2.OrderType
    time_in_force: _common_pb2.TimeInForce
    quantity: str
    price: str
    strategy_id: str
    trigger_price: str
    trigger_source: _common_pb2.TriggerSource
    expires_at: int
    position_side: _common_pb2.PositionSide
    stop: BracketExit
    target: BracketExit
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., order_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., type: _Optional[_Union[_common_pb2.OrderType, str]] = ..., time_in_force: _Optional[_Union[_common_pb2.TimeInForce, str]] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ..., strategy_id: _Optional[str] = ..., trigger_price: _Optional[str] = ..., trigger_source: _Optional[_Union[_common_pb2.TriggerSource, str]] = ..., expires_at: _Optional[int] = ..., position_side: _Optional[_Union[_common_pb2.PositionSide, str]] = ..., stop: _Optional[_Union[BracketExit, _Mapping]] = ..., target: _Optional[_Union[BracketExit, _Mapping]] = ...) -> None: ...

class BracketExit(_message.Message):
    __slots__ = ("type", "price", "trigger_price", "trigger_source", "trigger_callback", "activation_price")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    type: _common_pb2.OrderType
    price: str
    trigger_price: str
    trigger_source: _common_pb2.TriggerSource
    trigger_callback: str
    activation_price: str
    def __init__(self, type: _Optional[_Union[_common_pb2.OrderType, str]] = ..., price: _Optional[str] = ..., trigger_price: _Optional[str] = ..., trigger_source: _Optional[_Union[_common_pb2.TriggerSource, str]] = ..., trigger_callback: _Optional[str] = ..., activation_price: _Optional[str] = ...) -> None: ...

class ProtectBracketRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "order_id", "instrument")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    order_id: str
    instrument: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., order_id: _Optional[str] = ..., instrument: _Optional[str] = ...) -> None: ...
