"""Binary PostgreSQL arrays built in one join each: what a batch of a thousand events is sent as.

psycopg asks a dumper for every element and picks the integer's size by its value, so that the same
statement is prepared again and again. Here the element types are fixed, and identities travel as
16 bytes although the core knows them as text.
"""

import sys
from abc import abstractmethod
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_LENGTH: Final = Struct("!i").pack
_HEAD: Final = Struct("!5i").pack
_SIXTEEN: Final = _LENGTH(16).hex()


@dataclass(frozen=True, slots=True)
class UuidArray:
    """uuid[] of canonical texts."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class IntegerArray:
    """integer[]."""

    items: Sequence[int]


@dataclass(frozen=True, slots=True)
class TextArray:
    """text[]."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class BytesArray:
    """bytea[]."""

    items: Sequence[bytes]


class _ArrayDumper(Dumper):
    """Common part: the header, then each element behind its length."""

    format = Format.BINARY
    element: int

    def dump(self, obj: Any) -> bytes:
        if not obj.items:
            return _HEAD(0, 0, self.element, 0, 0)[:12]
        head = _HEAD(1, 0, self.element, len(obj.items), 1)
        return head + self.body(obj.items)

    @abstractmethod
    def body(self, items: Any) -> bytes:
        """Every element behind its length."""


class _UuidArrayDumper(_ArrayDumper):
    oid, element = 2951, 2950

    def body(self, items: Sequence[str]) -> bytes:
        # All at once: the lengths in between are hexadecimal digits too.
        body = bytes.fromhex((_SIXTEEN + _SIXTEEN.join(items)).replace("-", ""))
        if len(body) != 20 * len(items) or set(map(len, items)) != {36}:
            raise ValueError("a text among the identities is no UUID")
        return body


class _IntegerArrayDumper(_ArrayDumper):
    oid, element = 1007, 23

    def body(self, items: Sequence[int]) -> bytes:
        words = array("i", [4]) * (2 * len(items))
        words[1::2] = array("i", items)
        if sys.byteorder == "little":
            words.byteswap()
        return words.tobytes()


class _BytesArrayDumper(_ArrayDumper):
    oid, element = 1001, 17

    def body(self, items: Sequence[bytes]) -> bytes:
        return _behind_lengths(items)


class _TextArrayDumper(_ArrayDumper):
    oid, element = 1009, 25

    def body(self, items: Sequence[str]) -> bytes:
        return _behind_lengths([item.encode() for item in items])


def register(adapters: AdaptersMap) -> None:
    """Teach a connection, or a map for connections to come, the arrays of this module."""
    adapters.register_dumper(UuidArray, _UuidArrayDumper)
    adapters.register_dumper(IntegerArray, _IntegerArrayDumper)
    adapters.register_dumper(TextArray, _TextArrayDumper)
    adapters.register_dumper(BytesArray, _BytesArrayDumper)


def _behind_lengths(items: Sequence[bytes]) -> bytes:
    parts = [b""] * (2 * len(items))
    parts[0::2] = map(_LENGTH, map(len, items))
    parts[1::2] = items
    return b"".join(parts)
