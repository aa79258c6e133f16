"""The stored events as Markdown: every type of the registry with its fields, words and notes.

What a type or a field means is said once, in its docstring in the domain, and copied from there.
"""

import ast
import dataclasses
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import chain
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from domain.registry import FORMS, KNOWN, RETIRED


def names(aggregate: str) -> list[str]:
    """Stored names of an aggregate in the order of the registry; the retired ones are last."""
    current = [name for name in FORMS.current if name.startswith(f"{aggregate}.")]
    return current + sorted(name for name in RETIRED if name.startswith(f"{aggregate}."))


def aggregates() -> list[str]:
    """The first word of every stored name, once, in the order of the registry."""
    return list(
        dict.fromkeys(name.partition(".")[0] for name in chain(FORMS.current, sorted(KNOWN)))
    )


def table(aggregate: str) -> Iterator[str]:
    """Lines of Markdown: the types, then what of their fields needs a word."""
    yield from ("| type | what happened | fields |", "|---|---|---|")
    kinds: list[type[Any]] = []
    for name in names(aggregate):
        kind = FORMS.form(name)
        kinds.append(kind)
        happened = first_paragraph(kind)
        if name in RETIRED:
            happened = f"retired, read as `{RETIRED[name].into}`. {happened}"
        yield f"| `{name}` | {happened} | {', '.join(fields(kind))} |"
    notes = list(_notes(kinds))
    if notes:
        yield from ("", *notes)


def fields(kind: type[Any]) -> list[str]:
    """Names in order; a question mark where the field may be empty."""
    hints = get_type_hints(kind)
    return [
        field.name + ("?" if NoneType in get_args(hints[field.name]) else "")
        for field in dataclasses.fields(kind)
    ]


def first_paragraph(kind: type[Any]) -> str:
    """What the class says about itself, in one line."""
    text = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0]
    return " ".join(text.split())


def _notes(kinds: list[type[Any]]) -> Iterator[str]:
    """Each field that has a note, a shape of its own or a set of words: once, in order."""
    said: dict[str, str] = {}
    queue = list(kinds)
    seen = set[type[Any]]()
    while queue:
        kind = queue.pop(0)
        if kind in seen:
            continue
        seen.add(kind)
        hints = get_type_hints(kind)
        about = field_notes(kind)
        for field in dataclasses.fields(kind):
            inner = [part for part in _parts(hints[field.name]) if part is not NoneType]
            shapes = [
                part for part in inner if isinstance(part, type) and dataclasses.is_dataclass(part)
            ]
            texts = [", ".join(fields(part)) for part in shapes]
            texts += [
                ", ".join(str(word.value) for word in part)
                for part in inner
                if isinstance(part, type) and issubclass(part, Enum)
            ]
            note = "; ".join(text for text in (*texts, about.get(field.name, "")) if text)
            if note and said.setdefault(field.name, note) != note:
                said[f"{field.name} of {kind.__name__}"] = note
            queue += shapes
    for name, note in said.items():
        label, _, owner = name.partition(" of ")
        of = f" of `{owner}`" if owner else ""
        yield f"- `{label}`{of}: {note.removesuffix('.')}."


def _parts(hint: Any) -> Iterator[Any]:
    """The types that a field's type is made of."""
    if get_origin(hint) is None:
        yield getattr(hint, "__supertype__", hint)
    for part in get_args(hint):
        yield from _parts(part)


def field_notes(kind: type[Any]) -> dict[str, str]:
    """The text under each field of a class, those of the classes it is made from included."""
    found: dict[str, str] = {}
    for owner in reversed(kind.__mro__):
        if dataclasses.is_dataclass(owner):
            found |= _module_notes(owner.__module__).get(owner.__name__, {})
    return found


@cache
def _module_notes(module: str) -> dict[str, dict[str, str]]:
    source = inspect.getsource(sys.modules[module])
    return {
        node.name: {
            field.target.id: " ".join(text.value.value.split())
            for field, text in zip(node.body, node.body[1:], strict=False)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }
