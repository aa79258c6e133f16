"""How log events become records: pure bookkeeping of what each partition has been told.

Keeps one number for each partition, `through`: all its events up to there are in records handed
out, in order. So records of a partition follow each other without a hole, whatever was resent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.envelope import RecordedEvent
from streams.record import Span

EVENTS_MAX: Final = 500
BYTES_MAX: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be sent."""

    partition: int
    span: Span
    events: tuple[RecordedEvent, ...] = ()


class Packer:
    """Cuts batches of the log into records, beginning after what each partition already holds."""

    def __init__(
        self,
        through: Sequence[int],
        partition_of: Callable[[str], int],
        *,
        events_max: int = EVENTS_MAX,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        self.through = list(through)
        self.head = min(through)
        """Log position up to which everything was read."""
        self._partition_of = partition_of
        self._events_max = events_max
        self._bytes_max = bytes_max

    def pack(self, batch: Sequence[RecordedEvent]) -> list[Outgoing]:
        """Records for the next events of the log, which must follow the ones before."""
        if not batch:
            return []
        groups: list[list[RecordedEvent]] = [[] for _ in self.through]
        for event in batch:
            partition = self._partition_of(event.account_id)
            if event.position.number > self.through[partition]:
                groups[partition].append(event)
        self.head = max(self.head, batch[-1].position.number)
        return [
            record
            for partition, events in enumerate(groups)
            if events
            for record in self._records(partition, events)
        ]

    def watermarks(self) -> list[Outgoing]:
        """Empty records for the partitions that were not told about the head yet."""
        records = []
        for partition, through in enumerate(self.through):
            if through < self.head:
                records.append(Outgoing(partition, Span(through, self.head)))
                self.through[partition] = self.head
        return records

    def _records(self, partition: int, events: Sequence[RecordedEvent]) -> list[Outgoing]:
        chunks = self._chunks(events)
        records = []
        for number, chunk in enumerate(chunks, start=1):
            # The last one covers all that was read, so that it also serves as a watermark.
            through = self.head if number == len(chunks) else chunk[-1].position.number
            records.append(
                Outgoing(partition, Span(self.through[partition], through), tuple(chunk))
            )
            self.through[partition] = through
        return records

    def _chunks(self, events: Sequence[RecordedEvent]) -> list[list[RecordedEvent]]:
        chunks: list[list[RecordedEvent]] = []
        room = 0
        for event in events:
            size = len(event.payload) + len(event.metadata)
            if not chunks or size > room or len(chunks[-1]) >= self._events_max:
                chunks.append([])
                room = self._bytes_max
            chunks[-1].append(event)
            room -= size
        return chunks


def contiguous_through(spans: Sequence[Span | None], *, from_start: bool) -> int:
    """How far a partition is covered without a hole, by the spans of its last records in order.

    `from_start` says that the spans are all there are; otherwise what lies before is taken to be
    whole. Foreign records (None) count for nothing.
    """
    through = 0 if from_start else None
    for span in spans:
        if span is None:
            continue
        if through is None:
            through = span.through
        elif span.after > through:
            return through
        else:
            through = max(through, span.through)
    return through or 0
