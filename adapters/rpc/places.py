"""Places for calls: so many at once, whoever makes them; the rest are turned away unread.

gRPC has a bound of its own, and answers beyond it without a word on when to come back.
"""

import asyncio
from typing import Any, Final

import grpc

_AGAIN_MS: Final = 250


def call_later(milliseconds: int) -> tuple[tuple[str, str], ...]:
    """The trailing metadata that says when to come back."""
    return (("retry-after-ms", str(milliseconds)),)


class Places:
    """Of the calls of all clients at once; one is free again when its call is over."""

    def __init__(self, most: int) -> None:
        self._free = most

    def take(self) -> bool:
        """Whether there is one for the call whose task this is."""
        task = asyncio.current_task()
        if not self._free or task is None:
            return False
        self._free -= 1
        task.add_done_callback(self._give_back)
        return True

    def _give_back(self, _: object) -> None:
        self._free += 1


async def _turned_away(_: object, context: "grpc.aio.ServicerContext[Any, Any]") -> None:
    await context.abort(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "too many calls are open: call again",
        call_later(_AGAIN_MS),
    )


TURNED_AWAY: Final = grpc.stream_stream_rpc_method_handler(_turned_away)
"""A handler of any call; as of a stream, for the message of a unary call would be read first."""
