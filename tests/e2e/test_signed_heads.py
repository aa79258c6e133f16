"""The embedded system signs its log by itself, and whoever has the data folder can check it."""

import asyncio
from pathlib import Path

import pytest

from adapters.audit.store import HeadFolder, kept_heads, kept_keys
from adapters.cli.main import cli, run
from adapters.embedded.system import EmbeddedSystem

pytestmark = pytest.mark.asyncio


async def test_the_embedded_system_signs_its_log(
    system: EmbeddedSystem, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await system.start(without=frozenset({"strategy", "simulated-venue", "worker-execution"}))
    store = HeadFolder(system.heads)
    async with asyncio.timeout(60):
        while not list(kept_heads(store, 0, kept_keys(store))):  # noqa: ASYNC110  (a file)
            await asyncio.sleep(0.1)
    assert _mode(system.choices.data / "secrets" / "audit_key.pem") == 0o600
    monkeypatch.setenv("DATABASE_URL", system.log_url())
    capsys.readouterr()
    assert run(cli, ["log", "verify", "--heads", str(system.heads)]) == 0
    assert "fits the signed heads up to" in capsys.readouterr().out


def _mode(file: Path) -> int:
    return file.stat().st_mode & 0o777
