"""The streams of one test."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.embedded.kafka import EmbeddedKafka
from tests.support.market_desk import Desk, trading_desk
from tests.support.servers import Database
from tests.support.streams import Streams, wipe_topics


@pytest_asyncio.fixture
async def streams(
    log_database: Database,
    read_database: Database,
    kafka_server: EmbeddedKafka,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Streams]:
    """Empty topics, an empty log, empty read models, and nothing running yet."""
    wipe_topics(kafka_server.brokers)
    system = Streams(
        log_dsn=log_database.url("patriot_tail"),
        append_dsn=log_database.url("patriot_append"),
        read_dsn=read_database.url("patriot_project"),
        admin_read_dsn=read_database.admin_url,
        bootstrap=kafka_server.brokers,
        folder=tmp_path,
        suffix=f"-{uuid.uuid4().hex[:8]}",
    )
    yield system
    await system.stop()
    print(system.logs())  # shown by pytest when the test failed


@pytest_asyncio.fixture
async def desk(streams: Streams, tmp_path: Path) -> AsyncIterator[Desk]:
    """A command service and prices at will; a venue and workers when they are started."""
    async with trading_desk(streams, tmp_path) as running:
        yield running
