"""A stream of batches answered in its order, while the next ones are already under way."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

_BATCHES_AHEAD: Final = 8
"""Batches of one stream that are under way at once; more wait in the network (back-pressure)."""


async def in_order(
    requests: AsyncIterator[Any], work: Callable[[Any], Any]
) -> AsyncGenerator[Any, None]:
    """Results of `work` in the order of the requests, several of them under way at once."""
    under_way: asyncio.Queue[asyncio.Task[Any] | None] = asyncio.Queue()
    room = asyncio.Semaphore(_BATCHES_AHEAD)

    async def read() -> None:
        try:
            async for request in requests:
                await room.acquire()
                task = asyncio.create_task(work(request))
                # A batch after a failed one is never asked for its result: that is no news.
                task.add_done_callback(_looked_at)
                under_way.put_nowait(task)
        finally:
            under_way.put_nowait(None)

    reader = asyncio.create_task(read())
    try:
        while (task := await under_way.get()) is not None:
            yield await task
            room.release()
        await reader
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await reader
        while not under_way.empty():
            left = under_way.get_nowait()
            if left is not None:
                left.cancel()


def _looked_at(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
