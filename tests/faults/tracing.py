"""System calls of running processes watched, or made to fail, with strace."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.embedded.process import Child
from tests.faults import processes


@asynccontextmanager
async def traced(pids: Sequence[int], output: Path, *arguments: str) -> AsyncIterator[None]:
    """strace with these arguments on the processes, inside the block; its lines go to `output`."""
    program = shutil.which("strace")
    assert program is not None, "strace is missing: install it (apt-get install strace)"
    attach = [part for pid in pids for part in ("-p", str(pid))]
    child = Child(
        name="strace",
        command=[program, "-f", "-qq", "-o", str(output), *arguments, *attach],
        log=output.with_suffix(".log"),
        stop_signal=signal.SIGINT,
    )
    child.start()
    try:
        async with asyncio.timeout(20):
            while not all(_tracer(pid) for pid in pids):
                assert child.running, f"strace may not trace: run as root. {child.died()}"
                await asyncio.sleep(0.02)
        yield
    finally:
        await child.stop()


def _tracer(pid: int) -> bool:
    """Whether somebody traces the process; one that has ended needs nobody."""
    if not processes.alive(pid):
        return True
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0\n" not in status
