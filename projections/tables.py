"""What a fold needs to say about rows: tables, keys, and the workspace in which it changes them.

A row is a NamedTuple in the order of the table's columns; it is replaced, never changed. A fold
sees rows only through `Rows`, so the same fold runs on a dictionary (replay) and on the rows that
a transaction has loaded (live), and both end with the same bytes.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final, Generic, Protocol, TypeVar

from domain.registry import Event

RowT = TypeVar("RowT", bound=tuple[Any, ...])

Key = Hashable
"""The value of the key column, or a tuple of values where a key has several columns."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MICROSECOND: Final = 253_402_300_799_999_999


@dataclass(frozen=True)
class Table(Generic[RowT]):
    """A table of the schema `model`: its name, the shape of its rows and the columns of its key."""

    name: str
    row: type[RowT]
    key: tuple[str, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Column names, in order."""
        fields: tuple[str, ...] = self.row._fields  # type: ignore[attr-defined]
        return fields

    @cached_property
    def key_of(self) -> "itemgetter[Any]":
        """Function that takes the key out of a row."""
        return itemgetter(*(self.columns.index(column) for column in self.key))


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a fold sees it: what happened, where it stands in the log, and when."""

    position: int
    version: int
    account_id: str
    at: int
    """Microseconds since 1970-01-01 UTC at which its command arrived."""
    event: Event
    actor: str = ""
    """Subject of the token that sent its command."""


class Rows(Protocol):
    """The rows that a fold may read and change."""

    def get(self, table: Table[RowT], key: Key) -> RowT | None:
        """The current row, or None if there is none."""

    def put(self, table: Table[RowT], row: RowT) -> None:
        """Insert a row, or replace the one with its key."""

    def delete(self, table: Table[RowT], key: Key) -> None:
        """Remove a row that is there."""


class Projection(Protocol):
    """One read model: which events it folds, which rows that needs, and the fold itself."""

    @property
    def name(self) -> str:
        """Name under which its position is kept."""

    @property
    def tables(self) -> tuple[Table[Any], ...]:
        """The tables that only this projection writes."""

    @property
    def types(self) -> frozenset[str]:
        """Stored names of the events that it folds; all others leave its rows as they are."""

    def needs(self, fact: Fact) -> tuple[tuple[Table[Any], Key], ...]:
        """Rows that may exist before this event and that its fold reads or replaces."""

    def fold(self, fact: Fact, rows: Rows) -> None:
        """Change the rows; a pure function of the fact and the rows read."""


class FoldError(Exception):
    """An event contradicts the rows before it: the log is broken, or the fold is."""


@lru_cache(maxsize=8_192)
def instant(microseconds: int) -> datetime:
    """A stored time as a timestamp; one that no calendar holds is shown as the calendar's end."""
    return _EPOCH + timedelta(microseconds=min(max(microseconds, 0), _LAST_MICROSECOND))


def shown(text: str) -> str:
    """Free text as a database can hold it: the one character that PostgreSQL refuses is replaced.

    Without this, one such character in a venue's message would stop a read model.
    """
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in text else text


def existing(row: RowT | None, fact: Fact) -> RowT:
    """The row, which must be there by the rules of the log; raises FoldError."""
    if row is None:
        message = (
            f"{type(fact.event).__name__} at position {fact.position} has no row to change: "
            "an earlier event of its stream is missing"
        )
        raise FoldError(message)
    return row
