"""`patriot log show`, `tail`, `stream` and `stat` on a real log, for people and programs."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters.cli.main import cli, run
from adapters.commands.engine import CommandEngine
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.postgres.log import PostgresEventLog
from domain.ids import instrument_stream, position_stream, risk_stream
from tests.support.audit import write
from tests.support.batches import stream
from tests.support.logs import SteppingClock
from tests.support.servers import Database
from tests.support.workload import Workload

Log = Callable[..., int]
_WORKLOAD = Workload(3, accounts=2)


@pytest.fixture
def log(log_database: Database, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Runs `patriot log` on a fresh log."""
    monkeypatch.setenv("DATABASE_URL", log_database.url("patriot_tail"))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: run(cli, ["log", *arguments])


@pytest.fixture
def small(log: Log, log_database: Database) -> Log:
    """Seven events with the positions 1 to 7."""
    asyncio.run(write(log_database))
    return log


def _json(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]


def _positions(capsys: pytest.CaptureFixture[str]) -> list[int]:
    return [each["position"] for each in _json(capsys)]


async def _trade(database: Database) -> None:
    log = PostgresEventLog(database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    await _WORKLOAD.open(engine)
    await _WORKLOAD.run(engine, 10)
    await engine.stop()
    await log.close()


def test_one_event_is_shown_with_all_it_holds(
    small: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small("show", "3") == 0
    shown = capsys.readouterr().out
    for part in ("3 of shard 0", f"{stream('b')} version 1", "test.happened.v1", "AP8= (base64)"):
        assert part in shown
    assert small("show", "3", "--json") == 0
    (told,) = _json(capsys)
    assert told["payload"] == "AP8="
    assert told["metadata"] == {"by": "test"}
    assert (told["position"], told["stream_id"], told["version"]) == (3, stream("b"), 1)
    assert small("show", "8") == 1
    assert capsys.readouterr().err == "Error: there is no event 8: the log ends at 7\n"
    assert small("show", "0") == 2


def test_events_are_listed_from_a_position_on(
    small: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small("show", "--after", "2", "--limit", "3", "--json") == 0
    assert _positions(capsys) == [3, 4, 5]
    assert small("show") == 0
    assert [int(line.split()[0]) for line in capsys.readouterr().out.splitlines()] == [
        1, 2, 3, 4, 5, 6, 7,
    ]  # fmt: skip


def test_the_tail_is_the_last_events(small: Log, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in (
        ([], [1, 2, 3, 4, 5, 6, 7]),
        (["-n", "2"], [6, 7]),
        (["-n", "0"], []),
        (["--after", "5"], [6, 7]),
        (["--after", "9"], []),
    ):
        assert small("tail", "--json", *arguments) == 0
        assert _positions(capsys) == expected


@pytest.mark.asyncio
async def test_following_goes_on_with_what_is_appended(log_database: Database) -> None:
    await write(log_database, slice(2))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.cli", "log", "tail", "-n", "1", "--follow", "--json"),
        env={**os.environ, "DATABASE_URL": log_database.url("patriot_tail")},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert orjson.loads(await process.stdout.readline())["position"] == 4
            await write(log_database, slice(2, None))
            followed = [orjson.loads(await process.stdout.readline()) for _ in range(3)]
        assert [each["position"] for each in followed] == [5, 6, 7]
    finally:
        process.kill()
        await process.wait()


def test_a_stream_is_named_by_what_it_holds(
    log: Log, log_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_trade(log_database))
    assert log("show", "--json", "--limit", "1000") == 0
    events = _json(capsys)
    placed = next(each for each in events if each["type"] == "order.placed.v2")
    moved = next(each for each in events if each["type"] == "position.opened.v2")
    account, instrument = moved["account_id"], moved["payload"]["instrument_id"]
    for arguments, wanted in (
        ([placed["stream_id"]], placed["stream_id"]),
        (["--order", placed["stream_id"]], placed["stream_id"]),
        (["--risk", account], risk_stream(account)),
        (["--position", account, instrument], position_stream(account, instrument)),
        (["--instrument", instrument], instrument_stream(instrument)),
    ):
        assert log("stream", "--json", *arguments) == 0
        assert _json(capsys) == [each for each in events if each["stream_id"] == wanted]
    assert log("stream", placed["stream_id"]) == 0
    assert "order.placed.v2" in capsys.readouterr().out
    assert log("stream", "--order", account) == 1
    assert "there is no such stream" in capsys.readouterr().err
    for wrong in (
        [],
        [placed["stream_id"], "--risk", account],
        ["--order", "X"],
        ["--position", account, "sushi"],
        ["--instrument", "sushi"],
    ):
        assert log("stream", *wrong) == 2
        capsys.readouterr()


def test_statistics_count_what_is_there(
    small: Log, log_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small("stat", "--json") == 0
    (told,) = _json(capsys)
    counted = {name: told[name] for name in ("position", "events", "streams", "commits")}
    assert counted == {"position": 7, "events": 7, "streams": 3, "commits": 4}
    assert (told["commands"], told["accounts"]) == (6, 1)
    assert told["types"] == [{"type": "test.happened.v1", "events": 7, "content_bytes": 7 * 15}]
    assert 0 < told["first_committed_at"] < told["last_committed_at"]
    assert small("stat") == 0
    shown = capsys.readouterr().out
    for part in ("7 in 3 streams", told["chain"], "test.happened.v1"):
        assert part in shown


def test_an_empty_log_has_statistics_too(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    assert log("stat") == 0
    assert "0 in 0 streams" in capsys.readouterr().out
    assert log("stat", "--json") == 0
    assert _json(capsys)[0]["first_committed_at"] is None
    assert log("tail") == 0
    assert capsys.readouterr().out == ""


def test_a_reader_that_has_seen_enough_is_no_failure_of_ours(
    log_database: Database,
) -> None:
    asyncio.run(_trade(log_database))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "adapters.cli", "log", "show", "--limit", "1000"],
        env={**os.environ, "DATABASE_URL": log_database.url("patriot_tail")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 1
    process.stderr.close()


def test_a_database_without_a_log_is_a_sentence(
    postgres_server: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_server.url("postgres"))
    for arguments in (["verify"], ["stat"], ["export", str(tmp_path / "archive")]):
        assert run(cli, ["log", *arguments]) == 1
        assert capsys.readouterr().err.startswith("patriot: the log cannot be read now: relation")
