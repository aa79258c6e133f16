"""Fingerprints of shapes: what a stored state has to look like for this release to read it.

The fingerprint covers every field's name, order and type, as deep as they go, and the words of
every enumeration; whatever of it changes makes another shape. So nobody has to remember to raise a
number when a field is added. REVISION is for the one change that no field shows.
"""

import dataclasses
import hashlib
from enum import Enum
from types import UnionType
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

REVISION: Final = 1
"""Raise it when evolve() makes another state of the same events in the same fields."""


def fingerprint(kind: type) -> str:
    """Sixteen hexadecimal digits that change with the shape of a class."""
    return hashlib.sha256(f"{REVISION} {shape(kind)}".encode()).hexdigest()[:16]


def shape(hint: Any) -> str:
    """The shape of a type as text, names of fields and their types included."""
    if isinstance(hint, NewType):
        return shape(hint.__supertype__)
    parts = ["..." if part is ... else shape(part) for part in get_args(hint)]
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return " | ".join(parts)
    if isinstance(origin, type):
        return f"{origin.__name__}[{', '.join(parts)}]"
    if not isinstance(hint, type):
        message = f"no shape for {hint!r}"
        raise TypeError(message)
    if issubclass(hint, Enum):
        return f"({' | '.join(str(word.value) for word in hint)})"
    names = _fields(hint)
    if names is None:
        return hint.__name__
    hints = get_type_hints(hint)
    return "{" + ", ".join(f"{name}: {shape(hints[name])}" for name in names) + "}"


def _fields(kind: type) -> list[str] | None:
    """Names in order; None for a type without fields."""
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    names = getattr(kind, "_fields", None)
    return list(names) if names is not None else None
