"""The kinds of worker, and what each is put together from.

    projections   orders, fills, positions and risk: the read models of the log
    market        marks and candles, and the check of losses that they make possible
    execution     intents of the log to the venue

Each kind is a consumer group of its own, so one can stand still without holding up another.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from faust.exceptions import ConsumerNotStarted

from adapters.simulated.client import SimulatedVenue
from domain.ports import Clock
from domain.registry import Unknown
from projections.catalogue import PROJECTIONS
from streams.app import Event, WorkerApp, add_agent
from streams.deadletter import DeadLetters
from streams.events_consumer import Consumer, EventsConsumer
from streams.execution import NAME as EXECUTION
from streams.execution import Executor
from streams.losses import LossCheck
from streams.marking import Marker
from streams.projecting import Projector
from streams.searching import Search
from streams.topics import EVENTS, MARKET
from streams.watchdog import Flow

_logger: Final = logging.getLogger(__name__)

MARKET_RECORDS_MAX: Final = 500
"""Market records that are taken at once; they are small."""


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
    """HOST:PORT of the command service (market: halts; execution: unknown outcomes)."""
    venue_address: str = ""
    """HOST:PORT of the simulated venue (execution)."""
    service_token: Callable[[], str] = str
    """Gives the bearer token of this service."""
    risk_interval: float = 0.25
    """Seconds between two looks at losses."""
    stuck_after: float = 30.0
    """Seconds without progress, while there is work, after which a restart is the cure."""
    unknown: Unknown = Unknown.STOP
    """What a read model does at an event of a newer release; execution always stops."""
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
    flows: Sequence[Flow] = ()
    trouble: Callable[[], str] = str
    """What keeps it from its work, in words."""


def assigned(app: WorkerApp, topic: str) -> set[int]:
    """Partitions of a topic that this worker has now."""
    try:
        return {tp.partition for tp in app.consumer.assignment() if tp.topic == topic}
    except ConsumerNotStarted:
        return set()


def _projections(around: Around) -> Work:
    projectors = [
        Projector(
            projection,
            around.options.read_dsn,
            around.events.surroundings(),
            unknown=around.options.unknown,
        )
        for projection in PROJECTIONS.values()
    ]
    for projector in projectors:
        add_agent(
            around.app,
            f"patriot.project.{projector.progress.name}",
            [EVENTS],
            partial(around.events.feed, projector),
            around.failed,
        )
    return Work(projectors, closing=[each.close for each in projectors])


def _market(around: Around) -> Work:
    options = around.options
    losses = LossCheck(
        options.read_dsn,
        options.command_address,
        options.service_token,
        interval=options.risk_interval,
    )
    marker = Marker(options.read_dsn, around.clock, around.deadletters.set_aside, losses.poke)

    async def something_moved(events: Sequence[Event]) -> None:
        del events
        losses.poke()

    add_agent(
        around.app,
        "patriot.market.marks",
        [MARKET],
        marker.apply,
        around.failed,
        records_max=MARKET_RECORDS_MAX,
    )
    flow = Flow(MARKET, partial(assigned, around.app, MARKET), lambda: marker.state.last_turn)
    add_agent(around.app, "patriot.risk.losses", [EVENTS], something_moved, around.failed)
    return Work(
        consumers=(),
        tasks=(losses.run(),),
        closing=(marker.close,),
        flows=(flow,),
        trouble=lambda: marker.state.waiting_for or losses.waiting_for,
    )


def _execution(around: Around) -> Work:
    venue = SimulatedVenue(around.options.venue_address, around.options.service_token)
    options = around.options
    search = Search(options.command_address, options.service_token, around.clock)
    executor = Executor(options.read_dsn, venue, search, around.events.surroundings())
    add_agent(
        around.app,
        f"patriot.{EXECUTION}",
        [EVENTS],
        partial(around.events.feed, executor),
        around.failed,
    )
    return Work((executor,), closing=(executor.close, venue.close, search.close))


ASSEMBLIES: Final[dict[WorkerKind, Callable[[Around], Work]]] = {
    WorkerKind.PROJECTIONS: _projections,
    WorkerKind.MARKET: _market,
    WorkerKind.EXECUTION: _execution,
}
"""How each kind of worker is put together; call from the running event loop."""
BUFFERED: Final[dict[WorkerKind, int]] = {
    WorkerKind.PROJECTIONS: 128,
    WorkerKind.MARKET: 2_000,
    WorkerKind.EXECUTION: 128,
}
"""Records that wait for an agent at most; those of the event log are up to half a megabyte."""
