"""A read model made anew from the log, in memory: the oracle that live tables are compared with."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from domain.envelope import Metadata, RecordedEvent
from domain.registry import Event, Unknown, readable
from projections.tables import Fact, Key, Projection, RowT, Table

Read = Callable[[RecordedEvent], tuple[Event, Metadata]]
"""What a record says and what is known around it; raises LogError where it cannot be read."""


class MemoryRows:
    """Rows in dictionaries, one for each table."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Key, tuple[Any, ...]]] = {}

    def get(self, table: Table[RowT], key: Key) -> RowT | None:
        """The current row, or None if there is none."""
        return cast("RowT | None", self.tables.get(table.name, {}).get(key))

    def put(self, table: Table[RowT], row: RowT) -> None:
        """Insert a row, or replace the one with its key."""
        self.tables.setdefault(table.name, {})[table.key_of(row)] = row

    def delete(self, table: Table[RowT], key: Key) -> None:
        """Remove a row that is there."""
        del self.tables[table.name][key]


def fact_of(recorded: RecordedEvent, read: Read) -> Fact:
    """A stored event as a fold sees it."""
    event, metadata = read(recorded)
    return Fact(
        position=recorded.position.number,
        version=recorded.version,
        account_id=recorded.account_id,
        at=metadata.occurred_at,
        event=event,
        actor=metadata.actor,
    )


class Replay:
    """Folds recorded events, in log order, into the rows of some projections."""

    def __init__(
        self,
        projections: Iterable[Projection],
        read: Read,
        *,
        unknown: Unknown = Unknown.STOP,
    ) -> None:
        self._projections = tuple(projections)
        self._read = read
        self._unknown = unknown
        self.rows = MemoryRows()

    def apply(self, events: Iterable[RecordedEvent]) -> None:
        """Fold the next events; raises FoldError, UnknownEventType, or what reading raises."""
        for recorded in events:
            concerned = [one for one in self._projections if recorded.type in one.types]
            if not concerned:
                # A type that nobody knows stops a reader, unless the caller said otherwise.
                readable(recorded.type, recorded.position.number, self._unknown)
                continue
            fact = fact_of(recorded, self._read)
            for projection in concerned:
                projection.fold(fact, self.rows)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of each table, ordered by key; a table without rows is an empty list."""
        return {
            table.name: sorted(self.rows.tables.get(table.name, {}).values(), key=table.key_of)
            for projection in self._projections
            for table in projection.tables
        }


def replay(
    events: Iterable[RecordedEvent], projections: Iterable[Projection], read: Read
) -> dict[str, list[tuple[Any, ...]]]:
    """The complete expected tables after these events."""
    run = Replay(projections, read)
    run.apply(events)
    return run.tables()
