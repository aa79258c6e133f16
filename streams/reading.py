"""From records to facts: what is new for a projection, what is missing, and what cannot be read.

Pure: given the stored positions and the records that arrived, says what to apply and how far each
partition gets by it. The rules that make redelivery, republishing and reordering harmless are here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from adapters.codec import CorruptEvent, decode
from domain.registry import EVENT_TYPES, UnknownEventType
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


class _OccurredAt(msgspec.Struct):
    occurred_at: int


_OCCURRED_AT: Final = msgspec.json.Decoder(_OccurredAt)


def plan(
    stored: Mapping[int, int],
    incoming: Iterable[Incoming],
    types: frozenset[str],
    *,
    stop_before: Mapping[int, Failure] | None = None,
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
            _take(record, partition, at, types, stops.get(partition), result)
    return result


def _take(
    record: Record,
    partition: int,
    at: int,
    types: frozenset[str],
    stop: Failure | None,
    result: Plan,
) -> None:
    reached = record.through
    for event in record.events:
        if event.position <= at:
            continue
        failure = stop if stop is not None and stop.position == event.position else None
        if failure is None:
            try:
                fact = _fact(event, types)
            except (UnknownEventType, CorruptEvent, msgspec.MsgspecError) as error:
                failure = Failure(event.position, str(error))
        if failure is not None:
            result.failures[partition] = failure
            # Everything of this partition below the event is applied.
            reached = event.position - 1
            break
        if fact is not None:
            result.facts.append(fact)
            result.partitions_of.append(partition)
    if reached > at:
        result.reached[partition] = reached


def _fact(event: WireEvent, types: frozenset[str]) -> Fact | None:
    if event.type not in types:
        if event.type not in EVENT_TYPES:
            # Whether it matters to this projection only a newer release knows.
            raise UnknownEventType(event.type)
        return None
    return Fact(
        position=event.position,
        version=event.version,
        account_id=event.account,
        at=_OCCURRED_AT.decode(event.meta).occurred_at,
        event=decode(event.type, bytes(event.data)),
    )
