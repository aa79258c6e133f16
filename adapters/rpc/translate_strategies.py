"""Requests about strategies, signals and followers become commands, and intents become requests.

Nothing malformed gets past this module; what it says of a field names the field.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from adapters.proto.v1 import common_pb2, strategies_pb2
from adapters.rpc.translate import (
    TIME_MAX,
    InvalidRequest,
    account,
    currency_of,
    decimal_of,
    instrument,
    price_of,
    quantity_of,
    text,
    uuid,
)
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
from domain.values import Money, Side, plain

Latest = Callable[[InstrumentId], ReferencePrice | None]

_INSTRUMENTS_MAX: Final = 100
_WordT = TypeVar("_WordT", bound=StrEnum)
_MovingT = TypeVar("_MovingT", StartStrategy, PauseStrategy, StopStrategy, UnfollowStrategy)
_FollowT = TypeVar("_FollowT", FollowStrategy, ChangeFollower)
_InviteT = TypeVar("_InviteT", InviteFollower, DismissFollower)
_CopyT = TypeVar("_CopyT", CopyIntent, AmendCopy)


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
        target=decimal_of("target", request.target, signed=True) if request.target else None,
        quantity=quantity_of("quantity", request.quantity) if request.quantity else None,
        strength=_strength(request.strength),
        price=price_of("price", request.price) if request.price else None,
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
        held=decimal_of("held", request.held, signed=True),
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
        leader=decimal_of("leader", request.leader, signed=True),
        held=decimal_of("held", request.held, signed=True),
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
        target=decimal_of("intent.target", wire.target, signed=True) if wire.target else None,
        quantity=quantity_of("intent.quantity", wire.quantity) if wire.quantity else None,
        strength=_strength(wire.strength),
        type=_word("intent.type", OrderType, common_pb2.OrderType, wire.type),
        time_in_force=_word(
            "intent.time_in_force", TimeInForce, common_pb2.TimeInForce, wire.time_in_force
        ),
        price=price_of("price", wire.price) if wire.price else None,
        reduce_only=wire.reduce_only,
        valid_until=_time(wire.valid_until),
    )


def _terms(wire: strategies_pb2.FollowTerms) -> Terms:
    rule = _word("terms.rule", SizingRule, strategies_pb2.SizingRule, wire.rule)
    capital = None
    if rule is SizingRule.EQUITY_SHARE:
        currency = currency_of("terms.capital_currency", wire.capital_currency)
        capital = Money(quantity_of("terms.capital", wire.capital), currency)
    elif wire.capital or wire.capital_currency:
        raise InvalidRequest(
            "terms.capital and capital_currency: only an equity share is taken of these"
        )
    return Terms(
        rule=rule,
        value=quantity_of("terms.value", wire.value),
        maximum=quantity_of("terms.maximum", wire.maximum),
        capital=capital,
        paused=wire.paused,
        tolerance=decimal_of("terms.tolerance", wire.tolerance or "0"),
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
    strength = quantity_of("strength", text)
    if strength > 1:
        raise InvalidRequest("strength: expected a number above 0 and at most 1")
    return strength


def _time(at: int) -> int | None:
    if not 0 <= at <= TIME_MAX:
        raise InvalidRequest("valid_until must be microseconds since 1970, before the year 10000")
    return at or None


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
