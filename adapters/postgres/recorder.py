"""The eventsourcing library on our log: `PERSISTENCE_MODULE=adapters.postgres.recorder`.

The library's repository, snapshots, notification log, subscriptions and projection runner work on
log.events, and log.append() stays the one way in: an append that loses its answer is sent again
under the same command id, so that it is answered with its first result instead of a conflict with
itself. Settings are the library's own (POSTGRES_DBNAME, POSTGRES_HOST, ...); tables come from the
migrations.

    eventsourcing.persistence.EventSourcingError
    ├── IntegrityError             another writer was faster, or versions do not follow each other:
    │                              load the aggregate again and decide again
    ├── OperationalError           the log cannot be reached: try again with the same command_id
    ├── NotSupportedError          tracking is no part of the log: give the projection a persistence
    │                              module of its own
    └── InfrastructureFactoryError
        └── RefusedSetting         a setting that this log cannot honour: remove it
"""

import hashlib
from collections.abc import Callable, Sequence
from struct import pack
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    IntegrityError,
    InterfaceError,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.postgres import BasePostgresFactory, PostgresDatastore
from eventsourcing.utils import Environment, EnvType, retry, strtobool
from psycopg.adapt import AdaptersMap

from adapters.clock import SystemClock
from adapters.postgres import append, arrays
from adapters.postgres.connect import CONNECTING
from adapters.postgres.subscription import LogSubscription
from domain.envelope import NewEvent
from domain.ids import AccountId, CommandId, StreamId
from domain.ports import Batch, CommandRecord

_UNRELIABLE: Final = (InterfaceError, OperationalError)

_STREAM: Final = """
    SELECT stream_id, version, type, payload FROM log.events
     WHERE stream_id = %s AND version > %s AND version <= %s ORDER BY version LIMIT %s
"""
_SNAPSHOTS: Final = _STREAM.replace("log.events", "log.snapshots")
_NOTIFICATIONS: Final = """
    SELECT position, stream_id, version, type, payload FROM log.events
     WHERE position >= %s AND position <= %s AND (%s::text[] IS NULL OR type = ANY(%s))
     ORDER BY position LIMIT %s
"""
_KNOWN: Final = """
    SELECT fingerprint, first_position, last_position
      FROM log.commands WHERE account_id = %s AND command_id = %s
"""
_NEW_SNAPSHOTS: Final = """
    INSERT INTO log.snapshots (stream_id, version, type, payload) VALUES (%s, %s, %s, %s)
"""
_VERSION_MAX: Final = 2**31 - 1
_POSITION_MAX: Final = 2**63 - 1


class RefusedSetting(InfrastructureFactoryError):
    """A setting of the library that this log cannot honour."""


def _select(
    datastore: PostgresDatastore,
    statement: str,
    originator_id: UUID | str,
    gt: int | None,
    lte: int | None,
    limit: int | None,
    *,
    desc: bool,
) -> list[StoredEvent]:
    above, upto = -1 if gt is None else gt, _VERSION_MAX if lte is None else lte
    query = statement.replace("ORDER BY version", "ORDER BY version DESC") if desc else statement
    with datastore.get_connection() as connection:
        rows = connection.execute(query, (originator_id, above, upto, limit)).fetchall()
    return [
        StoredEvent(row["stream_id"], row["version"], row["type"], row["payload"]) for row in rows
    ]


