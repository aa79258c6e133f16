"""A server's processes by the numbers of /proc: all of them killed, stopped or starved at once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.embedded.process import Child


def family(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name before the last bracket may hold blanks and brackets of its own.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def send(pids: list[int], number: signal.Signals) -> None:
    """The signal to each of them that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


async def gone(pids: list[int]) -> None:
    """Wait until none of them runs."""
    async with asyncio.timeout(30):
        while any(alive(pid) for pid in pids):  # noqa: ASYNC110  (the kernel tells nobody)
            await asyncio.sleep(0.01)


async def kill(child: Child) -> int:
    """SIGKILL of a child with its descendants; says how many they were."""
    if not child.running:
        return 0
    pids = family(child.pid)
    send(pids, signal.SIGSTOP)  # a parent that sees its child die would do something about it
    send(pids, signal.SIGKILL)
    await child.wait()
    await gone(pids)
    return len(pids)


@asynccontextmanager
async def frozen(child: Child) -> AsyncIterator[None]:
    """The child and its descendants, stopped inside the block."""
    assert child.running, child.died()
    pids = family(child.pid)
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


@asynccontextmanager
async def starved(child: Child, *, share: float, period: float = 0.1) -> AsyncIterator[None]:
    """A child that may run only this share of the time: a quota that needs no rights."""

    async def ration() -> None:
        while True:
            child.send(signal.SIGSTOP)
            await asyncio.sleep(period * (1 - share))
            child.send(signal.SIGCONT)
            await asyncio.sleep(period * share)

    task = asyncio.create_task(ration())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        child.send(signal.SIGCONT)


def memory(pid: int) -> tuple[int, int]:
    """Bytes that a process holds now, and the most it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    now, most = (int(values[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most
