"""Where recorded events are not what was derived, field by field, in words for an auditor."""

from dataclasses import fields
from typing import Any, get_type_hints

from domain.registry import FORMS, TYPE_NAMES, Event
from domain.risk.compared import DecisionInputs


def differences(
    recorded: tuple[Event, ...], derived: tuple[Event, ...], stored: tuple[str, ...]
) -> tuple[str, ...]:
    """What was stored in an old form is compared in the fields that this form had."""
    if len(derived) != len(recorded):
        return (f"recorded {_names(recorded)}, derived {_names(derived)}",)
    found: list[str] = []
    for one, other, name in zip(recorded, derived, stored, strict=True):
        if type(one) is not type(other):
            found.append(f"recorded {_names((one,))}, derived {_names((other,))}")
        else:
            found += _fields(name, FORMS.form(name), one, other)
    return tuple(found)


def _fields(name: str, form: type[Any], recorded: object, derived: object) -> list[str]:
    """Each field of the form that differs, nested ones by their path."""
    found: list[str] = []
    for each in fields(form):
        one, other = getattr(recorded, each.name), getattr(derived, each.name)
        if one == other:
            continue
        path = f"{name} {each.name}" if " " not in name else f"{name}.{each.name}"
        if isinstance(one, DecisionInputs) and isinstance(other, DecisionInputs):
            found += _fields(path, get_type_hints(form)[each.name], one, other)
        else:
            found.append(f"{path}: recorded {one}, derived {other}")
    return found


def _names(events: tuple[Event, ...]) -> str:
    return " and ".join(TYPE_NAMES[type(event)] for event in events) or "nothing"
