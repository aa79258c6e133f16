"""What clients sent, what they were told, and how a lost call is told from a refused one."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import grpc

from adapters.proto.v1 import common_pb2

_LOST: Final = (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError, EOFError)
"""How a call ends of which nothing is known.

InvalidStateError: the stream ended while nothing was being sent on it.
"""


@dataclass
class Journal:
    """Of all clients of a test: every command by its id."""

    sent: set[str] = field(default_factory=set)
    answers: dict[str, common_pb2.CommandResult] = field(default_factory=dict)
    replacements: set[str] = field(default_factory=set)
    """Commands that are refused without a trace when the order that they name has changed."""
    replaced: int = 0
    """Replacements that were admitted."""
    reconnects: int = 0

    def learn(self, answer: common_pb2.CommandResult) -> None:
        """An answer that came; the last one on its command."""
        self.answers[answer.command_id] = answer
        if answer.command_id in self.replacements and not answer.HasField("refusal"):
            self.replaced += 1

    @property
    def recorded(self) -> set[str]:
        """The answered commands that have to be in the log: all that appended something."""
        return {
            command_id
            for command_id, answer in self.answers.items()
            if command_id not in self.replacements
            or answer.position.number
            or not answer.HasField("refusal")
        }

    @asynccontextmanager
    async def losing(self) -> AsyncIterator[None]:
        """A call or a stream that may be lost: counted, and a moment later the next one is due."""
        try:
            yield
        except _LOST:
            await self._pause()
        except asyncio.CancelledError:
            # grpc.aio tells so as well that the other side cancelled the stream.
            if cancelled_by_us():
                raise
            await self._pause()

    async def _pause(self) -> None:
        self.reconnects += 1
        await asyncio.sleep(0.1)


def uuid(dice: random.Random) -> str:
    """A fresh id, as the dice fall."""
    return str(UUID(int=dice.getrandbits(128), version=4))


def cancelled_by_us() -> bool:
    """Whether a CancelledError is this task's own, or a call's that the other side cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
