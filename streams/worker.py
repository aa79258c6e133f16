"""The role `worker`: Faust agents of one kind, with everything around them.

    projections   orders, fills, positions and risk: the read models of the log
    market        marks and candles, and the check of losses that they make possible
    execution     intents of the log to the venue

Each kind is a consumer group of its own, so one can stand still without holding up another.

    Exception
    └── WorkerFailed     the worker broke or is stuck: the process ends, to be started again
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from faust.exceptions import ConsumerNotStarted

from adapters.kafka.admin import BrokerError
from adapters.kafka.reader import Reader
from domain.ports import Clock
from projections.catalogue import PROJECTIONS
from streams.app import WorkerApp, add_agent, create_app, quiet_faust
from streams.deadletter import DeadLetters
from streams.events_consumer import Consumer, EventsConsumer
from streams.lease import wait_or_stop
from streams.projecting import Projector
from streams.status import RoleStatus
from streams.topics import EVENTS, create_topics
from streams.watchdog import Watchdog, Watched

_logger: Final = logging.getLogger(__name__)

_STOP_PATIENCE: Final = 15.0


class WorkerFailed(Exception):
    """The worker cannot go on; the process ends and is started again."""


class WorkerKind(StrEnum):
    """What a worker process does."""

    PROJECTIONS = "projections"
    MARKET = "market"
    EXECUTION = "execution"


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker needs to know."""

    kind: WorkerKind
    bootstrap: str
    """Addresses of Kafka, HOST:PORT[,HOST:PORT]."""
    read_dsn: str
    """Address of the read-model database for the role patriot_project."""
    replication: int = 1
    """Copies of each topic that is missing and made."""
    command_address: str = ""
    """HOST:PORT of the command service (market: halts)."""
    venue_address: str = ""
    """HOST:PORT of the simulated venue (execution)."""
    service_token: Callable[[], str] = str
    """Gives the bearer token of this service."""
    risk_interval: float = 0.25
    """Seconds between two looks at losses."""
    stuck_after: float = 30.0
    """Seconds without progress, while there is work, after which a restart is the cure."""
    group_suffix: str = ""
    """Sets a worker's consumer group apart; for tests."""


@dataclass(slots=True)
class Around:
    """What all agents of a worker share."""

    options: WorkerOptions
    clock: Clock
    app: WorkerApp
    events: EventsConsumer
    deadletters: DeadLetters
    failure: BaseException | None = None

    def failed(self, error: BaseException) -> None:
        """An agent broke: the worker ends."""
        if self.failure is None:
            _logger.error("an agent broke", exc_info=error)
            self.failure = error


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind of worker is made of."""

    consumers: Sequence[Consumer]
    tasks: Sequence[Coroutine[None, None, None]] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    trouble: Callable[[], str] = str
    """What keeps it from its work, in words."""


async def run_worker(
    options: WorkerOptions,
    clock: Clock,
    stop: asyncio.Event,
    status: RoleStatus | None = None,
) -> None:
    """Work until told to stop; raises WorkerFailed when only a fresh process can help."""
    status = status or RoleStatus()
    quiet_faust()
    if not await _topics_there(options, stop, status):
        return
    async with AsyncExitStack() as parts:
        name = f"patriot-{options.kind.value}{options.group_suffix}"
        reader = Reader(options.bootstrap, client_id=f"{name}-reader")
        parts.push_async_callback(reader.close)
        deadletters = DeadLetters(options.bootstrap, client_id=f"{name}-deadletters")
        parts.push_async_callback(deadletters.close)
        app = create_app(name, options.bootstrap)
        around = Around(
            options=options,
            clock=clock,
            app=app,
            events=EventsConsumer(app, reader, deadletters, clock),
            deadletters=deadletters,
        )
        work = _ASSEMBLIES[options.kind](around)
        watchdog = Watchdog(
            Watched(work.consumers, around.events, lambda: _assigned(app), work.trouble),
            reader,
            options.read_dsn,
            clock,
            status,
            stuck_after=options.stuck_after,
        )
        for part in work.closing:
            parts.push_async_callback(part)
        tasks = [asyncio.create_task(watchdog.run()), *map(asyncio.create_task, work.tasks)]
        try:
            await app.start()
            _logger.info("%s: at work", name)
            await _until_over(app, around, tasks, stop, status)
        finally:
            status.unready = "stopping"
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _stop(app)


async def _topics_there(options: WorkerOptions, stop: asyncio.Event, status: RoleStatus) -> bool:
    while not stop.is_set():
        try:
            await create_topics(options.bootstrap, replication=options.replication)
        except BrokerError as error:
            status.unready = f"Kafka: {error}"
            await wait_or_stop(stop, 1.0)
        else:
            return True
    return False


async def _until_over(
    app: WorkerApp,
    around: Around,
    tasks: Sequence[asyncio.Task[None]],
    stop: asyncio.Event,
    status: RoleStatus,
) -> None:
    while not await wait_or_stop(stop, 0.25):
        if around.failure is not None:
            raise WorkerFailed(f"an agent broke: {around.failure!r}") from around.failure
        if app.crashed:
            raise WorkerFailed(f"Faust stopped working: {app.crash_reason!r}")
        for task in tasks:
            if task.done():
                raise WorkerFailed("a part of the worker ended") from task.exception()
        if status.dead:
            raise WorkerFailed(status.dead)


async def _stop(app: WorkerApp) -> None:
    try:
        async with asyncio.timeout(_STOP_PATIENCE):
            await app.stop()
    except TimeoutError:
        _logger.warning("Faust did not stop in time; what it had not applied comes again")


def _assigned(app: WorkerApp) -> set[int]:
    try:
        return {tp.partition for tp in app.consumer.assignment() if tp.topic == EVENTS}
    except ConsumerNotStarted:
        return set()


def _projections(around: Around) -> Work:
    consumers: list[Projector] = []
    for projection in PROJECTIONS.values():
        projector = Projector(projection, around.options.read_dsn, around.events.surroundings())
        consumers.append(projector)
        add_agent(
            around.app,
            f"patriot.project.{projection.name}",
            [EVENTS],
            partial(around.events.feed, projector),
            around.failed,
        )
    return Work(consumers, closing=[each.close for each in consumers])


_ASSEMBLIES: Final[dict[WorkerKind, Callable[[Around], Work]]] = {
    WorkerKind.PROJECTIONS: _projections,
}
