"""The data folder: one embedded system at a time, secrets made once, a version that must match."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.embedded.errors import DataFolderBusy, DataFolderMismatch

_VERSION: Final = 1
"""Of the folder's layout; raised when a release can no longer read what an older one wrote."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where everything of one embedded system is kept."""

    path: Path

    @property
    def logs(self) -> Path:
        """Logs of the roles."""
        return self.path / "logs"

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """A secret of this folder, made on first use and readable by its owner alone."""
        file = self.path / "secrets" / name
        if not file.exists():
            self.write_secret(name, make())
        return file.read_text(encoding="utf-8")

    def write_secret(self, name: str, value: str) -> Path:
        """Keep a secret that may change, such as a token that expires."""
        folder = self.path / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / name
        _write_whole(file, value)
        return file


def _write_whole(file: Path, text: str) -> None:
    """The whole text or what was there before, also when the machine stops at this moment.

    Half a key would be taken for a key by every later start.
    """
    partial = file.with_name(f"{file.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    partial.replace(file)


@contextmanager
def opened(path: Path) -> Iterator[DataFolder]:
    """Own the folder for a while; raises DataFolderBusy or DataFolderMismatch."""
    path.mkdir(parents=True, exist_ok=True)
    with (path / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise DataFolderBusy(
                f"another patriot (process {owner}) runs on {path}: stop it, or choose another "
                "folder with PATRIOT_DATA"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _check_version(path)
        yield DataFolder(path)


def _check_version(path: Path) -> None:
    file = path / "patriot.json"
    if not file.exists():
        ours = {"lock", f"{file.name}.partial"}
        foreign = [entry.name for entry in path.iterdir() if entry.name not in ours]
        if foreign:
            raise DataFolderMismatch(
                f"{path} holds {min(foreign)} but is no data folder of patriot: choose "
                "another with PATRIOT_DATA"
            )
        _write_whole(file, json.dumps({"layout": _VERSION}))
        return
    try:
        found = json.loads(file.read_text(encoding="utf-8")).get("layout")
    except (ValueError, AttributeError):
        found = None
    if found != _VERSION:
        raise DataFolderMismatch(
            f"{path} has layout {found}, this release needs {_VERSION}: keep it for its own "
            "release and choose another folder with PATRIOT_DATA"
        )
