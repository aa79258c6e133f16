"""Archives: out of the log, checked without a database, back into a log byte for byte."""

import hashlib
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import psycopg
import pytest

from adapters.audit import parquet
from adapters.audit.archive import ArchiveError, verify_archive
from adapters.audit.chain import ChainBroken
from adapters.audit.signer import HeadSigner
from adapters.clock import SystemClock
from adapters.commands.engine import CommandEngine
from adapters.embedded.postgres import EmbeddedPostgres
from adapters.postgres.archive import imported
from adapters.postgres.log import PostgresEventLog
from adapters.rpc.tokens import create_key
from tests.support.archives import FORMS, content, export, read, run_log
from tests.support.audit import LAST, criminal, options, rewrite_chain, write
from tests.support.logs import SteppingClock
from tests.support.servers import Database, DatabaseServer
from tests.support.workload import Workload

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("form", list(FORMS))
async def test_an_imported_log_is_the_exported_one(
    log_database: Database, empty_log: Database, tmp_path: Path, form: str
) -> None:
    """With real trading: tables, further appends and the archive of the copy are the same."""
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    workload = Workload(7, accounts=4)
    await workload.open(engine)
    await workload.run(engine, 60)
    await engine.stop()
    await log.close()
    first, second = tmp_path / "first", tmp_path / "second"
    assert run_log(log_database, "export", str(first), "--format", form) == 0
    assert run_log(empty_log, "verify", "--archive", str(first)) == 0
    assert run_log(empty_log, "import", str(first)) == 0
    assert content(empty_log) == content(log_database)
    assert run_log(empty_log, "export", str(second), "--format", form) == 0
    files = sorted(path.name for path in first.iterdir()) if first.is_dir() else [""]
    for name in files:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    for each in (log_database, empty_log):
        await write(each)
    ours, theirs = content(log_database), content(empty_log)
    assert ours[0] == theirs[0]
    assert len(ours[1]) == len(theirs[1])
    assert run_log(empty_log, "verify") == 0


@pytest.mark.parametrize("form", list(FORMS))
async def test_a_part_is_widened_to_whole_commits(
    written: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    for number, (first, last, begin, end) in enumerate(
        [(1, 7, 1, 7), (2, 4, 1, 4), (4, 5, 4, 6), (7, 7, 7, 7), (5, 6, 5, 6)]
    ):
        file = tmp_path / str(number)
        given = ["--from", str(first), "--to", str(last), "--format", form]
        assert run_log(written, "export", str(file), *given) == 0
        assert f"holds the positions {begin} to {end}" in capsys.readouterr().out
        assert verify_archive(read(file)) == end - begin + 1
    for first, last in ((8, 8), (3, 2), (1, 8)):
        given = ["--from", str(first), "--to", str(last)]
        assert run_log(written, "export", str(tmp_path / "x"), *given) == 1
        assert "the log has the positions 1 to 7" in capsys.readouterr().err
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("x")]


async def test_commands_go_with_their_events_and_bare_ones_with_the_beginning(
    written: Database, tmp_path: Path
) -> None:
    def commands(file: Path) -> int:
        return file.read_bytes().count(b'{"kind":"command"')

    export(written, tmp_path / "all")
    export(written, tmp_path / "begin", last=4)
    export(written, tmp_path / "rest", first=5)
    assert [commands(tmp_path / name) for name in ("all", "begin", "rest")] == [6, 3, 3]


async def test_an_empty_log_can_be_kept_and_brought_back(
    log_database: Database, empty_log: Database, tmp_path: Path
) -> None:
    for form in FORMS:
        export(log_database, tmp_path / form, form)
        assert verify_archive(read(tmp_path / form)) == 0
        assert imported(empty_log.admin_url, read(tmp_path / form)).position == 0


