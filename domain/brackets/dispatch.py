"""Which more streams a command touches because an order of a bracket is meant, and what follows.

The streams of most commands are known from the command alone. Which orders protect another is known
from the log alone: the order says that it belongs to a bracket, and the bracket which orders stand.
So they are found in two steps, and only for orders of brackets; for all others it is one look at a
field. A bracket of one stream with all three orders in it was refused: orders of brackets are
orders, for the venue, for the read models and for whoever cancels one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

from domain.accounts import decide as accounts
from domain.accounts.state import Account
from domain.brackets import placing
from domain.brackets.commands import BracketCommand, PlaceBracket, ProtectBracket
from domain.brackets.events import ExitGivenUp
from domain.brackets.placing import stream, wrong_side
from domain.brackets.protecting import Protection, Surroundings
from domain.brackets.state import Bracket, Standing
from domain.decision import Change, Decision, StreamRef
from domain.ids import PLATFORM, AccountId, InstrumentId, OrderId, StreamId, order_stream
from domain.instruments import decide as instruments
from domain.instruments.state import Instrument
from domain.orders import decide as orders
from domain.orders.commands import AmendOrder, CancelOrder, PlaceOrder, VenueReport
from domain.orders.events import OrderEvent
from domain.orders.evolve import evolve as evolve_order
from domain.orders.state import Order
from domain.reasons import Reason, Rejected
from domain.risk import decide as risks
from domain.risk.state import Risk
from domain.values import plain as plain_number

Linked: TypeAlias = VenueReport | CancelOrder | AmendOrder | ProtectBracket
"""Commands that may be about an order of a bracket."""
StateT = TypeVar("StateT")
Decide: TypeAlias = Callable[
    [VenueReport | CancelOrder | AmendOrder, Sequence[StateT], int], Decision
]
"""The decision on a command by itself."""
Known: TypeAlias = Mapping[StreamId, object]
Lookup: TypeAlias = Callable[[StreamRef], object]


def streams_of(
    command: BracketCommand, of_order: Callable[[PlaceOrder], tuple[StreamRef, ...]]
) -> tuple[StreamRef, ...]:
    """Every stream that is known from the command; the first is its main one."""
    if isinstance(command, PlaceBracket):
        own = stream(command.account_id, command.entry.order_id)
        return (*of_order(command.entry), own)
    return (stream(command.account_id, command.entry_id),)


def decided(
    command: BracketCommand, found: Sequence[object], at: int, place: placing.Place
) -> Decision:
    """A bracket with its entry; what else is asked of one needs the streams of links()."""
    assert isinstance(command, PlaceBracket)
    return placing.decide(command, found, at, place)


def is_linked(command: Linked, main: object) -> bool:
    """Whether the command is about an order of a bracket, or about a bracket."""
    if isinstance(main, Order):
        return main.link is not None
    return isinstance(command, ProtectBracket)


def decide_linked(
    command: Linked, found: Sequence[StateT], at: int, decide: Decide[StateT]
) -> Decision:
    """What is decided on an order of a bracket as on any other, and what follows for the others."""
    main = found[0]
    bracket = next(state for state in found if isinstance(state, Bracket))
    refs = links(command, main, lambda _: bracket)
    own, others = found[: -len(refs)], found[-len(refs) :]
    linked: dict[StreamId, object] = {
        ref.stream_id: state for ref, state in zip(refs, others, strict=True)
    }
    if isinstance(command, ProtectBracket):
        return protect(command, linked, at)
    assert isinstance(main, Order)
    if isinstance(command, AmendOrder):
        refusal = misfit(command, main, linked)
        return Decision(rejected=refusal) if refusal else decide(command, own, at)
    plain = decide(command, own, at)
    if isinstance(command, CancelOrder):
        return cancel(command, plain, main, linked)
    return follow(command, plain, {**linked, order_stream(command.order_id): main}, at)


def links(command: Linked, first: object, lookup: Lookup) -> tuple[StreamRef, ...]:
    """The streams beyond the command's own, as far as what `lookup` knows tells; none for most.

    The bracket comes first, and is all that `lookup` is asked for.
    """
    if isinstance(command, ProtectBracket):
        entry_id = command.entry_id
    elif isinstance(first, Order) and first.link is not None:
        entry_id = first.link.entry_id
    else:
        return ()
    account_id = command.account_id
    ref = stream(account_id, entry_id)
    if isinstance(command, CancelOrder | AmendOrder):
        return (ref,)
    bracket = lookup(ref)
    assert isinstance(bracket, Bracket)
    return (
        ref,
        orders.stream(account_id, entry_id),
        risks.stream(account_id),
        risks.stream(PLATFORM),
        instruments.stream(command.instrument_id),
        accounts.stream(account_id),
        *(orders.stream(account_id, order_id) for order_id in _exits(bracket)),
    )


def _exits(bracket: Bracket) -> Iterator[OrderId]:
    """The orders that stand, and those that would succeed them."""
    for role, one in bracket.exits:
        if one.order_id is not None:
            yield one.order_id
        yield bracket.next_order(role)


def follow(report: VenueReport, plain: Decision, known: Known, at: int) -> Decision:
    """A report of an order of a bracket, with everything that follows for the others."""
    if plain.rejected is not None:
        return plain
    reported = known[order_stream(report.order_id)]
    assert isinstance(reported, Order)
    for stream_ref, event in plain.changes:
        if stream_ref.stream_id == order_stream(report.order_id):
            reported = evolve_order(reported, cast("OrderEvent", event))
    assert reported.link is not None  # links() led here
    bracket = _bracket(known, report.account_id, reported.link.entry_id)
    orders_of = {**_orders(known, bracket), report.order_id: reported}
    around = _around(known, report.account_id, report.instrument_id, at)
    followed = Protection(bracket, orders_of, around, report).run()
    return Decision((*plain.changes, *followed))


def protect(command: ProtectBracket, known: Known, at: int) -> Decision:
    """Send again what is missing, if anything is."""
    bracket = _bracket(known, command.account_id, command.entry_id)
    whose = (bracket.entry_id, bracket.account_id, bracket.instrument_id)
    if whose != (command.entry_id, command.account_id, command.instrument_id):
        return Decision(
            rejected=Rejected(
                Reason.BRACKET_UNKNOWN, "this account has no such bracket in this instrument"
            )
        )
    around = _around(known, command.account_id, command.instrument_id, at)
    changes = Protection(bracket, _orders(known, bracket), around, command).run()
    if not changes:
        return Decision(
            rejected=Rejected(
                Reason.BRACKET_PROTECTED,
                "nothing is held without the exits that protect it",
                value=plain_number(bracket.held),
            )
        )
    return Decision(changes)


def cancel(command: CancelOrder, plain: Decision, order: Order, known: Known) -> Decision:
    """Whoever cancels an exit gives it up: no other takes its place, an older cancel or not."""
    assert order.link is not None  # links() led here
    bracket = _bracket(known, command.account_id, order.link.entry_id)
    one = bracket.exit(order.link.role) if order.is_exit else None
    if one is None or one.order_id != command.order_id or one.standing is Standing.GIVEN_UP:
        return plain
    if plain.rejected is not None and (
        plain.rejected.reason is not Reason.CANCEL_ALREADY_REQUESTED
    ):
        return plain
    entry_id, role = order.link
    given_up = ExitGivenUp(entry_id, command.account_id, role, command.order_id)
    return Decision((*plain.changes, Change(stream(command.account_id, entry_id), given_up)))


def misfit(command: AmendOrder, order: Order, known: Known) -> Rejected | None:
    """Why an entry may not be amended to this price: its exits would be on the wrong side of it."""
    assert order.link is not None  # links() led here
    if order.is_exit or command.price is None:
        return None
    bracket = _bracket(known, command.account_id, order.link.entry_id)
    for role, one in bracket.exits:
        refusal = wrong_side(role, one.terms, bracket.side, command.price)
        if refusal is not None:
            return refusal
    return None


def _bracket(known: Known, account_id: AccountId, entry_id: OrderId) -> Bracket:
    bracket = known[stream(account_id, entry_id).stream_id]
    assert isinstance(bracket, Bracket)
    return bracket


def _orders(known: Known, bracket: Bracket) -> dict[OrderId, Order]:
    """The entry and the exits that stand."""
    found: dict[OrderId, Order] = {}
    for order_id in (bracket.entry_id, *(one.order_id for _, one in bracket.exits)):
        if order_id is not None:
            order = known[order_stream(order_id)]
            assert isinstance(order, Order)
            found[order_id] = order
    return found


def _around(
    known: Known, account_id: AccountId, instrument_id: InstrumentId, at: int
) -> Surroundings:
    risk = known[risks.stream(account_id).stream_id]
    platform = known[risks.stream(PLATFORM).stream_id]
    account = known[accounts.stream(account_id).stream_id]
    instrument = known[instruments.stream(instrument_id).stream_id]
    assert isinstance(risk, Risk)
    assert isinstance(platform, Risk)
    assert isinstance(account, Account)
    assert isinstance(instrument, Instrument)
    return Surroundings(risk, platform, account, instrument, at)
