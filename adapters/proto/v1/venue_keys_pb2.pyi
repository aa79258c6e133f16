from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VenueKeyScheme(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENUE_KEY_SCHEME_UNSPECIFIED: _ClassVar[VenueKeyScheme]
    VENUE_KEY_SCHEME_HMAC_SHA256: _ClassVar[VenueKeyScheme]
    VENUE_KEY_SCHEME_ED25519: _ClassVar[VenueKeyScheme]
    VENUE_KEY_SCHEME_RSA_SHA256: _ClassVar[VenueKeyScheme]

class VenueKeyPermission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VENUE_KEY_PERMISSION_UNSPECIFIED: _ClassVar[VenueKeyPermission]
    VENUE_KEY_PERMISSION_READ: _ClassVar[VenueKeyPermission]
    VENUE_KEY_PERMISSION_TRADE: _ClassVar[VenueKeyPermission]
    VENUE_KEY_PERMISSION_WITHDRAW: _ClassVar[VenueKeyPermission]
VENUE_KEY_SCHEME_UNSPECIFIED: VenueKeyScheme
VENUE_KEY_SCHEME_HMAC_SHA256: VenueKeyScheme
VENUE_KEY_SCHEME_ED25519: VenueKeyScheme
VENUE_KEY_SCHEME_RSA_SHA256: VenueKeyScheme
VENUE_KEY_PERMISSION_UNSPECIFIED: VenueKeyPermission
VENUE_KEY_PERMISSION_READ: VenueKeyPermission
VENUE_KEY_PERMISSION_TRADE: VenueKeyPermission
VENUE_KEY_PERMISSION_WITHDRAW: VenueKeyPermission

class VenueKeyRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "venue", "scheme", "api_key", "secret", "label", "permissions")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    venue: str
    scheme: VenueKeyScheme
    api_key: str
    secret: str
    label: str
    permissions: _containers.RepeatedScalarFieldContainer[VenueKeyPermission]
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., venue: _Optional[str] = ..., scheme: _Optional[_Union[VenueKeyScheme, str]] = ..., api_key: _Optional[str] = ..., secret: _Optional[str] = ..., label: _Optional[str] = ..., permissions: _Optional[_Iterable[_Union[VenueKeyPermission, str]]] = ...) -> None: ...

class RevokeVenueKeyRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "key_version")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_VERSION_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    key_version: int
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., key_version: _Optional[int] = ...) -> None: ...
