"""A layered mapping is the dict that it stands for, whatever was done to it, and so stays its past.

Every step is taken on a dict beside it. The mapping of each step is kept and compared again at the
end: nothing that came later may have changed it.
"""

from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.layered import SMALL, Layered, with_entry, without

_STEPS: Final = st.lists(
    st.tuples(st.sampled_from(["put", "put", "take", "back"]), st.integers(0, 90), st.integers()),
    max_size=250,
)


def _same(mapping: Mapping[int, int], by_the_book: dict[int, int]) -> None:
    assert list(mapping.items()) == list(by_the_book.items())
    assert mapping == by_the_book
    assert by_the_book == mapping
    assert repr(mapping) == repr(by_the_book)
    assert len(mapping) == len(by_the_book)
    for key in range(-1, 92):
        assert (key in mapping) == (key in by_the_book)
        assert mapping.get(key) == by_the_book.get(key)
        assert mapping.get(key, "none") == by_the_book.get(key, "none")
        if key in by_the_book:
            assert mapping[key] == by_the_book[key]
        else:
            with pytest.raises(KeyError):
                mapping[key]


@given(size=st.integers(0, 80), steps=_STEPS)
def test_it_is_what_a_dict_would_be(size: int, steps: list[tuple[str, int, int]]) -> None:
    book = {number: number for number in range(size)}
    mapping: Mapping[int, int] = dict(book)
    past = [(mapping, dict(book))]
    for what, key, value in steps:
        if what == "put":
            mapping = with_entry(mapping, key, value)
            book[key] = value
        elif what == "take" and key in book:
            mapping = without(mapping, key)
            del book[key]
        elif what == "back":
            # A batch that was not committed: two futures of one past.
            mapping, before = past[key % len(past)]
            book = dict(before)
        past.append((mapping, dict(book)))
    for kept, by_the_book in past:
        _same(kept, by_the_book)


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 500])
def test_what_is_not_there_cannot_be_taken_out(size: int) -> None:
    mapping: Mapping[int, int] = {}
    for number in range(size):
        mapping = with_entry(mapping, number, number)
    with pytest.raises(KeyError):
        without(mapping, -1)
    if size:
        with pytest.raises(KeyError):
            without(without(mapping, 0), 0)


def test_a_change_copies_about_the_square_root_of_what_is_there() -> None:
    """Growing, changing and shrinking alike: entries copied by all steps, whole dicts included."""
    steps = 10_000
    mapping: Mapping[int, int] = {}
    copied = 0

    def step(after: Mapping[int, int]) -> Mapping[int, int]:
        nonlocal copied
        copied += len(after._over) + len(after._tail) if type(after) is Layered else len(after)
        return after

    for number in range(steps):
        mapping = step(with_entry(mapping, number, number))
    for number in range(steps):
        mapping = step(with_entry(mapping, number, -number))
    for number in range(steps):
        mapping = step(without(mapping, number))
    assert mapping == {}
    assert copied < 3 * steps * 2 * 100
