"""A registry as it looks after years: one event in three versions, for tests alone.

`demo.moved` began with a distance in whole metres, then got a unit, then split the two directions.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from domain.upcasting import Forms, Retired


@dataclass(frozen=True, slots=True)
class MovedV1:
    """Whole metres, north only."""

    who: str
    metres: int


@dataclass(frozen=True, slots=True)
class MovedV2:
    """Any distance in a unit, north only."""

    who: str
    distance: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What the domain knows now."""

    who: str
    north: Decimal
    east: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Rested:
    """An event that never changed."""

    who: str


def _with_unit(old: MovedV1) -> MovedV2:
    return MovedV2(old.who, Decimal(old.metres), "m")


def _with_direction(old: MovedV2) -> Moved:
    return Moved(old.who, old.distance, Decimal(0), old.unit)


CURRENT: Final[dict[str, type[Any]]] = {"demo.moved.v3": Moved, "demo.rested.v1": Rested}
RETIRED: Final = {
    "demo.moved.v1": Retired(MovedV1, "demo.moved.v2", _with_unit),
    "demo.moved.v2": Retired(MovedV2, "demo.moved.v3", _with_direction),
}
FORMS: Final = Forms(CURRENT, RETIRED)
STORED: Final = {
    "demo.moved.v1": b'{"who":"a","metres":7}',
    "demo.moved.v2": b'{"who":"a","distance":"7.5","unit":"ft"}',
    "demo.moved.v3": b'{"who":"a","north":"7","east":"0","unit":"m"}',
    "demo.rested.v1": b'{"who":"a"}',
}
READ_AS: Final = {
    "demo.moved.v1": Moved("a", Decimal(7), Decimal(0), "m"),
    "demo.moved.v2": Moved("a", Decimal("7.5"), Decimal(0), "ft"),
    "demo.moved.v3": Moved("a", Decimal(7), Decimal(0), "m"),
    "demo.rested.v1": Rested("a"),
}
