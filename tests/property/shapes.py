"""Events of every registered type with any content that the types allow, read from the types."""

import dataclasses
import types
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.ids import derived
from domain.registry import Event

_IDS = st.sampled_from([derived("shape", str(n)) for n in range(3)])
_UUIDS = {"AccountId", "OrderId", "StrategyId", "UserId", "ChangeId"}
_TEXTS = st.text(max_size=12)
_DECIMALS = st.one_of(
    st.integers(-(10**20), 10**20).map(lambda n: Decimal(n).scaleb(-10)),
    st.sampled_from(["0", "0.000000000000000001", "-0.5", "1E+3", "99999999999999999.9"]).map(
        Decimal
    ),
)


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of a type."""
    strategy: st.SearchStrategy[Event] = _any(kind)
    return strategy


def _any(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, NewType):
        return _IDS if hint.__name__ in _UUIDS else _any(hint.__supertype__)
    if get_origin(hint) is not None:
        return _composed(get_origin(hint), get_args(hint))
    if hint is type(None):
        return st.none()
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 2**63 - 1)
    if hint is str:
        return _TEXTS
    if hint is Decimal:
        return _DECIMALS
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert isinstance(hint, type), hint
    assert dataclasses.is_dataclass(hint), hint
    fields = get_type_hints(hint)
    return st.builds(hint, **{name: _any(part) for name, part in fields.items()})


def _composed(origin: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Unions, mappings and tuples of one kind."""
    if origin is Mapping:
        key, value = parts
        return st.dictionaries(_any(key), _any(value), max_size=2)
    if origin is tuple:
        return st.lists(_any(parts[0]), max_size=3).map(tuple)
    assert origin in {types.UnionType, Union}, origin
    return st.one_of(*(_any(part) for part in parts))
