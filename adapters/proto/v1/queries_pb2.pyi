from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AccountRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    def __init__(self, account_id: _Optional[str] = ...) -> None: ...

class ListOrdersRequest(_message.Message):
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

class Order(_message.Message):
    __slots__ = ("order_id", "account_id", "instrument", "side", "type", "time_in_force", "status", "quantity", "price", "filled_quantity", "average_price", "reason", "detail", "created_at", "updated_at", "position", "strategy_id", "position_side", "reduce_only", "expires_at", "close_position", "trigger_price", "trigger_source", "trigger_callback", "activation_price", "triggered_at", "triggered_price", "pending_quantity", "pending_price", "origin", "replaces", "replaced_by")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    FILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_PRICE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_POSITION_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_AT_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_PRICE_FIELD_NUMBER: _ClassVar[int]
    PENDING_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PENDING_PRICE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    REPLACED_BY_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    account_id: str
    instrument: str
    side: str
    type: str
    time_in_force: str
    status: str
    quantity: str
    price: str
    filled_quantity: str
    average_price: str
    reason: int
    detail: str
    created_at: int
    updated_at: int
    position: int
    strategy_id: str
    position_side: str
    reduce_only: bool
    expires_at: int
    close_position: bool
    trigger_price: str
    trigger_source: str
    trigger_callback: str
    activation_price: str
    triggered_at: int
    triggered_price: str
    pending_quantity: str
    pending_price: str
    origin: str
    replaces: str
    replaced_by: str
    def __init__(self, order_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[str] = ..., type: _Optional[str] = ..., time_in_force: _Optional[str] = ..., status: _Optional[str] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ..., filled_quantity: _Optional[str] = ..., average_price: _Optional[str] = ..., reason: _Optional[int] = ..., detail: _Optional[str] = ..., created_at: _Optional[int] = ..., updated_at: _Optional[int] = ..., position: _Optional[int] = ..., strategy_id: _Optional[str] = ..., position_side: _Optional[str] = ..., reduce_only: _Optional[bool] = ..., expires_at: _Optional[int] = ..., close_position: _Optional[bool] = ..., trigger_price: _Optional[str] = ..., trigger_source: _Optional[str] = ..., trigger_callback: _Optional[str] = ..., activation_price: _Optional[str] = ..., triggered_at: _Optional[int] = ..., triggered_price: _Optional[str] = ..., pending_quantity: _Optional[str] = ..., pending_price: _Optional[str] = ..., origin: _Optional[str] = ..., replaces: _Optional[str] = ..., replaced_by: _Optional[str] = ...) -> None: ...

