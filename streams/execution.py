"""Intents of the log to the venue: what was placed is submitted, what is to be cancelled is asked.

At least once, in the order of the log for each order; the venue knows a client order id again, so
twice is as good as once. A venue that does not answer is asked again, for as long as it takes;
nothing is dropped and the position stays. What the venue thinks of an order it reports by itself.

An order whose answer is lost is told unknown, and before it is sent again the venue is asked for
it (streams/searching.py): only one that the venue does not have, and that is not to be cancelled by
now, goes out once more.

An intent that is older than it should be (the venue was away, the position was lost) is sent only
if the read model says that the order still waits for it: an order that ended must not come back.
One whose cancel was asked for meanwhile is not sent either, and nobody but its venue would ever end
it: the venue is asked, and if it never had the order, that is told.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import psycopg

from adapters.postgres.readmodel import connect, lock_positions, move_positions
from domain.orders.events import (
    OrderAmendRequested,
    OrderCancelRequested,
    OrderPlaced,
    OrderResizeRequested,
)
from domain.orders.state import OrderStatus
from domain.ports import Venue, VenueRefused, VenueUnavailable
from domain.registry import stored_names
from projections.tables import Fact, instant
from streams import metrics
from streams.outcome import Surroundings, report
from streams.progress import Progress
from streams.reading import Failure, Incoming, Plan, plan
from streams.searching import Search

_logger: Final = logging.getLogger(__name__)

NAME: Final = "execution"
TYPES: Final = stored_names(
    OrderPlaced, OrderCancelRequested, OrderAmendRequested, OrderResizeRequested
)
"""Stored names of the intents; everything else in the log is passed by."""
_CALLS_AT_ONCE: Final = 32
_PAUSE_FIRST: Final = 0.1
_PAUSE_MAX: Final = 5.0
_YOUNG: Final = 30_000_000
"""Microseconds for which an intent is sent without another look at the order."""
_WAITING: Final = {
    OrderPlaced: (OrderStatus.SUBMITTING, OrderStatus.UNKNOWN),
    OrderCancelRequested: (OrderStatus.PENDING_CANCEL, OrderStatus.UNKNOWN),
    OrderAmendRequested: (OrderStatus.PENDING_AMEND,),
    OrderResizeRequested: (OrderStatus.PENDING_AMEND,),
}
"""In which status an order still waits for an intent."""
_CALLED_OFF: Final = (OrderStatus.PENDING_CANCEL, OrderStatus.UNKNOWN)
"""In which status an order that is not to be sent any more may never have been."""
_OPERATIONS: Final = {
    OrderPlaced: "submit",
    OrderCancelRequested: "cancel",
    OrderAmendRequested: "amend",
    OrderResizeRequested: "amend",
}

_Intent: TypeAlias = OrderPlaced | OrderCancelRequested | OrderAmendRequested | OrderResizeRequested


class _Row(NamedTuple):
    """What the read model says of an order."""

    status: str
    position: int
    """Of the last event that it reflects."""
    told: bool
    """Whether the venue has said that it has the order."""
    cancelling: bool
    """Whether a cancel was asked for and not refused."""


class Executor:
    """Carries intents to one venue and keeps its own position; a consumer like a projector."""

    def __init__(
        self,
        read_dsn: str,
        venue: Venue,
        search: Search,
        around: Surroundings,
        *,
        shard: int = 0,
    ) -> None:
        self._read_dsn = read_dsn
        self._shard = shard
        self._venue = venue
        self._search = search
        self._around = around
        self._clock = around.clock
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._gate = asyncio.Semaphore(_CALLS_AT_ONCE)
        self.progress = Progress(NAME)

    async def apply(self, incoming: Sequence[Incoming]) -> None:
        """Send every new intent and move the position; returns when the venue has them all."""
        if not incoming:
            return
        pause = _PAUSE_FIRST
        stops: dict[int, Failure] = {}
        while True:
            self.progress.last_turn = self._clock.monotonic()
            try:
                done = await self._once(incoming, stops)
                break
            except _Refused as refusal:
                stops[refusal.partition] = refusal.failure
            except (psycopg.Error, OSError) as error:
                await self._lost(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _PAUSE_MAX)
        self.progress.waiting_for = ""
        await report(self.progress, incoming, done, self._around)

    async def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _once(self, incoming: Sequence[Incoming], stops: dict[int, Failure]) -> Plan:
        connection = await self._connected()
        partitions = {each.partition for each in incoming}
        async with connection.transaction():
            stored = await lock_positions(connection, NAME, self._shard, partitions)
        # The calls are made without a lock: a second worker that believes it owns the partition
        # sends the same client order ids.
        done = plan(stored, incoming, TYPES, stop_before=stops)
        await self._send(done)
        times = {p: f.at for p, f in zip(done.partitions_of, done.facts, strict=True)}
        async with connection.transaction():
            now = await lock_positions(connection, NAME, self._shard, partitions)
            await move_positions(
                connection,
                NAME,
                self._shard,
                {
                    partition: (position, instant(times[partition]) if partition in times else None)
                    for partition, position in done.reached.items()
                    if position > now[partition]
                },
            )
        self.progress.positions.update(stored | now | done.reached)
        return done

    async def _send(self, done: Plan) -> None:
        """Orders side by side, the intents of one order one after the other."""
        orders: dict[str, list[tuple[int, Fact]]] = {}
        for partition, fact in zip(done.partitions_of, done.facts, strict=True):
            orders.setdefault(_intent(fact).order_id, []).append((partition, fact))
        results = await asyncio.gather(
            *(self._in_order(intents) for intents in orders.values()), return_exceptions=True
        )
        refusals = [result for result in results if isinstance(result, _Refused)]
        if refusals:
            raise min(refusals, key=lambda refusal: refusal.failure.position)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _in_order(self, intents: Sequence[tuple[int, Fact]]) -> None:
        for partition, fact in intents:
            async with self._gate:
                row = await self._judged(fact)
                if row is None:
                    await self._until_answered(partition, fact)
                elif row.status in _CALLED_OFF and not row.told:
                    await self._called_off(partition, fact)

    async def _called_off(self, partition: int, fact: Fact) -> None:
        """The order was to be cancelled before it was sent, as far as we know."""
        intent = _intent(fact)
        pause = _PAUSE_FIRST
        while isinstance(intent, OrderPlaced):
            self.progress.last_turn = self._clock.monotonic()
            try:
                if await self._search.missed(intent, fact.position, self._venue):
                    break
                self.progress.waiting_for = "the command service, to tell of an order never sent"
            except VenueUnavailable as error:
                self.progress.waiting_for = f"the venue: {error}"
            except VenueRefused as error:
                raise _Refused(partition, Failure(fact.position, str(error))) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PAUSE_MAX)
        self.progress.waiting_for = ""

    async def _until_answered(self, partition: int, fact: Fact) -> None:
        intent = _intent(fact)
        venue = intent.instrument_id.partition(":")[0].lower()
        operation = _OPERATIONS[type(intent)]
        calls = metrics.VENUE_CALLS
        pause = _PAUSE_FIRST
        sent, told = False, False
        while True:
            self.progress.last_turn = self._clock.monotonic()
            try:
                if sent and await self._was_cancelled(intent):
                    await self._called_off(partition, fact)
                    return
                if not (sent and await self._has(intent, fact)):
                    sent = True
                    await self._call(intent)
            except VenueUnavailable as error:
                calls.labels(venue, operation, "unavailable").inc()
                if not self.progress.waiting_for:
                    _logger.warning("the venue does not answer: %s", error)
                self.progress.waiting_for = f"the venue: {error}"
                if isinstance(intent, OrderPlaced) and not told:
                    told = await self._search.lost(intent, fact.position, str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _PAUSE_MAX)
            except VenueRefused as error:
                calls.labels(venue, operation, "refused").inc()
                raise _Refused(partition, Failure(fact.position, str(error))) from error
            else:
                calls.labels(venue, operation, "taken").inc()
                self.progress.waiting_for = ""
                return

    async def _was_cancelled(self, intent: _Intent) -> bool:
        """Whether an order need not be sent again, as far as the read model knows by now."""
        if not isinstance(intent, OrderPlaced):
            return False
        row = await self._order(intent.order_id)
        return row is not None and row.cancelling

    async def _has(self, intent: _Intent, fact: Fact) -> bool:
        """Whether the venue has an order that was sent and not answered; others are sent again."""
        if not isinstance(intent, OrderPlaced):
            return False
        return await self._search.found(intent, fact.position, self._venue)

    async def _call(self, intent: _Intent) -> None:
        match intent:
            case OrderPlaced():
                await self._venue.submit(intent)
            case OrderCancelRequested():
                await self._venue.cancel(intent)
            case OrderAmendRequested() | OrderResizeRequested():
                await self._venue.amend(intent)

    async def _judged(self, fact: Fact) -> _Row | None:
        """None if the intent is to be sent; of an old one why not, once the read model knows."""
        if self._clock.now() - fact.at < _YOUNG:
            return None
        intent = _intent(fact)
        while True:
            row = await self._order(intent.order_id)
            if row is not None and row.position >= fact.position:
                break
            self.progress.waiting_for = "the read model of orders, to judge an old intent"
            self.progress.last_turn = self._clock.monotonic()
            await asyncio.sleep(_PAUSE_MAX / 10)
        self.progress.waiting_for = ""
        called_off = isinstance(intent, OrderPlaced) and row.cancelling
        if row.status in _WAITING[type(intent)] and not called_off:
            return None
        _logger.info("order %s is %s: the old intent is not sent", intent.order_id, row.status)
        return row

    async def _order(self, order_id: str) -> _Row | None:
        connection = await self._connected()
        cursor = await connection.execute(
            "SELECT status, position, venue_order_id IS NOT NULL OR filled_quantity > 0, cancelling"
            " FROM model.orders WHERE order_id = %s",
            (order_id,),
        )
        row = await cursor.fetchone()
        return None if row is None else _Row(*row)

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._read_dsn, "patriot-execution")
        return self._connection

    async def _lost(self, error: Exception) -> None:
        text = str(error).strip() or type(error).__name__
        if not self.progress.waiting_for:
            _logger.warning("execution: the read-model database: %s", text)
        self.progress.waiting_for = f"the read-model database: {text}"
        await self.close()


class _Refused(Exception):
    """The venue does not understand an intent: its partition stands still before it."""

    def __init__(self, partition: int, failure: Failure) -> None:
        super().__init__(failure.error)
        self.partition = partition
        self.failure = failure


def _intent(fact: Fact) -> _Intent:
    assert isinstance(fact.event, _Intent)
    return fact.event
