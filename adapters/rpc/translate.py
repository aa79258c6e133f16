"""Requests become commands, or a sentence that names the field that is wrong.

Nothing malformed gets past this module: every text is checked for its form, length and characters,
every number by the pattern of domain.values, every enum for a known value.

    ValueError
    └── InvalidRequest    the text names the field and what it must be; nothing was written
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar, cast

from google.protobuf.message import Message

from adapters.proto.v1 import common_pb2, orders_pb2, risk_pb2, venues_pb2
from adapters.texts import TEXT_MAX, is_free
from domain.ids import (
    VERSION_AT,
    AccountId,
    CommandId,
    ExecutionId,
    InstrumentId,
    InvalidId,
    OrderId,
    StrategyId,
    parse_instrument,
    parse_uuid,
)
from domain.instruments.commands import ListInstrument
from domain.instruments.events import TradingRules
from domain.margin.tiers import MarginTier
from domain.orders.commands import (
    CancelOrder,
    ExecutionKind,
    Liquidity,
    OrderType,
    PlaceOrder,
    RecordAcceptance,
    RecordCancellation,
    RecordCancelRejection,
    RecordExpiry,
    RecordFill,
    RecordRejection,
    RecordTrigger,
    ReferencePrice,
    TimeInForce,
    Trigger,
    TriggerSource,
    VenueReport,
)
from domain.values import (
    ZERO,
    InvalidNumber,
    Money,
    PositionSide,
    Price,
    Quantity,
    Side,
    parse_decimal,
    parse_price,
    parse_quantity,
)

_TIERS_MAX: Final = 100
TIME_MAX: Final = 253_402_300_799_999_999  # the end of year 9999
_CURRENCY: Final = re.compile(r"[A-Z0-9]{2,12}", re.ASCII)
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)

SIDES: Final[dict[int, Side]] = {common_pb2.SIDE_BUY: Side.BUY, common_pb2.SIDE_SELL: Side.SELL}
TYPES: Final[dict[int, OrderType]] = {
    common_pb2.ORDER_TYPE_LIMIT: OrderType.LIMIT,
    common_pb2.ORDER_TYPE_MARKET: OrderType.MARKET,
    common_pb2.ORDER_TYPE_STOP_MARKET: OrderType.STOP_MARKET,
    common_pb2.ORDER_TYPE_STOP_LIMIT: OrderType.STOP_LIMIT,
    common_pb2.ORDER_TYPE_TAKE_PROFIT_MARKET: OrderType.TAKE_PROFIT_MARKET,
    common_pb2.ORDER_TYPE_TAKE_PROFIT_LIMIT: OrderType.TAKE_PROFIT_LIMIT,
    common_pb2.ORDER_TYPE_TRAILING_STOP: OrderType.TRAILING_STOP,
}
TIMES_IN_FORCE: Final[dict[int, TimeInForce]] = {
    common_pb2.TIME_IN_FORCE_GTC: TimeInForce.GTC,
    common_pb2.TIME_IN_FORCE_IOC: TimeInForce.IOC,
    common_pb2.TIME_IN_FORCE_FOK: TimeInForce.FOK,
    common_pb2.TIME_IN_FORCE_GTX: TimeInForce.GTX,
    common_pb2.TIME_IN_FORCE_GTD: TimeInForce.GTD,
}
_SOURCES: Final[dict[int, TriggerSource]] = {
    common_pb2.TRIGGER_SOURCE_UNSPECIFIED: TriggerSource.LAST,
    common_pb2.TRIGGER_SOURCE_LAST: TriggerSource.LAST,
    common_pb2.TRIGGER_SOURCE_MARK: TriggerSource.MARK,
    common_pb2.TRIGGER_SOURCE_INDEX: TriggerSource.INDEX,
}
_LIQUIDITIES: Final[dict[int, Liquidity]] = {
    venues_pb2.LIQUIDITY_MAKER: Liquidity.MAKER,
    venues_pb2.LIQUIDITY_TAKER: Liquidity.TAKER,
}
_EXECUTIONS: Final[dict[int, ExecutionKind]] = {
    venues_pb2.EXECUTION_KIND_UNSPECIFIED: ExecutionKind.TRADE,
    venues_pb2.EXECUTION_KIND_TRADE: ExecutionKind.TRADE,
    venues_pb2.EXECUTION_KIND_LIQUIDATION: ExecutionKind.LIQUIDATION,
    venues_pb2.EXECUTION_KIND_ADL: ExecutionKind.ADL,
    venues_pb2.EXECUTION_KIND_SETTLEMENT: ExecutionKind.SETTLEMENT,
    venues_pb2.EXECUTION_KIND_DELIVERY: ExecutionKind.DELIVERY,
}
POSITION_SIDES: Final[dict[int, PositionSide]] = {
    common_pb2.POSITION_SIDE_UNSPECIFIED: PositionSide.NET,
    common_pb2.POSITION_SIDE_NET: PositionSide.NET,
    common_pb2.POSITION_SIDE_LONG: PositionSide.LONG,
    common_pb2.POSITION_SIDE_SHORT: PositionSide.SHORT,
}
_ValueT = TypeVar("_ValueT")
# Orders of one minute repeat a few numbers; what is refused is not kept.
_price: Final = lru_cache(maxsize=65_536)(parse_price)
_quantity: Final = lru_cache(maxsize=65_536)(parse_quantity)
Terms: TypeAlias = orders_pb2.PlaceOrderRequest | orders_pb2.ReplaceOrderRequest


class InvalidRequest(ValueError):
    """The request is malformed."""


class Identified(NamedTuple):
    """What every command carries besides its content."""

    command_id: CommandId
    fingerprint: bytes


def identified(request: Message, command_id: str) -> Identified:
    """The command's id, and the SHA-256 of everything else."""
    checked = CommandId(uuid("command_id", command_id))
    serialised = request.SerializeToString(deterministic=True)
    # Fields are written in the order of their numbers, and the command's id is the first of all.
    head = b"\x0a\x24" + checked.encode()
    if not serialised.startswith(head):
        message = f"command_id is not the first field of {type(request).__name__}"
        raise AssertionError(message)
    content = _kind(cast("Any", type(request))) + serialised[len(head) :]
    return Identified(checked, hashlib.sha256(content).digest())


