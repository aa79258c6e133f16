"""Place a bracket: the exits fit the entry, and the entry is admitted like any other order.

The exits are judged here, on their form and on which side of the entry they are, and not against
limits: they can only make the position smaller, and nothing of them leaves the house before the
entry is filled. Who may trade at all is asked again then (domain/brackets/protecting.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.brackets.commands import ExitTerms, PlaceBracket
from domain.brackets.events import BracketPlaced, BracketRefused
from domain.brackets.state import Bracket
from domain.decision import Aggregate, Change, Decision, StreamRef
from domain.ids import AccountId, OrderId, bracket_stream, exit_order_id
from domain.instruments.state import Instrument
from domain.orders.commands import BracketRole, OrderType, PlaceOrder, TimeInForce
from domain.orders.decide import stream as order_stream
from domain.orders.events import OrderLinked, OrderPlaced
from domain.orders.forms import LIMITED, TAKE_PROFITS
from domain.reasons import Reason, Rejected
from domain.risk.rules import conditions, hedge, shape
from domain.risk.rules.question import Question, over
from domain.risk.state import Exposure, Risk
from domain.values import Side

ENTRIES: Final = frozenset(
    {OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_MARKET, OrderType.STOP_LIMIT}
)
STOPS: Final = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
TARGETS: Final = TAKE_PROFITS | {OrderType.LIMIT}
_FORM: Final = (
    shape.price_and_type,
    conditions.time_in_force,
    conditions.trigger,
    shape.quantity,
)
"""Checks of the table that look at an order and its instrument and at nothing else."""

Place = Callable[[PlaceOrder, Sequence[object]], Decision]
"""The decision on an order, on the states of its own streams."""


def stream(account_id: AccountId, entry_id: OrderId) -> StreamRef:
    """The stream of one bracket."""
    return StreamRef(Aggregate.BRACKET, bracket_stream(entry_id), account_id)


def decide(command: PlaceBracket, found: Sequence[object], at: int, place: Place) -> Decision:
    """The entry with its bracket, or why not; the last of the states is the bracket's own."""
    *of_entry, bracket = found
    assert isinstance(bracket, Bracket)
    entry = command.entry
    if bracket.entry_id is not None:
        return Decision(
            rejected=Rejected(
                Reason.ORDER_ALREADY_EXISTS, "this order_id is taken: choose a fresh one"
            )
        )
    ref = stream(entry.account_id, entry.order_id)
    instrument = next(state for state in of_entry if isinstance(state, Instrument))
    refusal = _misfit(command, instrument, at)
    if refusal is not None:
        return Decision((Change(ref, _refused(command, refusal)),), refusal)
    decision = place(entry, of_entry)
    if decision.rejected is not None:
        return decision
    placed = decision.changes[-1].event
    assert isinstance(placed, OrderPlaced)  # an admitted order comes last
    link = OrderLinked(entry.order_id, entry.account_id, entry.order_id, BracketRole.ENTRY)
    begun = BracketPlaced(
        entry_id=entry.order_id,
        account_id=entry.account_id,
        instrument_id=entry.instrument_id,
        side=entry.side,
        position_side=entry.position_side,
        strategy_id=entry.strategy_id,
        quantity=entry.quantity,
        currency=placed.currency,
        stop=command.stop,
        target=command.target,
    )
    linked = Change(order_stream(entry.account_id, entry.order_id), link)
    return Decision((*decision.changes, linked, Change(ref, begun)))


def _refused(command: PlaceBracket, refusal: Rejected) -> BracketRefused:
    entry = command.entry
    return BracketRefused(
        entry_id=entry.order_id,
        account_id=entry.account_id,
        instrument_id=entry.instrument_id,
        side=entry.side,
        position_side=entry.position_side,
        strategy_id=entry.strategy_id,
        quantity=entry.quantity,
        stop=command.stop,
        target=command.target,
        reason=int(refusal.reason),
        detail=refusal.detail,
        limit=refusal.limit,
        value=refusal.value,
    )


