from adapters.proto.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Liquidity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIQUIDITY_UNSPECIFIED: _ClassVar[Liquidity]
    LIQUIDITY_MAKER: _ClassVar[Liquidity]
    LIQUIDITY_TAKER: _ClassVar[Liquidity]

class OrderOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_ORIGIN_UNSPECIFIED: _ClassVar[OrderOrigin]
    ORDER_ORIGIN_FOREIGN: _ClassVar[OrderOrigin]
    ORDER_ORIGIN_LIQUIDATION: _ClassVar[OrderOrigin]
    ORDER_ORIGIN_ADL: _ClassVar[OrderOrigin]
    ORDER_ORIGIN_SETTLEMENT: _ClassVar[OrderOrigin]
    ORDER_ORIGIN_DELIVERY: _ClassVar[OrderOrigin]

class ExecutionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXECUTION_KIND_UNSPECIFIED: _ClassVar[ExecutionKind]
    EXECUTION_KIND_TRADE: _ClassVar[ExecutionKind]
    EXECUTION_KIND_LIQUIDATION: _ClassVar[ExecutionKind]
    EXECUTION_KIND_ADL: _ClassVar[ExecutionKind]
    EXECUTION_KIND_SETTLEMENT: _ClassVar[ExecutionKind]
    EXECUTION_KIND_DELIVERY: _ClassVar[ExecutionKind]
LIQUIDITY_UNSPECIFIED: Liquidity
LIQUIDITY_MAKER: Liquidity
LIQUIDITY_TAKER: Liquidity
ORDER_ORIGIN_UNSPECIFIED: OrderOrigin
ORDER_ORIGIN_FOREIGN: OrderOrigin
ORDER_ORIGIN_LIQUIDATION: OrderOrigin
ORDER_ORIGIN_ADL: OrderOrigin
ORDER_ORIGIN_SETTLEMENT: OrderOrigin
ORDER_ORIGIN_DELIVERY: OrderOrigin
EXECUTION_KIND_UNSPECIFIED: ExecutionKind
EXECUTION_KIND_TRADE: ExecutionKind
EXECUTION_KIND_LIQUIDATION: ExecutionKind
EXECUTION_KIND_ADL: ExecutionKind
EXECUTION_KIND_SETTLEMENT: ExecutionKind
EXECUTION_KIND_DELIVERY: ExecutionKind

class Report(_message.Message):
    __slots__ = ("command_id", "account_id", "order_id", "instrument", "venue_time", "external", "accepted", "rejected", "filled", "cancelled", "cancel_rejected", "expired", "triggered", "amended", "amend_rejected", "outcome_unknown", "reconciled", "not_found")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    FILLED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REJECTED_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    TRIGGERED_FIELD_NUMBER: _ClassVar[int]
    AMENDED_FIELD_NUMBER: _ClassVar[int]
    AMEND_REJECTED_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    RECONCILED_FIELD_NUMBER: _ClassVar[int]
    NOT_FOUND_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    order_id: str
    instrument: str
    venue_time: int
    external: ExternalOrder
    accepted: Acceptance
    rejected: Rejection
    filled: Fill
    cancelled: Cancellation
    cancel_rejected: CancelRejection
    expired: Expiry
    triggered: Triggering
    amended: Amended
    amend_rejected: AmendRejection
    outcome_unknown: OutcomeUnknown
    reconciled: Reconciled
    not_found: NotFound
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., order_id: _Optional[str] = ..., instrument: _Optional[str] = ..., venue_time: _Optional[int] = ..., external: _Optional[_Union[ExternalOrder, _Mapping]] = ..., accepted: _Optional[_Union[Acceptance, _Mapping]] = ..., rejected: _Optional[_Union[Rejection, _Mapping]] = ..., filled: _Optional[_Union[Fill, _Mapping]] = ..., cancelled: _Optional[_Union[Cancellation, _Mapping]] = ..., cancel_rejected: _Optional[_Union[CancelRejection, _Mapping]] = ..., expired: _Optional[_Union[Expiry, _Mapping]] = ..., triggered: _Optional[_Union[Triggering, _Mapping]] = ..., amended: _Optional[_Union[Amended, _Mapping]] = ..., amend_rejected: _Optional[_Union[AmendRejection, _Mapping]] = ..., outcome_unknown: _Optional[_Union[OutcomeUnknown, _Mapping]] = ..., reconciled: _Optional[_Union[Reconciled, _Mapping]] = ..., not_found: _Optional[_Union[NotFound, _Mapping]] = ...) -> None: ...

