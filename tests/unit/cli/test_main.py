"""The command line: every command is shown, and every failure is a sentence with an exit code."""

from pathlib import Path

import pytest

from adapters.cli.main import cli, run
from adapters.codec import decode
from adapters.rpc.tokens import create_key


def test_help_shows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, ["--help"]) == 0
    shown = capsys.readouterr().out
    known = "run demo verify replay snapshots log token relay worker simulated-venue"
    for name in known.split():
        assert f"  {name} " in shown
    assert "  subscriptions " in shown


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "demo",
        "migrate",
        "token",
        "verify",
        "rebuild",
        "worker",
        "relay",
        "strategy",
        "replay",
        "head-signer",
    ],
)
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli, [name, "--help"]) == 0
    assert "Usage: patriot" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["runn"], ["run", "--fast"], ["worker", "nothing"], ["demo", "--seconds", "x"]]
)
def test_a_typing_mistake_is_exit_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cli, arguments) == 2
    assert "Error" in capsys.readouterr().err


def test_a_missing_setting_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(cli, ["log", "show"]) == 1
    told = capsys.readouterr().err
    assert told == (
        "patriot: DATABASE_URL is not set: set it, or DATABASE_URL_FILE to a file that holds it\n"
    )


def test_stored_bytes_that_cannot_be_read_are_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command(**_: object) -> None:
        decode("order.rejected.v1", b"{}")

    assert run(command) == 1
    assert capsys.readouterr().err.startswith("patriot: the stored order.rejected.v1 cannot be")


def test_an_unknown_policy_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KAFKA_BROKERS", "PROJECTION_DATABASE_URL"):
        monkeypatch.setenv(name, "127.0.0.1:1")
    monkeypatch.setenv("PATRIOT_UNKNOWN_EVENTS", "ignore")
    assert run(cli, ["worker", "projections"]) == 1
    told = capsys.readouterr().err
    assert told == "patriot: PATRIOT_UNKNOWN_EVENTS must be stop or skip, was 'ignore'\n"


def test_a_server_that_is_not_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run(cli, ["log", "show"]) == 1
    assert capsys.readouterr().err.startswith("patriot: the log's server cannot be reached")


def test_a_token_is_signed_with_the_given_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JWT_PRIVATE_KEY", create_key())
    assert run(cli, ["token", "auditor", "--all-accounts"]) == 0
    assert capsys.readouterr().out.count(".") == 2
    assert run(cli, ["token", "auditor"]) == 2
    assert run(cli, ["token", "trader", "--account", "not-an-id"]) == 2


def test_without_a_key_the_way_to_one_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JWT_PRIVATE_KEY", raising=False)
    monkeypatch.setenv("PATRIOT_DATA", str(tmp_path))
    assert run(cli, ["token", "trader"]) == 1
    assert "start `patriot run` once" in capsys.readouterr().err
