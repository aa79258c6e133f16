"""The library's repository reads streams that the core wrote, with the core's own fold."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import Repository
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import EventStore, JSONTranscoder, Mapper, StoredEvent

from adapters.clock import SystemClock
from adapters.codec import decode
from adapters.commands.engine import CommandEngine
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.recorder import Factory
from domain.ids import risk_stream
from domain.registry import Event
from domain.risk.evolve import RiskStreamEvent, evolve
from domain.risk.state import Risk
from tests.support.library import settings
from tests.support.servers import Database
from tests.support.workload import Workload


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An event of the core as the library wants to see it."""

    originator_id: UUID
    originator_version: int
    event: Event


class _CoreMapper(Mapper[UUID]):
    """Decodes by our registry of type names, never by a Python path."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        assert isinstance(stored_event.originator_id, UUID)
        return _Recorded(
            stored_event.originator_id,
            stored_event.originator_version,
            decode(stored_event.topic, stored_event.state),
        )


async def _trade(database: Database, workload: Workload) -> None:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SystemClock())
    engine.start()
    await workload.open(engine)
    await workload.run(engine, 60)
    await engine.stop()
    await log.close()


async def _folded(database: Database, workload: Workload) -> dict[UUID, Risk]:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    states: dict[UUID, Risk] = {}
    for account in workload.account_ids:
        stream = risk_stream(account)
        state = Risk()
        for each in await log.read_stream(stream):
            event = decode(each.type, each.payload)
            assert isinstance(event, RiskStreamEvent)
            state = evolve(state, event)
        states[UUID(stream)] = state
    await log.close()
    return states


def _project(state: object, events: Iterable[DomainEventProtocol[UUID]]) -> object:
    folded = state if isinstance(state, Risk) else Risk()
    for each in events:
        assert isinstance(each, _Recorded)
        assert isinstance(each.event, RiskStreamEvent)
        folded = evolve(folded, each.event)
    return folded


def test_the_repository_folds_a_stream_of_the_core(log_database: Database) -> None:
    workload = Workload(seed=5, accounts=4)
    asyncio.run(_trade(log_database, workload))
    expected = asyncio.run(_folded(log_database, workload))
    with Factory(settings(log_database)) as factory:
        store = EventStore(_CoreMapper(), factory.application_recorder())
        repository: Repository[UUID] = Repository(store)
        for stream, state in expected.items():
            found: object = repository.get(stream, projector_func=_project)  # type: ignore[type-var]
            assert found == state
            assert state != Risk()
