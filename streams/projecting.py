"""One projection at work: batches of records in, rows and position in one transaction out.

What can go wrong, and what is done:

- the database is away: the same batch is tried again, with pauses, for as long as it takes;
- a record was seen before: skipped;
- a record comes before the one it follows (a hole): not applied, and Kafka is asked to deliver the
  partition again from there. Nothing is ever passed over;
- an event that cannot be folded, or a row that the database refuses: the partition stands still
  before that event, the record is copied to the dead-letter topic, and an alert is raised. Other
  partitions go on. A fixed release, or `patriot deadletters replay`, continues at that very event.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

from adapters.postgres.readmodel import ReadModel, connect
from domain.registry import Unknown
from projections.tables import Projection, instant
from streams import metrics
from streams.outcome import Surroundings, report
from streams.progress import Progress
from streams.reading import Failure, Incoming, Plan, plan

_logger: Final = logging.getLogger(__name__)

_PAUSE_FIRST: Final = 0.1
_PAUSE_MAX: Final = 5.0


class _Refused(Exception):
    """A fold or the database refused the event at a position of a partition."""

    def __init__(self, partition: int, failure: Failure) -> None:
        super().__init__(failure.error)
        self.partition = partition
        self.failure = failure


class Projector:
    """Applies records to one read model; apply() is called by one task at a time."""

    def __init__(
        self,
        projection: Projection,
        dsn: str,
        around: Surroundings,
        *,
        shard: int = 0,
        unknown: Unknown = Unknown.STOP,
    ) -> None:
        self._projection = projection
        self._dsn = dsn
        self._around = around
        self._shard = shard
        self._unknown = unknown
        self._connection: AsyncConnection[tuple[Any, ...]] | None = None
        self._model: ReadModel | None = None
        self.progress = Progress(projection.name)

    async def apply(self, incoming: Sequence[Incoming]) -> None:
        """Apply what is new in these records; returns when it is durable, however long it takes."""
        if not incoming:
            return
        stops: dict[int, Failure] = {}
        pause = _PAUSE_FIRST
        suspicious = False
        while True:
            self.progress.last_turn = self._around.clock.monotonic()
            try:
                if suspicious:
                    await self._isolate(incoming, stops)
                    suspicious = False
                done = await self._once(incoming, stops)
                break
            except _Refused as refusal:
                stops[refusal.partition] = refusal.failure
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                # The database does not say which event it was; find out one by one.
                name = self._projection.name
                _logger.warning("%s: the database refused a batch: %s", name, error)
                suspicious = True
            except (psycopg.Error, OSError) as error:
                await self._lost(error, pause)
                pause = min(pause * 2, _PAUSE_MAX)
        self.progress.waiting_for = ""
        await report(self.progress, incoming, done, self._around)

    async def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = self._model = None

    async def _once(
        self,
        incoming: Sequence[Incoming],
        stops: dict[int, Failure],
        *,
        facts_max: int | None = None,
    ) -> Plan:
        model = await self._connected()
        partitions = {each.partition for each in incoming}
        async with model.transaction(partitions) as transaction:
            done = plan(
                transaction.positions,
                incoming,
                self._projection.types,
                stop_before=stops,
                unknown=self._unknown,
            )
            if facts_max is not None:
                _truncate(done, facts_max)
            if done.reached:
                needs = self._projection.needs
                await transaction.load([need for fact in done.facts for need in needs(fact)])
                for fact, partition in zip(done.facts, done.partitions_of, strict=True):
                    try:
                        self._projection.fold(fact, transaction)
                    except Exception as error:
                        text = f"{type(error).__name__}: {error}"
                        raise _Refused(partition, Failure(fact.position, text)) from error
                last = dict(zip(done.partitions_of, done.facts, strict=True))
                await transaction.write(
                    {
                        partition: (
                            position,
                            instant(last[partition].at) if partition in last else None,
                        )
                        for partition, position in done.reached.items()
                    }
                )
            after = dict(transaction.positions)
        self.progress.positions.update(after)
        return done

    async def _connected(self) -> ReadModel:
        if self._model is None or self._connection is None or self._connection.closed:
            await self.close()
            self._connection = await connect(self._dsn, f"patriot-project-{self._projection.name}")
            self._model = ReadModel(self._connection, self._projection, shard=self._shard)
        return self._model

    async def _lost(self, error: Exception, pause: float) -> None:
        text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if not self.progress.waiting_for:
            _logger.warning("%s: the read-model database: %s", self._projection.name, text)
        self.progress.waiting_for = f"the read-model database: {text}"
        metrics.PROJECTION_RETRIES.labels(self._projection.name).inc()
        await self.close()
        self.progress.show(self._around.clock.now())
        await asyncio.sleep(pause)

    async def _isolate(self, incoming: Sequence[Incoming], stops: dict[int, Failure]) -> None:
        """Apply fact by fact; raises _Refused at the one that the database does not take."""
        for each in incoming:
            before = -1
            while True:
                current = await self._positions(each.partition)
                if current == before or current >= each.record.through:
                    break
                before = current
                try:
                    await self._once([each], stops, facts_max=1)
                except (psycopg.DataError, psycopg.IntegrityError) as error:
                    failure = Failure(self._next_position(each, current), str(error).strip())
                    raise _Refused(each.partition, failure) from error

    async def _positions(self, partition: int) -> int:
        model = await self._connected()
        async with model.transaction([partition]) as transaction:
            return transaction.positions[partition]

    def _next_position(self, each: Incoming, after: int) -> int:
        types = self._projection.types
        positions = (
            event.position
            for event in each.record.events
            if event.position > after and event.type in types
        )
        return next(positions, after + 1)


def _truncate(done: Plan, facts_max: int) -> None:
    """Keep only the first facts of a plan for one partition, and stop right after them."""
    if len(done.facts) > facts_max:
        last = done.facts[facts_max - 1]
        partition = done.partitions_of[0]
        del done.facts[facts_max:], done.partitions_of[facts_max:]
        done.reached[partition] = last.position
        done.failures.clear()
