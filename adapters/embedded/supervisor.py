"""Start roles one after the other, notice when one dies, stop them in reverse order."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from adapters.embedded.process import Child, until_ready

_READY_SECONDS: Final = 60.0
_GRACE_SECONDS: Final = 20.0
_WATCH_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Role:
    """One process of the system: `patriot ARGUMENTS` with its environment."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    http_port: int

    @property
    def ready_url(self) -> str:
        """Where it says that it is ready."""
        return f"http://127.0.0.1:{self.http_port}/health/ready"

    @property
    def metrics_url(self) -> str:
        """Where its metrics are."""
        return f"http://127.0.0.1:{self.http_port}/metrics"


@dataclass(slots=True)
class Supervisor:
    """The children of an embedded system, in the order in which they were started."""

    logs: Path
    report: Callable[[str], None]
    children: dict[str, Child] = field(default_factory=dict)

    async def start(self, role: Role) -> None:
        """Start a role and wait until it is ready; raises ProcessDied."""
        self.report(f"starting {role.name}")
        child = self.spawn(role)
        await until_ready(child, lambda: answers(role.ready_url), seconds=_READY_SECONDS)

    def spawn(self, role: Role) -> Child:
        """Start a role without waiting for it."""
        child = Child(
            name=role.name,
            command=[sys.executable, "-P", "-m", "adapters.cli", *role.arguments],
            log=self.logs / f"{role.name}.log",
            environment=role.environment,
        )
        child.start()
        self.children[role.name] = child
        return child

    def add(self, child: Child) -> None:
        """Watch a child that was started elsewhere, such as a server."""
        self.children[child.name] = child

    async def watch(self, stop: asyncio.Event) -> None:
        """Return when `stop` is set; raises ProcessDied when a child ends by itself."""
        while not stop.is_set():
            for child in self.children.values():
                if not child.running:
                    raise child.died()
            try:
                await asyncio.wait_for(stop.wait(), _WATCH_SECONDS)
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Stop all children, the last started first; each gets its grace."""
        for name, child in reversed(list(self.children.items())):
            if child.running:
                self.report(f"stopping {name}")
            await child.stop(_GRACE_SECONDS)
        self.children.clear()


def answers(url: str) -> bool:
    """Whether an address answers 200."""
    try:
        with urlopen(url, timeout=2) as reply:  # noqa: S310  (our own loopback address)
            return bool(reply.status == 200)  # noqa: PLR2004
    except (URLError, OSError):
        return False
