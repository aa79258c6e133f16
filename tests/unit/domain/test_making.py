"""@quickly changes how a frozen dataclass is made, and nothing of what it is."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.making import quickly
from domain.registry import EVENT_TYPES
from domain.risk.state import Risk


@dataclass(frozen=True, slots=True)
class _Usual:
    """Every kind of field that the domain has."""

    first: int
    second: str = "two"
    third: dict[str, int] = field(default_factory=dict)
    fourth: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fourth", self.first + 1)


@quickly
@dataclass(frozen=True, slots=True)
class _Quick:
    """The same, made quickly."""

    first: int
    second: str = "two"
    third: dict[str, int] = field(default_factory=dict)
    fourth: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fourth", self.first + 1)


def test_it_has_the_fields_and_the_defaults_of_the_usual_one() -> None:
    usual, quick = _Usual(1), _Quick(1)
    assert dataclasses.asdict(quick) == dataclasses.asdict(usual)
    assert repr(quick).replace("Quick", "Usual") == repr(usual)
    assert [each.name for each in dataclasses.fields(quick)] == [
        each.name for each in dataclasses.fields(usual)
    ]
    assert quick.third is not _Quick(1).third
    assert dataclasses.replace(quick, second="zwei") == _Quick(1, "zwei")
    assert _Quick(first=1, second="zwei") == _Quick(1, "zwei") != quick


def test_it_is_called_like_the_usual_one() -> None:
    with pytest.raises(TypeError, match=r"_Quick.__init__.*first"):
        _Quick()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        _Quick(1, fifth=5)  # type: ignore[call-arg]


def test_it_has_no_room_for_more() -> None:
    assert not hasattr(_Quick(1), "__dict__")
    with pytest.raises(AttributeError):
        _Quick(1).fifth = 5  # type: ignore[attr-defined]


def test_events_and_states_are_equal_and_hashed_by_their_fields() -> None:
    events: list[Any] = list(EVENT_TYPES.values())
    made = [kind for kind in events if "__setattr__" not in vars(kind)]
    assert made, "the events of every order are made quickly"
    for kind in (*made, Risk):
        assert kind.__dataclass_params__.frozen, kind
        assert "__eq__" in vars(kind)
        assert "__hash__" in vars(kind)
