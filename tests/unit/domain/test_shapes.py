"""The fingerprint of a state changes with its fields, and with nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, make_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, NewType

import pytest

from domain import shapes
from domain.decision import Aggregate
from domain.dispatch import initial
from domain.shapes import fingerprint, shape

_Name = NewType("_Name", str)


class _Word(StrEnum):
    YES = "yes"
    NO = "no"


class _Pair(NamedTuple):
    left: Decimal
    right: Decimal | None


@dataclass(frozen=True, slots=True)
class _State:
    name: _Name
    word: _Word
    pairs: Mapping[_Pair, int]
    row: tuple[int, ...]


def test_a_shape_says_every_field_to_the_last_one() -> None:
    assert shape(_State) == (
        "{name: str, word: (yes | no), "
        "pairs: Mapping[{left: Decimal, right: Decimal | NoneType}, int], row: tuple[int, ...]}"
    )


@pytest.mark.parametrize(
    "fields",
    [
        [("a", int)],
        [("b", int), ("a", str)],
        [("a", str), ("b", str)],
        [("a", str), ("b", int | None)],
        [("a", _Word), ("b", int)],
        [("a", str), ("b", int), ("c", _Pair)],
        [("a", str), ("b", int), ("c", _State)],
    ],
)
def test_another_field_name_order_or_type_is_another_fingerprint(fields: list[Any]) -> None:
    before = make_dataclass("Before", [("a", str), ("b", int)])
    assert fingerprint(before) != fingerprint(make_dataclass("Before", fields))


def test_the_class_s_own_name_is_no_part_of_its_shape() -> None:
    fields = [("a", str), ("b", int)]
    assert fingerprint(make_dataclass("A", fields)) == fingerprint(make_dataclass("B", fields))


def test_a_raised_revision_is_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(_State)
    monkeypatch.setattr(shapes, "REVISION", shapes.REVISION + 1)
    assert fingerprint(_State) != before


def test_the_states_of_the_core_have_shapes_of_their_own() -> None:
    found = {fingerprint(type(initial(kind))) for kind in Aggregate}
    assert len(found) == len(Aggregate)


def test_what_has_no_shape_is_refused() -> None:
    with pytest.raises(TypeError, match="no shape for"):
        shape("a text")
