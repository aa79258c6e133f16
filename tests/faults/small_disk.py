"""A PostgreSQL that has one of its folders on a small disk, which can be filled and emptied.

The disk is a tmpfs in a mount namespace of its own, so nothing is left on the machine whatever
happens. Root makes it by right, everybody else where the kernel allows user namespaces.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import Child, Unprivileged, unprivileged

# The folder's content moves to the new disk, and the disk to the folder's place.
_MOUNT = """
set -e
mount -t tmpfs -o size="$3",mode=700"$4" tmpfs "$1"
cp -a "$2"/. "$1"
mount --bind "$1" "$2"
touch "$5"
exec sleep infinity
"""


@dataclass(slots=True)
class OnSmallDisk(EmbeddedPostgres):
    """start() it as any other; fill() the disk, make room() again."""

    holder: Child | None = field(default=None)

    def mount(self, subfolder: str, size: str) -> None:
        """Put a folder of the stopped server's data on a disk of that size."""
        disk, ready = self.folder / "disk", self.folder / "mounted"
        disk.mkdir()
        user = unprivileged()
        owner = f",uid={user.uid},gid={user.gid}" if user else ""
        rights = [] if user else ["--user", "--map-current-user", "--keep-caps"]
        mount = ["sh", "-c", _MOUNT, "sh", disk, self.folder / "data" / subfolder, size, owner]
        self.holder = Child(
            name="the small disk",
            command=["unshare", *rights, "--mount", "--propagation", "private", *map(str, mount),
                     str(ready)],
            log=self.folder / "disk.log",
            environment={"PATH": os.environ["PATH"]},
            stop_signal=signal.SIGKILL,
        )  # fmt: skip
        self.holder.start()
        while not ready.exists():
            assert self.holder.running, (
                "no small disk can be made: run as root, or allow user namespaces. "
                f"{self.holder.died()}"
            )
            time.sleep(0.02)

    def fill(self) -> None:
        """Not a byte is left."""
        with suppress(OSError), self._ballast().open("ab", buffering=0) as ballast:
            while ballast.write(bytes(65_536)):
                pass
        with suppress(OSError), self._ballast().open("ab", buffering=0) as ballast:
            while ballast.write(b"\0"):
                pass

    def room(self) -> None:
        """What was filled is free again."""
        self._ballast().unlink()

    def _ballast(self) -> Path:
        assert self.holder is not None
        return Path(f"/proc/{self.holder.pid}/root{self.folder}/disk/ballast")

    def _server(self, command: list[str], user: Unprivileged | None) -> Child:
        if self.holder is None:
            return EmbeddedPostgres._server(self, command, user)
        enter = ["nsenter", "--target", str(self.holder.pid), "--mount", "--wd=/"]
        drop = []
        if user is None:
            enter += ["--user", "--preserve-credentials"]
        else:
            ids = [f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups"]
            drop = ["setpriv", "--pdeathsig", "INT", *ids, "--"]
        child = Child(
            name="PostgreSQL",
            command=[*enter, "--", *drop, *command],
            log=self.folder / "postgres.log",
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.environ["PATH"]},
            stop_signal=signal.SIGINT,
        )
        child.start()
        return child


@contextmanager
def released(server: OnSmallDisk) -> Iterator[OnSmallDisk]:
    """The server's disk is taken away afterwards."""
    try:
        yield server
    finally:
        if server.holder is not None:
            asyncio.run(server.holder.stop())
