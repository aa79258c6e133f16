"""What is missing for the servers is said in one sentence."""

from pathlib import Path

import pytest

from adapters.embedded.downloads import fetch
from adapters.embedded.errors import ProgramMissing
from adapters.embedded.paths import POM


def _program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="Java is missing: install Java 17"):
        fetch(POM, tmp_path / "cache", print)


def test_with_an_old_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="Java 17 or later is needed, found 11"):
        fetch(POM, tmp_path / "cache", print)


def test_without_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "java", "echo 'openjdk version \"21\"' >&2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="Maven is missing"):
        fetch(POM, tmp_path / "cache", print)