class ExternalOrder(_message.Message):
    __slots__ = ("origin", "venue_order_id", "client_order_id", "side", "type", "time_in_force", "quantity", "price", "position_side", "reduce_only", "close_position", "trigger_price", "trigger_source", "trigger_callback", "activation_price", "expires_at", "currency")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    VENUE_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    CLOSE_POSITION_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    origin: OrderOrigin
    venue_order_id: str
    client_order_id: str
    side: _common_pb2.Side
    type: _common_pb2.OrderType
    time_in_force: _common_pb2.TimeInForce
    quantity: str
    price: str
    position_side: _common_pb2.PositionSide
    reduce_only: bool
    close_position: bool
    trigger_price: str
    trigger_source: _common_pb2.TriggerSource
    trigger_callback: str
    activation_price: str
    expires_at: int
    currency: str
    def __init__(self, origin: _Optional[_Union[OrderOrigin, str]] = ..., venue_order_id: _Optional[str] = ..., client_order_id: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., type: _Optional[_Union[_common_pb2.OrderType, str]] = ..., time_in_force: _Optional[_Union[_common_pb2.TimeInForce, str]] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ..., position_side: _Optional[_Union[_common_pb2.PositionSide, str]] = ..., reduce_only: _Optional[bool] = ..., close_position: _Optional[bool] = ..., trigger_price: _Optional[str] = ..., trigger_source: _Optional[_Union[_common_pb2.TriggerSource, str]] = ..., trigger_callback: _Optional[str] = ..., activation_price: _Optional[str] = ..., expires_at: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

class Acceptance(_message.Message):
    __slots__ = ("venue_order_id",)
    VENUE_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    venue_order_id: str
    def __init__(self, venue_order_id: _Optional[str] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Fill(_message.Message):
    __slots__ = ("execution_id", "side", "price", "quantity", "fee", "fee_currency", "liquidity", "kind", "position_side")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    FEE_CURRENCY_FIELD_NUMBER: _ClassVar[int]
    LIQUIDITY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    side: _common_pb2.Side
    price: str
    quantity: str
    fee: str
    fee_currency: str
    liquidity: Liquidity
    kind: ExecutionKind
    position_side: _common_pb2.PositionSide
    def __init__(self, execution_id: _Optional[str] = ..., side: _Optional[_Union[_common_pb2.Side, str]] = ..., price: _Optional[str] = ..., quantity: _Optional[str] = ..., fee: _Optional[str] = ..., fee_currency: _Optional[str] = ..., liquidity: _Optional[_Union[Liquidity, str]] = ..., kind: _Optional[_Union[ExecutionKind, str]] = ..., position_side: _Optional[_Union[_common_pb2.PositionSide, str]] = ...) -> None: ...

class Cancellation(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CancelRejection(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Expiry(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class AccountReport(_message.Message):
    __slots__ = ("command_id", "account_id", "venue_time", "funding", "balance")
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_FIELD_NUMBER: _ClassVar[int]
    FUNDING_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    command_id: str
    account_id: str
    venue_time: int
    funding: FundingPayment
    balance: WalletBalance
    def __init__(self, command_id: _Optional[str] = ..., account_id: _Optional[str] = ..., venue_time: _Optional[int] = ..., funding: _Optional[_Union[FundingPayment, _Mapping]] = ..., balance: _Optional[_Union[WalletBalance, _Mapping]] = ...) -> None: ...

class FundingPayment(_message.Message):
    __slots__ = ("instrument", "position_side", "funding_id", "rate", "mark_price", "quantity", "payment", "currency")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    FUNDING_ID_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    instrument: str
    position_side: _common_pb2.PositionSide
    funding_id: str
    rate: str
    mark_price: str
    quantity: str
    payment: str
    currency: str
    def __init__(self, instrument: _Optional[str] = ..., position_side: _Optional[_Union[_common_pb2.PositionSide, str]] = ..., funding_id: _Optional[str] = ..., rate: _Optional[str] = ..., mark_price: _Optional[str] = ..., quantity: _Optional[str] = ..., payment: _Optional[str] = ..., currency: _Optional[str] = ...) -> None: ...

class WalletBalance(_message.Message):
    __slots__ = ("currency", "balance")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    currency: str
    balance: str
    def __init__(self, currency: _Optional[str] = ..., balance: _Optional[str] = ...) -> None: ...

class AccountReportBatch(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[AccountReport]
    def __init__(self, reports: _Optional[_Iterable[_Union[AccountReport, _Mapping]]] = ...) -> None: ...

class Triggering(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: str
    def __init__(self, price: _Optional[str] = ...) -> None: ...

class ReportBatch(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[Report]
    def __init__(self, reports: _Optional[_Iterable[_Union[Report, _Mapping]]] = ...) -> None: ...

class ReportResults(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_common_pb2.CommandResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_common_pb2.CommandResult, _Mapping]]] = ...) -> None: ...

class Amended(_message.Message):
    __slots__ = ("amendment", "quantity", "price")
    AMENDMENT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    amendment: int
    quantity: str
    price: str
    def __init__(self, amendment: _Optional[int] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ...) -> None: ...

class AmendRejection(_message.Message):
    __slots__ = ("amendment", "reason")
    AMENDMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    amendment: int
    reason: str
    def __init__(self, amendment: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class OutcomeUnknown(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Reconciled(_message.Message):
    __slots__ = ("venue_order_id", "filled_quantity")
    VENUE_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    FILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    venue_order_id: str
    filled_quantity: str
    def __init__(self, venue_order_id: _Optional[str] = ..., filled_quantity: _Optional[str] = ...) -> None: ...

class NotFound(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
