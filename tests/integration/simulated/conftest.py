"""A simulated venue for each test, and the core that it reports to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.support.simulated import Venue, start_venue
from tests.support.venue import Core, serving


@pytest_asyncio.fixture
async def core() -> AsyncIterator[tuple[Core, str]]:
    """A core that takes reports on a real port."""
    core = Core()
    async with serving(core) as address:
        yield core, address


@pytest_asyncio.fixture
async def venue(tmp_path: Path, core: tuple[Core, str]) -> AsyncIterator[Venue]:
    """A running exchange with one book."""
    venue, stop = await start_venue(tmp_path, *core)
    venue.book()
    yield venue
    await stop()
