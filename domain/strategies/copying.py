"""One follower's part in one intent, or in a drift: an order, or a recorded reason against it.

The order is decided by the same checks as any other, in the same commit as the follower's event; so
there is no order without its intent, and no intent that is lost between two commits. Whoever asks
must have seen every event of the follower: of two workers one is told to look again, and it will
then see that the intent is done.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from domain.accounts.events import PositionMode
from domain.ids import AccountId, OrderId, copied_order_id
from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType, PlaceOrder, ReferencePrice, TimeInForce
from domain.reasons import Reason, Rejected
from domain.risk.state import Risk
from domain.strategies import sizing
from domain.strategies.commands import AmendCopy, CopyIntent, ReportDrift
from domain.strategies.decide import not_following
from domain.strategies.events import (
    CopyRefused,
    CopySkipped,
    DriftAction,
    DriftFound,
    IntentCopied,
    SizingInputs,
)
from domain.strategies.sizing import Basis, Sized
from domain.strategies.state import Follower, Strategy
from domain.strategies.terms import DriftPolicy, Intent, SizingRule, Terms
from domain.values import (
    ZERO,
    Money,
    PositionSide,
    Price,
    Quantity,
    Side,
    magnitude,
    minus,
    plain,
    plus,
)

_COPIED: Final = frozenset({OrderType.MARKET, OrderType.LIMIT})


class Found(NamedTuple):
    """What a copy or a repair is decided on."""

    account_id: AccountId
    """The follower's."""
    mode: PositionMode
    """Of the follower's account."""
    follower: Follower
    strategy: Strategy
    risk: Risk
    rules: TradingRules | None
    rules_version: int
    at: int


def order_id_of(command: CopyIntent | AmendCopy | ReportDrift) -> OrderId:
    """The id of the one order that this command is about: the same on every worker."""
    who = (command.strategy_id, command.account_id)
    if isinstance(command, CopyIntent | AmendCopy):
        return copied_order_id("intent", command.intent.intent_id, *who)
    return copied_order_id("repair", command.instrument_id, str(command.seen), *who)


def template(command: CopyIntent | ReportDrift) -> PlaceOrder:
    """The order without its size: enough to know which streams it looks at."""
    if isinstance(command, ReportDrift):
        return _order(command, Sized(Side.BUY, Quantity(ZERO)))
    return _order(command, Sized(command.intent.side or Side.BUY, Quantity(ZERO)))


def unfit(command: CopyIntent | AmendCopy | ReportDrift, follower: Follower) -> Rejected | None:
    """Why the sender has to look at the log again; nothing is recorded."""
    if follower.terms is None:
        return not_following()
    if command.seen != follower.seen:
        return Rejected(
            Reason.FOLLOWER_MOVED,
            "the follower has other events than you know: read them, then decide again",
            limit=str(follower.seen),
            value=str(command.seen),
        )
    return None


def inputs_of(command: CopyIntent | AmendCopy, terms: Terms, found: Found) -> SizingInputs:
    """What the copy is sized on."""
    return SizingInputs(
        held=command.held,
        equity=equity(terms, found.risk) if terms.rule is SizingRule.EQUITY_SHARE else None,
        price=command.intent.price or _market(command.reference),
        rules_version=found.rules_version,
        at=found.at,
    )


def equity(terms: Terms, risk: Risk) -> Money | None:
    """Capital with all profit and fees of the account in its currency; open positions at cost."""
    if terms.capital is None:
        return None
    currency = terms.capital.currency
    earned = minus(risk.realised.get(currency, ZERO), risk.fees.get(currency, ZERO))
    return Money(plus(terms.capital.amount, earned), currency)


def wanted(
    command: CopyIntent, terms: Terms, inputs: SizingInputs, found: Found
) -> PlaceOrder | CopySkipped:
    """The follower's order, or the skip that is recorded."""
    intent = command.intent
    sized = _unwanted(intent, terms, found) or sized_for(intent, terms, inputs, found)
    if isinstance(sized, Rejected):
        return CopySkipped(
            strategy_id=command.strategy_id,
            account_id=command.account_id,
            intent=intent,
            inputs=inputs,
            reason=int(sized.reason),
            detail=sentence(sized),
        )
    return _legged(_order(command, sized), command.held, found.mode)


def sized_for(intent: Intent, terms: Terms, inputs: SizingInputs, found: Found) -> Sized | Rejected:
    """The follower's side and quantity, or why there is none."""
    if found.rules is None:
        return Rejected(Reason.INSTRUMENT_UNKNOWN, "the instrument is not listed")
    basis = Basis(terms, found.rules, inputs.held, inputs.equity, inputs.price)
    return sizing.size(intent, basis)


def resting(intent: Intent, terms: Terms, found: Found) -> Rejected | None:
    """Why nothing is opened now, whatever the intent."""
    return None if intent.reduce_only else _opens_nothing(terms, found)


def _opens_nothing(terms: Terms, found: Found) -> Rejected | None:
    if terms.paused:
        return Rejected(Reason.FOLLOWER_PAUSED, "the follower has paused")
    if not found.strategy.status.may_open:
        status = found.strategy.status.value
        return Rejected(Reason.STRATEGY_NOT_RUNNING, f"the strategy is {status}")
    if not found.strategy.lets_follow(found.account_id):
        return Rejected(Reason.NOT_INVITED, "the leader has taken the invitation back")
    return None


def copied(
    command: CopyIntent, inputs: SizingInputs, order: PlaceOrder, refusal: Rejected | None
) -> IntentCopied | CopyRefused:
    """What became of the order."""
    if refusal is None:
        return IntentCopied(
            strategy_id=command.strategy_id,
            account_id=command.account_id,
            intent=command.intent,
            inputs=inputs,
            order_id=order.order_id,
            side=order.side,
            quantity=order.quantity,
        )
    return CopyRefused(
        strategy_id=command.strategy_id,
        account_id=command.account_id,
        intent=command.intent,
        inputs=inputs,
        order_id=order.order_id,
        side=order.side,
        quantity=order.quantity,
        reason=int(refusal.reason),
        detail=refusal.detail,
    )