@lru_cache
def _kind(message: Any) -> bytes:
    name: str = message.DESCRIPTOR.full_name
    return name.encode() + b"\x00"


@lru_cache(maxsize=65_536)
def account(text: str) -> AccountId:
    """An account id; raises InvalidRequest. The same object for the same account."""
    return AccountId(uuid("account_id", text))


def place_order(
    request: orders_pb2.PlaceOrderRequest,
    latest: Callable[[InstrumentId], ReferencePrice | None] = lambda _: None,
) -> PlaceOrder:
    """The order as it was asked for, with the `latest` price of its instrument."""
    traded = instrument(request.instrument)
    closes = request.close_position
    return PlaceOrder(  # by place: domain/making.py says why
        fresh_order("order_id", request.order_id),
        account(request.account_id),
        traded,
        choice_of("side", SIDES, request.side),
        choice_of("type", TYPES, request.type),
        choice_of("time_in_force", TIMES_IN_FORCE, request.time_in_force),
        ordered(request),
        price_of("price", request.price) if request.price else None,
        request.reduce_only or closes,
        (StrategyId(uuid("strategy_id", request.strategy_id)) if request.strategy_id else None),
        latest(traded),
        choice_of("position_side", POSITION_SIDES, request.position_side),
        expiry_of(request),
        closes,
        trigger_of(request),
    )


def expiry_of(request: Terms | venues_pb2.ExternalOrder, field: str = "expires_at") -> int | None:
    """When a GTD order ends; raises InvalidRequest."""
    if request.expires_at > TIME_MAX:
        raise InvalidRequest(f"{field} must be microseconds since 1970, before the year 10000")
    return request.expires_at or None


def ordered(request: Terms) -> Quantity:
    """What closes the position comes without a quantity; one that was sent is refused later."""
    if request.close_position and not request.quantity:
        return Quantity(ZERO)
    return quantity_of("quantity", request.quantity)


