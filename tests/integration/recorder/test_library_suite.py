"""The eventsourcing library's own suites, run against our recorders on a real log."""

from collections.abc import Iterator

import pytest
from eventsourcing.tests import persistence as suite

from adapters.postgres.recorder import Factory, LogRecorder, SnapshotRecorder
from tests.support.library import settings
from tests.support.servers import Database


class _OnOurLog:
    """Gives each test of a suite a factory on a fresh log."""

    factory: Factory

    @pytest.fixture(autouse=True)
    def _make_factory(self, log_database: Database) -> Iterator[None]:
        self.factory = Factory(settings(log_database))
        yield
        self.factory.close()


class TestApplicationRecorder(_OnOurLog, suite.ApplicationRecorderTestCase[LogRecorder]):
    """Inserting, selecting, concurrency, subscribing."""

    def create_recorder(self) -> LogRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingPositions(_OnOurLog, suite.NonInterleavingNotificationIDsBaseCase):
    """Two appends of a thousand events each never mix."""

    def create_recorder(self) -> LogRecorder:
        return self.factory.application_recorder()


class TestSnapshotRecorder(_OnOurLog, suite.AggregateRecorderTestCase):
    """Inserting and selecting snapshots."""

    def create_recorder(self) -> SnapshotRecorder:
        recorder = self.factory.aggregate_recorder(purpose="snapshots")
        assert isinstance(recorder, SnapshotRecorder)
        return recorder
