"""The commands on users and accounts: failures in one sentence, and nothing erased by a slip."""

from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from adapters.cli.main import run
from adapters.cli.users import accounts, users
from adapters.rpc.tokens import create_key

_NOBODY = {
    "COMMAND_SERVICE_ADDRESS": "127.0.0.1:1",
    "QUERY_SERVICE_ADDRESS": "127.0.0.1:1",
    "OPERATOR_TOKEN": "x" * 40,
}


def test_a_service_that_is_not_there_is_named_with_its_setting() -> None:
    runner = CliRunner(env=_NOBODY)
    for group, arguments, setting in (
        (users, ["show", str(uuid4())], "QUERY_SERVICE_ADDRESS"),
        (users, ["grant", str(uuid4()), "trader"], "COMMAND_SERVICE_ADDRESS"),
        (accounts, ["list"], "QUERY_SERVICE_ADDRESS"),
    ):
        result = runner.invoke(group, arguments)
        assert result.exit_code == 1
        assert f"nobody answers at 127.0.0.1:1: start the service, or set {setting}" in (
            result.output
        )
        assert "Traceback" not in result.output


def test_erasing_asks_first() -> None:
    result = CliRunner(env=_NOBODY).invoke(users, ["erase", str(uuid4())], input="n\n")
    assert result.exit_code == 1
    assert "Erase for ever?" in result.output
    assert "nobody answers" not in result.output


def test_name_and_e_mail_are_asked_for() -> None:
    result = CliRunner(env=_NOBODY).invoke(users, ["register"], input="Ada\nada@example.com\n")
    assert "Name:" in result.output
    assert "Email:" in result.output
    assert "nobody answers" in result.output


def test_without_a_key_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in _NOBODY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("OPERATOR_TOKEN")
    monkeypatch.delenv("JWT_PRIVATE_KEY", raising=False)
    monkeypatch.setenv("PATRIOT_DATA", str(tmp_path))
    assert run(accounts, ["list"]) == 1
    assert "there is no key at" in capsys.readouterr().err
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token_key.pem").write_text(create_key())
    assert run(accounts, ["list"]) == 1
    assert "nobody answers" in capsys.readouterr().err
