"""One rule for free text: what people write for people, and what venues say to them.

Allowed are letters, marks, numbers, punctuation and symbols (Unicode's general categories L, M, N,
P and S), so every script and emoji, and the plain space. Refused is what cannot be seen or moves
what can be: controls, formats (overrides of direction, zero-width characters, joiners and so joined
emoji, tags), surrogates, private and unassigned characters, every other separator, and the few
letters and symbols that are blank by design. A mark needs something to stand on, and at most four
stand on it: more would be drawn over the lines around it. Something has to be visible.

is_free() judges what comes in. cleaned() makes text of machines fit, for a report must not be lost
because of the words that a venue chose.
"""

import unicodedata
from typing import Final

TEXT_MAX: Final = 200
"""Characters of a label, a name, or a reason."""

_MARKS_MAX: Final = 4
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Fillers, the empty Braille pattern, the null note head: letters and symbols without a shape."""
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"
_NOTHING: Final = "nothing was said"


def is_free(text: str, longest: int = TEXT_MAX) -> bool:
    """Whether the text may be stored and shown as it is."""
    if not text.strip() or len(text) > longest:
        return False
    if text.isascii():
        return text.isprintable()
    marks = _MARKS_MAX  # nothing is there yet that a mark could stand on
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if character == " ":
            marks = _MARKS_MAX
        if marks > _MARKS_MAX or not _allowed(character):
            return False
    return True


def cleaned(text: str, longest: int = TEXT_MAX) -> str:
    """The text with everything replaced that is_free() refuses, and no longer than that."""
    line = " ".join(text.split())
    if is_free(line, longest):
        return line
    allowed = (
        each if _allowed(each) and unicodedata.category(each)[0] != "M" else _INSTEAD
        for each in line[:longest]
    )
    return "".join(allowed).strip() or _NOTHING


def _allowed(character: str) -> bool:
    if character == " ":
        return True
    return unicodedata.category(character)[0] in "LMNPS" and character not in _BLANK
