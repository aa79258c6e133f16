from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListVenueKeysRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class VenueKeyRecord(_message.Message):
    __slots__ = ("account_id", "key_version", "venue", "status", "scheme", "hint", "fingerprint", "label", "permissions", "added_at", "revoked_at", "position")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_VERSION_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    ADDED_AT_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    key_version: int
    venue: str
    status: str
    scheme: str
    hint: str
    fingerprint: str
    label: str
    permissions: _containers.RepeatedScalarFieldContainer[str]
    added_at: int
    revoked_at: int
    position: int
    def __init__(self, account_id: _Optional[str] = ..., key_version: _Optional[int] = ..., venue: _Optional[str] = ..., status: _Optional[str] = ..., scheme: _Optional[str] = ..., hint: _Optional[str] = ..., fingerprint: _Optional[str] = ..., label: _Optional[str] = ..., permissions: _Optional[_Iterable[str]] = ..., added_at: _Optional[int] = ..., revoked_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class VenueKeyList(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[VenueKeyRecord]
    def __init__(self, keys: _Optional[_Iterable[_Union[VenueKeyRecord, _Mapping]]] = ...) -> None: ...
