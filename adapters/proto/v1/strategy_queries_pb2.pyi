from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListStrategiesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "account_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    account_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., account_id: _Optional[str] = ...) -> None: ...

class ListStrategyRowsRequest(_message.Message):
    __slots__ = ("strategy_id", "page_size", "page_token", "account_id")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    page_size: int
    page_token: str
    account_id: str
    def __init__(self, strategy_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., account_id: _Optional[str] = ...) -> None: ...

class StrategyRow(_message.Message):
    __slots__ = ("strategy_id", "account_id", "owner", "label", "instruments", "source", "status", "registered_at", "updated_at", "position", "signals", "followers", "access", "invited")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FOLLOWERS_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    INVITED_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    account_id: str
    owner: str
    label: str
    instruments: _containers.RepeatedScalarFieldContainer[str]
    source: str
    status: str
    registered_at: int
    updated_at: int
    position: int
    signals: int
    followers: int
    access: str
    invited: int
    def __init__(self, strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., owner: _Optional[str] = ..., label: _Optional[str] = ..., instruments: _Optional[_Iterable[str]] = ..., source: _Optional[str] = ..., status: _Optional[str] = ..., registered_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ..., signals: _Optional[int] = ..., followers: _Optional[int] = ..., access: _Optional[str] = ..., invited: _Optional[int] = ...) -> None: ...

