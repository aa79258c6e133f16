"""A series of archives: each goes behind the log that ends before it, and nowhere else."""

from pathlib import Path

import pytest

from tests.support.archives import FORMS, content, export, run_log
from tests.support.audit import write
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("form", list(FORMS))
async def test_archives_that_follow_each_other_are_imported_in_their_order(
    written: Database,
    empty_log: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    form: str,
) -> None:
    """Each day one: the log grows by it, and neither a gap nor another log's archive gets in."""
    spans = {"first": (1, 3), "second": (4, 6), "third": (7, 7)}
    for name, (first, last) in spans.items():
        export(written, tmp_path / name, form, first=first, last=last)
    assert run_log(empty_log, "import", str(tmp_path / "first")) == 0
    assert run_log(empty_log, "import", str(tmp_path / "third")) == 1
    assert "begins at 7, and the log ends at 3: the one that begins at 4" in capsys.readouterr().err
    assert run_log(empty_log, "import", str(tmp_path / "second")) == 0
    assert run_log(empty_log, "import", str(tmp_path / "second")) == 1
    assert "begins at 4, and the log ends at 6" in capsys.readouterr().err
    assert run_log(empty_log, "import", str(tmp_path / "third")) == 0
    assert content(empty_log) == content(written)
    assert run_log(empty_log, "verify") == 0


async def test_an_archive_of_another_log_does_not_follow_this_one(
    written: Database, empty_log: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await write(empty_log, slice(1))  # the same first commit, at another time
    export(written, tmp_path / "second", first=4, last=6)
    before = content(empty_log)
    assert run_log(empty_log, "import", str(tmp_path / "second")) == 1
    assert "the archive is of another log" in capsys.readouterr().err
    assert content(empty_log) == before