class OrderPage(_message.Message):
    __slots__ = ("orders", "next_page_token")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[Order]
    next_page_token: str
    def __init__(self, orders: _Optional[_Iterable[_Union[Order, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class HeldPosition(_message.Message):
    __slots__ = ("instrument", "net_quantity", "average_price", "realised", "fees", "unrealised", "mark_price", "currency", "updated_at", "position_side", "funding", "leverage", "initial_margin", "maintenance_margin", "liquidation_price", "bankruptcy_price")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    NET_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_PRICE_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    FEES_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    FUNDING_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    INITIAL_MARGIN_FIELD_NUMBER: _ClassVar[int]
    MAINTENANCE_MARGIN_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    BANKRUPTCY_PRICE_FIELD_NUMBER: _ClassVar[int]
    instrument: str
    net_quantity: str
    average_price: str
    realised: str
    fees: str
    unrealised: str
    mark_price: str
    currency: str
    updated_at: int
    position_side: str
    funding: str
    leverage: str
    initial_margin: str
    maintenance_margin: str
    liquidation_price: str
    bankruptcy_price: str
    def __init__(self, instrument: _Optional[str] = ..., net_quantity: _Optional[str] = ..., average_price: _Optional[str] = ..., realised: _Optional[str] = ..., fees: _Optional[str] = ..., unrealised: _Optional[str] = ..., mark_price: _Optional[str] = ..., currency: _Optional[str] = ..., updated_at: _Optional[int] = ..., position_side: _Optional[str] = ..., funding: _Optional[str] = ..., leverage: _Optional[str] = ..., initial_margin: _Optional[str] = ..., maintenance_margin: _Optional[str] = ..., liquidation_price: _Optional[str] = ..., bankruptcy_price: _Optional[str] = ...) -> None: ...

class PositionList(_message.Message):
    __slots__ = ("positions",)
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[HeldPosition]
    def __init__(self, positions: _Optional[_Iterable[_Union[HeldPosition, _Mapping]]] = ...) -> None: ...

class LimitInForce(_message.Message):
    __slots__ = ("strategy_id", "name", "value")
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    strategy_id: str
    name: str
    value: str
    def __init__(self, strategy_id: _Optional[str] = ..., name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class RiskAccount(_message.Message):
    __slots__ = ("account_id", "halted", "halt_reason", "limits_version", "open_orders", "realised", "unrealised", "fees", "currency", "loss_limit", "refusals", "limits")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    HALTED_FIELD_NUMBER: _ClassVar[int]
    HALT_REASON_FIELD_NUMBER: _ClassVar[int]
    LIMITS_VERSION_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    FEES_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    LOSS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    halted: bool
    halt_reason: str
    limits_version: int
    open_orders: int
    realised: str
    unrealised: str
    fees: str
    currency: str
    loss_limit: str
    refusals: int
    limits: _containers.RepeatedCompositeFieldContainer[LimitInForce]
    def __init__(self, account_id: _Optional[str] = ..., halted: _Optional[bool] = ..., halt_reason: _Optional[str] = ..., limits_version: _Optional[int] = ..., open_orders: _Optional[int] = ..., realised: _Optional[str] = ..., unrealised: _Optional[str] = ..., fees: _Optional[str] = ..., currency: _Optional[str] = ..., loss_limit: _Optional[str] = ..., refusals: _Optional[int] = ..., limits: _Optional[_Iterable[_Union[LimitInForce, _Mapping]]] = ...) -> None: ...

class Cash(_message.Message):
    __slots__ = ("currency", "realised", "fees", "funding", "earned", "balance", "balance_at")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    FEES_FIELD_NUMBER: _ClassVar[int]
    FUNDING_FIELD_NUMBER: _ClassVar[int]
    EARNED_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    BALANCE_AT_FIELD_NUMBER: _ClassVar[int]
    currency: str
    realised: str
    fees: str
    funding: str
    earned: str
    balance: str
    balance_at: int
    def __init__(self, currency: _Optional[str] = ..., realised: _Optional[str] = ..., fees: _Optional[str] = ..., funding: _Optional[str] = ..., earned: _Optional[str] = ..., balance: _Optional[str] = ..., balance_at: _Optional[int] = ...) -> None: ...

class CashList(_message.Message):
    __slots__ = ("cash",)
    CASH_FIELD_NUMBER: _ClassVar[int]
    cash: _containers.RepeatedCompositeFieldContainer[Cash]
    def __init__(self, cash: _Optional[_Iterable[_Union[Cash, _Mapping]]] = ...) -> None: ...

class VirtualPosition(_message.Message):
    __slots__ = ("instrument", "position_side", "strategy_id", "net_quantity", "average_price", "realised", "unrealised", "currency", "fills", "updated_at")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_ID_FIELD_NUMBER: _ClassVar[int]
    NET_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_PRICE_FIELD_NUMBER: _ClassVar[int]
    REALISED_FIELD_NUMBER: _ClassVar[int]
    UNREALISED_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    FILLS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    instrument: str
    position_side: str
    strategy_id: str
    net_quantity: str
    average_price: str
    realised: str
    unrealised: str
    currency: str
    fills: int
    updated_at: int
    def __init__(self, instrument: _Optional[str] = ..., position_side: _Optional[str] = ..., strategy_id: _Optional[str] = ..., net_quantity: _Optional[str] = ..., average_price: _Optional[str] = ..., realised: _Optional[str] = ..., unrealised: _Optional[str] = ..., currency: _Optional[str] = ..., fills: _Optional[int] = ..., updated_at: _Optional[int] = ...) -> None: ...

class VirtualPositionList(_message.Message):
    __slots__ = ("positions",)
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[VirtualPosition]
    def __init__(self, positions: _Optional[_Iterable[_Union[VirtualPosition, _Mapping]]] = ...) -> None: ...