class StrategyPage(_message.Message):
    __slots__ = ("strategies", "next_page_token")
    STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    strategies: _containers.RepeatedCompositeFieldContainer[StrategyRow]
    next_page_token: str
    def __init__(self, strategies: _Optional[_Iterable[_Union[StrategyRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class FollowerRow(_message.Message):
    __slots__ = ("strategy_id", "account_id", "following", "rule", "value", "maximum", "capital", "capital_currency", "paused", "tolerance", "drift_policy", "copied", "skipped", "refused", "drifts", "reason", "detail", "drift_instrument", "drift_held", "drift_expected", "drift_action", "drift_at", "updated_at", "position", "amended", "begun_at")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    FOLLOWING_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_FIELD_NUMBER: _ClassVar[int]
    CAPITAL_CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    DRIFT_POLICY_FIELD_NUMBER: _ClassVar[int]
    COPIED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    DRIFTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    DRIFT_INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    DRIFT_HELD_FIELD_NUMBER: _ClassVar[int]
    DRIFT_EXPECTED_FIELD_NUMBER: _ClassVar[int]
    DRIFT_ACTION_FIELD_NUMBER: _ClassVar[int]
    DRIFT_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    AMENDED_FIELD_NUMBER: _ClassVar[int]
    BEGUN_AT_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    account_id: str
    following: bool
    rule: str
    value: str
    maximum: str
    capital: str
    capital_currency: str
    paused: bool
    tolerance: str
    drift_policy: str
    copied: int
    skipped: int
    refused: int
    drifts: int
    reason: int
    detail: str
    drift_instrument: str
    drift_held: str
    drift_expected: str
    drift_action: str
    drift_at: int
    updated_at: int
    position: int
    amended: int
    begun_at: int
    def __init__(self, strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., following: _Optional[bool] = ..., rule: _Optional[str] = ..., value: _Optional[str] = ..., maximum: _Optional[str] = ..., capital: _Optional[str] = ..., capital_currency: _Optional[str] = ..., paused: _Optional[bool] = ..., tolerance: _Optional[str] = ..., drift_policy: _Optional[str] = ..., copied: _Optional[int] = ..., skipped: _Optional[int] = ..., refused: _Optional[int] = ..., drifts: _Optional[int] = ..., reason: _Optional[int] = ..., detail: _Optional[str] = ..., drift_instrument: _Optional[str] = ..., drift_held: _Optional[str] = ..., drift_expected: _Optional[str] = ..., drift_action: _Optional[str] = ..., drift_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ..., amended: _Optional[int] = ..., begun_at: _Optional[int] = ...) -> None: ...

class FollowerPage(_message.Message):
    __slots__ = ("followers", "next_page_token")
    FOLLOWERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    followers: _containers.RepeatedCompositeFieldContainer[FollowerRow]
    next_page_token: str
    def __init__(self, followers: _Optional[_Iterable[_Union[FollowerRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class InvitationRow(_message.Message):
    __slots__ = ("strategy_id", "account_id", "invited", "updated_at", "position")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INVITED_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    account_id: str
    invited: bool
    updated_at: int
    position: int
    def __init__(self, strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., invited: _Optional[bool] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class InvitationPage(_message.Message):
    __slots__ = ("invitations", "next_page_token")
    INVITATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    invitations: _containers.RepeatedCompositeFieldContainer[InvitationRow]
    next_page_token: str
    def __init__(self, invitations: _Optional[_Iterable[_Union[InvitationRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SignalRow(_message.Message):
    __slots__ = ("strategy_id", "signal_id", "account_id", "instrument", "side", "target", "quantity", "strength", "price", "valid_until", "submitted_at", "position", "copied", "skipped", "refused")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    COPIED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    signal_id: str
    account_id: str
    instrument: str
    side: str
    target: str
    quantity: str
    strength: str
    price: str
    valid_until: int
    submitted_at: int
    position: int
    copied: int
    skipped: int
    refused: int
    def __init__(self, strategy_id: _Optional[str] = ..., signal_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[str] = ..., target: _Optional[str] = ..., quantity: _Optional[str] = ..., strength: _Optional[str] = ..., price: _Optional[str] = ..., valid_until: _Optional[int] = ..., submitted_at: _Optional[int] = ..., position: _Optional[int] = ..., copied: _Optional[int] = ..., skipped: _Optional[int] = ..., refused: _Optional[int] = ...) -> None: ...

class SignalPage(_message.Message):
    __slots__ = ("signals", "next_page_token")
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    signals: _containers.RepeatedCompositeFieldContainer[SignalRow]
    next_page_token: str
    def __init__(self, signals: _Optional[_Iterable[_Union[SignalRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CopyRow(_message.Message):
    __slots__ = ("strategy_id", "intent_id", "account_id", "kind", "instrument", "outcome", "order_id", "side", "quantity", "price", "held", "equity", "reason", "detail", "recorded_at", "position", "amends", "amend_action", "amend_reason", "amend_detail", "amended_at")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    INTENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    EQUITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    AMENDS_FIELD_NUMBER: _ClassVar[int]
    AMEND_ACTION_FIELD_NUMBER: _ClassVar[int]
    AMEND_REASON_FIELD_NUMBER: _ClassVar[int]
    AMEND_DETAIL_FIELD_NUMBER: _ClassVar[int]
    AMENDED_AT_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    intent_id: str
    account_id: str
    kind: str
    instrument: str
    outcome: str
    order_id: str
    side: str
    quantity: str
    price: str
    held: str
    equity: str
    reason: int
    detail: str
    recorded_at: int
    position: int
    amends: int
    amend_action: str
    amend_reason: int
    amend_detail: str
    amended_at: int
    def __init__(self, strategy_id: _Optional[str] = ..., intent_id: _Optional[str] = ..., account_id: _Optional[str] = ..., kind: _Optional[str] = ..., instrument: _Optional[str] = ..., outcome: _Optional[str] = ..., order_id: _Optional[str] = ..., side: _Optional[str] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ..., held: _Optional[str] = ..., equity: _Optional[str] = ..., reason: _Optional[int] = ..., detail: _Optional[str] = ..., recorded_at: _Optional[int] = ..., position: _Optional[int] = ..., amends: _Optional[int] = ..., amend_action: _Optional[str] = ..., amend_reason: _Optional[int] = ..., amend_detail: _Optional[str] = ..., amended_at: _Optional[int] = ...) -> None: ...

class CopyPage(_message.Message):
    __slots__ = ("copies", "next_page_token")
    COPIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    copies: _containers.RepeatedCompositeFieldContainer[CopyRow]
    next_page_token: str
    def __init__(self, copies: _Optional[_Iterable[_Union[CopyRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StrategyProfitRow(_message.Message):
    __slots__ = ("strategy_id", "account_id", "currency", "realised", "fees", "volume", "orders", "fills", "refusals", "signals", "position")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    FEES_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    FILLS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    account_id: str
    currency: str
    realised: str
    fees: str
    volume: str
    orders: int
    fills: int
    refusals: int
    signals: int
    position: int
    def __init__(self, strategy_id: _Optional[str] = ..., account_id: _Optional[str] = ..., currency: _Optional[str] = ..., realised: _Optional[str] = ..., fees: _Optional[str] = ..., volume: _Optional[str] = ..., orders: _Optional[int] = ..., fills: _Optional[int] = ..., refusals: _Optional[int] = ..., signals: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class StrategyProfitPage(_message.Message):
    __slots__ = ("rows", "next_page_token")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[StrategyProfitRow]
    next_page_token: str
    def __init__(self, rows: _Optional[_Iterable[_Union[StrategyProfitRow, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