def drifted(
    command: ReportDrift, terms: Terms, found: Found
) -> tuple[DriftFound, PlaceOrder | None] | Rejected:
    """The drift, and the order that repairs it if there is to be one."""
    rules = found.rules
    if rules is None:
        return Rejected(Reason.INSTRUMENT_UNKNOWN, "the instrument is not listed")
    aim = sizing.expected(terms, command.leader, command.held, rules)
    if not sizing.drifts(terms, aim, command.held):
        return Rejected(
            Reason.WITHIN_TOLERANCE,
            "the follower is where it should be",
            limit=plain(terms.tolerance),
            value=plain(magnitude(minus(aim, command.held))),
        )
    reported = _drift(command, aim, found.at, DriftAction.REPORTED)
    if terms.drift is DriftPolicy.REPORT:
        return reported, None
    basis = Basis(terms, rules, command.held, None, _market(command.reference))
    sized = sizing.repair(aim, basis)
    rests = _opens_nothing(terms, found)
    if isinstance(sized, Sized) and rests is not None and not _reduces(sized, command.held):
        sized = rests
    if isinstance(sized, Rejected):
        return _drift(command, aim, found.at, DriftAction.SKIPPED, why=sized), None
    order = _order(command, sized, reduce_only=rests is not None)
    order = _legged(order, command.held, found.mode)
    return _drift(command, aim, found.at, DriftAction.REPAIRED, order), order


def refused_repair(drift: DriftFound, refusal: Rejected) -> DriftFound:
    """The same drift, with the answer of the follower's own checks."""
    return DriftFound(
        strategy_id=drift.strategy_id,
        account_id=drift.account_id,
        instrument_id=drift.instrument_id,
        leader=drift.leader,
        held=drift.held,
        expected=drift.expected,
        action=DriftAction.REFUSED,
        order_id=drift.order_id,
        side=drift.side,
        quantity=drift.quantity,
        reason=int(refusal.reason),
        detail=refusal.detail,
        at=drift.at,
    )


def _unwanted(intent: Intent, terms: Terms, found: Found) -> Rejected | None:
    """Why the intent is not copied whatever its size."""
    if intent.valid_until is not None and found.at > intent.valid_until:
        return Rejected(Reason.SIGNAL_EXPIRED, "it was valid no longer")
    refusal = resting(intent, terms, found)
    if refusal is not None:
        return refusal
    if intent.type not in _COPIED:
        return Rejected(
            Reason.COPY_UNSUPPORTED, f"orders of type {intent.type.value} are not copied"
        )
    if intent.time_in_force is TimeInForce.GTD:
        return Rejected(Reason.COPY_UNSUPPORTED, "orders that end at a date are not copied")
    return None


def _reduces(sized: Sized, held: Decimal) -> bool:
    """Whether the order takes from what is held; a repair never goes past flat."""
    return bool(held) and (held > 0) == (sized.side is Side.SELL)


def _order(
    command: CopyIntent | ReportDrift, sized: Sized, *, reduce_only: bool = False
) -> PlaceOrder:
    if isinstance(command, CopyIntent):
        intent = command.intent
        instrument, kind, price = intent.instrument_id, intent.type, intent.price
        time_in_force, reduce_only = intent.time_in_force, intent.reduce_only
    else:
        instrument, kind, price = command.instrument_id, OrderType.MARKET, None
        time_in_force = TimeInForce.IOC
    return PlaceOrder(
        order_id=order_id_of(command),
        account_id=command.account_id,
        instrument_id=instrument,
        side=sized.side,
        type=kind,
        time_in_force=time_in_force,
        quantity=sized.quantity,
        price=price,
        reduce_only=reduce_only,
        strategy_id=command.strategy_id,
        reference=command.reference,
    )


def _legged(order: PlaceOrder, held: Decimal, mode: PositionMode) -> PlaceOrder:
    """The order in a leg, where the account has legs: what is held is closed before anything opens.

    An order through flat goes in two, of which this is the first; the rest is drift.
    """
    if mode is PositionMode.ONE_WAY:
        return order
    closes = bool(held) and (held > 0) == (order.side is Side.SELL)
    long = (order.side is Side.BUY) is not closes
    most = magnitude(held) if closes else order.quantity
    return replace(
        order,
        position_side=PositionSide.LONG if long else PositionSide.SHORT,
        quantity=Quantity(min(order.quantity, most)),
    )


def _drift(
    command: ReportDrift,
    aim: Decimal,
    at: int,
    action: DriftAction,
    order: PlaceOrder | None = None,
    *,
    why: Rejected | None = None,
) -> DriftFound:
    return DriftFound(
        strategy_id=command.strategy_id,
        account_id=command.account_id,
        instrument_id=command.instrument_id,
        leader=command.leader,
        held=command.held,
        expected=aim,
        action=action,
        order_id=None if order is None else order.order_id,
        side=None if order is None else order.side,
        quantity=None if order is None else order.quantity,
        reason=None if why is None else int(why.reason),
        detail="" if why is None else sentence(why),
        at=at,
    )


def _market(reference: ReferencePrice | None) -> Price | None:
    return None if reference is None else reference.price


def sentence(refusal: Rejected) -> str:
    """The reason with its numbers, for an event has no other place for them."""
    if not refusal.limit:
        return refusal.detail
    return f"{refusal.detail} ({refusal.value or 'nothing'}, limit {refusal.limit})"
