"""Appending costs the same in a large log: no plan made for an empty table scans a full one."""

import psycopg
import pytest

from adapters.postgres.log import PostgresEventLog
from domain.ports import Appended, Conflict, Duplicates
from tests.support.batches import ACCOUNT, batch, command, event, stream
from tests.support.servers import Database

_SCANS = """
    SELECT relname, seq_scan FROM pg_stat_user_tables
     WHERE schemaname = 'log' AND relname IN ('events', 'commands') ORDER BY relname
"""


def _scans(database: Database) -> list[tuple[str, int]]:
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute(_SCANS).fetchall()


@pytest.mark.asyncio
async def test_the_tables_are_never_scanned(log_database: Database) -> None:
    before = _scans(log_database)
    log = PostgresEventLog(log_database.url("patriot_append"))
    # From the very first append on an empty log: that is when bad plans are made and kept.
    await log.open()
    for turn in range(1, 60):
        commands = [command(f"{turn} {n}", event(f"{turn} {n}", 1)) for n in range(20)]
        asked = batch(*commands, shared=0)
        assert isinstance(await log.append(asked), Appended)
        assert isinstance(await log.append(asked), Duplicates)
        stale = batch(command(f"stale {turn}", event(f"{turn} 0", 1)))
        assert isinstance(await log.append(stale), Conflict)
        await log.find_commands([(ACCOUNT, each.command_id) for each in commands])
        await log.read_stream(stream(f"{turn} 3"))
        await log.read_all(after=turn, limit=10)
        await log.head()
    # Sessions report what they did when they end.
    await log.close()
    assert _scans(log_database) == before
