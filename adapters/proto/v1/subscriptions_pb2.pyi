from adapters.proto.v1 import common_pb2 as _common_pb2
from adapters.proto.v1 import log_pb2 as _log_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateSubscriptionRequest(_message.Message):
    __slots__ = ("account_id", "name", "after", "at_head", "event_types", "max_attempts", "window", "retry_delay_ms")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    AT_HEAD_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    after: _common_pb2.Position
    at_head: bool
    event_types: _containers.RepeatedScalarFieldContainer[str]
    max_attempts: int
    window: int
    retry_delay_ms: int
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., after: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., at_head: _Optional[bool] = ..., event_types: _Optional[_Iterable[str]] = ..., max_attempts: _Optional[int] = ..., window: _Optional[int] = ..., retry_delay_ms: _Optional[int] = ...) -> None: ...

class Subscription(_message.Message):
    __slots__ = ("account_id", "name", "event_types", "max_attempts", "window", "retry_delay_ms", "start", "checkpoint", "head", "parked", "consumer_connected", "created_by", "created_at")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    event_types: _containers.RepeatedScalarFieldContainer[str]
    max_attempts: int
    window: int
    retry_delay_ms: int
    start: _common_pb2.Position
    checkpoint: _common_pb2.Position
    head: _common_pb2.Position
    parked: int
    consumer_connected: bool
    created_by: str
    created_at: int
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., event_types: _Optional[_Iterable[str]] = ..., max_attempts: _Optional[int] = ..., window: _Optional[int] = ..., retry_delay_ms: _Optional[int] = ..., start: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., checkpoint: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., head: _Optional[_Union[_common_pb2.Position, _Mapping]] = ..., parked: _Optional[int] = ..., consumer_connected: _Optional[bool] = ..., created_by: _Optional[str] = ..., created_at: _Optional[int] = ...) -> None: ...

class ListSubscriptionsRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class SubscriptionList(_message.Message):
    __slots__ = ("subscriptions",)
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[Subscription]
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[Subscription, _Mapping]]] = ...) -> None: ...

class SubscriptionRequest(_message.Message):
    __slots__ = ("account_id", "name")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class SubscriptionDeleted(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ResetSubscriptionRequest(_message.Message):
    __slots__ = ("account_id", "name", "after")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    after: _common_pb2.Position
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., after: _Optional[_Union[_common_pb2.Position, _Mapping]] = ...) -> None: ...

class ConsumeRequest(_message.Message):
    __slots__ = ("account_id", "name", "window", "acknowledged", "refused")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    window: int
    acknowledged: _containers.RepeatedScalarFieldContainer[int]
    refused: _containers.RepeatedCompositeFieldContainer[RefusedEvent]
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., window: _Optional[int] = ..., acknowledged: _Optional[_Iterable[int]] = ..., refused: _Optional[_Iterable[_Union[RefusedEvent, _Mapping]]] = ...) -> None: ...

class RefusedEvent(_message.Message):
    __slots__ = ("position", "reason")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    position: int
    reason: str
    def __init__(self, position: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class ConsumeResponse(_message.Message):
    __slots__ = ("deliveries", "checkpoint")
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    checkpoint: _common_pb2.Position
    def __init__(self, deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ..., checkpoint: _Optional[_Union[_common_pb2.Position, _Mapping]] = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("event", "attempt", "replayed")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    event: _log_pb2.Event
    attempt: int
    replayed: bool
    def __init__(self, event: _Optional[_Union[_log_pb2.Event, _Mapping]] = ..., attempt: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class ListParkedRequest(_message.Message):
    __slots__ = ("account_id", "name", "after_position", "page_size")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    after_position: int
    page_size: int
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., after_position: _Optional[int] = ..., page_size: _Optional[int] = ...) -> None: ...

class ParkedEvent(_message.Message):
    __slots__ = ("position", "attempts", "reason", "parked_at", "replaying")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PARKED_AT_FIELD_NUMBER: _ClassVar[int]
    REPLAYING_FIELD_NUMBER: _ClassVar[int]
    position: int
    attempts: int
    reason: str
    parked_at: int
    replaying: bool
    def __init__(self, position: _Optional[int] = ..., attempts: _Optional[int] = ..., reason: _Optional[str] = ..., parked_at: _Optional[int] = ..., replaying: _Optional[bool] = ...) -> None: ...

class ParkedPage(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[ParkedEvent]
    def __init__(self, events: _Optional[_Iterable[_Union[ParkedEvent, _Mapping]]] = ...) -> None: ...

class ParkedRequest(_message.Message):
    __slots__ = ("account_id", "name", "positions", "all")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    name: str
    positions: _containers.RepeatedScalarFieldContainer[int]
    all: bool
    def __init__(self, account_id: _Optional[str] = ..., name: _Optional[str] = ..., positions: _Optional[_Iterable[int]] = ..., all: _Optional[bool] = ...) -> None: ...

class ParkedCount(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: int
    def __init__(self, events: _Optional[int] = ...) -> None: ...
