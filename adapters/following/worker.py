"""The role follow: folds the log, and asks the core for each copy, cancel and repair that is due.

It decides nothing and remembers nothing of its own: what is due is a function of the log, and what
it asked for is in the log before it looks again. A follower that is refused, or whose core does not
answer, holds up nobody else. Two workers ask for the same; the core takes the first.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc

from adapters.codec import decode_metadata, decode_recorded
from adapters.postgres.following import FollowingStore
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.news import News
from adapters.postgres.tail import GapInLog
from adapters.proto.v1 import (
    common_pb2,
    orders_pb2,
    orders_pb2_grpc,
    strategies_pb2,
    strategies_pb2_grpc,
)
from adapters.rpc.translate_strategies import intent_message
from adapters.telemetry import metrics
from adapters.telemetry.status import RoleStatus
from domain.ids import AccountId, OrderId, derived
from domain.ports import Clock, LogError
from domain.values import plain
from projections.copiers import Amend, Copy, Drift
from projections.following import TYPES, Following

_logger: Final = logging.getLogger(__name__)
_BATCH: Final = 1_000
_AT_ONCE: Final = 16
"""Calls under way; followers take turns."""
_CALL_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.0
_SAVE_SECONDS: Final = 1.0
_AWAY: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})


@dataclass(frozen=True, slots=True)
class FollowOptions:
    """What the role needs to know."""

    log_url: str
    """Address of the log's database for the role patriot_follow."""
    command_address: str
    token: str
    """Role service, all accounts."""
    name: str = "follow"
    """Under which its progress is kept."""
    settle: float = 2.0
    """Seconds for which nothing moved before positions are compared."""
    again: float = 60.0
    """Seconds before a drift that is still there is repaired once more."""


async def run_follow(
    options: FollowOptions, clock: Clock, stop: asyncio.Event, status: RoleStatus
) -> None:
    """Copy until told to stop; waits for whatever is away."""
    log = PostgresEventLog(options.log_url)
    news = News(options.log_url)
    await log.open()
    listening = asyncio.create_task(news.run())
    try:
        async with grpc.aio.insecure_channel(options.command_address) as channel:
            await Worker(options, log, channel, clock, status).run(stop, news)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await log.close()


