"""Applications of the eventsourcing library at work on our log, with all the library's parts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, DomainEventProtocol, event
from eventsourcing.persistence import (
    IntegrityError,
    NotSupportedError,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import ApplicationSubscription, Projection, ProjectionRunner
from psycopg import sql

from adapters.embedded.postgres import EmbeddedPostgres
from adapters.postgres.recorder import Factory, RefusedSetting
from tests.support.chaos_proxy import Fault, Way, before
from tests.support.library import settings
from tests.support.servers import Database, DatabaseServer


class Dog(Aggregate):
    """The library's own example."""

    @event("Registered")
    def __init__(self, name: str) -> None:
        self.name = name
        self.tricks: list[str] = []

    @event("TrickAdded")
    def add_trick(self, trick: str) -> None:
        self.tricks.append(trick)


class Kennel(Application[UUID]):
    """Registers dogs and teaches them."""

    snapshotting_intervals: ClassVar[dict[type[Any], int]] = {Dog: 5}

    def register(self, name: str) -> UUID:
        dog = Dog(name)
        self.save(dog)
        return dog.id

    def teach(self, dog_id: UUID, trick: str) -> None:
        dog: Dog = self.repository.get(dog_id)
        dog.add_trick(trick)
        self.save(dog)


@contextmanager
def kennel(database: Database, **more: str) -> Iterator[Kennel]:
    with Kennel(env=settings(database, **more)) as application:
        yield application


def _stored(database: Database) -> list[tuple[int, int, str]]:
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute(
            "SELECT position, version, split_part(type, ':', 2) FROM log.events ORDER BY position"
        ).fetchall()


def test_aggregates_are_saved_and_found(log_database: Database) -> None:
    with kennel(log_database) as application:
        dog_id = application.register("Fido")
        application.teach(dog_id, "roll over")
        application.teach(dog_id, "fetch")
    with kennel(log_database) as application:
        dog: Dog = application.repository.get(dog_id)
        assert (dog.name, dog.tricks, dog.version) == ("Fido", ["roll over", "fetch"], 3)
        earlier: Dog = application.repository.get(dog_id, version=2)
        assert earlier.tricks == ["roll over"]
        with pytest.raises(AggregateNotFoundError):
            application.repository.get(uuid4())
    assert _stored(log_database) == [
        (1, 1, "Dog.Registered"),
        (2, 2, "Dog.TrickAdded"),
        (3, 3, "Dog.TrickAdded"),
    ]


def test_a_projector_of_ones_own_folds_events_into_any_state(log_database: Database) -> None:
    def count(state: int | None, events: Iterable[DomainEventProtocol[UUID]]) -> int:
        return (state or 0) + sum(1 for _ in events)

    with kennel(log_database) as application:
        dog_id = application.register("Fido")
        for trick in ("sit", "stay"):
            application.teach(dog_id, trick)
        folded: Any = application.repository.get(dog_id, projector_func=count)  # type: ignore[type-var]
    assert folded == 3


def test_several_aggregates_are_one_append(log_database: Database) -> None:
    with kennel(log_database) as application:
        left, right = Dog("left"), Dog("right")
        left.add_trick("sit")
        recordings = application.save(left, right)
        assert [each.notification.id for each in recordings] == [1, 2, 3]
        stale: Dog = application.repository.get(left.id)
        application.teach(left.id, "stay")
        stale.add_trick("bark")
        right.add_trick("beg")
        with pytest.raises(IntegrityError):
            application.save(right, stale)
        fresh: Dog = application.repository.get(right.id)
        assert fresh.tricks == []
    with psycopg.connect(log_database.admin_url) as connection:
        row = connection.execute("SELECT array_agg(first_position) FROM log.commits").fetchone()
    assert row == ([1, 4],)


def test_snapshots_are_kept_beside_the_log(log_database: Database) -> None:
    with kennel(log_database, IS_SNAPSHOTTING_ENABLED="y") as application:
        dog_id = application.register("Fido")
        for number in range(11):
            application.teach(dog_id, f"trick {number}")
        assert application.snapshots is not None
        versions = [each.originator_version for each in application.snapshots.get(dog_id)]
        assert versions == [5, 10]
        dog: Dog = application.repository.get(dog_id)
        assert dog.tricks == [f"trick {number}" for number in range(11)]
    assert len(_stored(log_database)) == 12, "a snapshot is no event"


def test_the_notification_log_shows_positions(log_database: Database) -> None:
    with kennel(log_database) as application:
        dog_id = application.register("Fido")
        for number in range(14):
            application.teach(dog_id, f"trick {number}")
        section = application.notification_log["1,10"]
        assert section.id == "1,10"
        assert section.next_id == "11,20"
        assert [each.id for each in section.items] == list(range(1, 11))
        rest = application.notification_log.select(start=11, limit=10)
        assert [each.id for each in rest] == [11, 12, 13, 14, 15]


