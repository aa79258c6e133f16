"""One child process: it logs to a file, ends with its parent, and says in words why it died.

A child is told to end when its parent is killed (setpriv of util-linux), so a killed supervisor
leaves no servers behind that would hold ports and data.
"""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.embedded.errors import PortInUse, ProcessDied, ProgramMissing

_TAIL_LINES: Final = 12
_POLL_SECONDS: Final = 0.02
_FIRST_PORT: Final = 20_000
"""Above our own defaults, and all of them below what Linux gives to outgoing connections."""
_PORTS: Final = 12_768
_STRIDE: Final = 211
_taken: Final = itertools.count()


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """Who a server runs as when we are root; PostgreSQL refuses to run as root."""

    uid: int
    gid: int


def unprivileged() -> Unprivileged | None:
    """The user to drop to, or None when we are no root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in ("patriot", "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Unprivileged(entry.pw_uid, entry.pw_gid)
    raise ProcessDied("no unprivileged user is there to run PostgreSQL: add a user named patriot")


@dataclass(slots=True)
class Child:
    """A process and its log file; start(), watch `running`, stop()."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: Unprivileged | None = None
    stop_signal: int = signal.SIGTERM
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start; the log file is appended to."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                [*self._prefix(), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(self.environment),
                # A session of its own: Ctrl-C reaches the supervisor alone, which stops in order.
                start_new_session=True,
            )

    def _prefix(self) -> list[str]:
        """The program that changes user and signal, and then becomes the command.

        Doing the same between fork and exec would run Python in a copy of a process whose other
        threads (gRPC, Kafka) hold locks.
        """
        program = shutil.which("setpriv")
        if program is None:
            raise ProgramMissing("the program setpriv is missing: install util-linux")
        prefix = [program, "--pdeathsig", signal.Signals(self.stop_signal).name[3:]]
        if self.user is not None:
            prefix += [f"--reuid={self.user.uid}", f"--regid={self.user.gid}", "--clear-groups"]
        return [*prefix, "--"]

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id; 0 before it was started."""
        return self._process.pid if self._process else 0

    def died(self) -> ProcessDied:
        """The sentence for a child that should be running, with the end of its log."""
        code = self._process.poll() if self._process else None
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        tail = "\n  ".join(lines) or "(it logged nothing)"
        how = f"ended with code {code}" if code is None or code >= 0 else f"was killed ({-code})"
        return ProcessDied(f"{self.name} {how}; the end of {self.log}:\n  {tail}")

    async def wait(self, seconds: float | None = None) -> int | None:
        """Wait for its end; gives the exit code, or None if it still runs after `seconds`."""
        assert self._process is not None
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._process.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                return None
            await asyncio.sleep(_POLL_SECONDS)
        return self._process.returncode

    async def stop(self, grace: float = 15.0) -> None:
        """Ask it to end, and end it by force after `grace` seconds."""
        if not self.running:
            return
        self.send(self.stop_signal)
        if await self.wait(grace) is None:
            self.send(signal.SIGKILL)
            await self.wait()

    def send(self, number: int) -> None:
        """Send a signal if it still runs."""
        if self._process is not None and self.running:
            self._process.send_signal(number)


async def until_ready(
    child: Child, ready: Callable[[], bool], *, seconds: float, pause: float = 0.05
) -> None:
    """Wait until `ready` (called in a thread) says so; raises ProcessDied if that never comes."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(ready):
        if not child.running:
            raise child.died()
        if time.monotonic() > deadline:
            raise ProcessDied(f"{child.name} was not ready after {seconds:.0f} s; see {child.log}")
        await asyncio.sleep(pause)


def require_free(port: int, purpose: str, setting: str, *, seconds: float = 5.0) -> None:
    """Raise PortInUse unless the loopback port can be bound; a leaving process gets some time."""
    deadline = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > deadline:
                    text = f"port {port} for {purpose} is in use: stop the program that listens"
                    raise PortInUse(f"{text} there, or set {setting}") from None
                time.sleep(0.2)
                continue
        return


def free_port() -> int:
    """A loopback port that nobody uses, that no connection is given, and that comes once only.

    Port 0 was refused: the system takes from the ports of outgoing connections, and one of them
    had the port before the server that it was meant for began to listen. Processes begin to look
    at different places, for the same reason.
    """
    while True:
        port = _FIRST_PORT + (os.getpid() * _STRIDE + next(_taken)) % _PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