def trigger_of(request: Terms | venues_pb2.ExternalOrder) -> Trigger | None:
    """What the order waits for, if any of its four fields was sent; None is no condition."""
    named = request.trigger_price, request.trigger_callback, request.activation_price
    source = choice_of("trigger_source", _SOURCES, request.trigger_source)
    if not any(named) and not request.trigger_source:
        return None
    return Trigger(
        source,
        price_of("trigger_price", named[0]) if named[0] else None,
        quantity_of("trigger_callback", named[1]) if named[1] else None,
        price_of("activation_price", named[2]) if named[2] else None,
    )


def cancel_order(request: orders_pb2.CancelOrderRequest) -> CancelOrder:
    """A cancel."""
    return CancelOrder(order_of(request.order_id), account(request.account_id))


def list_instrument(request: risk_pb2.ListInstrumentRequest) -> ListInstrument:
    """An instrument's rules."""
    rules = request.rules
    return ListInstrument(
        instrument(request.instrument),
        TradingRules(
            currency=currency_of("rules.currency", rules.currency),
            tick=price_of("rules.tick", rules.tick),
            step=quantity_of("rules.step", rules.step),
            minimum_quantity=quantity_of("rules.minimum_quantity", rules.minimum_quantity),
            maximum_quantity=quantity_of("rules.maximum_quantity", rules.maximum_quantity),
            maximum_market_quantity=quantity_of(
                "rules.maximum_market_quantity", rules.maximum_market_quantity
            ),
            minimum_notional=decimal_of("rules.minimum_notional", rules.minimum_notional),
            trading=rules.trading,
            contract_size=quantity_of("rules.contract_size", rules.contract_size or "1"),
            maker_fee=decimal_of("rules.maker_fee", rules.maker_fee or "0", signed=True),
            taker_fee=decimal_of("rules.taker_fee", rules.taker_fee or "0"),
            margin_tiers=_margin_tiers(rules.margin_tiers),
        ),
    )


def _margin_tiers(tiers: Sequence[risk_pb2.MarginTier]) -> tuple[MarginTier, ...]:
    if len(tiers) > _TIERS_MAX:
        raise InvalidRequest(f"rules.margin_tiers: at most {_TIERS_MAX}")
    name = "rules.margin_tiers"
    return tuple(
        MarginTier(
            up_to=quantity_of(f"{name}.up_to", tier.up_to),
            maximum_leverage=quantity_of(f"{name}.maximum_leverage", tier.maximum_leverage),
            maintenance_rate=decimal_of(f"{name}.maintenance_rate", tier.maintenance_rate),
            deduction=decimal_of(f"{name}.deduction", tier.deduction or "0"),
        )
        for tier in tiers
    )


def report(request: venues_pb2.Report) -> VenueReport:
    """What a venue said about one order."""
    order_id = order_of(request.order_id)
    account_id = account(request.account_id)
    at = venue_time(request.venue_time)
    common = (order_id, account_id, instrument(request.instrument))
    match request.WhichOneof("report"):
        case "accepted":
            venue_id = token_of("accepted.venue_order_id", request.accepted.venue_order_id)
            return RecordAcceptance(*common, venue_id, at)
        case "rejected":
            return RecordRejection(*common, text("rejected.reason", request.rejected.reason), at)
        case "filled":
            return _fill(request.filled, common, at)
        case "cancelled":
            return RecordCancellation(*common, at)
        case "cancel_rejected":
            reason = text("cancel_rejected.reason", request.cancel_rejected.reason)
            return RecordCancelRejection(*common, reason, at)
        case "expired":
            return RecordExpiry(*common, text("expired.reason", request.expired.reason), at)
        case "triggered":
            price = request.triggered.price
            known = price_of("triggered.price", price) if price else None
            return RecordTrigger(*common, known, at)
        case _:
            raise InvalidRequest("report must be one of accepted, rejected, filled, ...")


