"""What to read of the log to know an account, an order or everything as of a position.

An account's risk names its orders and instruments, and the ids of their streams follow from those
names; an order's first event names its account and its strategy. So no more is read than what took
part.

    Exception
    └── NothingThere     the log holds no such account or order by then: check the id and the time
"""

from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple, Protocol, cast

from adapters.codec import decode_recorded
from domain.decision import Aggregate
from domain.envelope import RecordedEvent
from domain.ids import (
    PLATFORM,
    AccountId,
    OrderId,
    StreamId,
    account_stream,
    bracket_stream,
    funding_stream,
    instrument_stream,
    order_stream,
    position_stream,
    risk_stream,
    strategy_stream,
)
from domain.orders.events import OrderDenied, OrderEvent, OrderHeld, OrderLinked, OrderPlaced
from domain.orders.evolve import evolve
from domain.orders.state import Order
from domain.registry import Event, stored_names
from domain.risk.counting import OrderCounted
from domain.risk.events import FundingApplied, OrderAdmitted, OrderRefused
from domain.risk.exits import ExitAdmitted
from domain.risk.replacements import ReplacementAdmitted, ReplacementRefused
from domain.risk.terms import MarginTermsNoted
from projections.asked import Verdict
from projections.asof import AsOf

_VERDICTS: Final = stored_names(
    OrderAdmitted, OrderRefused, ReplacementAdmitted, ReplacementRefused
)
_COUNTED: Final = stored_names(OrderCounted)
_REFUSALS: Final = stored_names(OrderRefused, ReplacementRefused)
_FUNDING: Final = stored_names(FundingApplied)
_EXITS: Final = stored_names(ExitAdmitted)
_LINKS: Final = stored_names(OrderLinked)
_NOTES: Final = stored_names(MarginTermsNoted)
_ORDERS: Final = f"{Aggregate.ORDER.value}."


class NothingThere(Exception):
    """The log holds nothing of what was asked for."""


class Readable(Protocol):
    """The log up to a position; adapters.postgres.history has the real one."""

    def everything(self, until: int) -> AsyncGenerator[Sequence[RecordedEvent]]:
        """Every event up to a position, by pages."""

    def streams(
        self, wanted: Collection[StreamId], until: int
    ) -> AsyncGenerator[Sequence[RecordedEvent]]:
        """The events of some streams up to a position, in the order of the log."""


async def everything(history: Readable, until: int) -> AsOf:
    """Every aggregate as of a position, and every decision derived again."""
    asof = AsOf()
    await _apply(asof, history.everything(until))
    asof.finish(until)
    return asof


async def account(history: Readable, account_id: AccountId, until: int) -> AsOf:
    """An account's risk, positions and orders; raises NothingThere."""
    wanted = {risk_stream(account_id), risk_stream(PLATFORM), account_stream(account_id)}
    refused: set[StreamId] = set()
    events = 0
    async with aclosing(history.streams([risk_stream(account_id)], until)) as own:
        async for page in own:
            events += len(page)
            for recorded in page:
                wanted.update(_named(recorded, account_id))
                if recorded.type in _REFUSALS:
                    refused.add(order_stream(_verdict(recorded).order_id))
    if not events:
        raise NothingThere(f"the log holds nothing of account {account_id} up to position {until}")
    # An admission says whose strategy the order was; of a refused one only the order does.
    async with aclosing(history.streams(refused, until)) as denied:
        async for page in denied:
            wanted.update(_led(page))
    asof = AsOf()
    await _apply(asof, history.streams(wanted, until))
    asof.finish(until)
    return asof


class Told(NamedTuple):
    """One order: its decision on the states as they were then, and all that was recorded of it."""

    asof: AsOf
    events: tuple[RecordedEvent, ...]


async def order(
    history: Readable, order_id: OrderId, until: int, *, owner: AccountId | None = None
) -> AsOf:
    """One order, and the decisions on it on the states as they were then; raises NothingThere.

    With an `owner`, somebody else's order is none.
    """
    return (await told(history, order_id, until, owner=owner)).asof


