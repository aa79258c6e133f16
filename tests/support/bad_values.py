"""What a client may send that is wrong, for every field of every request, by the field's kind.

A field of a new request has no kind until somebody writes one down: tests over every RPC fail
until then.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.support import rpc
from tests.support.rpc_strategies import STRATEGY_FIELDS

_HOSTILE: Final = (
    "a\x00b", "x\x1b[31m", "two\r\nlines", "\u202eright to left", "\u200fright", "x" * 300,
    "\u200b", " ",
)  # fmt: skip
_UNSEEN: Final = (
    "\U0001f468\u200d\U0001f469", "soft\u00adhyphen", "a\u00a0b", "a\u3000b", "\ue000", "\u0378",
    "\uffff", "\u3164", "\u2800", "\u0301", " \u0301", "a" + "\u0301" * 5, "tag\U000e0041",
)  # fmt: skip
"""What free text may not have: joined emoji, blanks, private and unassigned characters, marks."""
_UUIDS: Final = (
    "", "x", rpc.ORDER.upper(), "{" + rpc.ORDER + "}", rpc.ORDER + " ", rpc.ORDER[:-1],
    rpc.ORDER.replace("-", ""), rpc.ORDER[:-1] + "\u0430", "urn:uuid:" + rpc.ORDER, "x" * 1_000_000,
    "../../etc/passwd", "' OR 1=1 --", "\U0001f363", *_HOSTILE,
)  # fmt: skip
_NUMBERS: Final = (
    "-1", "-0", "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1e-30", "1E2", "1e5", " 1",
    "1" * 40, "\U0001f363", "0x10", "1_000",
    "\u0661\u0662", " 1.5", "1.5\n", "1,5", ".5", "5.", "+1", "1.", "9" * 10_000, "1" * 19,
    "0." + "1" * 19, "\uff11", *_HOSTILE,
)  # fmt: skip
_SYMBOLS: Final = (
    "", "SUSHIUSDT", "binance:sushiusdt", "BINANCE:", ":SUSHIUSDT", "BINANCE:SUSHI USDT",
    "BINANCE:BTCUSDT'; DROP TABLE x--", "BINANCE:" + "A" * 10_000, "BINANCE:\U0001f363",
    "BINANCE:SUSHIUSDT\n", "BIN\u0410NCE:SUSHIUSDT", *_HOSTILE,
)  # fmt: skip
_UINT64_MAX: Final = 2**64 - 1

BAD: Final[Mapping[str, tuple[Any, ...]]] = {
    "uuid": _UUIDS,
    "optional uuid": tuple(value for value in _UUIDS if value),
    "order id": (*_UUIDS, "78aa6610-517c-5e8f-ac5f-3e636900dfa7"),
    "instrument": _SYMBOLS,
    "optional instrument": tuple(value for value in _SYMBOLS if value),
    "positive": ("", "0", "0.0", *_NUMBERS),
    "optional positive": ("0", *_NUMBERS),
    "optional share": ("0", "1.1", *_NUMBERS),
    "not negative": ("", *_NUMBERS),
    "optional not negative": _NUMBERS,
    "optional signed": tuple(value for value in _NUMBERS if value != "-1"),
    "signed": ("", *(value for value in _NUMBERS if value != "-1")),
    "position side": (4, 99, -1, 2**31 - 1),
    "execution kind": (6, 99, -1, 2**31 - 1),
    "order type": (0, 8, 99, -1, 2**31 - 1),
    "time in force": (0, 6, 99, -1, 2**31 - 1),
    "trigger source": (4, 99, -1, 2**31 - 1),
    "optional date": (253_402_300_800_000_000, _UINT64_MAX),
    "enum": (0, 3, 99, -1, 2**31 - 1),
    "role": (0, 6, 99, -1, 2**31 - 1),
    "optional enum": (3, 99, -1, 2**31 - 1),
    "three words": (0, 4, 99, -1, 2**31 - 1),
    "capital": ("usdt", "U", "-1", "1e3", "US DT", *_HOSTILE),
    "optional time": (-1, 253_402_300_800_000_000, 2**63 - 1),
    "one word": (0, 2, 3, 99, -1, 2**31 - 1),
    "text": ("", "x" * 1_000_000, *_HOSTILE, *_UNSEEN),
    "email": (
        "",
        "ada",
        "@",
        "ada@",
        "@example.com",
        "a@b@c",
        "ada @example.com",
        "ada@exa mple.com",
        "a" * 65 + "@example.com",
        "ada@" + "x" * 10_000,
        "ada@example.com\r\nBcc: x@example.com",
        *_HOSTILE,
    ),
    "optional venue": ("binance", "BINANCE:", "B" * 17, "BIN\u0410NCE", *_HOSTILE),
    "halt mode": (3, 99, -1, 2**31 - 1),
    "venue": ("", "binance", "BINANCE:", "BIN ANCE", "B" * 17, "BIN\u0410NCE", *_HOSTILE),
    "token": ("", "a b", "\u00e9", "x" * 65, *_HOSTILE),
    "optional token": ("a b", "\u00e9", "x" * 65, *_HOSTILE),
    "origin": (0, 6, 99, -1, 2**31 - 1),
    "currency": ("", "usdt", "U", "U" * 13, "US DT", "\u20ac", *_HOSTILE),
    "page token": ("x", "MS4=", "a" * 10_000, "!!!!", "\u20ac", "MS5hLjE="),
    "page size": (-1, 501, 2**31 - 1, -(2**31)),
    "count": (1_000_001, 2**32 - 1),
    "window": (3_600_000_001, _UINT64_MAX),
    "time": (0, 253_402_300_800_000_000, _UINT64_MAX),
    "shard": (1, 2**32 - 1),
    "position": (1_000_000, 2**63 - 1, 2**63, _UINT64_MAX),
    "version": (2**31, _UINT64_MAX),
    "any": (),
    "name": (
        "", "A", "-x", ".x", "_", "a" * 64, "a b", "a/b", "\u0430", "x" * 1_000_000, "a\n",
        "' OR 1=1 --", "../../etc/passwd",
        *(text for text in _HOSTILE if text != "x" * 300),
    ),
    "event types": ("", "order.filled", "order.filled.v99", "x" * 1_000_000, *_HOSTILE),
    "attempts": (101, 2**32 - 1),
    "window of events": (1001, 2**32 - 1),
    "delay": (60_001, 2**32 - 1),
    "place in the log": (0, 2**63, _UINT64_MAX),
    "any place": (2**63, _UINT64_MAX),
    "why": (
        "", "x" * 1001, "x" * 1_000_000, *(text for text in _HOSTILE if text != "x" * 300),
        *_UNSEEN,
    ),
    "scheme": (0, 4, 99, -1, 2**31 - 1),
    "permission": (0, 4, 99, -1, 2**31 - 1),
    "api key": ("", "x" * 15, "x" * 129, "x" * 1_000_000, "\u20ac" * 20, *_HOSTILE),
    "secret": ("", "x" * 15, "x" * 257, "x" * 1_000_000, "\u20ac" * 20, *_HOSTILE),
    "label": ("", "x" * 65, "x" * 1_000_000, *_HOSTILE, *_UNSEEN),
    "key version": (0, 2**31, 2**32 - 1),
}  # fmt: skip

_KINDS: Final[Mapping[str, str]] = {
    "command_id": "uuid",
    "account_id": "uuid",
    "stream_id": "uuid",
    "user_id": "uuid",
    "ListAccountsRequest.account_id": "optional uuid",
    "ListAccountsRequest.user_id": "optional uuid",
    "RegisterUserRequest.name": "text",
    "HaltRequest.user_id": "optional uuid",
    "HaltRequest.venue": "optional venue",
    "HaltRequest.mode": "halt mode",
    "ResumeRequest.user_id": "optional uuid",
    "ResumeRequest.venue": "optional venue",
    "change_id": "uuid",
    "pending_only": "any",
    "email": "email",
    "role": "role",
    "venue": "venue",
    "margin_mode": "enum",
    "position_mode": "enum",
    "leverage": "positive",
    "order_id": "order id",
    "replacement_id": "order id",
    "strategy_id": "optional uuid",
    "instrument": "instrument",
    "quantity": "positive",
    "AmendOrderRequest.quantity": "optional positive",
    "CancelAllOrdersRequest.instrument": "optional instrument",
    "amendment": "count",
    "filled_quantity": "not negative",
    "price": "optional positive",
    "Fill.price": "positive",
    "tick": "positive",
    "step": "positive",
    "minimum_quantity": "positive",
    "maximum_quantity": "positive",
    "maximum_market_quantity": "positive",
    "minimum_notional": "not negative",
    "contract_size": "optional positive",
    "maker_fee": "optional signed",
    "taker_fee": "optional not negative",
    "up_to": "positive",
    "maximum_leverage": "positive",
    "maintenance_rate": "not negative",
    "deduction": "optional not negative",
    "ListInstrumentsRequest.instrument": "optional instrument",
    "order_quantity": "optional positive",
    "order_notional": "optional positive",
    "position_notional": "optional positive",
    "price_collar": "optional positive",
    "loss": "optional positive",
    "fee": "signed",
    "side": "enum",
    "type": "order type",
    "time_in_force": "time in force",
    "trigger_price": "optional positive",
    "trigger_source": "trigger source",
    "trigger_callback": "optional positive",
    "activation_price": "optional positive",
    "close_position": "any",
    "expires_at": "optional date",
    "Triggering.price": "optional positive",
    "origin": "origin",
    "client_order_id": "optional token",
    "liquidity": "enum",
    "position_side": "position side",
    "kind": "execution kind",
    "FundingPayment.quantity": "signed",
    "funding_id": "token",
    "rate": "signed",
    "mark_price": "positive",
    "payment": "signed",
    "balance": "signed",
    "reason": "text",
    "venue_order_id": "token",
    "execution_id": "token",
    "currency": "currency",
    "fee_currency": "currency",
    "page_token": "page token",
    "page_size": "page size",
    "open_orders": "count",
    "duplicate_window": "window",
    "orders_per_second": "count",
    "orders_per_minute": "count",
    "price_age": "window",
    "instrument_open_orders": "count",
    "open_notional": "optional positive",
    "instrument_open_notional": "optional positive",
    "gross_notional": "optional positive",
    "net_notional": "optional positive",
    "concentration": "optional share",
    "concentration_from": "optional positive",
    "daily_loss": "optional positive",
    "drawdown": "optional positive",
    "Limits.leverage": "optional positive",
    "self_trade": "any",
    "StrategyLimits.strategy_id": "uuid",
    "venue_time": "time",
    "shard": "shard",
    "number": "position",
    "after_version": "version",
    "reduce_only": "any",
    "trading": "any",
    "open_only": "any",
    "name": "name",
    "event_types": "event types",
    "max_attempts": "attempts",
    "window": "window of events",
    "retry_delay_ms": "delay",
    "at_head": "any",
    "all": "any",
    "acknowledged": "place in the log",
    "RefusedEvent.position": "place in the log",
    "RefusedEvent.reason": "why",
    "positions": "place in the log",
    "after_position": "any place",
    "scheme": "scheme",
    "permissions": "permission",
    "api_key": "api key",
    "secret": "secret",
    "label": "label",
    "key_version": "key version",
    "WiderLimit.user_id": "optional uuid",
    "WiderLimit.venue": "optional venue",
    "counted": "three words",
    "SetWiderLimitRequest.value": "optional positive",
    "amount": "positive",
    "direction": "enum",
    "as_of": "any place",
    **STRATEGY_FIELDS,
}
_OPTIONAL_ACCOUNT: Final = frozenset(
    {
        "HaltRequest", "ResumeRequest", "ApproveChangeRequest", "DeclineChangeRequest",
        "ListHaltsRequest", "ListChangesRequest", "ListAllotmentsRequest",
        "ReadAllRequest", "SubscribeRequest",
        "ConsumeRequest",
        "CreateSubscriptionRequest", "ListSubscriptionsRequest", "SubscriptionRequest",
        "ResetSubscriptionRequest", "ListParkedRequest", "ParkedRequest",
    }
)  # fmt: skip


def kind_of(field: FieldDescriptor) -> str:
    """Kind of a field; a new field without a row is a KeyError."""
    assert field.containing_type is not None
    owner = field.containing_type.name
    if field.name == "account_id" and owner in _OPTIONAL_ACCOUNT:
        return "optional uuid"
    return _KINDS.get(f"{owner}.{field.name}") or _KINDS[field.name]


def _replaced(message: Message, field: Any) -> bool:
    """Whether the field is left empty because another one says it: empty is then no bad value."""
    return (
        message.DESCRIPTOR.name == "Report"
        and field.name == "order_id"
        and message.HasField("external")
    )


def leaves(message: Message) -> Iterator[tuple[Message, Any]]:
    """Every field that is no message, of a request and of what it holds."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None:
            if not _replaced(message, field):
                yield message, field
        elif field.is_repeated:
            for item in getattr(message, field.name):
                yield from leaves(item)
        elif message.HasField(field.name):
            yield from leaves(getattr(message, field.name))
