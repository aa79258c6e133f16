from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListHaltsRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class HaltRecord(_message.Message):
    __slots__ = ("scope", "subject", "mode", "reason", "halted_by", "halted_at", "position")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    HALTED_BY_FIELD_NUMBER: _ClassVar[int]
    HALTED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    scope: str
    subject: str
    mode: str
    reason: str
    halted_by: str
    halted_at: int
    position: int
    def __init__(self, scope: _Optional[str] = ..., subject: _Optional[str] = ..., mode: _Optional[str] = ..., reason: _Optional[str] = ..., halted_by: _Optional[str] = ..., halted_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class HaltList(_message.Message):
    __slots__ = ("halts",)
    HALTS_FIELD_NUMBER: _ClassVar[int]
    halts: _containers.RepeatedCompositeFieldContainer[HaltRecord]
    def __init__(self, halts: _Optional[_Iterable[_Union[HaltRecord, _Mapping]]] = ...) -> None: ...

class ListChangesRequest(_message.Message):
    __slots__ = ("account_id", "pending_only", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PENDING_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    pending_only: bool
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., pending_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ChangeRecord(_message.Message):
    __slots__ = ("change_id", "account_id", "kind", "scope", "subject", "status", "limits", "looser", "reason", "proposed_by", "proposed_at", "expires_at", "decided_by", "decided_at", "remark", "position")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    LOOSER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    account_id: str
    kind: str
    scope: str
    subject: str
    status: str
    limits: str
    looser: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    proposed_by: str
    proposed_at: int
    expires_at: int
    decided_by: str
    decided_at: int
    remark: str
    position: int
    def __init__(self, change_id: _Optional[str] = ..., account_id: _Optional[str] = ..., kind: _Optional[str] = ..., scope: _Optional[str] = ..., subject: _Optional[str] = ..., status: _Optional[str] = ..., limits: _Optional[str] = ..., looser: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ..., proposed_by: _Optional[str] = ..., proposed_at: _Optional[int] = ..., expires_at: _Optional[int] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[int] = ..., remark: _Optional[str] = ..., position: _Optional[int] = ...) -> None: ...

class ChangePage(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[ChangeRecord]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[ChangeRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListLimitsHistoryRequest(_message.Message):
    __slots__ = ("account_id", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class LimitsRecord(_message.Message):
    __slots__ = ("limits_version", "limits", "changes", "set_by", "proposed_by", "change_id", "set_at", "position")
    LIMITS_VERSION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    PROPOSED_BY_FIELD_NUMBER: _ClassVar[int]
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    SET_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    limits_version: int
    limits: str
    changes: _containers.RepeatedScalarFieldContainer[str]
    set_by: str
    proposed_by: str
    change_id: str
    set_at: int
    position: int
    def __init__(self, limits_version: _Optional[int] = ..., limits: _Optional[str] = ..., changes: _Optional[_Iterable[str]] = ..., set_by: _Optional[str] = ..., proposed_by: _Optional[str] = ..., change_id: _Optional[str] = ..., set_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class LimitsHistoryPage(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[LimitsRecord]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[LimitsRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListWiderLimitsRequest(_message.Message):
    __slots__ = ("as_of", "page_size", "page_token")
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    as_of: int
    page_size: int
    page_token: str
    def __init__(self, as_of: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class WiderLimitRecord(_message.Message):
    __slots__ = ("scope", "subject", "counted", "currency", "value", "allotted", "unallotted", "set_by", "set_at", "position")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ALLOTTED_FIELD_NUMBER: _ClassVar[int]
    UNALLOTTED_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    SET_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    scope: str
    subject: str
    counted: str
    currency: str
    value: str
    allotted: str
    unallotted: str
    set_by: str
    set_at: int
    position: int
    def __init__(self, scope: _Optional[str] = ..., subject: _Optional[str] = ..., counted: _Optional[str] = ..., currency: _Optional[str] = ..., value: _Optional[str] = ..., allotted: _Optional[str] = ..., unallotted: _Optional[str] = ..., set_by: _Optional[str] = ..., set_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class WiderLimitPage(_message.Message):
    __slots__ = ("limits", "next_page_token")
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    limits: _containers.RepeatedCompositeFieldContainer[WiderLimitRecord]
    next_page_token: str
    def __init__(self, limits: _Optional[_Iterable[_Union[WiderLimitRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListAllotmentsRequest(_message.Message):
    __slots__ = ("account_id", "as_of", "page_size", "page_token")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    as_of: int
    page_size: int
    page_token: str
    def __init__(self, account_id: _Optional[str] = ..., as_of: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class AllotmentRecord(_message.Message):
    __slots__ = ("scope", "subject", "counted", "currency", "account_id", "share", "moved_by", "moved_at", "position")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    MOVED_BY_FIELD_NUMBER: _ClassVar[int]
    MOVED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    scope: str
    subject: str
    counted: str
    currency: str
    account_id: str
    share: str
    moved_by: str
    moved_at: int
    position: int
    def __init__(self, scope: _Optional[str] = ..., subject: _Optional[str] = ..., counted: _Optional[str] = ..., currency: _Optional[str] = ..., account_id: _Optional[str] = ..., share: _Optional[str] = ..., moved_by: _Optional[str] = ..., moved_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class AllotmentPage(_message.Message):
    __slots__ = ("allotments", "next_page_token")
    ALLOTMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    allotments: _containers.RepeatedCompositeFieldContainer[AllotmentRecord]
    next_page_token: str
    def __init__(self, allotments: _Optional[_Iterable[_Union[AllotmentRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
