"""Follow the log for ever: notified of commits, reading by position, passing no gap.

log.append() holds the head's lock until its commit is flushed, so positions become visible in
order and a gap cannot be seen. The check is made all the same: a gap means that somebody wrote
past append(), and a reader that passed it would be wrong for ever.

    domain.ports.LogError
    └── GapInLog     positions do not follow each other: stop and run `patriot log verify`
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, suppress
from typing import Any, Final, Protocol

import psycopg

from domain.envelope import RecordedEvent
from domain.ports import LogError, LogUnavailable

_POLL_SECONDS: Final = 1.0
"""Longest wait without looking, should a notification be lost with its connection."""
_RETRY_SECONDS: Final = 0.5


class GapInLog(LogError):
    """Two events that follow each other in the log have positions that do not."""


class _Reader(Protocol):
    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[RecordedEvent]: ...


class _News(Protocol):
    def told_to(self, hearer: Callable[[], None]) -> AbstractContextManager[None]: ...


async def heard(
    log: _Reader, news: _News, *, after: int, limit: int
) -> AsyncGenerator[Sequence[RecordedEvent], None]:
    """As follow(), for the many followers of one process: they share the connection that listens.

    A follower with a connection of its own that does not read it, because its client is slow, would
    make PostgreSQL keep the notifications of all databases.
    """
    moved = asyncio.Event()
    with news.told_to(moved.set):
        while True:
            moved.clear()
            try:
                events = await log.read_all(after=after, limit=limit)
            except LogUnavailable:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            if events:
                after = _followed(events, after)
                yield events
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await moved.wait()


async def follow(
    log: _Reader, url: str, *, after: int, limit: int
) -> AsyncIterator[Sequence[RecordedEvent]]:
    """Batches of events above `after`; survives outages of the server, raises GapInLog."""
    listener: psycopg.AsyncConnection[Any] | None = None
    try:
        while True:
            try:
                if listener is None or listener.closed:
                    # Listening before reading: a commit in between is read or notified, or both.
                    listener = await _listen(url)
                events = await log.read_all(after=after, limit=limit)
                if not events:
                    await _wait(listener, after)
                    continue
            except (LogUnavailable, psycopg.OperationalError):
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            after = _followed(events, after)
            yield events
    finally:
        if listener is not None:
            with suppress(psycopg.Error):
                await listener.close()


def _followed(events: Sequence[RecordedEvent], after: int) -> int:
    """The position of the last of them; raises GapInLog unless they follow each other."""
    for event in events:
        if event.position.number != after + 1:
            raise GapInLog(
                f"position {after + 1} is missing: the next event is at {event.position.number}"
            )
        after += 1
    return after


async def _listen(url: str) -> psycopg.AsyncConnection[Any]:
    listener = await psycopg.AsyncConnection.connect(url, autocommit=True)
    try:
        await listener.execute("LISTEN patriot_log")
    except BaseException:
        await listener.close()  # nobody has it yet who could
        raise
    return listener


async def _wait(listener: psycopg.AsyncConnection[Any], after: int) -> None:
    """Until a commit beyond `after` is notified, or it is time to look; older news is read away."""
    # Left without aclosing(), the generator would keep the connection's lock until it is collected.
    async with aclosing(listener.notifies(timeout=_POLL_SECONDS)) as news:
        async for notify in news:
            # Every role may notify, so the payload is a hint and nothing more.
            if not notify.payload.isdecimal() or int(notify.payload) > after:
                return