async def test_an_archive_is_compared_with_signed_heads(
    log_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = tmp_path / "heads"
    signer = HeadSigner(options(log_database, heads, create_key()), SystemClock())
    await write(log_database, slice(2))
    await signer.turn()
    await write(log_database, slice(2, None))
    await signer.turn()
    beside = ["--heads", str(heads)]
    export(log_database, tmp_path / "right")
    export(log_database, tmp_path / "part", first=5, last=6)
    for name, told in (
        ("right", "up to position 7, and fits the signed heads up to 7"),
        ("part", "up to position 6; none of the signed heads is of this part"),
    ):
        assert run_log(log_database, "verify", "--archive", str(tmp_path / name), *beside) == 0
        assert told in capsys.readouterr().out
    with criminal(log_database) as connection:
        connection.execute("UPDATE log.events SET payload = 'x' WHERE position = 2")
        rewrite_chain(connection)
    export(log_database, tmp_path / "forged")
    export(log_database, tmp_path / "forged part", first=5)
    for name in ("forged", "forged part"):
        file = str(tmp_path / name)
        assert run_log(log_database, "verify", "--archive", file) == 0
        assert run_log(log_database, "verify", "--archive", file, *beside) == 1
        assert "the chain was rewritten somewhere" in capsys.readouterr().err


async def test_a_broken_log_gives_no_archive(
    written: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with criminal(written) as connection:
        connection.execute("UPDATE log.events SET payload = 'x' WHERE position = 4")
    for form in FORMS:
        assert run_log(written, "export", str(tmp_path / form), "--format", form) == 1
        assert "event 4 was altered" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


async def test_what_is_there_is_not_overwritten(
    written: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in FORMS:
        file = tmp_path / form
        file.write_text("precious")
        assert run_log(written, "export", str(file), "--format", form) == 1
        assert "exists: choose another name" in capsys.readouterr().err
        assert file.read_text() == "precious"
        nowhere = tmp_path / "nowhere" / form
        assert run_log(written, "export", str(nowhere), "--format", form) == 1
        assert "the archive cannot be written" in capsys.readouterr().err


async def test_import_needs_a_log_that_ends_before_and_its_owner(
    written: Database,
    empty_log: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    postgres_server: EmbeddedPostgres,
) -> None:
    file, part = tmp_path / "archive", tmp_path / "part"
    export(written, file)
    export(written, part, first=4)
    bare = DatabaseServer(postgres_server.url("postgres")).empty()
    for database, admin, name, told in (
        (written, "", file, "the log is not empty"),
        (empty_log, empty_log.url("patriot_append"), file, "importing needs the address of"),
        (empty_log, empty_log.url("patriot_tail"), file, "importing needs the address of"),
        (empty_log, "", part, "the archive begins at 4"),
        (bare, "", file, "there is no log in this database"),
        (empty_log, "", tmp_path / "none", "the archive cannot be read"),
    ):
        assert run_log(database, "import", str(name), admin=admin) == 1
        assert told in capsys.readouterr().err
    assert content(empty_log)[0] == []
    with psycopg.connect(empty_log.admin_url) as connection:
        connection.execute("INSERT INTO log.commands SELECT gen_random_uuid(), gen_random_uuid(), "
                           "'', '', 0, 0")  # fmt: skip
    assert run_log(empty_log, "import", str(file)) == 1
    assert "the log is not empty" in capsys.readouterr().err


def _lines(change: Callable[[list[bytes]], object]) -> Callable[[bytes], bytes]:
    """An alteration that whoever made it has also given the right checksum."""

    def altered(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        change(lines)
        end = orjson.loads(lines[-1])
        body = b"".join(lines[:-1])
        for kind in ("commit", "event", "command"):
            end[f"{kind}s"] = body.count(b'{"kind":"%s"' % kind.encode())
        end["sha256"] = hashlib.sha256(body).hexdigest()
        return body + orjson.dumps(end) + b"\n"

    return altered


def _replace(number: int, old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    def change(lines: list[bytes]) -> None:
        assert old in lines[number]
        lines[number] = lines[number].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda content: content[:-1] + b" \n" + content[:9], "goes on after its end"),
        (lambda content: content[: len(content) // 2], "is not of an archive"),
        (lambda content: b"".join(content.splitlines(keepends=True)[:-1]), "is cut off after line"),
        (lambda _: b"", "is cut off after line 0"),
        (lambda content: content.replace(b"cmVzdWx0", b"cmVzdWx1", 1), "was altered: its checksum"),
        (lambda content: content.replace(b"archive.v1", b"archive.v2"), "of this version"),
        (_lines(lambda lines: lines.insert(1, lines[0])), "begins twice"),
        (_lines(_replace(2, b"e30=", b"e34=")), "an event from 1 to 3 was altered"),
        (_lines(_replace(6, b'"version":3', b'"version":4')), "event 4 was altered"),
        (_lines(_replace(5, b'"committed_at":', b'"committed_at":1')), "event 4 was altered"),
        (_lines(_replace(5, b'"committed_at":', b'"committed_at":99')), "is not of an archive"),
        (_lines(lambda lines: lines.pop(3)), "event 2 is missing"),
        (_lines(lambda lines: [lines.pop(5) for _ in range(2)]), "begins at 4 is missing"),
        (_lines(lambda lines: lines.insert(7, lines[6])), "event 4 is part of no commit"),
        (
            _lines(lambda lines: [lines.pop(10) for _ in range(2)]),
            "the log was cut off after 6, its head says 7",
        ),
        (_lines(lambda lines: lines.insert(1, lines.pop(-2))), "event 1 is part of no commit"),
        (_lines(_replace(0, b'"before":"e3', b'"before":"e4')), "its chain does not begin there"),
    ],
)
async def test_an_altered_archive_is_refused_everywhere(
    written: Database,
    empty_log: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    alter: Callable[[bytes], bytes],
    told: str,
) -> None:
    export(written, tmp_path / "right")
    file = tmp_path / "altered"
    file.write_bytes(alter((tmp_path / "right").read_bytes()))
    for arguments in (["verify", "--archive", str(file)], ["import", str(file)]):
        assert run_log(empty_log, *arguments) == 1
        shown = capsys.readouterr().err
        assert told in shown
        assert shown.startswith("patriot: ")
    assert content(empty_log)[0] == []


async def test_an_import_that_would_not_fit_leaves_the_log_empty(
    written: Database, empty_log: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Consistent in itself, but no log: two events at one version of a stream."""
    with criminal(written) as connection:
        connection.execute("ALTER TABLE log.events DROP CONSTRAINT events_stream_id_version_key")
        connection.execute("UPDATE log.events SET version = 1 WHERE position = 2")
        rewrite_chain(connection)
    export(written, tmp_path / "archive")
    assert run_log(empty_log, "import", str(tmp_path / "archive")) == 1
    assert "the log does not take the archive" in capsys.readouterr().err
    assert [len(rows) for rows in content(empty_log)] == [0, 0, 0, 1]


async def test_garbage_is_never_taken_for_an_archive(written: Database, tmp_path: Path) -> None:
    """Cuts, flipped bits and noise: a typed error each time, and none is ever verified."""
    export(written, tmp_path / "right")
    export(written, tmp_path / "folder", "parquet")
    content = (tmp_path / "right").read_bytes()
    seed = 20_260
    print(f"seed {seed}")
    chance = random.Random(seed)
    file = tmp_path / "garbage"
    for _ in range(300):
        place = chance.randrange(len(content))
        flipped = bytes([content[place] ^ (1 << chance.randrange(8))])
        for broken in (
            content[:place],
            content[:place] + flipped + content[place + 1 :],
            chance.randbytes(place % 500),
        ):
            file.write_bytes(broken)
            with pytest.raises((ArchiveError, ChainBroken)):
                verify_archive(read(file))
    for path in sorted((tmp_path / "folder").iterdir()):
        content = path.read_bytes()
        for _ in range(40):
            place = chance.randrange(len(content))
            broken = content[:place]
            if place % 2:
                broken += (
                    bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]
                )
            path.write_bytes(broken)
            with pytest.raises((ArchiveError, ChainBroken)):
                verify_archive(read(tmp_path / "folder"))
        path.unlink()
        with pytest.raises(ArchiveError):
            read(tmp_path / "folder")
        path.write_bytes(content)
    assert verify_archive(read(tmp_path / "folder")) == LAST


async def test_garbage_with_the_right_checksums_is_refused_too(
    written: Database, tmp_path: Path
) -> None:
    """Whoever damages a Parquet file may also write the manifest."""
    folder = tmp_path / "folder"
    export(written, folder, "parquet")
    seed = 20_261
    print(f"seed {seed}")
    chance = random.Random(seed)
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    for name in ("events.parquet", "commits.parquet"):
        content = (kept / name).read_bytes()
        for _ in range(60):
            place = chance.randrange(len(content))
            broken = content[:place] + chance.randbytes(4) + content[place + 4 :]
            if broken == content:
                continue
            (folder / name).write_bytes(broken)
            manifest = orjson.loads((kept / parquet.MANIFEST).read_bytes())
            manifest["sha256"][name] = parquet._sha256(folder / name)
            (folder / parquet.MANIFEST).write_bytes(orjson.dumps(manifest))
            try:
                events = verify_archive(read(folder))
            except (ArchiveError, ChainBroken):
                continue
            # A bit that says nothing (of a statistic, of padding) may change; no event may.
            assert events == LAST
        shutil.copy(kept / name, folder / name)
