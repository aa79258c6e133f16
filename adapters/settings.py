"""The environment, checked: what a role must know, or a sentence on what is wrong with it.

Every variable can also be given as a file by NAME_FILE (a secret mounted by the orchestrator). No
secret has a default.

    Exception
    └── SettingsError    a variable is missing or wrong; the text names it and what it must be
"""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PORT_MAX = 65_535


class SettingsError(Exception):
    """A variable of the environment is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of one process; built once, by the command line, from os.environ."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        """The variable, the content of its file, or the default; raises SettingsError."""
        value = self.variables.get(name)
        path = self.variables.get(f"{name}_FILE")
        if value is not None and path is not None:
            message = f"both {name} and {name}_FILE are set: set one of them"
            raise SettingsError(message)
        if path is not None:
            return secret_file(f"{name}_FILE", Path(path))
        if value:
            return value
        if default is None:
            message = f"{name} is not set: set it, or {name}_FILE to a file that holds it"
            raise SettingsError(message)
        return default

    def secret(self, name: str, *, length_min: int = 32) -> str:
        """A text that must not be short, such as a token or a key; raises SettingsError."""
        value = self.text(name)
        if len(value) < length_min:
            message = f"{name} is too short: at least {length_min} characters are expected"
            raise SettingsError(message)
        return value

    def choice(self, name: str, known: Sequence[str]) -> str:
        """One of the known words, the first if none is given; raises SettingsError."""
        text = self.text(name, known[0])
        if text not in known:
            message = f"{name} must be {' or '.join(known)}, was {text!r}"
            raise SettingsError(message)
        return text

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        """A whole number between `least` and `most`; raises SettingsError."""
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            message = f"{name} must be a whole number from {least} to {most}, was {text!r}"
            raise SettingsError(message)
        return int(text)

    def port(self, name: str, default: int) -> int:
        """A TCP port; 0 lets the system choose; raises SettingsError."""
        return self.number(name, default, most=_PORT_MAX)

    def switch(self, name: str, *, default: bool) -> bool:
        """True or false; raises SettingsError for anything else."""
        text = self.text(name, "true" if default else "false").lower()
        if text not in {"true", "false"}:
            message = f"{name} must be true or false, was {text!r}"
            raise SettingsError(message)
        return text == "true"


def secret_file(name: str, path: Path) -> str:
    """The content of a file that holds a secret; raises SettingsError in the name of a setting."""
    try:
        mode = path.stat().st_mode
        content = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror} ({path})"
        raise SettingsError(message) from error
    except UnicodeDecodeError:
        # Its text would repeat bytes of the secret.
        message = f"{name} cannot be read: it is no text ({path})"
        raise SettingsError(message) from None
    if mode & stat.S_IWOTH:
        message = f"{name} can be written by everybody: chmod o-w {path}"
        raise SettingsError(message)
    return content
