"""Old forms are read as the classes of today, and a registry that contradicts itself is refused."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.codec import CorruptEvent, EventReader
from domain.registry import (
    EVENT_TYPES,
    FORMS,
    KNOWN,
    RETIRED,
    Unknown,
    UnknownEventType,
    readable,
    stored_names,
)
from domain.upcasting import ContradictoryForms, Forms, Retired
from tests.support import evolution
from tests.support.evolution import Moved, MovedV1, MovedV2, Rested


@pytest.mark.parametrize("type_name", evolution.STORED)
def test_every_stored_version_is_read_as_the_class_of_today(type_name: str) -> None:
    reader = EventReader(evolution.FORMS)
    for _ in range(2):  # the second time from the decoder that was kept
        assert reader.decode(type_name, evolution.STORED[type_name]) == evolution.READ_AS[type_name]


def test_a_retired_form_is_checked_as_it_was_stored() -> None:
    reader = EventReader(evolution.FORMS)
    with pytest.raises(CorruptEvent, match=r"the stored demo\.moved\.v1 cannot be read"):
        reader.decode("demo.moved.v1", evolution.STORED["demo.moved.v3"])


def test_a_type_that_nobody_registered_is_unknown() -> None:
    with pytest.raises(UnknownEventType, match=r"demo\.flown\.v1"):
        EventReader(evolution.FORMS).decode("demo.flown.v1", b"{}")


def test_a_reader_that_filters_by_name_is_given_the_old_names_too() -> None:
    forms = evolution.FORMS
    assert forms.stored_names(Moved) == {"demo.moved.v1", "demo.moved.v2", "demo.moved.v3"}
    assert forms.stored_names(Rested) == {"demo.rested.v1"}
    assert forms.stored_names(MovedV1) == frozenset()
    assert forms.lifted("demo.moved.v1") == forms.lifted("demo.moved.v3") == "demo.moved.v3"
    assert forms.form("demo.moved.v2") is MovedV2
    assert ("demo.moved.v1" in forms, "demo.flown.v1" in forms) == (True, False)
    with pytest.raises(KeyError):
        forms.lifted("demo.flown.v1")


@pytest.mark.parametrize(
    ("retired", "told"),
    [
        ({"demo.moved.v3": ("demo.moved.v4", Moved)}, "both current and retired"),
        ({"demo.moved.v2": ("demo.moved.v5", MovedV2)}, "demo.moved.v5, which is not registered"),
        ({"demo.moved.v2": ("demo.moved.v1", MovedV2)}, "no later version"),
        ({"demo.moved.v2": ("demo.moved.v2", MovedV2)}, "no later version"),
        ({"demo.moved.v2": ("demo.rested.v1", MovedV2)}, "no later version"),
        ({"demo.moved": ("demo.moved.v3", MovedV2)}, "has no version"),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(
    retired: dict[str, tuple[str, type[Any]]], told: str
) -> None:
    lines = {name: Retired(form, into, replace) for name, (into, form) in retired.items()}
    with pytest.raises(ContradictoryForms, match=told):
        Forms(evolution.CURRENT, {**evolution.RETIRED, **lines})


def test_two_current_versions_of_one_event_are_refused() -> None:
    with pytest.raises(ContradictoryForms, match="retire the older one"):
        Forms({"demo.moved.v1": MovedV1, "demo.moved.v2": MovedV2}, {})


def test_the_registry_of_the_core_knows_every_name_once() -> None:
    assert set(EVENT_TYPES) | set(RETIRED) == KNOWN
    for name, kind in EVENT_TYPES.items():
        assert name in stored_names(kind)
        assert FORMS.form(name) is kind
    assert stored_names(*EVENT_TYPES.values()) == KNOWN
    assert stored_names() == frozenset()


def test_an_unknown_type_stops_unless_the_caller_says_otherwise() -> None:
    assert readable("order.placed.v2", 7)
    with pytest.raises(UnknownEventType) as stopped:
        readable("order.placed.v9", 7)
    assert str(stopped.value) == (
        "unknown event type 'order.placed.v9' at position 7: run the release that wrote it or a "
        "later one"
    )
    assert (stopped.value.type_name, stopped.value.position) == ("order.placed.v9", 7)
    assert not readable("order.placed.v9", 7, Unknown.SKIP)
