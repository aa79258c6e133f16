"""A PostgreSQL that these tests alone kill, and a running core for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.embedded.postgres import EmbeddedPostgres
from tests.faults import core as cores
from tests.faults.core import Core
from tests.support import servers


@pytest.fixture(scope="module")
def own_postgres(server_folder: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """The server of one file of tests."""
    with servers.postgres(server_folder / request.module.__name__) as server:
        yield server


@pytest.fixture
def stopped_core(own_postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[Core]:
    """A core that is not started."""
    with cores.core(own_postgres, tmp_path) as made:
        yield made
    log = tmp_path / f"{cores.SERVICE}.log"
    print(log.read_text()[-20_000:] if log.exists() else "")  # shown when the test failed


@pytest_asyncio.fixture
async def core(stopped_core: Core) -> AsyncIterator[Core]:
    """A running core that knows the example's instrument and account."""
    await stopped_core.start()
    await stopped_core.prepare()
    yield stopped_core
