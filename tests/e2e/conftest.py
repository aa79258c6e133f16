"""One embedded system for each test that asks for it, on ports and folders of its own."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from adapters.embedded.paths import default_cache
from adapters.embedded.system import Choices, EmbeddedSystem, Ports


@pytest_asyncio.fixture
async def system() -> AsyncIterator[EmbeddedSystem]:
    """The system, not yet started; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="patriot-e2e-", dir="/var/tmp") as folder:
        path = Path(folder)
        path.chmod(0o755)
        choices = Choices(path / "data", default_cache(), Ports.free())
        system = EmbeddedSystem(choices, lambda line: print(line, flush=True))
        try:
            yield system
        finally:
            await asyncio.shield(system.stop())
