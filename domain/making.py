"""Frozen dataclasses that are made by the million, made as fast as if they were not frozen.

The constructor of a frozen dataclass writes each field through object.__setattr__: thirteen times
the price of an assignment, and before this the largest cost of a command. A class marked with
@quickly is written by plain assignments and refuses no later ones; that nobody makes any is proven
by the type checker, for which it is frozen like every other.

Arguments by name cost such a class ten times what they cost by place, because a class is called
with a dict of them. So what is made for every command is made by place.

Refused: making an open twin and then changing its class (four times as dear, and readers of stored
bytes do not know of it), and structs of msgspec (the domain imports the standard library alone).
"""

from dataclasses import Field, field, fields, make_dataclass
from typing import Any, TypeVar

KindT = TypeVar("KindT")


def quickly(kind: type[KindT]) -> type[KindT]:
    """A frozen dataclass with the constructor that it would have if it were not frozen."""
    after = kind.__dict__.get("__post_init__")
    open_twin: Any = make_dataclass(
        kind.__name__,
        [(each.name, each.type, _anew(each)) for each in fields(kind)],  # type: ignore[arg-type]
        namespace={} if after is None else {"__post_init__": after},
    )
    open_twin.__init__.__qualname__ = f"{kind.__qualname__}.__init__"
    made: Any = kind
    made.__init__ = open_twin.__init__
    del made.__setattr__, made.__delattr__
    return kind


def _anew(known: "Field[Any]") -> Any:
    """The field as it was declared: one that belongs to a class cannot be used for another."""
    return field(default=known.default, default_factory=known.default_factory, init=known.init)
