"""What to read of the log to know an account, an order or everything as of a position.

An account's risk names its orders and instruments, and the ids of their streams follow from those
names; an order's first event names its account. So no more is read than what took part.

    Exception
    └── NothingThere     the log holds no such account or order by then: check the id and the time
"""

from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple, Protocol

from adapters.codec import decode_recorded
from domain.decision import Aggregate
from domain.envelope import RecordedEvent
from domain.ids import (
    PLATFORM,
    AccountId,
    OrderId,
    StreamId,
    account_stream,
    funding_stream,
    instrument_stream,
    order_stream,
    position_stream,
    risk_stream,
)
from domain.orders.events import OrderDenied, OrderPlaced
from domain.registry import stored_names
from domain.risk.events import FundingApplied, OrderAdmitted, OrderRefused
from projections.asof import AsOf

_VERDICTS: Final = stored_names(OrderAdmitted, OrderRefused)
_FUNDING: Final = stored_names(FundingApplied)
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
    events = 0
    async with aclosing(history.streams([risk_stream(account_id)], until)) as own:
        async for page in own:
            events += len(page)
            wanted.update(_named(page, account_id))
    if not events:
        raise NothingThere(f"the log holds nothing of account {account_id} up to position {until}")
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
    """One order, and its decision on the states as they were then; raises NothingThere.

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
    if isinstance(first, OrderPlaced | OrderDenied):
        context = {
            risk_stream(first.account_id),
            risk_stream(PLATFORM),
            instrument_stream(first.instrument_id),
            account_stream(first.account_id),
        }
        await _apply(asof, history.streams(context, own[0].position.number - 1))
    for recorded in own:
        asof.apply(recorded, decode_recorded(recorded))
    asof.finish(until)
    return Told(asof, tuple(own))


def _named(page: Sequence[RecordedEvent], account_id: AccountId) -> Iterator[StreamId]:
    """The streams that an account's risk names: orders, instruments, positions, funding."""
    for recorded in page:
        if recorded.type in _VERDICTS:
            verdict = decode_recorded(recorded)
            assert isinstance(verdict, OrderAdmitted | OrderRefused)
            yield order_stream(verdict.order_id)
            yield instrument_stream(verdict.instrument_id)
            if isinstance(verdict, OrderAdmitted):
                yield position_stream(account_id, verdict.instrument_id, verdict.position_side)
        elif recorded.type in _FUNDING:
            paid = decode_recorded(recorded)
            assert isinstance(paid, FundingApplied)
            held = (account_id, paid.instrument_id, paid.position_side)
            yield position_stream(*held)
            yield funding_stream(*held, paid.funding_id)


async def _apply(asof: AsOf, pages: AsyncGenerator[Sequence[RecordedEvent]]) -> None:
    # Closed here also when an event cannot be read: its cursor would keep the connection.
    async with aclosing(pages):
        async for page in pages:
            for recorded in page:
                asof.apply(recorded, decode_recorded(recorded))
