"""Snapshots on PostgreSQL: written by a role that can do no more, and never trusted blindly."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
import pytest
import pytest_asyncio

from adapters.cli.main import cli, run
from adapters.clock import SystemClock
from adapters.commands.engine import CommandEngine
from adapters.commands.folding import Folded, fold
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.snapshots import SnapshotWriter, require_not_ahead
from adapters.rpc.command_service import CommandServiceOptions, run_command_service
from adapters.rpc.tokens import create_key, public_key
from adapters.telemetry.status import RoleStatus
from domain.decision import StreamRef
from domain.ports import LogUnreadable, SnapshotAhead
from domain.risk import decide as risks
from domain.risk.state import Risk
from domain.shapes import fingerprint
from tests.support.batches import batch, command, event
from tests.support.logs import SteppingClock
from tests.support.servers import Database
from tests.support.streams import until
from tests.support.workload import Workload

EVERY = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """A log with trading of two accounts, and a writer of snapshots."""

    database: Database
    log: PostgresEventLog
    writer: SnapshotWriter
    streams: list[StreamRef]
    """The accounts' risk."""

    def sql(self, statement: str, arguments: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Anything, as superuser and past every trigger."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            cursor = connection.execute(statement.encode(), arguments)
            return cursor.fetchall() if cursor.description is not None else []

    def kept(self) -> dict[str, int]:
        """Version of each stream's snapshot."""
        rows = self.sql("SELECT stream_id::text, version FROM log.states")
        return {str(stream): int(str(version)) for stream, version in rows}


@asynccontextmanager
async def _opened(database: Database, role: str) -> AsyncIterator[PostgresEventLog]:
    log = PostgresEventLog(database.url(role))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def _trade(log: PostgresEventLog, seed: int, orders: int) -> Workload:
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    workload = Workload(seed, accounts=2, label=f"snapshots {seed}")
    await workload.open(engine)
    await workload.run(engine, orders)
    await engine.stop()
    return workload


@pytest_asyncio.fixture
async def desk(log_database: Database) -> AsyncIterator[Desk]:
    async with _opened(log_database, "patriot_append") as log:
        workload = await _trade(log, 3, orders=80)
        async with _opened(log_database, "patriot_snapshot") as reader:
            url = log_database.url("patriot_snapshot")
            writer = SnapshotWriter(reader, url, every=EVERY)
            streams = [risks.stream(account) for account in workload.account_ids]
            yield Desk(log_database, log, writer, streams)


async def _whole(desk: Desk, stream: StreamRef) -> Folded:
    """Folded from every event."""
    return await fold(desk.log, stream, short=1_000_000)


@pytest.mark.asyncio
async def test_long_streams_are_kept_and_folded_to_the_same_state(desk: Desk) -> None:
    assert await desk.writer.rebuild() == len(desk.kept()) > 0
    lengths = desk.sql("SELECT stream_id::text, max(version) FROM log.events GROUP BY stream_id")
    assert desk.kept() == {stream: n for stream, n in lengths if int(str(n)) >= EVERY}
    for stream in desk.streams:
        assert desk.kept()[stream.stream_id] >= EVERY
        whole = await _whole(desk, stream)
        spared = await fold(desk.log, stream, short=10)
        assert spared == whole
        assert repr(spared) == repr(whole)


@pytest.mark.asyncio
async def test_a_snapshot_is_what_the_service_reads_and_not_the_events_before(desk: Desk) -> None:
    """Events before it are made unreadable: whoever still folds them fails."""
    await desk.writer.rebuild()
    stream = desk.streams[0]
    whole = await _whole(desk, stream)
    desk.sql(
        "UPDATE log.events SET payload = '' WHERE stream_id = %s AND version BETWEEN 11 AND 40",
        (stream.stream_id,),
    )
    assert await fold(desk.log, stream, short=10) == whole
    with pytest.raises(LogUnreadable, match="cannot be read"):
        await _whole(desk, stream)


@pytest.mark.asyncio
async def test_follow_keeps_pace_with_the_log_and_writes_each_multiple_once(desk: Desk) -> None:
    stop = asyncio.Event()
    told: list[str] = []
    following = asyncio.create_task(desk.writer.follow(stop, told.append))
    workload = await _trade(desk.log, 4, orders=80)
    new = [risks.stream(account).stream_id for account in workload.account_ids]

    async def are_kept() -> bool:
        return set(new) <= set(desk.kept())

    await until(are_kept, "the new accounts' risk is kept", seconds=30)
    stop.set()
    await following
    assert {stream.stream_id for stream in desk.streams} <= set(desk.kept())
    assert set(told) == {""}
    before = desk.sql("SELECT xmin::text, stream_id FROM log.states ORDER BY 2")
    stopped = asyncio.Event()
    following = asyncio.create_task(desk.writer.follow(stopped, lambda _: stopped.set()))
    await following
    assert desk.sql("SELECT xmin::text, stream_id FROM log.states ORDER BY 2") == before


@pytest.mark.asyncio
@pytest.mark.parametrize("column", ["state", "event_digest", "checksum"])
async def test_corrupt_bytes_are_ignored_and_mended(
    desk: Desk, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.writer.rebuild()
    sound = desk.sql("SELECT * FROM log.states ORDER BY stream_id")
    desk.sql(f"UPDATE log.states SET {column} = overlay({column} PLACING '\\x00ff' FROM 5)")
    for stream in desk.streams:
        assert await fold(desk.log, stream, short=10) == await _whole(desk, stream)
    assert "damaged and ignored" in caplog.text
    assert await desk.writer.mend() == len(sound)
    assert desk.sql("SELECT * FROM log.states ORDER BY stream_id") == sound
    assert await desk.writer.mend() == 0


@pytest.mark.asyncio
async def test_snapshots_of_another_shape_are_invisible_and_left_alone(desk: Desk) -> None:
    """What a release with other fields keeps is neither read nor replaced by this one."""
    await desk.writer.rebuild()
    desk.sql("UPDATE log.states SET shape = 'of another release', checksum = ''")
    for stream in desk.streams:
        assert await desk.log.read_snapshot(stream.stream_id, fingerprint(Risk)) is None
        assert await fold(desk.log, stream, short=10) == await _whole(desk, stream)
    assert await desk.writer.mend() == 0
    stop = asyncio.Event()
    await desk.writer.follow(stop, lambda _: stop.set())
    shapes = desk.sql("SELECT shape = 'of another release', count(*) FROM log.states GROUP BY 1")
    assert len(shapes) == 2
    assert len({count for _, count in shapes}) == 1


def _restore_an_older_log(desk: Desk, keep: int) -> None:
    """As from a backup: the log's tables end earlier, the snapshots are those of today."""
    desk.sql("DELETE FROM log.events WHERE position > %s", (keep,))
    desk.sql("DELETE FROM log.commits WHERE last_position > %s", (keep,))
    desk.sql("DELETE FROM log.commands WHERE last_position > %s", (keep,))
    desk.sql("UPDATE log.head SET position = %s", (keep,))


@pytest.mark.asyncio
async def test_the_command_service_does_not_start_on_an_older_log(desk: Desk) -> None:
    await desk.writer.rebuild()
    await require_not_ahead(desk.log)
    ((newest,),) = desk.sql("SELECT max(position) FROM log.states")
    keep = int(str(newest)) - 1
    _restore_an_older_log(desk, keep)
    with pytest.raises(SnapshotAhead) as refused:
        await run_command_service(_options(desk), SystemClock(), asyncio.Event(), RoleStatus())
    assert str(refused.value) == (
        f"a snapshot reflects the log up to position {newest}, but the log ends at {keep}: an "
        "older log was restored. Restore the newer one, or, if this one is to be kept, run "
        "`patriot snapshots rebuild` before the command service is started (docs/log.md)"
    )
    with pytest.raises(SnapshotAhead, match="an older log was restored"):
        await desk.writer.follow(asyncio.Event(), lambda _: None)


@pytest.mark.asyncio
async def test_a_running_command_service_halts_when_an_older_log_is_put_under_it(
    desk: Desk,
) -> None:
    await desk.writer.rebuild()
    status = RoleStatus()
    status.unready = "starting"
    serving = asyncio.create_task(
        run_command_service(_options(desk), SystemClock(), asyncio.Event(), status)
    )

    async def ready() -> bool:
        return serving.done() or not status.unready

    await until(ready, "the service is ready", seconds=30)
    ((newest,),) = desk.sql("SELECT max(position) FROM log.states")
    _restore_an_older_log(desk, int(str(newest)) - 1)
    with pytest.raises(SnapshotAhead, match=f"up to position {newest}, but the log ends at"):
        await asyncio.wait_for(serving, 30)


def _options(desk: Desk) -> CommandServiceOptions:
    return CommandServiceOptions(
        log_url=desk.database.url("patriot_append"),
        brokers="127.0.0.1:1",
        public_key=public_key(create_key()),
        address="127.0.0.1:0",
    )


@pytest.mark.asyncio
async def test_a_restored_log_that_grew_past_the_snapshot_is_noticed_as_well(desk: Desk) -> None:
    await desk.writer.rebuild()
    stream = desk.streams[0]
    desk.sql(
        "UPDATE log.events SET metadata = '{}' WHERE stream_id = %s AND version = %s",
        (stream.stream_id, desk.kept()[stream.stream_id]),
    )
    await require_not_ahead(desk.log)
    with pytest.raises(SnapshotAhead, match="has another event there"):
        await fold(desk.log, stream, short=10)


@pytest.mark.asyncio
async def test_rebuild_is_the_way_on_after_an_older_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await desk.writer.rebuild()
    ((newest,),) = desk.sql("SELECT max(position) FROM log.states")
    _restore_an_older_log(desk, int(str(newest)) - 1)
    monkeypatch.setenv("DATABASE_URL", desk.database.url("patriot_snapshot"))
    arguments = ["snapshots", "rebuild", "--every", str(EVERY)]
    assert await asyncio.to_thread(run, cli, arguments) == 0
    assert "snapshots were written anew from the log" in capsys.readouterr().out
    await require_not_ahead(desk.log)
    for stream in desk.streams:
        assert await fold(desk.log, stream, short=10) == await _whole(desk, stream)


@pytest.mark.asyncio
async def test_streams_of_others_are_left_alone(log_database: Database) -> None:
    """An application of the eventsourcing library may write types that name no aggregate."""
    async with _opened(log_database, "patriot_append") as log:
        await log.append(batch(command("c", *(event("a", n) for n in range(1, 60)))))
        writer = SnapshotWriter(log, log_database.url("patriot_snapshot"), every=EVERY)
        assert await writer.rebuild() == 0


_FORBIDDEN = {
    "patriot_append": (
        "INSERT INTO log.states SELECT * FROM log.states",
        "UPDATE log.states SET version = 1",
        "DELETE FROM log.states",
        "TRUNCATE log.states",
    ),
    "patriot_tail": (
        "INSERT INTO log.states SELECT * FROM log.states",
        "UPDATE log.states SET version = 1",
        "DELETE FROM log.states",
    ),
    "patriot_snapshot": (
        "INSERT INTO log.events SELECT * FROM log.events",
        "UPDATE log.events SET version = 1",
        "DELETE FROM log.events",
        "TRUNCATE log.events",
        "UPDATE log.head SET position = 0",
        "SELECT FROM log.commands",
        "SELECT FROM log.commits",
        "SELECT FROM log.snapshots",
        "INSERT INTO log.snapshots VALUES (gen_random_uuid(), 1, 't', '')",
        f"SELECT log.append({', '.join(['NULL'] * 13)})",
        "ALTER TABLE log.states ADD COLUMN more text",
        "TRUNCATE log.states",
        "DROP TABLE log.states",
        "CREATE TABLE log.mine (x int)",
        "CREATE TABLE public.mine (x int)",
        "SET ROLE patriot_owner",
    ),
}


@pytest.mark.parametrize(
    ("role", "statement"),
    [(role, statement) for role, statements in _FORBIDDEN.items() for statement in statements],
)
def test_each_role_does_its_own_work_alone(
    log_database: Database, role: str, statement: str
) -> None:
    with psycopg.connect(log_database.url(role), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
