"""Where seeded words are looked for: all files, all rows, all records of the events topic."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from confluent_kafka import Consumer, TopicPartition

from adapters.embedded.system import LOG_DATABASE, READ_DATABASE, EmbeddedSystem
from streams.topics import EVENTS
from tests.support.streams import until


def files_with(folder: Path, words: Sequence[bytes]) -> set[str]:
    """Files with one of the words; every file below the folder is read as bytes."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):  # a server removed it meanwhile
                content = path.read_bytes()
                if any(word in content for word in words):
                    found.add(str(path.relative_to(folder)))
    return found


def records_of(brokers: str) -> list[bytes]:
    """Every record of the events topic, unpacked."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "canaries"})
    records: list[bytes] = []
    try:
        known = consumer.list_topics(EVENTS, timeout=10).topics[EVENTS].partitions
        for number in known:
            partition = TopicPartition(EVENTS, number, 0)
            _, end = consumer.get_watermark_offsets(partition, timeout=10)
            consumer.assign([partition])
            while end > 0:
                message = consumer.poll(10)
                assert message is not None, "the topic could not be read"
                assert message.error() is None
                records.append(message.value() or b"")
                if (message.offset() or 0) + 1 >= end:
                    break
    finally:
        consumer.close()
    return records


async def dump(system: EmbeddedSystem) -> bytes:
    """Every row of every table of both databases, as text."""
    assert system.postgres is not None
    dumped: list[str] = []
    for name in (LOG_DATABASE, READ_DATABASE):
        async with await psycopg.AsyncConnection.connect(system.postgres.url(name)) as connection:
            found = await connection.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
                "WHERE schemaname IN ('log', 'keys', 'model', 'migrations')"
            )
            for (table,) in await found.fetchall():
                rows = await connection.execute(f"SELECT t::text FROM {table} AS t".encode())
                for (row,) in await rows.fetchall():
                    # Payloads are bytes, which a dump shows in hexadecimal.
                    dumped += [row, *(_clear(part) for part in row.split(",") if "\\x" in part)]
    return "\n".join(dumped).encode()


def _clear(part: str) -> str:
    digits = part.strip('"()').replace("\\\\x", "").replace("\\x", "")
    return bytes.fromhex(digits).decode(errors="replace")


async def settled(system: EmbeddedSystem, *projections: str) -> None:
    """Wait until the relay and these read models have everything."""
    async with (
        await psycopg.AsyncConnection.connect(system.log_url(), autocommit=True) as log,
        await psycopg.AsyncConnection.connect(system.read_url(), autocommit=True) as read,
    ):

        async def reached() -> bool:
            head = await (await log.execute("SELECT position FROM log.head")).fetchone()
            at = await (
                await read.execute(
                    "SELECT min(position) FROM read.projection_positions "
                    "WHERE projection = ANY(%s)",
                    (list(projections),),
                )
            ).fetchone()
            return head == at

        await until(reached, f"the read models {projections} at the head")