def test_a_subscription_goes_on_after_its_connection_broke(log_database: Database) -> None:
    with (
        kennel(log_database) as application,
        psycopg.connect(log_database.admin_url, autocommit=True) as admin,
    ):
        dog_id = application.register("Fido")
        with ApplicationSubscription(application, gt=0) as subscription:
            domain_event, tracking = next(subscription)
            assert isinstance(domain_event, Dog.Event)
            assert tracking == Tracking("Kennel", 1)
            for number in range(2, 6):
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
                writer = Thread(target=application.teach, args=(dog_id, "sit"))
                writer.start()
                _, tracking = next(subscription)
                assert tracking.notification_id == number
                writer.join()


class _Counters(PostgresTrackingRecorder):
    """How many events of each kind there were, in a table of its own, with the progress."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(
            sql.SQL("CREATE TABLE IF NOT EXISTS kinds (kind text PRIMARY KEY, number int)")
            + sql.SQL("")
        )

    def count(self, kind: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO kinds VALUES (%s, 1) "
                "ON CONFLICT (kind) DO UPDATE SET number = kinds.number + 1",
                (kind,),
            )

    def counted(self) -> dict[str, int]:
        with self.datastore.get_connection() as connection:
            rows = connection.execute("SELECT kind, number FROM kinds").fetchall()
        return {row["kind"]: row["number"] for row in rows}


class _Counting(Projection[_Counters]):
    """Counts events by kind."""

    name = "counting"

    @singledispatchmethod
    def process_event(self, domain_event: DomainEventProtocol[Any], tracking: Tracking) -> None:
        self.view.count(type(domain_event).__name__, tracking)


def test_the_projection_runner_follows_our_log(
    log_database: Database, postgres_server: EmbeddedPostgres
) -> None:
    server = DatabaseServer(postgres_server.url("postgres"))
    views = server.empty()
    elsewhere = settings(views, "postgres")
    env = settings(log_database) | {
        "COUNTING_" + name: "eventsourcing.postgres" if name == "PERSISTENCE_MODULE" else value
        for name, value in elsewhere.items()
    }
    try:
        with ProjectionRunner(
            application_class=Kennel, projection_class=_Counting, view_class=_Counters, env=env
        ) as runner:
            dog_id = runner.app.register("Fido")
            for trick in ("sit", "stay", "fetch"):
                runner.app.teach(dog_id, trick)
            runner.wait(4, timeout=20)
            assert runner.view.counted() == {"Registered": 1, "TrickAdded": 3}
        runner.view.datastore.close()
    finally:
        server.drop(views)


def test_a_lost_answer_is_no_conflict_with_oneself(log_database: Database) -> None:
    """What the library's own recorder reports as a duplicate key although the event is saved."""
    with before(log_database.url("patriot_append")) as (proxy, _):
        env = settings(log_database) | {"POSTGRES_PORT": str(proxy.port)}
        with Kennel(env=env) as application:
            dog_id = application.register("Fido")
            proxy.on(Way.REPLY, b"appended", Fault.CUT)
            application.teach(dog_id, "sit")
            assert proxy.faults == 1
    assert [version for _, version, _ in _stored(log_database)] == [1, 2]


def test_a_repeat_under_the_same_command_id_gets_the_first_result(log_database: Database) -> None:
    command_id = str(uuid4())
    dog = Dog("Fido")
    pending = list(dog.pending_events)
    with kennel(log_database) as application:
        first = application.events.put(pending, command_id=command_id)
        again = application.events.put(pending, command_id=command_id)
        assert [each.notification.id for each in again] == [1]
        assert again == first
        with pytest.raises(IntegrityError, match="recorded with other events"):
            application.recorder.insert_events(
                [StoredEvent(dog.id, 1, "another", b"{}")], command_id=command_id
            )
        with pytest.raises(IntegrityError):
            application.events.put(pending)
    assert len(_stored(log_database)) == 1


def test_versions_that_do_not_follow_each_other_are_refused(log_database: Database) -> None:
    recorder = Factory(settings(log_database))
    with recorder:
        application = Kennel(env=settings(log_database))
        dog = Dog("Fido")
        dog.add_trick("sit")
        _, second = dog.pending_events
        with pytest.raises(IntegrityError):
            application.events.put([second])
        application.close()
    assert _stored(log_database) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTGRES_ENABLE_DB_FUNCTIONS", "y"),
        ("ORIGINATOR_ID_TYPE", "text"),
        ("POSTGRES_SCHEMA", "elsewhere"),
        ("APPLICATION_RECORDER_TOPIC", "eventsourcing.postgres:PostgresApplicationRecorder"),
    ],
)
def test_settings_that_this_log_cannot_honour(
    log_database: Database, name: str, value: str
) -> None:
    with pytest.raises(RefusedSetting, match=name):
        Kennel(env=settings(log_database, **{name: value}))


def test_progress_of_others_is_not_kept_here(log_database: Database) -> None:
    with Factory(settings(log_database)) as factory:
        with pytest.raises(NotSupportedError, match="PERSISTENCE_MODULE"):
            factory.tracking_recorder(TrackingRecorder)
        with pytest.raises(NotSupportedError):
            factory.process_recorder()
