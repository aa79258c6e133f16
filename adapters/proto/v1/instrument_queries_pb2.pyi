from adapters.proto.v1 import risk_pb2 as _risk_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListInstrumentsRequest(_message.Message):
    __slots__ = ("instrument", "page_size", "page_token")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    instrument: str
    page_size: int
    page_token: str
    def __init__(self, instrument: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class InstrumentRecord(_message.Message):
    __slots__ = ("instrument", "rules_version", "rules", "listed_at", "position")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    RULES_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    LISTED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    instrument: str
    rules_version: int
    rules: _risk_pb2.TradingRules
    listed_at: int
    position: int
    def __init__(self, instrument: _Optional[str] = ..., rules_version: _Optional[int] = ..., rules: _Optional[_Union[_risk_pb2.TradingRules, _Mapping]] = ..., listed_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class InstrumentPage(_message.Message):
    __slots__ = ("instruments", "next_page_token")
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    instruments: _containers.RepeatedCompositeFieldContainer[InstrumentRecord]
    next_page_token: str
    def __init__(self, instruments: _Optional[_Iterable[_Union[InstrumentRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
