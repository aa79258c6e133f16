"""From records to facts: what is new for a projection, what is missing, and what cannot be read.

Pure: given the stored positions and the records that arrived, says what to apply and how far each
partition gets by it. The rules that make redelivery, republishing and reordering harmless are here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from adapters.codec import CorruptEvent, decode
from domain.registry import KNOWN, Unknown, UnknownEventType
from projections.tables import Fact
from streams.record import Record, WireEvent


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as it arrived, read already."""

    partition: int
    offset: int
    record: Record


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that cannot be applied: its partition stands still before it."""

    position: int
    error: str


@dataclass(slots=True)
class Plan:
    """What a batch of records means for one projection."""

    facts: list[Fact] = field(default_factory=list)
    partitions_of: list[int] = field(default_factory=list)
    """For each fact its partition."""
    reached: dict[int, int] = field(default_factory=dict)
    """For each partition that moves, the position afterwards."""
    skipped: int = 0
    """Records that held nothing new."""
    holes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """For each partition with a hole: the stored position, and where the record after it begins."""
    failures: dict[int, Failure] = field(default_factory=dict)


def plan(
    stored: Mapping[int, int],
    incoming: Iterable[Incoming],
    types: frozenset[str],
    *,
    stop_before: Mapping[int, Failure] | None = None,
    unknown: Unknown = Unknown.STOP,
) -> Plan:
    """Facts to fold, in order; `stop_before` names events known to fail."""
    stops = stop_before or {}
    result = Plan()
    for each in incoming:
        partition, record = each.partition, each.record
        at = result.reached.get(partition, stored[partition])
        if partition in result.failures:
            continue
        if record.through <= at:
            result.skipped += 1
        elif record.after > at:
            result.holes.setdefault(partition, (at, record.after))
        else:
            _take(record, partition, at, types, stops.get(partition), result, unknown)
    return result


def _take(
    record: Record,
    partition: int,
    at: int,
    types: frozenset[str],
    stop: Failure | None,
    result: Plan,
    unknown: Unknown,
) -> None:
    reached = record.through
    failing = -1 if stop is None else stop.position
    add_fact, add_partition = result.facts.append, result.partitions_of.append
    for event in record.events:
        position = event.position
        if position <= at:
            continue
        if event.type in types and position != failing:
            try:
                add_fact(_fact(event))
                add_partition(partition)
                continue
            except (CorruptEvent, msgspec.MsgspecError) as error:
                failure = Failure(position, str(error))
        elif stop is not None and position == failing:
            failure = stop
        elif event.type in KNOWN or unknown is Unknown.SKIP:
            continue
        else:
            # Whether it matters to this consumer only a newer release knows.
            failure = Failure(position, str(UnknownEventType(event.type, position)))
        result.failures[partition] = failure
        # Everything of this partition below the event is applied.
        reached = position - 1
        break
    if reached > at:
        result.reached[partition] = reached


def _fact(event: WireEvent) -> Fact:
    return Fact(
        event.position,
        event.version,
        event.account,
        event.meta.occurred_at,
        decode(event.type, bytes(event.data)),
        event.meta.actor,
    )
