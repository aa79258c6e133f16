"""The role `worker`: Faust agents of one kind, with everything around them.

Faust runs inside our own main: signals, health and the order of stopping are ours. The process
ends with an error where a fresh one is the cure, and waits where it is not.

    Exception
    └── WorkerFailed     the worker broke or is stuck: the process ends, to be started again
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from adapters.kafka.admin import BrokerError
from adapters.kafka.reader import Reader
from adapters.telemetry.status import RoleStatus
from domain.ports import Clock
from streams.app import WorkerApp, create_app, quiet_faust
from streams.deadletter import DeadLetters
from streams.events_consumer import EventsConsumer
from streams.kinds import ASSEMBLIES, BUFFERED, Around, WorkerOptions, assigned
from streams.lease import wait_or_stop
from streams.topics import EVENTS, create_topics
from streams.watchdog import Watchdog, Watched

_logger: Final = logging.getLogger(__name__)

_STOP_PATIENCE: Final = 15.0


class WorkerFailed(Exception):
    """The worker cannot go on; the process ends and is started again."""


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
        app = create_app(name, options.bootstrap, buffered=BUFFERED[options.kind])
        around = Around(
            options=options,
            clock=clock,
            app=app,
            events=EventsConsumer(app, reader, deadletters, clock),
            deadletters=deadletters,
        )
        work = ASSEMBLIES[options.kind](around)
        watchdog = Watchdog(
            Watched(
                consumers=work.consumers,
                events=around.events,
                assigned=partial(assigned, app, EVENTS),
                others=work.trouble,
                flows=work.flows,
            ),
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
