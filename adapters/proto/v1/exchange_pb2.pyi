from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmitRequest(_message.Message):
    __slots__ = ("client_order_id", "account_id", "instrument", "side", "type", "time_in_force", "quantity", "price", "position_side", "reduce_only", "close_position", "trigger_source", "trigger_price", "trigger_callback", "activation_price", "expires_at")
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    CLOSE_POSITION_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_SOURCE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    client_order_id: str
    account_id: str
    instrument: str
    side: str
    type: str
    time_in_force: str
    quantity: str
    price: str
    position_side: str
    reduce_only: bool
    close_position: bool
    trigger_source: str
    trigger_price: str
    trigger_callback: str
    activation_price: str
    expires_at: int
    def __init__(self, client_order_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[str] = ..., type: _Optional[str] = ..., time_in_force: _Optional[str] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ..., position_side: _Optional[str] = ..., reduce_only: _Optional[bool] = ..., close_position: _Optional[bool] = ..., trigger_source: _Optional[str] = ..., trigger_price: _Optional[str] = ..., trigger_callback: _Optional[str] = ..., activation_price: _Optional[str] = ..., expires_at: _Optional[int] = ...) -> None: ...

class SubmitReply(_message.Message):
    __slots__ = ("venue_order_id",)
    VENUE_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    venue_order_id: str
    def __init__(self, venue_order_id: _Optional[str] = ...) -> None: ...

class CancelRequest(_message.Message):
    __slots__ = ("client_order_id", "account_id", "instrument")
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    client_order_id: str
    account_id: str
    instrument: str
    def __init__(self, client_order_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ...) -> None: ...

class CancelReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class QueryRequest(_message.Message):
    __slots__ = ("client_order_id",)
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    client_order_id: str
    def __init__(self, client_order_id: _Optional[str] = ...) -> None: ...

class QueryReply(_message.Message):
    __slots__ = ("known", "venue_order_id", "status", "filled_quantity", "executions")
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    VENUE_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    known: bool
    venue_order_id: str
    status: str
    filled_quantity: str
    executions: _containers.RepeatedCompositeFieldContainer[OrderExecution]
    def __init__(self, known: _Optional[bool] = ..., venue_order_id: _Optional[str] = ..., status: _Optional[str] = ..., filled_quantity: _Optional[str] = ..., executions: _Optional[_Iterable[_Union[OrderExecution, _Mapping]]] = ...) -> None: ...

class OrderExecution(_message.Message):
    __slots__ = ("execution_id", "price", "quantity", "fee", "liquidity", "venue_time")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    LIQUIDITY_FIELD_NUMBER: _ClassVar[int]
    VENUE_TIME_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    price: str
    quantity: str
    fee: str
    liquidity: str
    venue_time: int
    def __init__(self, execution_id: _Optional[str] = ..., price: _Optional[str] = ..., quantity: _Optional[str] = ..., fee: _Optional[str] = ..., liquidity: _Optional[str] = ..., venue_time: _Optional[int] = ...) -> None: ...

class Misbehaviour(_message.Message):
    __slots__ = ("report_delay", "duplicate", "reorder", "reject", "lose_answer", "seed")
    REPORT_DELAY_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    REORDER_FIELD_NUMBER: _ClassVar[int]
    REJECT_FIELD_NUMBER: _ClassVar[int]
    LOSE_ANSWER_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    report_delay: int
    duplicate: int
    reorder: int
    reject: int
    lose_answer: int
    seed: int
    def __init__(self, report_delay: _Optional[int] = ..., duplicate: _Optional[int] = ..., reorder: _Optional[int] = ..., reject: _Optional[int] = ..., lose_answer: _Optional[int] = ..., seed: _Optional[int] = ...) -> None: ...

class MisbehaveReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StatusReply(_message.Message):
    __slots__ = ("orders", "open_orders", "executions", "unsent_reports")
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    EXECUTIONS_FIELD_NUMBER: _ClassVar[int]
    UNSENT_REPORTS_FIELD_NUMBER: _ClassVar[int]
    orders: int
    open_orders: int
    executions: int
    unsent_reports: int
    def __init__(self, orders: _Optional[int] = ..., open_orders: _Optional[int] = ..., executions: _Optional[int] = ..., unsent_reports: _Optional[int] = ...) -> None: ...

class AmendRequest(_message.Message):
    __slots__ = ("client_order_id", "account_id", "instrument", "amendment", "quantity", "price")
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    AMENDMENT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    client_order_id: str
    account_id: str
    instrument: str
    amendment: int
    quantity: str
    price: str
    def __init__(self, client_order_id: _Optional[str] = ..., account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., amendment: _Optional[int] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ...) -> None: ...

class AmendReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DepositRequest(_message.Message):
    __slots__ = ("account_id", "currency", "amount")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    currency: str
    amount: str
    def __init__(self, account_id: _Optional[str] = ..., currency: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class DepositReply(_message.Message):
    __slots__ = ("wallet",)
    WALLET_FIELD_NUMBER: _ClassVar[int]
    wallet: str
    def __init__(self, wallet: _Optional[str] = ...) -> None: ...

class CloseOutRequest(_message.Message):
    __slots__ = ("account_id", "instrument", "position_side", "origin", "name", "quantity", "price")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    instrument: str
    position_side: str
    origin: str
    name: str
    quantity: str
    price: str
    def __init__(self, account_id: _Optional[str] = ..., instrument: _Optional[str] = ..., position_side: _Optional[str] = ..., origin: _Optional[str] = ..., name: _Optional[str] = ..., quantity: _Optional[str] = ..., price: _Optional[str] = ...) -> None: ...

class CloseOutReply(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
