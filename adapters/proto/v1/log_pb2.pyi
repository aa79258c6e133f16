from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReadStreamRequest(_message.Message):
    __slots__ = ("account_id", "stream_id", "after_version")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_VERSION_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    stream_id: str
    after_version: int
    def __init__(self, account_id: _Optional[str] = ..., stream_id: _Optional[str] = ..., after_version: _Optional[int] = ...) -> None: ...

class ReadAllRequest(_message.Message):
    __slots__ = ("after", "account_id")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    after: _common_pb2.Position
    account_id: str
    def __init__(self, after: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., account_id: _Optional[str] = ...) -> None: ...

class SubscribeRequest(_message.Message):
    __slots__ = ("after", "account_id")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    after: _common_pb2.Position
    account_id: str
    def __init__(self, after: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., account_id: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("position", "stream_id", "version", "type", "account_id", "payload", "metadata")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    position: _common_pb2.Position
    stream_id: str
    version: int
    type: str
    account_id: str
    payload: bytes
    metadata: bytes
    def __init__(self, position: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., stream_id: _Optional[str] = ..., version: _Optional[int] = ..., type: _Optional[str] = ..., account_id: _Optional[str] = ..., payload: _Optional[bytes] = ..., metadata: _Optional[bytes] = ...) -> None: ...

class EventBatch(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...