def _fill(
    fill: venues_pb2.Fill, common: tuple[OrderId, AccountId, InstrumentId], at: int
) -> RecordFill:
    currency = currency_of("filled.fee_currency", fill.fee_currency)
    return RecordFill(
        *common,
        execution_id=ExecutionId(token_of("filled.execution_id", fill.execution_id)),
        side=choice_of("filled.side", SIDES, fill.side),
        price=price_of("filled.price", fill.price),
        quantity=quantity_of("filled.quantity", fill.quantity),
        fee=Money(decimal_of("filled.fee", fill.fee, signed=True), currency),
        liquidity=choice_of("filled.liquidity", _LIQUIDITIES, fill.liquidity),
        venue_time=at,
        kind=choice_of("filled.kind", _EXECUTIONS, fill.kind),
        position_side=choice_of("filled.position_side", POSITION_SIDES, fill.position_side),
    )


def venue_time(at: int) -> int:
    """A time of a venue's clock; raises InvalidRequest."""
    if not 0 < at <= TIME_MAX:
        raise InvalidRequest("venue_time must be microseconds since 1970, before the year 10000")
    return at


def uuid(field: str, text: str) -> str:
    """A canonical UUID; raises InvalidRequest."""
    try:
        return parse_uuid(text)
    except InvalidId as error:
        raise InvalidRequest(f"{field}: {error}") from None


def order_of(text: str, field: str = "order_id") -> OrderId:
    """An order id, which is also its stream's; it must not name a stream of another kind.

    Streams of risk, positions and instruments are derived UUIDs (version 5) that anybody can
    compute; an order under such an id would take that stream's place.
    """
    order_id = uuid(field, text)
    if order_id[VERSION_AT] == "5":
        raise InvalidRequest(f"{field}: expected a random UUID (version 4 or 7), was version 5")
    return OrderId(order_id)


def fresh_order(field: str, text: str) -> OrderId:
    """The id of an order to be placed: neither does it belong to a copy that is not made yet."""
    order_id = order_of(text, field)
    if order_id[VERSION_AT] == "8":
        raise InvalidRequest(f"{field}: expected a random UUID (version 4 or 7), was version 8")
    return order_id


@lru_cache(maxsize=4_096)
def instrument(text: str) -> InstrumentId:
    """An instrument's name; raises InvalidRequest."""
    try:
        return parse_instrument(text)
    except InvalidId as error:
        raise InvalidRequest(f"instrument: {error}") from None


def price_of(field: str, text: str) -> Price:
    """A price; raises InvalidRequest."""
    try:
        return _price(text)
    except InvalidNumber as error:
        raise InvalidRequest(f"{field}: {error}") from None


def quantity_of(field: str, text: str) -> Quantity:
    """A number above 0; raises InvalidRequest."""
    try:
        return _quantity(text)
    except InvalidNumber as error:
        raise InvalidRequest(f"{field}: {error}") from None


def decimal_of(field: str, text: str, *, signed: bool = False) -> Decimal:
    """A number, 0 at least unless it may have a sign; raises InvalidRequest."""
    try:
        return parse_decimal(text, signed=signed)
    except InvalidNumber as error:
        raise InvalidRequest(f"{field}: {error}") from None


def choice_of(field: str, known: Mapping[int, _ValueT], value: int) -> _ValueT:
    """A word of an enum; raises InvalidRequest."""
    try:
        return known[value]
    except KeyError:
        raise InvalidRequest(f"{field}: {value} is not a known value") from None


def currency_of(field: str, text: str) -> str:
    """A currency; raises InvalidRequest."""
    if _CURRENCY.fullmatch(text) is None:
        raise InvalidRequest(f"{field}: expected a currency such as USDT")
    return text


def token_of(field: str, text: str) -> str:
    """An id that somebody else made up; raises InvalidRequest."""
    if _TOKEN.fullmatch(text) is None:
        raise InvalidRequest(f"{field}: expected 1 to 64 visible ASCII characters")
    return text


def text(field: str, value: str, longest: int = TEXT_MAX) -> str:
    """Free text for people, by the one rule for it; raises InvalidRequest."""
    if not is_free(value, longest):
        raise InvalidRequest(f"{field}: expected 1 to {longest} printable characters")
    return value