async def told(
    history: Readable, order_id: OrderId, until: int, *, owner: AccountId | None = None
) -> Told:
    """The same with the order's own events, which say who caused each and when."""
    own: list[RecordedEvent] = []
    async with aclosing(history.streams([order_stream(order_id)], until)) as pages:
        async for page in pages:
            own += page
    # An order's stream has the order's id, and other streams have ids that anybody can compute.
    if not own or not own[0].type.startswith(_ORDERS) or owner not in {None, own[0].account_id}:
        of_whom = "" if owner is None else f" of account {owner}"
        raise NothingThere(f"the log holds no order {order_id}{of_whom} up to position {until}")
    asof = AsOf(only={order_id})
    first = decode_recorded(own[0])
    context = {order_stream(order_id)}
    if isinstance(first, OrderPlaced | OrderDenied | OrderHeld):
        context |= {
            risk_stream(first.account_id),
            risk_stream(PLATFORM),
            instrument_stream(first.instrument_id),
            account_stream(first.account_id),
            *_led(own[:1]),
            *_linked(own),
        }
    context |= await _replaced(history, own[0], first)
    await _apply(asof, history.streams(context, _last(own, until)))
    asof.finish(until)
    return Told(asof, tuple(own))


async def _replaced(history: Readable, begun: RecordedEvent, first: Event) -> set[StreamId]:
    """The order that this one was to replace; of a denied one only the decision before it says."""
    if isinstance(first, OrderHeld):
        return {order_stream(first.replaces)}
    if not isinstance(first, OrderDenied):
        return set()
    last: RecordedEvent | None = None
    risk = history.streams([risk_stream(first.account_id)], begun.position.number)
    async with aclosing(risk) as pages:
        async for page in pages:
            last = page[-1] if page else last
    verdict = None if last is None else decode_recorded(last)
    if isinstance(verdict, ReplacementRefused) and verdict.order_id == first.order_id:
        return {order_stream(verdict.replaces)}
    return set()


def _last(own: Sequence[RecordedEvent], until: int) -> int:
    """The last position at which the order may have been decided on.

    An amend that was refused left no event on the order's own stream, but the order was open then.
    """
    order = Order()
    for recorded in own:
        order = evolve(order, cast("OrderEvent", decode_recorded(recorded)))
    return until if order.status.is_open else own[-1].position.number


def _led(page: Sequence[RecordedEvent]) -> Iterator[StreamId]:
    """The streams of the strategies that led to orders, from the orders' own first events."""
    for recorded in page:
        event = decode_recorded(recorded)
        if not isinstance(event, OrderPlaced | OrderDenied | OrderHeld):
            continue
        if event.strategy_id is not None:
            yield strategy_stream(event.strategy_id)


def _linked(own: Sequence[RecordedEvent]) -> Iterator[StreamId]:
    """The bracket that an order belongs to, if any."""
    for recorded in own:
        if recorded.type in _LINKS:
            link = decode_recorded(recorded)
            assert isinstance(link, OrderLinked)
            yield bracket_stream(link.entry_id)


def _named(recorded: RecordedEvent, account_id: AccountId) -> Iterator[StreamId]:
    """The streams that an event of an account's risk names: order, instrument, and so on."""
    if recorded.type in _VERDICTS:
        verdict = _verdict(recorded)
        yield order_stream(verdict.order_id)
        yield instrument_stream(verdict.instrument_id)
        if isinstance(verdict, OrderAdmitted | ReplacementAdmitted):
            yield position_stream(account_id, verdict.instrument_id, verdict.position_side)
            if verdict.strategy_id is not None:
                yield strategy_stream(verdict.strategy_id)
    elif recorded.type in _COUNTED:
        count = decode_recorded(recorded)
        assert isinstance(count, OrderCounted)
        yield order_stream(count.order_id)
        yield instrument_stream(count.instrument_id)
        yield position_stream(account_id, count.instrument_id, count.position_side)
    elif recorded.type in _EXITS:
        let_out = decode_recorded(recorded)
        assert isinstance(let_out, ExitAdmitted)
        # Whatever else it touches is its entry's, which has a verdict.
        yield order_stream(let_out.order_id)
        yield bracket_stream(let_out.entry_id)
    elif recorded.type in _NOTES:
        noted = decode_recorded(recorded)
        assert isinstance(noted, MarginTermsNoted)
        yield instrument_stream(noted.instrument_id)
    elif recorded.type in _FUNDING:
        paid = decode_recorded(recorded)
        assert isinstance(paid, FundingApplied)
        held = (account_id, paid.instrument_id, paid.position_side)
        yield position_stream(*held)
        yield funding_stream(*held, paid.funding_id)


def _verdict(recorded: RecordedEvent) -> Verdict:
    verdict = decode_recorded(recorded)
    assert isinstance(verdict, Verdict)
    return verdict


async def _apply(asof: AsOf, pages: AsyncGenerator[Sequence[RecordedEvent]]) -> None:
    # Closed here also when an event cannot be read: its cursor would keep the connection.
    async with aclosing(pages):
        async for page in pages:
            for recorded in page:
                asof.apply(recorded, decode_recorded(recorded))
