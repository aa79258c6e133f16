"""`patriot keys`: secrets are asked for unseen or read from files; mistakes are one sentence."""

from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from click.testing import CliRunner

from adapters.cli.main import run
from adapters.cli.users import accounts
from adapters.cli.venue_keys import keys
from adapters.keys.master import create_master_key
from tests.support.rpc_venue_keys import API_KEY, SECRET

_NOBODY: Final = {
    "COMMAND_SERVICE_ADDRESS": "127.0.0.1:1",
    "QUERY_SERVICE_ADDRESS": "127.0.0.1:1",
    "OPERATOR_TOKEN": "x",
}
_GIVEN: Final = (str(uuid4()), "--venue", "BINANCE", "--label", "desk one")


@pytest.mark.parametrize("command", ["add", "rotate"])
def test_a_secret_is_asked_for_and_not_shown(command: str) -> None:
    typed = f"{API_KEY}\n{SECRET}\n"
    result = CliRunner(env=_NOBODY).invoke(keys, [command, *_GIVEN], input=typed)
    assert "API key:" in result.output
    assert "Secret:" in result.output
    assert SECRET not in result.output
    assert "nobody answers" in result.output


def test_a_secret_has_no_argument_of_its_own(tmp_path: Path) -> None:
    given = ["add", *_GIVEN, "--api-key", API_KEY]
    result = CliRunner(env=_NOBODY).invoke(keys, [*given, "--secret", SECRET])
    assert result.exit_code == 2
    path = tmp_path / "secret"
    path.write_text(SECRET)
    result = CliRunner(env=_NOBODY).invoke(keys, [*given, "--secret-file", str(path)])
    assert "Secret:" not in result.output
    assert "nobody answers" in result.output


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_holds_no_secret_is_a_sentence(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content or SECRET.encode())
    if content is None:
        path.chmod(0o666)
    given = ["add", *_GIVEN, "--api-key", API_KEY, "--secret-file", str(path)]
    assert run(keys, given) == 1
    said = capsys.readouterr().err
    assert said.startswith("patriot: --secret-file can")
    assert said.count("\n") == 1
    assert SECRET not in said


@pytest.mark.parametrize(
    ("group", "arguments"),
    [(keys, ["revoke", str(uuid4()), "1"]), (accounts, ["keys", str(uuid4())])],
)
def test_a_service_that_is_not_there_is_named(group: object, arguments: list[str]) -> None:
    result = CliRunner(env=_NOBODY).invoke(group, arguments)  # type: ignore[arg-type]
    assert result.exit_code == 1
    assert "nobody answers at 127.0.0.1:1" in result.output


@pytest.mark.parametrize("version", ["0", "-1", "x", str(2**31)])
def test_a_version_is_a_number_that_can_be(version: str) -> None:
    arguments = ["revoke", str(uuid4()), "--", version]
    assert CliRunner(env=_NOBODY).invoke(keys, arguments).exit_code == 2


def test_a_master_key_that_is_none_or_the_same_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REKEY_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x")
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(create_master_key())
    bad.write_text("changeme")
    for old, new, words in (
        (good, bad, "openssl rand -base64 32"),
        (bad, good, "openssl rand -base64 32"),
        (good, good, "the same"),
    ):
        assert run(keys, ["rotate-master", "--old", str(old), "--new", str(new)]) == 1
        said = capsys.readouterr().err
        assert words in said
        assert "changeme" not in said
        assert good.read_text() not in said
