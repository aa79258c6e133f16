from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HaltMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HALT_MODE_UNSPECIFIED: _ClassVar[HaltMode]
    HALT_MODE_FULL: _ClassVar[HaltMode]
    HALT_MODE_REDUCE_ONLY: _ClassVar[HaltMode]

class Counted(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUNTED_UNSPECIFIED: _ClassVar[Counted]
    COUNTED_GROSS_NOTIONAL: _ClassVar[Counted]
    COUNTED_POSITION_NOTIONAL: _ClassVar[Counted]
    COUNTED_OPEN_NOTIONAL: _ClassVar[Counted]

class AllotmentDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALLOTMENT_DIRECTION_UNSPECIFIED: _ClassVar[AllotmentDirection]
    ALLOTMENT_DIRECTION_TO_ACCOUNT: _ClassVar[AllotmentDirection]
    ALLOTMENT_DIRECTION_TO_POOL: _ClassVar[AllotmentDirection]
HALT_MODE_UNSPECIFIED: HaltMode
HALT_MODE_FULL: HaltMode
HALT_MODE_REDUCE_ONLY: HaltMode
COUNTED_UNSPECIFIED: Counted
COUNTED_GROSS_NOTIONAL: Counted
COUNTED_POSITION_NOTIONAL: Counted
COUNTED_OPEN_NOTIONAL: Counted
ALLOTMENT_DIRECTION_UNSPECIFIED: AllotmentDirection
ALLOTMENT_DIRECTION_TO_ACCOUNT: AllotmentDirection
ALLOTMENT_DIRECTION_TO_POOL: AllotmentDirection

class StrategyLimits(_message.Message):
    __slots__ = ("strategy_id", "order_quantity", "order_notional", "open_orders", "open_notional")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ORDER_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    order_quantity: str
    order_notional: str
    open_orders: int
    open_notional: str
    def __init__(self, strategy_id: _Optional[str] = ..., order_quantity: _Optional[str] = ..., order_notional: _Optional[str] = ..., open_orders: _Optional[int] = ..., open_notional: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("currency", "order_quantity", "order_notional", "open_orders", "position_notional", "price_collar", "loss", "duplicate_window", "orders_per_second", "orders_per_minute", "price_age", "instrument_open_orders", "open_notional", "instrument_open_notional", "gross_notional", "net_notional", "concentration", "concentration_from", "daily_loss", "drawdown", "self_trade", "strategies", "leverage")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    ORDER_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ORDER_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    POSITION_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    PRICE_COLLAR_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    ORDERS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ORDERS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    PRICE_AGE_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_OPEN_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    GROSS_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    NET_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    CONCENTRATION_FIELD_NUMBER: _ClassVar[int]
    CONCENTRATION_FROM_FIELD_NUMBER: _ClassVar[int]
    DAILY_LOSS_FIELD_NUMBER: _ClassVar[int]
    DRAWDOWN_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_FIELD_NUMBER: _ClassVar[int]
    STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    currency: str
    order_quantity: str
    order_notional: str
    open_orders: int
    position_notional: str
    price_collar: str
    loss: str
    duplicate_window: int
    orders_per_second: int
    orders_per_minute: int
    price_age: int
    instrument_open_orders: int
    open_notional: str
    instrument_open_notional: str
    gross_notional: str
    net_notional: str
    concentration: str
    concentration_from: str
    daily_loss: str
    drawdown: str
    self_trade: bool
    strategies: _containers.RepeatedCompositeFieldContainer[StrategyLimits]
    leverage: str
    def __init__(self, currency: _Optional[str] = ..., order_quantity: _Optional[str] = ..., order_notional: _Optional[str] = ..., open_orders: _Optional[int] = ..., position_notional: _Optional[str] = ..., price_collar: _Optional[str] = ..., loss: _Optional[str] = ..., duplicate_window: _Optional[int] = ..., orders_per_second: _Optional[int] = ..., orders_per_minute: _Optional[int] = ..., price_age: _Optional[int] = ..., instrument_open_orders: _Optional[int] = ..., open_notional: _Optional[str] = ..., instrument_open_notional: _Optional[str] = ..., gross_notional: _Optional[str] = ..., net_notional: _Optional[str] = ..., concentration: _Optional[str] = ..., concentration_from: _Optional[str] = ..., daily_loss: _Optional[str] = ..., drawdown: _Optional[str] = ..., self_trade: _Optional[bool] = ..., strategies: _Optional[_Iterable[_Union[StrategyLimits, _Mapping]]] = ..., leverage: _Optional[str] = ...) -> None: ...

class SetLimitsRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "limits")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    limits: Limits
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class HaltRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "reason", "user_id", "venue", "strategy_id", "mode")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    reason: str
    user_id: str
    venue: str
    strategy_id: str
    mode: HaltMode
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., reason: _Optional[str] = ..., user_id: _Optional[str] = ..., venue: _Optional[str] = ..., strategy_id: _Optional[str] = ..., mode: _Optional[_Union[HaltMode, str]] = ...) -> None: ...

class ResumeRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "reason", "user_id", "venue", "strategy_id")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    reason: str
    user_id: str
    venue: str
    strategy_id: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., reason: _Optional[str] = ..., user_id: _Optional[str] = ..., venue: _Optional[str] = ..., strategy_id: _Optional[str] = ...) -> None: ...

class ApproveChangeRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "change_id")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    change_id: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., change_id: _Optional[str] = ...) -> None: ...

class DeclineChangeRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "change_id", "reason")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    change_id: str
    reason: str
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., change_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class WiderLimit(_message.Message):
    __slots__ = ("user_id", "venue", "strategy_id", "counted", "currency")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    venue: str
    strategy_id: str
    counted: Counted
    currency: str
    def __init__(self, user_id: _Optional[str] = ..., venue: _Optional[str] = ..., strategy_id: _Optional[str] = ..., counted: _Optional[_Union[Counted, str]] = ..., currency: _Optional[str] = ...) -> None: ...

class SetWiderLimitRequest(_message.Message):
    __slots__ = ("command_id", "limit", "value")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    limit: WiderLimit
    value: str
    def __init__(self, command_id: _Optional[str] = ..., limit: _Optional[_Union[WiderLimit, _Mapping]] = ..., value: _Optional[str] = ...) -> None: ...

class MoveAllotmentRequest(_message.Message):
    __slots__ = ("command_id", "account_id", "limit", "amount", "direction")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    limit: WiderLimit
    amount: str
    direction: AllotmentDirection
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., limit: _Optional[_Union[WiderLimit, _Mapping]] = ..., amount: _Optional[str] = ..., direction: _Optional[_Union[AllotmentDirection, str]] = ...) -> None: ...

class TradingRules(_message.Message):
    __slots__ = ("currency", "tick", "step", "minimum_quantity", "maximum_quantity", "maximum_market_quantity", "minimum_notional", "trading", "contract_size", "maker_fee", "taker_fee", "margin_tiers")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_MARKET_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    TRADING_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAKER_FEE_FIELD_NUMBER: _ClassVar[int]
    TAKER_FEE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_TIERS_FIELD_NUMBER: _ClassVar[int]
    currency: str
    tick: str
    step: str
    minimum_quantity: str
    maximum_quantity: str
    maximum_market_quantity: str
    minimum_notional: str
    trading: bool
    contract_size: str
    maker_fee: str
    taker_fee: str
    margin_tiers: _containers.RepeatedCompositeFieldContainer[MarginTier]
    def __init__(self, currency: _Optional[str] = ..., tick: _Optional[str] = ..., step: _Optional[str] = ..., minimum_quantity: _Optional[str] = ..., maximum_quantity: _Optional[str] = ..., maximum_market_quantity: _Optional[str] = ..., minimum_notional: _Optional[str] = ..., trading: _Optional[bool] = ..., contract_size: _Optional[str] = ..., maker_fee: _Optional[str] = ..., taker_fee: _Optional[str] = ..., margin_tiers: _Optional[_Iterable[_Union[MarginTier, _Mapping]]] = ...) -> None: ...

class MarginTier(_message.Message):
    __slots__ = ("up_to", "maximum_leverage", "maintenance_rate", "deduction")
    UP_TO_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_RATE_FIELD_NUMBER: _ClassVar[int]
    DEDUCTION_FIELD_NUMBER: _ClassVar[int]
    up_to: str
    maximum_leverage: str
    maintenance_rate: str
    deduction: str
    def __init__(self, up_to: _Optional[str] = ..., maximum_leverage: _Optional[str] = ..., maintenance_rate: _Optional[str] = ..., deduction: _Optional[str] = ...) -> None: ...

class ListInstrumentRequest(_message.Message):
    __slots__ = ("command_id", "instrument", "rules")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    instrument: str
    rules: TradingRules
    def __init__(self, command_id: _Optional[str] = ..., instrument: _Optional[str] = ..., rules: _Optional[_Union[TradingRules, _Mapping]] = ...) -> None: ...
