"""The one rule for free text, at its edges, and that what machines say is made to fit it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.texts import TEXT_MAX, cleaned, is_free


@pytest.mark.parametrize(
    "text",
    [
        "trend of the day",
        "Z\u00fcrich \u2013 \u6771\u4eac \u20ac",
        "\u0639\u0631\u0628\u064a",
        "\U0001f680 \u2764\ufe0f 1\ufe0f\u20e3 \U0001f1e8\U0001f1ed \U0001f44d\U0001f3fd",
        "a" + "\u0301" * 4,
        "x" * TEXT_MAX,
        "x",
    ],
    ids=["ascii", "scripts", "from right to left", "emoji", "four marks", "longest", "shortest"],
)
def test_what_people_write(text: str) -> None:
    assert is_free(text)
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("", "nothing was said"),
        (" \n ", "nothing was said"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\u202eright to left", "\ufffdright to left"),
        ("a\u200db", "a\ufffdb"),
        ("soft\u00adhyphen", "soft\ufffdhyphen"),
        ("a\u00a0b", "a b"),
        ("\ue000", "\ufffd"),
        ("\u0378", "\ufffd"),
        ("\ud800", "\ufffd"),
        ("\u3164", "\ufffd"),
        ("\u0301", "\ufffd"),
        ("x \u0301", "x \ufffd"),
        ("a" + "\u0301" * 5, "a" + "\ufffd" * 5),
        ("x" * (TEXT_MAX + 1), "x" * TEXT_MAX),
    ],
)
def test_what_is_refused_and_what_becomes_of_it(text: str, fit: str) -> None:
    assert not is_free(text)
    assert cleaned(text) == fit


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(20, 250))
def test_whatever_a_machine_says_is_made_to_fit(text: str, longest: int) -> None:
    fit = cleaned(text, longest)
    assert is_free(fit, longest)
    if is_free(text, longest):
        assert " ".join(text.split()) == fit


@given(st.text(alphabet=st.characters(), min_size=1, max_size=20))
def test_what_is_free_is_seen_and_moves_nothing(text: str) -> None:
    if is_free(text):
        for character in text:
            category = unicodedata.category(character)
            assert character == " " or category[0] not in "CZ", category
            assert unicodedata.bidirectional(character) not in {"LRO", "RLO", "LRI", "RLI", "PDF"}
