"""Mappings that are never changed in place, and cost little to have one entry more or less.

A state is immutable, and a busy account has a thousand open orders: to copy them all for each new
one was two thirds of deciding it. A Layered mapping is a large dict that is shared by all its
descendants and the few entries in which this one differs from it; when those have become many, both
become one dict again. So a change copies about the square root of what is there.

Up to SMALL entries a plain dict is copied: nothing is faster. Order and equality are those of dict.
A tree of hashes (as in Clojure) was refused: in Python its lookups and changes are ten times slower
at the sizes that accounts have. So was a dict shared with its undo log: reading an old state would
change what the new one is made of.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar, overload

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
OtherT = TypeVar("OtherT")

SMALL: Final = 32
"""Entries up to which a mapping is a plain dict."""


class _Gone:
    """Stands for an entry of the base that is no more."""


_GONE: Final = _Gone()


class Layered(Mapping[KeyT, ValueT]):
    """Made by with_entry() and without(); reads like the dict that it stands for."""

    __slots__ = ("_base", "_over", "_size", "_tail")

    def __init__(
        self,
        base: Mapping[KeyT, ValueT],
        over: dict[KeyT, ValueT | _Gone],
        tail: dict[KeyT, ValueT],
        size: int,
    ) -> None:
        self._base = base
        self._over = over
        """Entries of the base that are another now, or gone."""
        self._tail = tail
        """Entries behind those of the base."""
        self._size = size

    def __getitem__(self, key: KeyT) -> ValueT:
        """The value; raises KeyError."""
        if key in self._tail:
            return self._tail[key]
        value = self._over.get(key, self._base[key])
        if isinstance(value, _Gone):
            raise KeyError(key)
        return value

    @overload
    def get(self, key: KeyT, /) -> ValueT | None: ...
    @overload
    def get(self, key: KeyT, /, default: ValueT | OtherT) -> ValueT | OtherT: ...
    def get(self, key: KeyT, /, default: object = None) -> object:
        """The value or the default, without an exception on the way."""
        value = self._tail.get(key, _GONE)
        if value is _GONE:
            value = self._over.get(key, _GONE) if key in self._over else self._base.get(key, _GONE)
        return default if value is _GONE else value

    def __contains__(self, key: object) -> bool:
        """Whether there is such an entry."""
        return self.get(key, _GONE) is not _GONE  # type: ignore[arg-type]

    def __len__(self) -> int:
        """How many entries there are."""
        return self._size

    def __iter__(self) -> Iterator[KeyT]:
        """Keys in the order in which they came."""
        over = self._over
        for key in self._base:
            if over.get(key) is not _GONE:
                yield key
        yield from self._tail

    def __repr__(self) -> str:
        """As the dict that it stands for."""
        return repr(dict(self))


def with_entry(mapping: Mapping[KeyT, ValueT], key: KeyT, value: ValueT) -> Mapping[KeyT, ValueT]:
    """The mapping with one entry more, or with another value in its place."""
    if not isinstance(mapping, Layered):
        if len(mapping) < SMALL:
            return {**mapping, key: value}
        mapping = Layered(mapping, {}, {}, len(mapping))
    base, over, tail, size = mapping._base, mapping._over, mapping._tail, mapping._size  # noqa: SLF001
    if key in tail:
        tail = {**tail, key: value}
    elif key in base and over.get(key) is not _GONE:
        over = {**over, key: value}
    else:
        tail = {**tail, key: value}
        size += 1
    return _bounded(base, over, tail, size)


def without(mapping: Mapping[KeyT, ValueT], key: KeyT) -> Mapping[KeyT, ValueT]:
    """The mapping without one of its entries; raises KeyError if there is no such entry."""
    if not isinstance(mapping, Layered):
        if len(mapping) <= SMALL:
            rest = dict(mapping)
            del rest[key]
            return rest
        mapping = Layered(mapping, {}, {}, len(mapping))
    if key not in mapping:
        raise KeyError(key)
    base, over, tail, size = mapping._base, mapping._over, mapping._tail, mapping._size  # noqa: SLF001
    if key in tail:
        tail = dict(tail)
        del tail[key]
    else:
        over = {**over, key: _GONE}
    return _bounded(base, over, tail, size - 1)


def _bounded(
    base: Mapping[KeyT, ValueT],
    over: dict[KeyT, ValueT | _Gone],
    tail: dict[KeyT, ValueT],
    size: int,
) -> Mapping[KeyT, ValueT]:
    """Layers as long as they are thin, else one dict."""
    differing = len(over) + len(tail)
    if differing * differing <= 4 * len(base) and size > SMALL:
        return Layered(base, over, tail, size)
    whole: dict[KeyT, ValueT] = dict(base)
    for key, value in over.items():
        if isinstance(value, _Gone):
            del whole[key]
        else:
            whole[key] = value
    whole.update(tail)
    return whole
