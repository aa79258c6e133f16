"""The log in memory with a gate before its appends, so that a test chooses when a commit ends."""

import asyncio

from adapters.memory.log import MemoryEventLog
from domain.ports import AppendOutcome, Batch


class HeldLog(MemoryEventLog):
    """A log whose appends wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.held = asyncio.Event()

    async def append(self, batch: Batch) -> AppendOutcome:
        """Append once the gate is open."""
        if not self.gate.is_set():
            self.held.set()
        await self.gate.wait()
        return await super().append(batch)
