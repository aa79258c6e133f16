"""Tokens taken back before their time: a file with one `jti` a line, read when it changes.

The list names ids and never hashes of tokens: one token can be spelled in several ways. It stays
short, because a token that has expired need not be on it.

    SettingsError
    └── RevocationListMissing    the file cannot be read at the start: create it, empty if need be
"""

from contextlib import suppress
from pathlib import Path

from adapters.settings import SettingsError


class RevocationListMissing(SettingsError):
    """The file that was named cannot be read."""


class RevocationList:
    """Answers whether a token's id was revoked; a change of the file holds for the next call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version = (0, 0)
        self._ids: frozenset[str] = frozenset()
        try:
            self._refresh()
        except OSError as error:
            raise RevocationListMissing(
                f"the list of revoked tokens cannot be read: create {path} ({error.strerror})"
            ) from error

    def __call__(self, jti: str) -> bool:
        """Whether the token with this id is refused."""
        # A file that is just being replaced must not let revoked tokens in: keep what we know.
        with suppress(OSError):
            self._refresh()
        return jti in self._ids

    def _refresh(self) -> None:
        found = self._path.stat()
        version = (found.st_mtime_ns, found.st_size)
        if version == self._version:
            return
        lines = self._path.read_text(encoding="utf-8").splitlines()
        self._ids = frozenset(line.strip() for line in lines if line.strip())
        self._version = version
