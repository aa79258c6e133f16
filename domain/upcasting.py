"""How stored forms that are no longer written are still read: pure functions from form to form.

An event whose shape changes gets a new version of its name; the old name, its form and one pure
function to a later version move to the retired ones. Bytes in the log are never rewritten: a reader
takes them in the form in which they were stored and lifts them, version by version, to the class
that the domain knows now. So evolve() and every fold know current classes alone.

    ValueError
    └── ContradictoryForms    the registry itself is wrong: the text says which line to mend
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class ContradictoryForms(ValueError):
    """A stored name has two meanings, or none that the domain knows."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A stored form that is read but no longer written."""

    form: type[Any]
    """Frozen dataclass with the fields as they were stored."""
    into: str
    """Stored name of a later version of the same event, current or retired itself."""
    upcast: Callable[[Any], Any]
    """The same fact in that version; total, and reads nothing but its argument."""


class Forms:
    """Every stored name that can be read: its form, and the way from there to a current class."""

    def __init__(self, current: Mapping[str, type[Any]], retired: Mapping[str, Retired]) -> None:
        self._current = dict(current)
        self._retired = dict(retired)
        _refuse_contradictions(self._current, self._retired)

    @property
    def current(self) -> Mapping[str, type[Any]]:
        """Stored names that are written today, in the order in which they were registered."""
        return self._current

    def __contains__(self, type_name: object) -> bool:
        """Whether the name can be read."""
        return type_name in self._current or type_name in self._retired

    def form(self, type_name: str) -> type[Any]:
        """The class that has the fields of the stored bytes; raises KeyError."""
        retired = self._retired.get(type_name)
        return self._current[type_name] if retired is None else retired.form

    def lifted(self, type_name: str) -> str:
        """The current name of what is stored under this one; raises KeyError."""
        while type_name in self._retired:
            type_name = self._retired[type_name].into
        if type_name not in self._current:
            raise KeyError(type_name)
        return type_name

    def upcast(self, type_name: str, value: Any) -> Any:
        """The value of a stored form in its current class; a current one as it is."""
        while type_name in self._retired:
            retired = self._retired[type_name]
            value, type_name = retired.upcast(value), retired.into
        return value

    def is_retired(self, type_name: str) -> bool:
        """Whether the name is no longer written."""
        return type_name in self._retired

    def stored_names(self, kind: type[Any]) -> frozenset[str]:
        """All names under which events of a current class are stored, those of old included."""
        every = (*self._current, *self._retired)
        return frozenset(name for name in every if self._current[self.lifted(name)] is kind)


def _refuse_contradictions(
    current: Mapping[str, type[Any]], retired: Mapping[str, Retired]
) -> None:
    for name, line in retired.items():
        if name in current:
            message = f"{name} is both current and retired: a name has one form"
            raise ContradictoryForms(message)
        if line.into not in current and line.into not in retired:
            message = f"{name} becomes {line.into}, which is not registered"
            raise ContradictoryForms(message)
        subject, version = _parts(name)
        into_subject, into_version = _parts(line.into)
        # Versions only rise, so every way ends, and it ends in a current class.
        if subject != into_subject or into_version <= version:
            message = f"{name} becomes {line.into}, which is no later version of it"
            raise ContradictoryForms(message)
    written = {_parts(name)[0]: name for name in current}
    if len(written) != len(current):
        message = "two versions of one event are current: retire the older one"
        raise ContradictoryForms(message)


def _parts(type_name: str) -> tuple[str, int]:
    """What happened, and the number of the version."""
    subject, _, version = type_name.rpartition(".v")
    if not subject or not version.isdecimal():
        message = f"{type_name} has no version: a stored name ends with .v and a number"
        raise ContradictoryForms(message)
    return subject, int(version)
