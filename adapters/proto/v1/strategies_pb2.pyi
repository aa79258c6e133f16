from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CopySource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COPY_SOURCE_UNSPECIFIED: _ClassVar[CopySource]
    COPY_SOURCE_SIGNALS: _ClassVar[CopySource]
    COPY_SOURCE_ORDERS: _ClassVar[CopySource]

class StrategyAccess(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STRATEGY_ACCESS_UNSPECIFIED: _ClassVar[StrategyAccess]
    STRATEGY_ACCESS_OPEN: _ClassVar[StrategyAccess]
    STRATEGY_ACCESS_INVITATION: _ClassVar[StrategyAccess]

class SizingRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIZING_RULE_UNSPECIFIED: _ClassVar[SizingRule]
    SIZING_RULE_FIXED: _ClassVar[SizingRule]
    SIZING_RULE_RATIO: _ClassVar[SizingRule]
    SIZING_RULE_EQUITY_SHARE: _ClassVar[SizingRule]

class DriftPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DRIFT_POLICY_UNSPECIFIED: _ClassVar[DriftPolicy]
    DRIFT_POLICY_REPORT: _ClassVar[DriftPolicy]
    DRIFT_POLICY_REPAIR: _ClassVar[DriftPolicy]

class IntentKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTENT_KIND_UNSPECIFIED: _ClassVar[IntentKind]
    INTENT_KIND_SIGNAL: _ClassVar[IntentKind]
    INTENT_KIND_ORDER: _ClassVar[IntentKind]
COPY_SOURCE_UNSPECIFIED: CopySource
COPY_SOURCE_SIGNALS: CopySource
COPY_SOURCE_ORDERS: CopySource
STRATEGY_ACCESS_UNSPECIFIED: StrategyAccess
STRATEGY_ACCESS_OPEN: StrategyAccess
STRATEGY_ACCESS_INVITATION: StrategyAccess
SIZING_RULE_UNSPECIFIED: SizingRule
SIZING_RULE_FIXED: SizingRule
SIZING_RULE_RATIO: SizingRule
SIZING_RULE_EQUITY_SHARE: SizingRule
DRIFT_POLICY_UNSPECIFIED: DriftPolicy
DRIFT_POLICY_REPORT: DriftPolicy
DRIFT_POLICY_REPAIR: DriftPolicy
INTENT_KIND_UNSPECIFIED: IntentKind
INTENT_KIND_SIGNAL: IntentKind
INTENT_KIND_ORDER: IntentKind

class RegisterStrategyRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "owner", "label", "instruments", "source", "access")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    owner: str
    label: str
    instruments: _containers.RepeatedScalarFieldContainer[str]
    source: CopySource
    access: StrategyAccess
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., owner: _Optional[str] = ..., label: _Optional[str] = ..., instruments: _Optional[_Iterable[str]] = ..., source: _Optional[_Union[CopySource, str]] = ..., access: _Optional[_Union[StrategyAccess, str]] = ...) -> None: ...

class AccessRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "access")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    access: StrategyAccess
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., access: _Optional[_Union[StrategyAccess, str]] = ...) -> None: ...

class InvitationRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "follower")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    FOLLOWER_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    follower: str
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., follower: _Optional[str] = ...) -> None: ...

class StrategyRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ...) -> None: ...

class SubmitSignalRequest(_message.Message):
    __slots__ = ("command_id", "signal_id", "strategy_id", "account_id", "instrument", "side", "target", "quantity", "strength", "price", "valid_until")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    signal_id: str
    strategy_id: str
    account_id: str
    instrument: str
    side: _common_pb2.Side
    target: str
    quantity: str
    strength: str
    price: str
    valid_until: int
    def __init__(self, command_id: _Optional[str] = ..., signal_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., target: _Optional[str] = ..., quantity: _Optional[str] = ..., strength: _Optional[str] = ..., price: _Optional[str] = ..., valid_until: _Optional[int] = ...) -> None: ...

class FollowTerms(_message.Message):
    __slots__ = ("rule", "value", "maximum", "capital", "capital_currency", "paused", "tolerance", "drift")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    DRIFT_FIELD_NUMBER: _ClassVar[int]
    rule: SizingRule
    value: str
    maximum: str
    capital: str
    capital_currency: str
    paused: bool
    tolerance: str
    drift: DriftPolicy
    def __init__(self, rule: _Optional[_Union[SizingRule, str]] = ..., value: _Optional[str] = ..., maximum: _Optional[str] = ..., capital: _Optional[str] = ..., capital_currency: _Optional[str] = ..., paused: _Optional[bool] = ..., tolerance: _Optional[str] = ..., drift: _Optional[_Union[DriftPolicy, str]] = ...) -> None: ...

class FollowRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "terms")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    terms: FollowTerms
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., terms: _Optional[_Union[FollowTerms, _Mapping]] = ...) -> None: ...

class Intent(_message.Message):
    __slots__ = ("intent_id", "kind", "instrument", "side", "target", "quantity", "strength", "type", "time_in_force", "price", "reduce_only", "valid_until")
    INTENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    intent_id: str
    kind: IntentKind
    instrument: str
    side: _common_pb2.Side
    target: str
    quantity: str
    strength: str
    type: _common_pb2.OrderType
    time_in_force: _common_pb2.TimeInForce
    price: str
    reduce_only: bool
    valid_until: int
    def __init__(self, intent_id: _Optional[str] = ..., kind: _Optional[_Union[IntentKind, str]] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., target: _Optional[str] = ..., quantity: _Optional[str] = ..., strength: _Optional[str] = ..., type: _Optional[_Union[_common_pb2.OrderType, str]] = ..., time_in_force: _Optional[_Union[_common_pb2.TimeInForce, str]] = ..., price: _Optional[str] = ..., reduce_only: _Optional[bool] = ..., valid_until: _Optional[int] = ...) -> None: ...

class CopyRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "intent", "seen", "held")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    intent: Intent
    seen: int
    held: str
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., intent: _Optional[_Union[Intent, _Mapping]] = ..., seen: _Optional[int] = ..., held: _Optional[str] = ...) -> None: ...

class ReportDriftRequest(_message.Message):
    __slots__ = ("command_id", "strategy_id", "account_id", "instrument", "seen", "leader", "held")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    LEADER_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    strategy_id: str
    account_id: str
    instrument: str
    seen: int
    leader: str
    held: str
    def __init__(self, command_id: _Optional[str] = ..., strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., seen: _Optional[int] = ..., leader: _Optional[str] = ..., held: _Optional[str] = ...) -> None: ...
