"""Requests about strategies, signals and followers become commands, and intents become requests.

Nothing malformed gets past this module; what it says of a field names the field.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from adapters.proto.v1 import common_pb2, strategies_pb2
from adapters.rpc.translate import InvalidRequest, account, instrument, text, uuid
from domain.ids import (
    AccountId,
    InstrumentId,
    InvalidId,
    SignalId,
    StrategyId,
    UserId,
    parse_instrument,
)
from domain.orders.commands import OrderType, ReferencePrice, TimeInForce
from domain.strategies.commands import (
    AmendCopy,
    ChangeAccess,
    ChangeFollower,
    CopyIntent,
    DismissFollower,
    FollowStrategy,
    InviteFollower,
    PauseStrategy,
    RegisterStrategy,
    ReportDrift,
    StartStrategy,
    StopStrategy,
    SubmitSignal,
    UnfollowStrategy,
)
from domain.strategies.terms import (
    Access,
    CopySource,
    DriftPolicy,
    Intent,
    IntentKind,
    SizingRule,
    Terms,
)
from domain.values import (
    InvalidNumber,
    Money,
    Price,
    Quantity,
    Side,
    parse_decimal,
    parse_price,
    parse_quantity,
    plain,
)

Latest = Callable[[InstrumentId], ReferencePrice | None]

_INSTRUMENTS_MAX: Final = 100
_TIME_MAX: Final = 253_402_300_799_999_999  # the end of year 9999
_CURRENCY: Final = re.compile(r"[A-Z0-9]{2,12}", re.ASCII)
_WordT = TypeVar("_WordT", bound=StrEnum)
_MovingT = TypeVar("_MovingT", StartStrategy, PauseStrategy, StopStrategy, UnfollowStrategy)
_FollowT = TypeVar("_FollowT", FollowStrategy, ChangeFollower)
_InviteT = TypeVar("_InviteT", InviteFollower, DismissFollower)
_CopyT = TypeVar("_CopyT", CopyIntent, AmendCopy)
_ValueT = TypeVar("_ValueT")


def register(request: strategies_pb2.RegisterStrategyRequest) -> RegisterStrategy:
    """A registration; instruments in their order, each once."""
    if not 1 <= len(request.instruments) <= _INSTRUMENTS_MAX:
        raise InvalidRequest(f"instruments: expected 1 to {_INSTRUMENTS_MAX}")
    return RegisterStrategy(
        strategy_id=_strategy(request.strategy_id),
        account_id=account(request.account_id),
        owner=UserId(uuid("owner", request.owner)),
        label=text("label", request.label),
        instruments=_instruments(request.instruments),
        source=_word("source", CopySource, strategies_pb2.CopySource, request.source),
        access=_access(request.access) if request.access else Access.INVITATION,
    )


def change_access(request: strategies_pb2.AccessRequest) -> ChangeAccess:
    """Who may follow from now on."""
    leader = account(request.account_id)
    return ChangeAccess(_strategy(request.strategy_id), leader, _access(request.access))


def invitation(request: strategies_pb2.InvitationRequest, kind: type[_InviteT]) -> _InviteT:
    """An invitation, or its end."""
    follower = AccountId(uuid("follower", request.follower))
    return kind(_strategy(request.strategy_id), account(request.account_id), follower)


def moving(request: strategies_pb2.StrategyRequest, kind: type[_MovingT]) -> _MovingT:
    """A command that says no more than which strategy and which account."""
    return kind(_strategy(request.strategy_id), account(request.account_id))


def submit_signal(request: strategies_pb2.SubmitSignalRequest) -> SubmitSignal:
    """A signal: a side or a target, and whatever else was said."""
    if bool(request.side) == bool(request.target):
        raise InvalidRequest("side or target: set one of them and not both")
    return SubmitSignal(
        signal_id=SignalId(uuid("signal_id", request.signal_id)),
        strategy_id=_strategy(request.strategy_id),
        account_id=account(request.account_id),
        instrument_id=instrument(request.instrument),
        side=_side(request.side),
        target=_signed("target", request.target) if request.target else None,
        quantity=_quantity("quantity", request.quantity),
        strength=_strength(request.strength),
        price=_price(request.price),
        valid_until=_time(request.valid_until),
    )


def follow(request: strategies_pb2.FollowRequest, kind: type[_FollowT]) -> _FollowT:
    """Following on these terms."""
    terms = _terms(request.terms)
    return kind(_strategy(request.strategy_id), account(request.account_id), terms)


def copy(request: strategies_pb2.CopyRequest, latest: Latest, kind: type[_CopyT]) -> _CopyT:
    """One intent for one follower, with the `latest` price of its instrument."""
    intent = _intent(request.intent)
    return kind(
        strategy_id=_strategy(request.strategy_id),
        account_id=account(request.account_id),
        intent=intent,
        seen=request.seen,
        held=_signed("held", request.held),
        reference=latest(intent.instrument_id),
    )


def report_drift(request: strategies_pb2.ReportDriftRequest, latest: Latest) -> ReportDrift:
    """A drift, with the `latest` price of its instrument."""
    traded = instrument(request.instrument)
    return ReportDrift(
        strategy_id=_strategy(request.strategy_id),
        account_id=account(request.account_id),
        instrument_id=traded,
        seen=request.seen,
        leader=_signed("leader", request.leader),
        held=_signed("held", request.held),
        reference=latest(traded),
    )


def intent_message(intent: Intent) -> strategies_pb2.Intent:
    """An intent on the wire."""
    return strategies_pb2.Intent(
        intent_id=intent.intent_id,
        kind=f"INTENT_KIND_{intent.kind.name}",
        instrument=intent.instrument_id,
        side=None if intent.side is None else f"SIDE_{intent.side.name}",
        target=_text(intent.target),
        quantity=_text(intent.quantity),
        strength=_text(intent.strength),
        type=f"ORDER_TYPE_{intent.type.name}",
        time_in_force=f"TIME_IN_FORCE_{intent.time_in_force.name}",
        price=_text(intent.price),
        reduce_only=intent.reduce_only,
        valid_until=intent.valid_until or 0,
    )


def _intent(wire: strategies_pb2.Intent) -> Intent:
    if bool(wire.side) == bool(wire.target):
        raise InvalidRequest("intent: set side or target and not both")
    return Intent(
        intent_id=uuid("intent.intent_id", wire.intent_id),
        kind=_word("intent.kind", IntentKind, strategies_pb2.IntentKind, wire.kind),
        instrument_id=instrument(wire.instrument),
        side=_side(wire.side),
        target=_signed("intent.target", wire.target) if wire.target else None,
        quantity=_quantity("intent.quantity", wire.quantity),
        strength=_strength(wire.strength),
        type=_word("intent.type", OrderType, common_pb2.OrderType, wire.type),
        time_in_force=_word(
            "intent.time_in_force", TimeInForce, common_pb2.TimeInForce, wire.time_in_force
        ),
        price=_price(wire.price),
        reduce_only=wire.reduce_only,
        valid_until=_time(wire.valid_until),
    )


def _terms(wire: strategies_pb2.FollowTerms) -> Terms:
    rule = _word("terms.rule", SizingRule, strategies_pb2.SizingRule, wire.rule)
    capital = None
    if rule is SizingRule.EQUITY_SHARE:
        currency = wire.capital_currency
        if _CURRENCY.fullmatch(currency) is None:
            raise InvalidRequest("terms.capital_currency: expected a currency such as USDT")
        amount = _read("terms.capital", parse_quantity, wire.capital)
        capital = Money(amount, currency)
    elif wire.capital or wire.capital_currency:
        raise InvalidRequest(
            "terms.capital and capital_currency: only an equity share is taken of these"
        )
    return Terms(
        rule=rule,
        value=_read("terms.value", parse_quantity, wire.value),
        maximum=_read("terms.maximum", parse_quantity, wire.maximum),
        capital=capital,
        paused=wire.paused,
        tolerance=_read("terms.tolerance", parse_decimal, wire.tolerance or "0"),
        drift=_word("terms.drift", DriftPolicy, strategies_pb2.DriftPolicy, wire.drift),
    )


def _instruments(texts: Iterable[str]) -> tuple[InstrumentId, ...]:
    try:
        return tuple(sorted({parse_instrument(text) for text in texts}))
    except InvalidId as error:
        raise InvalidRequest(f"instruments: {error}") from None


def _strategy(text: str) -> StrategyId:
    return StrategyId(uuid("strategy_id", text))


def _access(value: int) -> Access:
    return _word("access", Access, strategies_pb2.StrategyAccess, value)


def _side(value: int) -> Side | None:
    return _word("side", Side, common_pb2.Side, value) if value else None


def _strength(text: str) -> Decimal | None:
    if not text:
        return None
    strength = _read("strength", parse_quantity, text)
    if strength > 1:
        raise InvalidRequest("strength: expected a number above 0 and at most 1")
    return strength


def _price(text: str) -> Price | None:
    return _read("price", parse_price, text) if text else None


def _quantity(field: str, text: str) -> Quantity | None:
    return _read(field, parse_quantity, text) if text else None


def _signed(field: str, text: str) -> Decimal:
    return _read(field, lambda given: parse_decimal(given, signed=True), text)


def _time(at: int) -> int | None:
    if not 0 <= at <= _TIME_MAX:
        raise InvalidRequest("valid_until must be microseconds since 1970, before the year 10000")
    return at or None


def _read(field: str, parse: Callable[[str], _ValueT], text: str) -> _ValueT:
    try:
        return parse(text)
    except InvalidNumber as error:
        raise InvalidRequest(f"{field}: {error}") from None


def _word(field: str, words: type[_WordT], wire: EnumTypeWrapper, value: int) -> _WordT:
    """The word whose name ends the name on the wire: SIZING_RULE_RATIO is RATIO."""
    name = wire.Name(value) if value in wire.values() else ""
    for word in words:
        if name.endswith(f"_{word.name}") and len(name) - len(word.name) == _prefix(wire):
            return word
    raise InvalidRequest(f"{field}: {value} is not a known value")


def _prefix(wire: EnumTypeWrapper) -> int:
    """Length of what all names of an enumeration begin with."""
    return len(wire.Name(0)) - len("UNSPECIFIED")


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
