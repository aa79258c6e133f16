from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetUserRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class UserRecord(_message.Message):
    __slots__ = ("user_id", "status", "roles", "name", "email", "suspension_reason", "registered_at", "updated_at", "version")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    SUSPENSION_REASON_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    status: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    name: str
    email: str
    suspension_reason: str
    registered_at: int
    updated_at: int
    version: int
    def __init__(self, user_id: _Optional[str] = ..., status: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., suspension_reason: _Optional[str] = ..., registered_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("account_id", "user_id", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    user_id: str
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class AccountRecord(_message.Message):
    __slots__ = ("account_id", "user_id", "venue", "position_mode", "margin_mode", "status", "reason", "opened_at", "updated_at", "position", "leverages")
    class LeveragesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    POSITION_MODE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_MODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LEVERAGES_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    user_id: str
    venue: str
    position_mode: str
    margin_mode: str
    status: str
    reason: str
    opened_at: int
    updated_at: int
    position: int
    leverages: _containers.ScalarMap[str, str]
    def __init__(self, account_id: _Optional[str] = ..., user_id: _Optional[str] = ..., venue: _Optional[str] = ..., position_mode: _Optional[str] = ..., margin_mode: _Optional[str] = ..., status: _Optional[str] = ..., reason: _Optional[str] = ..., opened_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ..., leverages: _Optional[_Mapping[str, str]] = ...) -> None: ...

class AccountPage(_message.Message):
    __slots__ = ("accounts", "next_page_token")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[AccountRecord]
    next_page_token: str
    def __init__(self, accounts: _Optional[_Iterable[_Union[AccountRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
