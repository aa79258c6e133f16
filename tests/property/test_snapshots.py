"""A snapshot plus the events after it equals the whole, wherever it was taken, to the last digit.

Compared are the texts of the states: equal decimals with other digits would decide alike, but a
snapshot keeps the digits too, and the order in which mappings grew.
"""

import asyncio
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from adapters.codec import encode
from adapters.commands.folding import Folded, fold
from adapters.memory.log import MemoryEventLog
from adapters.snapshots import kept, restored
from domain.decision import Aggregate, Change, StreamRef
from domain.dispatch import evolve, initial
from domain.envelope import LogPosition, NewEvent, RecordedEvent
from domain.ids import AccountId, StreamId, derived, risk_stream
from domain.layered import SMALL, Layered
from domain.orders.commands import PlaceOrder
from domain.ports import Batch
from domain.registry import Event
from domain.risk.commands import Limits
from tests.property.drawn import good_orders, limits, wide_limits
from tests.property.shapes import events_of
from tests.property.test_evolve import STREAMS
from tests.support.batches import command
from tests.support.trading import ACCOUNT, desk, filled, order_id, place

_ACCOUNT: Final = AccountId(derived("snapshots", "account"))


@cache
def _stories(aggregate: Aggregate) -> st.SearchStrategy[list[Event]]:
    kinds = st.one_of(*(events_of(kind) for kind in STREAMS[aggregate]))
    return st.lists(kinds, min_size=1, max_size=8)


async def _filled(stream: StreamRef, events: list[Event]) -> MemoryEventLog:
    log = MemoryEventLog()
    for version, event in enumerate(events, 1):
        type_name, payload = encode(event)
        new = NewEvent(stream.stream_id, version, type_name, stream.account_id, payload, b"{}")
        record = command(f"{version}", new)
        await log.append(Batch((record,), {stream.stream_id: version - 1}))
    return log


async def _both(stream: StreamRef, events: list[Event], at: int) -> tuple[Folded, Folded]:
    """The whole, and what a snapshot at a version and the rest make."""
    log = await _filled(stream, events)
    whole = await fold(log, stream, short=len(events) + 1)
    part = await fold(await _filled(stream, events[:at]), stream)
    assert part.last is not None
    snapshot = kept(part.state, part.last)
    log.snapshots[snapshot.stream_id, snapshot.shape] = snapshot
    assert restored(snapshot, type(part.state)) == part.state
    return whole, await fold(log, stream, short=1)


@given(st.data(), st.sampled_from(Aggregate))
def test_a_snapshot_plus_the_tail_equals_the_whole_whatever_the_events(
    data: st.DataObject, aggregate: Aggregate
) -> None:
    events = data.draw(_stories(aggregate))
    at = data.draw(st.integers(1, len(events)))
    stream = StreamRef(aggregate, StreamId(derived("snapshots", aggregate)), _ACCOUNT)
    whole, spared = asyncio.run(_both(stream, events, at))
    assert repr(spared) == repr(whole)
    state = initial(aggregate)
    for event in events:
        state = evolve(state, event)
    assert spared.state == state


@given(st.one_of(limits, wide_limits), st.lists(good_orders(), max_size=12), st.integers(1, 10_000))
def test_trading_under_drawn_limits(mine: Limits, orders: list[PlaceOrder], pick: int) -> None:
    trading = desk(mine)
    for number, order in enumerate(orders):
        name = f"snapshot {number}"
        trading.at += 400_000
        trading.do(replace(order, order_id=order_id(name)))
        if number % 3 == 1:
            trading.do(filled(name, f"x-{number}", 1, side=order.side))
    for stream, changes in _by_stream(trading.changes):
        events = [change.event for change in changes]
        whole, spared = asyncio.run(_both(stream, events, 1 + pick % len(events)))
        assert repr(spared) == repr(whole)
        assert spared.state == trading.states[stream.stream_id]


def _by_stream(changes: list[Change]) -> list[tuple[StreamRef, list[Change]]]:
    ordered = sorted(changes, key=lambda change: change.stream.stream_id)
    return [(stream, list(group)) for stream, group in groupby(ordered, key=lambda one: one.stream)]


def test_a_busy_account_is_kept_with_its_layers() -> None:
    """More open orders and intents than a plain dict holds."""
    trading = desk(Limits(currency="USDT", duplicate_window=10**15))
    for number in range(3 * SMALL):
        trading.at += 1
        trading.events(place(f"busy {number}", amount=number + 1))
    risk = trading.risk()
    assert isinstance(risk.reservations, Layered)
    assert isinstance(risk.intents, Layered)
    last = RecordedEvent(
        LogPosition(0, 1), risk_stream(ACCOUNT), 1, "risk.order_admitted.v1", ACCOUNT, b"", b""
    )
    again = restored(kept(risk, last), type(risk))
    assert again == risk
    assert repr(again) == repr(risk)
