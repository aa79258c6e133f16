"""The embedded servers for real: start, stop, the same data again, and what can be wrong."""

import asyncio
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from adapters.embedded.errors import DataFolderMismatch, PortInUse, ProcessDied
from adapters.embedded.kafka import EmbeddedKafka
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.embedded.process import Child, free_port, until_ready
from tests.support.servers import PASSWORD, programs

pytestmark = pytest.mark.asyncio


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged server can reach."""
    with tempfile.TemporaryDirectory(prefix="patriot-test-", dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _postgres(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(programs().postgres, folder / "postgres", free_port(), PASSWORD)


async def test_postgres_keeps_its_data_and_its_safety(folder: Path) -> None:
    server = _postgres(folder)
    await server.start()
    await server.create_database("kept")
    await server.create_database("kept")
    with psycopg.connect(server.url("kept"), autocommit=True) as connection:
        connection.execute("CREATE TABLE facts (n int)")
        connection.execute("INSERT INTO facts VALUES (7)")
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            shown = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            assert shown == ("on",), name
    await server.stop()
    await server.start()
    with psycopg.connect(server.url("kept")) as connection:
        assert connection.execute("SELECT n FROM facts").fetchone() == (7,)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url("kept", "postgres", "wrong"))
    await server.stop()


async def test_a_killed_postgres_starts_again_at_once(folder: Path) -> None:
    server = _postgres(folder)
    await server.start()
    server.child.send(signal.SIGKILL)
    await server.child.wait()
    await server.start()
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    await server.stop()


async def test_a_data_folder_of_another_postgres_is_told(folder: Path) -> None:
    server = _postgres(folder)
    await server.start()
    await server.stop()
    (folder / "postgres" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(DataFolderMismatch, match="belongs to PostgreSQL 12"):
        await server.start()


async def test_a_port_in_use_is_told(folder: Path) -> None:
    server = _postgres(folder)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", server.port))
        listener.listen()
        with pytest.raises(PortInUse, match="set PATRIOT_POSTGRES_PORT"):
            await server.start()


async def test_kafka_keeps_its_topics(folder: Path) -> None:
    broker = EmbeddedKafka(programs(), folder / "kafka", free_port(), free_port())
    await broker.start()
    client = AdminClient({"bootstrap.servers": broker.brokers})
    client.create_topics([NewTopic("kept", 3, 1)])["kept"].result(20)
    await broker.stop()
    await broker.start()
    client = AdminClient({"bootstrap.servers": broker.brokers})
    assert len(client.list_topics(timeout=20).topics["kept"].partitions) == 3
    await broker.stop()


async def test_a_child_that_ends_is_told_with_its_last_words(folder: Path) -> None:
    child = Child("the example", ["/bin/sh", "-c", "echo so sorry; exit 3"], folder / "log")
    child.start()
    with pytest.raises(ProcessDied, match="the example ended with code 3") as told:
        await until_ready(child, lambda: False, seconds=20)
    assert "so sorry" in str(told.value)


async def test_children_end_with_their_parent(folder: Path) -> None:
    script = (
        "import sys,time;from pathlib import Path;"
        "from adapters.embedded.process import Child;"
        f"c=Child('x',['/bin/sleep','600'],Path({str(folder / 'log')!r}));c.start();"
        "print(c.pid,flush=True);time.sleep(600)"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(200):
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        await asyncio.sleep(0.05)
    pytest.fail("the child outlived its parent")
