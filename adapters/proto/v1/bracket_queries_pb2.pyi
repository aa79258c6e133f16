from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListBracketsRequest(_message.Message):
    __slots__ = ("account_id", "open_only", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    OPEN_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    open_only: bool
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., open_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class BracketExitRecord(_message.Message):
    __slots__ = ("type", "price", "trigger_price", "trigger_source", "trigger_callback", "activation_price", "order_id", "orders", "standing")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    type: str
    price: str
    trigger_price: str
    trigger_source: str
    trigger_callback: str
    activation_price: str
    order_id: str
    orders: int
    standing: str
    def __init__(self, type: _Optional[str] = ..., price: _Optional[str] = ..., trigger_price: _Optional[str] = ..., trigger_source: _Optional[str] = ..., trigger_callback: _Optional[str] = ..., activation_price: _Optional[str] = ..., order_id: _Optional[str] = ..., orders: _Optional[int] = ..., standing: _Optional[str] = ...) -> None: ...

class BracketRecord(_message.Message):
    __slots__ = ("entry_id", "account_id", "instrument", "side", "position_side", "strategy_id", "quantity", "status", "entered", "exited", "held", "overrun", "unprotected", "stop", "target", "reason", "detail", "created_at", "updated_at", "position")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ENTERED_FIELD_NUMBER: _ClassVar[int]
    EXITED_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    OVERRUN_FIELD_NUMBER: _ClassVar[int]
    UNPROTECTED_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    account_id: str
    instrument: str
    side: str
    position_side: str
    strategy_id: str
    quantity: str
    status: str
    entered: str
    exited: str
    held: str
    overrun: str
    unprotected: bool
    stop: BracketExitRecord
    target: BracketExitRecord
    reason: int
    detail: str
    created_at: int
    updated_at: int
    position: int
    def __init__(self, entry_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[str] = ..., position_side: _Optional[str] = ..., strategy_id: _Optional[str] = ..., quantity: _Optional[str] = ..., status: _Optional[str] = ..., entered: _Optional[str] = ..., exited: _Optional[str] = ..., held: _Optional[str] = ..., overrun: _Optional[str] = ..., unprotected: _Optional[bool] = ..., stop: _Optional[_Union[BracketExitRecord, _Mapping]] = ..., target: _Optional[_Union[BracketExitRecord, _Mapping]] = ..., reason: _Optional[int] = ..., detail: _Optional[str] = ..., created_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class BracketPage(_message.Message):
    __slots__ = ("brackets", "next_page_token")
    BRACKETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    brackets: _containers.RepeatedCompositeFieldContainer[BracketRecord]
    next_page_token: str
    def __init__(self, brackets: _Optional[_Iterable[_Union[BracketRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
