"""The chain is tamper-evident: whatever is done to the log, the verifier says where."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from struct import pack

import psycopg
import pytest
import pytest_asyncio

from adapters.audit.chain import ChainBroken
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from tests.support.batches import batch, command, event, only
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def written(log_database: Database) -> Database:
    """Four commits with the positions 1-3, 4, 5-6 and none, 7."""
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    await log.append(batch(command("a", event("a", 1), event("a", 2), event("b", 1, b"\x00\xff"))))
    await log.append(only("b", "a", 3))
    await log.append(batch(command("c", event("c", 1)), command("d", event("c", 2))))
    await log.append(batch(command("refused")))
    await log.append(only("e", "c", 3))
    await log.close()
    return log_database


async def test_a_chain_written_by_the_book_is_the_same(written: Database) -> None:
    """docs/log.md in plain Python, without our code."""
    with psycopg.connect(written.admin_url) as connection:
        commits = connection.execute(
            "SELECT first_position, last_position, committed_at, chain FROM log.commits "
            "ORDER BY last_position"
        ).fetchall()
        head = connection.execute("SELECT position, chain FROM log.head").fetchone()
        chain = hashlib.sha256(b"").digest()
        for first, last, committed_at, recorded in commits:
            since = committed_at - datetime(1970, 1, 1, tzinfo=UTC)
            content = chain + pack(">qqq", first, last, since // timedelta(microseconds=1))
            for row in connection.execute(
                "SELECT position, stream_id, version, type, account_id, payload, metadata "
                "FROM log.events WHERE position BETWEEN %s AND %s ORDER BY position",
                (first, last),
            ):
                position, stream_id, version, kind, account_id, payload, metadata = row
                content += pack(">q", position) + stream_id.bytes + pack(">i", version)
                content += pack(">i", len(kind.encode())) + kind.encode() + account_id.bytes
                content += pack(">i", len(payload)) + payload
                content += pack(">i", len(metadata)) + metadata
            chain = hashlib.sha256(content).digest()
            assert chain == recorded
    assert [(first, last) for first, last, _, _ in commits] == [(1, 3), (4, 4), (5, 6), (7, 7)]
    assert head == (7, chain)


async def test_an_untouched_log_is_verified(written: Database) -> None:
    assert verify_chain(written.url("patriot_tail")).position == 7


async def test_an_empty_log_is_verified(log_database: Database) -> None:
    assert verify_chain(log_database.url("patriot_tail")).position == 0


@pytest.fixture
def owner(written: Database) -> Iterator[psycopg.Connection]:
    """Somebody with every right, whom the triggers do not stop."""
    with psycopg.connect(written.admin_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


_SLIP_IN = (
    "INSERT INTO log.events "
    "SELECT 8, stream_id, 9, type, account_id, payload, metadata FROM log.events LIMIT 1"
)
_LAST = "SELECT last_position, chain FROM log.commits ORDER BY last_position DESC LIMIT 1"


@pytest.mark.parametrize(
    ("crime", "found"),
    [
        pytest.param(
            ["UPDATE log.events SET payload = '{\"x\":1}' WHERE position = 4"],
            "event 4 was altered",
            id="payload",
        ),
        pytest.param(
            ["UPDATE log.events SET metadata = '' WHERE position = 2"],
            "an event from 1 to 3 was altered",
            id="metadata",
        ),
        pytest.param(
            ["UPDATE log.events SET type = 'other.v1' WHERE position = 6"],
            "an event from 5 to 6 was altered",
            id="type",
        ),
        pytest.param(
            [
                "UPDATE log.events SET position = -position WHERE position IN (1, 2)",
                "UPDATE log.events SET position = 3 + position WHERE position < 0",
            ],
            "an event from 1 to 3 was altered",
            id="order",
        ),
        pytest.param(
            ["DELETE FROM log.events WHERE position = 5"], "event 5 is missing", id="removed"
        ),
        pytest.param(
            ["UPDATE log.commits SET committed_at = committed_at + interval '1 us'"],
            "an event from 1 to 3 was altered",
            id="time",
        ),
        pytest.param(
            ["DELETE FROM log.commits WHERE last_position = 4"],
            "the commit that begins at 4 is missing",
            id="commit removed",
        ),
        pytest.param(
            [
                "DELETE FROM log.events WHERE position = 7",
                "DELETE FROM log.commits WHERE last_position = 7",
            ],
            "the log was cut off after 6, its head says 7",
            id="cut off",
        ),
        pytest.param(
            [_SLIP_IN],
            "event 8 is part of no commit",
            id="slipped in",
        ),
    ],
)
async def test_tampering_is_found_where_it_happened(
    written: Database, owner: psycopg.Connection, crime: list[str], found: str
) -> None:
    for statement in crime:
        owner.execute(statement.encode())
    with pytest.raises(ChainBroken, match=found):
        verify_chain(written.url("patriot_tail"))


async def test_cutting_off_the_head_as_well_leaves_a_shorter_log(
    written: Database, owner: psycopg.Connection
) -> None:
    """Only a head that was kept elsewhere shows this: the reason to export heads."""
    owner.execute("DELETE FROM log.events WHERE position = 7")
    owner.execute("DELETE FROM log.commits WHERE last_position = 7")
    owner.execute(f"UPDATE log.head SET (position, chain) = ({_LAST})".encode())
    assert verify_chain(written.url("patriot_tail")).position == 6
