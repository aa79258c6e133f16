"""Where signed heads are kept outside the database: objects that are written once and never again.

The port asks for no more than an object store with a retention lock gives; the folder is the
implementation for one machine, or for a mounted share. A head is one object, so none is ever
opened to be written to again, and a machine that stops in the middle leaves none half written.

    Exception
    └── HeadStoreError      the store cannot be written or read now: nothing was kept, look at it
        └── HeadKept        there is an object of that name with another content
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from adapters.audit import heads
from adapters.audit.heads import HeadUnreadable, SignedHead
from domain.ports import LogError

_HEAD: Final = re.compile(r"[0-9]{20}\.json", re.ASCII)


class HeadStoreError(LogError):
    """The store of signed heads cannot be used."""


class HeadKept(HeadStoreError):
    """There is an object of that name already, and it says something else."""


class HeadStore(Protocol):
    """A place for small objects that never change."""

    def put(self, name: str, content: bytes) -> None:
        """Keep an object durably; the same again is no error. Raises HeadStoreError, HeadKept."""

    def get(self, name: str) -> bytes:
        """The content of an object; raises HeadStoreError."""

    def names(self, group: str) -> list[str]:
        """Names of the objects "GROUP/...", in order; raises HeadStoreError."""


class HeadFolder:
    """Implements HeadStore: a file an object, written whole, flushed, never replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, name: str, content: bytes) -> None:
        """Write beside, flush, then link under the name, which fails if there is one."""
        file = self.path / name
        partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as output:
                output.write(content)
                output.flush()
                os.fsync(output.fileno())
            try:
                os.link(partial, file)
            except FileExistsError:
                if file.read_bytes() != content:
                    raise HeadKept(f"{file} exists and says something else") from None
            for folder in (file.parent, self.path):
                _flush_folder(folder)
        except OSError as error:
            raise HeadStoreError(f"a signed head cannot be kept: {error}") from error
        finally:
            with suppress(OSError):
                partial.unlink()

    def get(self, name: str) -> bytes:
        """The file's content; raises HeadStoreError."""
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise HeadStoreError(f"a signed head cannot be read: {error}") from error

    def names(self, group: str) -> list[str]:
        """Files of a group but hidden ones, which are half written; raises HeadStoreError."""
        try:
            found = sorted(path.name for path in (self.path / group).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HeadStoreError(f"signed heads cannot be read: {error}") from error
        return [f"{group}/{name}" for name in found if not name.startswith(".")]


def _flush_folder(path: Path) -> None:
    """A name is durable when its folder is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def group(shard: int) -> str:
    """Where the heads of a shard are."""
    return f"heads-{shard:04d}"


def name(signed: SignedHead) -> str:
    """Name of a head's object; sorting names sorts positions."""
    return f"{group(signed.shard)}/{signed.position:020d}.json"


def key_name(key: str) -> str:
    """Name of a public key's object."""
    return f"keys/{key}.pem"


def kept_keys(store: HeadStore) -> list[str]:
    """The public keys beside the heads, PEM; who can change the heads can change them too."""
    return [store.get(each).decode(errors="replace") for each in store.names("keys")]


def kept_heads(store: HeadStore, shard: int, pems: list[str]) -> Iterator[SignedHead]:
    """Every kept head of a shard, in order, each checked; raises HeadRefused, HeadStoreError."""
    keys = heads.trusted(pems)
    for each in store.names(group(shard)):
        if _HEAD.fullmatch(each.rsplit("/", 1)[1]) is None:
            raise HeadUnreadable(f"{each} does not have the name of a signed head")
        signed = heads.decode(each, store.get(each), keys)
        if name(signed) != each:
            raise HeadUnreadable(f"{each} holds a signed head of another place")
        yield signed
