"""What follows from a batch: metrics, alerts, dead letters and requests to deliver again."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.ids import venue_of
from domain.orders.events import OrderFilled, OrderObserved
from domain.ports import Clock
from domain.values import plain
from projections.orders import Orders
from projections.tables import Fact
from streams import metrics
from streams.progress import Progress
from streams.reading import Incoming, Plan

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a projector may ask of the worker around it."""

    clock: Clock
    rewind: Callable[[int, int], Awaitable[None]]
    """Have a partition of the events topic delivered again from after a log position."""
    set_aside: Callable[[Incoming, str, str], Awaitable[None]]
    """Copy a record to the dead-letter topic: the record, the consumer, what was wrong."""


async def report(
    progress: Progress, incoming: Sequence[Incoming], done: Plan, around: Surroundings
) -> None:
    """Say what happened to a batch, and ask for what is missing."""
    metrics.PROJECTION_APPLIED.labels(progress.name).inc(len(done.facts))
    if progress.name == Orders.name:
        count_overfills(done.facts)
        count_external(done.facts)
    metrics.PROJECTION_SKIPPED.labels(progress.name).inc(done.skipped)
    progress.seen = max(progress.seen, *(each.record.through for each in incoming))
    await _stand_still(progress, incoming, done, around)
    for partition, position in done.reached.items():
        if partition in progress.blocked and partition not in done.failures:
            del progress.blocked[partition]
            _logger.warning("%s goes on in partition %d", progress.name, partition)
            # What came while it stood still was not applied.
            await around.rewind(partition, position)
    for partition, (stored, after) in done.holes.items():
        metrics.PROJECTION_HOLES.labels(progress.name).inc()
        filled = progress.positions[partition] >= after
        if not filled and partition not in progress.blocked:
            _logger.warning(
                "%s is at %d in partition %d, but the next record begins after %d: reading the "
                "partition again", progress.name, stored, partition, after,
            )  # fmt: skip
            await around.rewind(partition, stored)
    progress.turn(around.clock)


def count_overfills(facts: Sequence[Fact]) -> None:
    """More was traded than was ordered: a fact in the books, and an alert."""
    for fact in facts:
        event = fact.event
        if isinstance(event, OrderFilled) and event.overfill > 0:
            metrics.ORDER_OVERFILLS.labels(event.instrument_id).inc()
            _logger.error(
                "order %s is filled %s beyond its quantity: compare it with the venue",
                event.order_id, plain(event.overfill),
            )  # fmt: skip


def count_external(facts: Sequence[Fact]) -> None:
    """Somebody else traded for the account: what the venue did by its rules is an alert."""
    for fact in facts:
        event = fact.event
        if not isinstance(event, OrderObserved):
            continue
        venue = venue_of(event.instrument_id).lower()
        metrics.EXTERNAL_ORDERS.labels(venue, event.origin.value).inc()
        _logger.log(
            logging.ERROR if event.origin.is_venue else logging.WARNING,
            "order %s of account %s was not placed here: %s, %s %s of %s", event.order_id,
            event.account_id, event.origin.value, event.side.value, plain(event.quantity),
            event.instrument_id,
        )  # fmt: skip


async def _stand_still(
    progress: Progress, incoming: Sequence[Incoming], done: Plan, around: Surroundings
) -> None:
    for partition, failure in done.failures.items():
        if progress.blocked.get(partition) == failure:
            continue
        progress.blocked[partition] = failure
        _logger.error(
            "%s stands still in partition %d before position %d: %s",
            progress.name, partition, failure.position, failure.error,
        )  # fmt: skip
        record = next(e for e in incoming if _covers(e, partition, failure.position))
        await around.set_aside(record, progress.name, failure.error)


def _covers(each: Incoming, partition: int, position: int) -> bool:
    record = each.record
    return each.partition == partition and record.after < position <= record.through
