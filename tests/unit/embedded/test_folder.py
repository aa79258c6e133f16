"""The data folder: one owner, one version, secrets that only their owner reads."""

import socket
from pathlib import Path

import pytest

from adapters.embedded.errors import DataFolderBusy, DataFolderMismatch, PortInUse
from adapters.embedded.folder import opened
from adapters.embedded.process import free_port, require_free


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "data"
    told = pytest.raises(DataFolderBusy, match="stop it, or choose")
    with opened(path), told, opened(path):
        pass
    with opened(tmp_path / "data"):
        pass


def test_a_folder_of_another_layout_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path):
        pass
    (tmp_path / "patriot.json").write_text('{"layout": 99}')
    with pytest.raises(DataFolderMismatch, match="has layout 99"), opened(tmp_path):
        pass


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(DataFolderMismatch, match="is no data folder"), opened(tmp_path):
        pass


def test_a_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as folder:
        assert folder.secret("key", lambda: "first") == "first"
        assert folder.secret("key", lambda: "second") == "first"
        assert (tmp_path / "secrets" / "key").stat().st_mode & 0o077 == 0
        kept = folder.write_secret("token", "abc")
        assert kept.stat().st_mode & 0o077 == 0


def test_what_a_crash_left_half_written_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(descriptor: int) -> None:
        raise OSError(f"the machine stops before {descriptor} is flushed")

    with monkeypatch.context() as crash:
        crash.setattr("os.fsync", lost)
        with pytest.raises(OSError, match="stops"), opened(tmp_path):
            pass
    with opened(tmp_path) as folder:
        with monkeypatch.context() as crash:
            crash.setattr("os.fsync", lost)
            with pytest.raises(OSError, match="stops"):
                folder.secret("key", lambda: "half")
        assert folder.secret("key", lambda: "whole") == "whole"
    with opened(tmp_path) as folder:
        assert folder.secret("key", lambda: "another") == "whole"


def test_a_taken_port_is_told_with_its_setting() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} for a test .* set PATRIOT_X"):
            require_free(port, "a test", "PATRIOT_X", seconds=0)
    require_free(free_port(), "a test", "PATRIOT_X", seconds=0)
