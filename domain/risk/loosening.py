"""Which limits a new version would loosen, and so needs a second person for.

Looser is: higher, gone, or set for the first time together with all others. What this module does
not understand counts as looser, so that a limit of a new kind is never let through unseen.
"""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from domain.risk.commands import Limits

_TIGHTER_WHEN_LARGER: Final = frozenset({"duplicate_window"})
"""Windows in which a thing is refused; 0 switches them off."""
_NOTHING_WHEN_UNSET: Final = frozenset({"concentration_from"})
"""Sizes up to which a limit is not asked; without one it is always asked."""
_OFF_WHEN_ZERO: Final = frozenset({"price_age"})
"""Ages up to which a thing is believed; 0 believes any."""


def loosened(before: Limits | None, after: Limits) -> tuple[str, ...]:
    """Names of the limits that would be looser than before, in the order of their fields."""
    if before is None:
        return ("limits",)
    return tuple(
        each.name
        for each in fields(Limits)
        if _looser(each.name, getattr(before, each.name), getattr(after, each.name))
    )


def _looser(name: str, before: Any, after: Any) -> bool:
    if before == after:
        return False
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        # A subject that has limits of its own for the first time is held by more than before.
        return any(key not in after or _any(limits, after[key]) for key, limits in before.items())
    if name in _TIGHTER_WHEN_LARGER:
        return bool(after < before)
    if name in _OFF_WHEN_ZERO:
        before, after = before or None, after or None
    if name in _NOTHING_WHEN_UNSET:
        return (after or 0) > (before or 0)
    if isinstance(before, bool) and isinstance(after, bool):
        return before  # a check that was on is switched off
    if before is None:
        return False
    if after is None:
        return True
    return not isinstance(before, Decimal | int) or after > before


def _any(before: Any, after: Any) -> bool:
    """Whether one of the limits of a subject is looser."""
    return any(
        _looser(each.name, getattr(before, each.name), getattr(after, each.name))
        for each in fields(before)
    )