class Worker:
    """One turn folds what is new and asks for what is due."""

    def __init__(
        self,
        options: FollowOptions,
        log: PostgresEventLog,
        channel: grpc.aio.Channel,
        clock: Clock,
        status: RoleStatus,
    ) -> None:
        self._options = options
        self._log = log
        self._store = FollowingStore(options.log_url, options.name)
        self._strategies = strategies_pb2_grpc.StrategyCommandsStub(channel)  # type: ignore[no-untyped-call]
        self._orders = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]
        self._metadata = (("authorization", f"Bearer {options.token}"),)
        self._clock = clock
        self._status = status
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._saved_at = clock.monotonic()
        self._saved = 0
        self.following = Following()

    async def run(self, stop: asyncio.Event, news: News) -> None:
        """Turns until told to stop; the last thing is to keep where it stands."""
        woken = asyncio.Event()
        await self._patiently(stop, self.load)
        with news.told_to(woken.set):
            while not stop.is_set():
                woken.clear()
                await self._patiently(stop, self.turn)
                with suppress(TimeoutError):
                    await asyncio.wait_for(_first(stop, woken), _LOOK_SECONDS)
        with suppress(LogError):
            await self.save()

    async def turn(self) -> None:
        """Fold to the end of the log, then ask; raises LogError, or what a service that is away."""
        while await self._fold():
            pass
        following = self.following
        now = self._clock.now()
        await self._all(self._copy, following.copies())
        await self._all(self._cancel, list(following.cancels().items()))
        await self._all(self._amend, following.amends())
        quiet = now - int(self._options.settle * 1_000_000)
        again = now - int(self._options.again * 1_000_000)
        drifts = following.drifts(quiet_since=quiet, again_before=again)
        await self._all(self._report, drifts)
        await self.save(at_once=False)

    async def load(self) -> None:
        """Go on from what was kept; raises LogUnavailable."""
        self.following = await self._store.load()
        self._saved = self.following.position

    async def _patiently(self, stop: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        """Once through, however often something is away."""
        while not stop.is_set():
            try:
                await work()
            except (LogError, grpc.aio.AioRpcError) as error:
                said = error.details() if isinstance(error, grpc.aio.AioRpcError) else str(error)
                self._status.unready = f"following waits: {said}"
                _logger.warning("%s", self._status.unready)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
            else:
                self._status.unready = ""
                return

    async def _fold(self) -> bool:
        """The next events of the log; whether there may be more."""
        events = await self._log.read_all(after=self.following.position, limit=_BATCH)
        for recorded in events:
            number = recorded.position.number
            if number != self.following.position + 1:
                raise GapInLog(f"position {self.following.position + 1} is missing")
            if recorded.type in TYPES:
                at = decode_metadata(recorded.metadata).occurred_at
                self.following.fold(number, decode_recorded(recorded), at)
            else:
                self.following.position = number
        return len(events) == _BATCH

    async def save(self, *, at_once: bool = True) -> None:
        """Keep where it stands, at once or if it is time to; raises LogUnavailable."""
        now = self._clock.monotonic()
        position = self.following.position
        if position == self._saved or (not at_once and now - self._saved_at < _SAVE_SECONDS):
            return
        await self._store.save(self.following)
        self._saved, self._saved_at = position, now

    async def _all(self, ask: Callable[[Any], Awaitable[None]], due: list[Any]) -> None:
        """Ask for all of it, some at a time; raises after all were asked, if a service is away."""
        outcomes = await asyncio.gather(*(ask(one) for one in due), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _copy(self, due: Copy) -> None:
        intent, seen = due.intent, str(due.seen)
        who = (due.strategy_id, due.account_id)
        # Another content needs another id.
        now = (*map(str, (intent.quantity, intent.price, intent.valid_until)), intent.time_in_force)
        request = strategies_pb2.CopyRequest(
            command_id=derived("copy command", intent.intent_id, *who, seen, *now),
            strategy_id=due.strategy_id,
            account_id=due.account_id,
            intent=intent_message(intent),
            seen=due.seen,
            held=plain(due.held),
        )
        await self._ask("copy", self._strategies.Copy, request)

    async def _amend(self, due: Amend) -> None:
        """What is known of the copy is in the id, for an id keeps the answer "not yet"."""
        intent = due.intent
        now = (str(due.seen), str(due.moves), str(intent.quantity), str(intent.price))
        request = strategies_pb2.CopyRequest(
            command_id=derived("amend copy", due.order_id, *now),
            strategy_id=due.strategy_id,
            account_id=due.account_id,
            intent=intent_message(intent),
            seen=due.seen,
            held=plain(due.held),
        )
        await self._ask("amend", self._strategies.AmendCopy, request)

    async def _cancel(self, due: tuple[OrderId, AccountId]) -> None:
        order_id, account_id = due
        request = orders_pb2.CancelOrderRequest(
            command_id=derived("copy cancel", order_id), account_id=account_id, order_id=order_id
        )
        await self._ask("cancel", self._orders.CancelOrder, request)

    async def _report(self, due: Drift) -> None:
        who = (due.strategy_id, due.account_id, due.instrument_id)
        request = strategies_pb2.ReportDriftRequest(
            command_id=derived("drift command", *who, str(due.seen)),
            strategy_id=due.strategy_id,
            account_id=due.account_id,
            instrument=due.instrument_id,
            seen=due.seen,
            leader=plain(due.leader),
            held=plain(due.held),
        )
        await self._ask("drift", self._strategies.ReportDrift, request)

    async def _ask(self, what: str, call: Any, request: Any) -> None:
        """One call; a refusal is an answer, and whatever follows from it is in the log."""
        async with self._gate:
            try:
                await call(request, metadata=self._metadata, timeout=_CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                if error.code() in _AWAY:
                    raise
                metrics.FOLLOWING_ASKED.labels(what, _reason(error)).inc()
                _logger.info("%s for %s: %s", what, request.account_id, error.details())
            else:
                metrics.FOLLOWING_ASKED.labels(what, "done").inc()


def _reason(error: grpc.aio.AioRpcError) -> str:
    """The name of the refusal, or of the status where there is none."""
    trailing: Any = error.trailing_metadata() or ()
    for key, value in trailing:
        if key == "patriot-refusal-bin":
            return common_pb2.Refusal.FromString(value).name.lower()
    return error.code().name.lower()


async def _first(*events: asyncio.Event) -> None:
    """Wait for one of them."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