class LogRecorder(ApplicationRecorder):
    """Stored events are events of the log; notification ids are positions of the log."""

    def __init__(self, datastore: PostgresDatastore, new_uuid: Callable[[], str]) -> None:
        self._datastore = datastore
        self._new_uuid = new_uuid

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Append all or nothing; raises IntegrityError.

        `command_id`, a UUID's text that can be given to Application.save(), makes a repeat safe
        even after this process has died; without it only this call is repeated safely.
        """
        if not stored_events:
            return []
        command_id = CommandId(kwargs.get("command_id") or self._new_uuid())
        first = self._append(_batch(stored_events, command_id))
        return list(range(first, first + len(stored_events)))

    @retry(_UNRELIABLE, max_attempts=10, wait=0.2)
    def _append(self, batch: Batch) -> int:
        """Give the first position."""
        (command,) = batch.commands
        with self._datastore.get_connection() as connection:
            try:
                row = connection.execute(
                    append.STATEMENT, append.arguments(batch), prepare=True
                ).fetchone()
            except psycopg.errors.InvalidParameterValue as error:
                raise IntegrityError(str(error)) from error
            assert row is not None
            if row["outcome"] == "conflict":
                raise IntegrityError(
                    f"streams are at other versions than expected: {row['conflict_streams']}"
                )
            if row["outcome"] == "duplicates":
                return _first_position(connection, command)
            return int(row["first_position"])

    @retry(_UNRELIABLE, max_attempts=10, wait=0.2)
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Events of one stream."""
        return _select(self._datastore, _STREAM, originator_id, gt, lte, limit, desc=desc)

    @retry(_UNRELIABLE, max_attempts=10, wait=0.2)
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of the log by position."""
        first = 0 if start is None else start + (not inclusive_of_start)
        last = _POSITION_MAX if stop is None else stop
        wanted = list(topics) or None
        with self._datastore.get_connection() as connection:
            rows = connection.execute(_NOTIFICATIONS, (first, last, wanted, wanted, limit))
            return [
                Notification(
                    id=row["position"],
                    originator_id=row["stream_id"],
                    originator_version=row["version"],
                    topic=row["type"],
                    state=row["payload"],
                )
                for row in rows
            ]

    @retry(_UNRELIABLE, max_attempts=10, wait=0.2)
    def max_notification_id(self) -> int | None:
        """Position of the last event."""
        with self._datastore.get_connection() as connection:
            row = connection.execute("SELECT position FROM log.head").fetchone()
        assert row is not None
        return row["position"] or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """Notifications above `gt`, for ever, by LISTEN on a connection of its own."""
        return LogSubscription(self, self._connect, gt, topics)

    def _connect(self) -> psycopg.Connection[Any]:
        kwargs = self._datastore.pool.kwargs
        assert isinstance(kwargs, dict)
        return psycopg.Connection.connect(**{**kwargs, "autocommit": True})


class SnapshotRecorder(AggregateRecorder):
    """Snapshots beside the log: a cache, added to and never changed."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        """Add all or nothing; raises IntegrityError if one is there already.

        Not tried again: a snapshot is worth less than the doubt about a lost answer.
        """
        with (
            self._datastore.get_connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.executemany(
                _NEW_SNAPSHOTS,
                [
                    (each.originator_id, each.originator_version, each.topic, each.state)
                    for each in stored_events
                ],
            )

    @retry(_UNRELIABLE, max_attempts=10, wait=0.2)
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Snapshots of one aggregate."""
        return _select(self._datastore, _SNAPSHOTS, originator_id, gt, lte, limit, desc=desc)


class Factory(BasePostgresFactory[TrackingRecorder], InfrastructureFactory[TrackingRecorder]):
    """What the library builds an application's persistence with."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._refuse_settings()
        kwargs = self.datastore.pool.kwargs
        assert isinstance(kwargs, dict)
        adapters = AdaptersMap(psycopg.adapters)
        arrays.register(adapters)
        kwargs.update(CONNECTING, context=_Context(adapters))

    def application_recorder(self) -> LogRecorder:
        """The recorder of events."""
        return LogRecorder(self.datastore, SystemClock().new_uuid)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """The recorder of events, or the one of snapshots."""
        if purpose == "snapshots":
            return SnapshotRecorder(self.datastore)
        return self.application_recorder()

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:  # noqa: ARG002
        """Raise NotSupportedError."""
        raise NotSupportedError(
            "what a projection has processed is no part of the log: give the projection a "
            "persistence module of its own, by <PROJECTION>_PERSISTENCE_MODULE"
        )

    def process_recorder(self) -> ProcessRecorder:
        """Raise NotSupportedError."""
        raise NotSupportedError("one log holds no other application's progress: use a projection")

    def _refuse_settings(self) -> None:
        if strtobool(self.env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"):
            raise RefusedSetting(
                f"{self.POSTGRES_ENABLE_DB_FUNCTIONS} is on: the library's functions take no lock, "
                "and whoever tails the log loses events for ever. Remove it"
            )
        if self.datastore.originator_id_type != "uuid":
            raise RefusedSetting(f"{self.ORIGINATOR_ID_TYPE} must be uuid: streams are UUIDs here")
        for name in (self.POSTGRES_SCHEMA, self.APPLICATION_RECORDER_TOPIC):
            if self.env.get(name):
                raise RefusedSetting(f"{name} is set: there is one log, remove it")


class _Context:
    """Carries adapters into new connections of a pool."""

    connection = None

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters


def _batch(stored_events: Sequence[StoredEvent], command_id: CommandId) -> Batch:
    expected: dict[StreamId, int] = {}
    events: list[NewEvent] = []
    digest = hashlib.sha256()
    for stored in stored_events:
        stream_id = StreamId(str(stored.originator_id))
        # Some aggregates of the library begin at 0, and "no event yet" is 0 all the same.
        expected.setdefault(stream_id, max(stored.originator_version - 1, 0))
        event = NewEvent(
            stream_id,
            stored.originator_version,
            stored.topic,
            AccountId(stream_id),
            stored.state,
            b"{}",
        )
        events.append(event)
        for part in (stream_id.encode(), stored.topic.encode(), stored.state):
            digest.update(pack("!iq", event.version, len(part)) + part)
    record = CommandRecord(
        account_id=events[0].account_id,
        command_id=command_id,
        fingerprint=digest.digest(),
        result=b"",
        events=tuple(events),
    )
    return Batch((record,), expected)


def _first_position(connection: psycopg.Connection[Any], command: CommandRecord) -> int:
    """Where the same command was recorded before; raises IntegrityError if it was another."""
    found = connection.execute(_KNOWN, (command.account_id, command.command_id)).fetchone()
    if found is None or found["fingerprint"] != command.fingerprint:
        raise IntegrityError(f"command {command.command_id} was recorded with other events")
    return int(found["first_position"])