def _misfit(command: PlaceBracket, instrument: Instrument, at: int) -> Rejected | None:
    """Why the exits and the entry do not belong together; None if they do."""
    entry = command.entry
    if command.stop is None and command.target is None:
        return Rejected(Reason.BRACKET_WITHOUT_EXIT, "a bracket has a stop, a target or both")
    if entry.type not in ENTRIES:
        return Rejected(
            Reason.BRACKET_ENTRY_NOT_ALLOWED, f"a {entry.type.value} order does not enter a bracket"
        )
    if entry.reduce_only or entry.close_position or hedge.closes(entry):
        return Rejected(
            Reason.BRACKET_ENTRY_NOT_ALLOWED, "an entry opens: nothing is left to protect"
        )
    for role, terms in ((BracketRole.STOP, command.stop), (BracketRole.TARGET, command.target)):
        refusal = None if terms is None else _unfit_exit(role, terms, entry, instrument, at)
        if refusal is not None:
            return refusal
    return None


def _unfit_exit(
    role: BracketRole, terms: ExitTerms, entry: PlaceOrder, instrument: Instrument, at: int
) -> Rejected | None:
    types = STOPS if role is BracketRole.STOP else TARGETS
    if terms.type not in types:
        return Rejected(
            Reason.BRACKET_EXIT_NOT_ALLOWED, f"a {terms.type.value} order is no {role.value}"
        )
    order = _exit_order(terms, entry, exit_order_id(entry.order_id, role.value, 1))
    nobody = Risk()
    question = Question(order, nobody, nobody, instrument, Exposure(), at)
    for check in _FORM:
        refusal = check(question)
        if refusal is not None:
            return replace(refusal, detail=f"the {role.value}: {refusal.detail}")
    enters = _enters_at(entry)
    return None if enters is None else wrong_side(role, terms, entry.side, enters)


def _exit_order(terms: ExitTerms, entry: PlaceOrder, order_id: OrderId) -> PlaceOrder:
    """An exit as an order, for all that the entry may bring in."""
    return replace(
        entry,
        order_id=order_id,
        side=entry.side.opposite,
        type=terms.type,
        time_in_force=TimeInForce.GTC,
        price=terms.price,
        reduce_only=True,
        expires_at=None,
        trigger=terms.trigger,
    )


def wrong_side(role: BracketRole, terms: ExitTerms, side: Side, enters: Decimal) -> Rejected | None:
    """The stop is where the entry loses, the target is where it wins.

    A trailing stop has no price of its own; the one from which on it follows is where it wins.
    """
    leaves = _leaves_at(terms)
    if leaves is None:
        return None
    wins = leaves > enters if side is Side.BUY else leaves < enters
    should = role is BracketRole.TARGET or terms.type is OrderType.TRAILING_STOP
    if leaves != enters and wins is should:
        return None
    where = "above" if should is (side is Side.BUY) else "below"
    is_target = role is BracketRole.TARGET
    return over(
        Reason.TARGET_ON_WRONG_SIDE if is_target else Reason.STOP_ON_WRONG_SIDE,
        f"the {role.value} of this entry has to be {where} the price at which it enters",
        limit=enters,
        value=leaves,
    )


def _enters_at(entry: PlaceOrder) -> Decimal | None:
    """What the entry is expected to trade at: its own price, or the market if that is better."""
    market = entry.reference.price if entry.reference is not None else None
    trigger = entry.trigger.price if entry.trigger is not None else None
    known = [price for price in (entry.price, trigger or market) if price is not None]
    if not known:
        return None  # the check "reference_price" refuses it
    return min(known) if entry.side is Side.BUY else max(known)


def _leaves_at(terms: ExitTerms) -> Decimal | None:
    if terms.trigger is not None:
        return terms.trigger.price or terms.trigger.activation
    return terms.price if terms.type in LIMITED else None
