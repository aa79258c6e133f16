"""A version that is retired stays readable for ever: a way to a current class, and golden bytes.

The same checks run on the registry of the core and on one that has a past, and each of them is
shown to fail on a registry that forgot something.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
import pytest

from adapters.codec import EventReader
from domain.registry import EVENT_TYPES, FORMS, RETIRED
from domain.upcasting import Forms
from projections.catalogue import PROJECTIONS
from streams import execution
from tests.contract.examples import RETIRED_EXAMPLES
from tests.contract.golden import golden_bytes
from tests.support import evolution

_NAME: Final = re.compile(r"([a-z_]+\.[a-z_]+)\.v([1-9][0-9]*)")


def every_version_is_there(current: Mapping[str, Any], retired: Mapping[str, Any]) -> None:
    """Versions count from 1 without a hole, and only the last one is written."""
    versions: dict[str, list[int]] = {}
    for name in (*current, *retired):
        match = _NAME.fullmatch(name)
        assert match is not None, name
        versions.setdefault(match[1], []).append(int(match[2]))
    for subject, numbers in versions.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"{subject} lost a version"
        assert f"{subject}.v{len(numbers)}" in current, f"{subject}'s last version is not written"


def every_retired_version_has_golden_bytes(
    forms: Forms,
    retired: Mapping[str, Any],
    stored: Mapping[str, bytes],
    read_as: Mapping[str, Any],
) -> None:
    """Bytes as they were stored, in the fields of their form, read as an event of today."""
    names_of = {example: example.split(" ")[0] for example in read_as}
    assert set(names_of.values()) == set(retired), "each retired version has an example"
    reader = EventReader(forms)
    for example, event in read_as.items():
        name = names_of[example]
        names = list(orjson.loads(stored[example]))
        assert names == list(forms.form(name).__annotations__), f"{name} has other fields"
        assert reader.decode(name, stored[example]) == event


def test_the_registry_of_the_core_has_every_version() -> None:
    every_version_is_there(EVENT_TYPES, RETIRED)
    stored = {name: golden_bytes(name) for name in RETIRED_EXAMPLES}
    every_retired_version_has_golden_bytes(FORMS, RETIRED, stored, RETIRED_EXAMPLES)


def _read_as(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: evolution.READ_AS[name] for name in names}


def test_a_registry_with_a_past_passes() -> None:
    every_version_is_there(evolution.CURRENT, evolution.RETIRED)
    every_retired_version_has_golden_bytes(
        evolution.FORMS, evolution.RETIRED, evolution.STORED, _read_as(evolution.RETIRED)
    )


@pytest.mark.parametrize("name", evolution.RETIRED)
def test_a_version_without_a_way_or_without_bytes_is_noticed(name: str) -> None:
    left = {other: line for other, line in evolution.RETIRED.items() if other != name}
    with pytest.raises(AssertionError, match="lost a version"):
        every_version_is_there(evolution.CURRENT, left)
    with pytest.raises(AssertionError, match="each retired version has an example"):
        every_retired_version_has_golden_bytes(
            evolution.FORMS, evolution.RETIRED, evolution.STORED, _read_as(left)
        )


def test_a_retired_form_that_was_changed_is_noticed() -> None:
    stored = {**evolution.STORED, "demo.moved.v1": b'{"metres":7,"who":"a"}'}
    with pytest.raises(AssertionError, match="has other fields"):
        every_retired_version_has_golden_bytes(
            evolution.FORMS, evolution.RETIRED, stored, _read_as(evolution.RETIRED)
        )


def test_an_upcast_that_says_something_else_is_noticed() -> None:
    wrong = {**_read_as(evolution.RETIRED), "demo.moved.v1": evolution.Rested("a")}
    with pytest.raises(AssertionError):
        every_retired_version_has_golden_bytes(
            evolution.FORMS, evolution.RETIRED, evolution.STORED, wrong
        )


def test_readers_that_filter_by_name_know_the_retired_names_too() -> None:
    """A reader with the current name alone would pass old events by without a word."""
    filters = {name: projection.types for name, projection in PROJECTIONS.items()}
    filters["execution"] = execution.TYPES
    for reader, types in filters.items():
        current = {FORMS.lifted(name) for name in types}
        closed = {name for name in (*EVENT_TYPES, *RETIRED) if FORMS.lifted(name) in current}
        assert types == closed, reader
