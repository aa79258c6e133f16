"""An event loop whose clock jumps to the next timer: waiting costs nothing, order is repeatable."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from domain.ids import derived

_T = TypeVar("_T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything can run, and then moves to what is scheduled next."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual

    def _run_once(self) -> None:
        scheduled: Any = self._scheduled  # type: ignore[attr-defined]
        if not self._ready and scheduled:  # type: ignore[attr-defined]
            self._virtual = max(self._virtual, scheduled[0].when())
        super()._run_once()  # type: ignore[misc]


class VirtualClock:
    """The clock of the running virtual loop."""

    def __init__(self) -> None:
        self._ids = 0

    def now(self) -> int:
        """Microseconds since 1970."""
        return 1_626_912_000_000_000 + int(self.monotonic() * 1_000_000)

    def monotonic(self) -> float:
        """Virtual seconds."""
        return asyncio.get_running_loop().time()

    def new_uuid(self) -> str:
        """The next of a fixed row of UUIDs."""
        self._ids += 1
        return derived("virtual", str(self._ids))


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end on a virtual loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
