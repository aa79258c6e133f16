"""The environment: values, files, defaults, and a sentence for everything that is wrong."""

from pathlib import Path

import pytest

from adapters.settings import Environment, SettingsError


def test_a_value_its_file_and_its_default(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the file\n")
    environment = Environment({"A": "given", "B_FILE": str(secret)})
    assert environment.text("A") == "given"
    assert environment.text("B") == "from the file"
    assert environment.text("C", "default") == "default"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "X is not set"),
        ({"X": ""}, "X is not set"),
        ({"X": "1", "X_FILE": "/there"}, "both X and X_FILE"),
        ({"X_FILE": "/not/there"}, "X_FILE cannot be read"),
    ],
)
def test_a_missing_text(variables: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Environment(variables).text("X")


def test_a_file_that_everybody_can_write_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o666)
    with pytest.raises(SettingsError, match="can be written by everybody"):
        Environment({"X_FILE": str(secret)}).text("X")


def test_a_file_that_is_no_text_is_refused_without_being_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xff\xfesecret")
    with pytest.raises(SettingsError, match="X_FILE cannot be read: it is no text") as caught:
        Environment({"X_FILE": str(secret)}).text("X")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "70000", "٣", " 1"])
def test_a_port_is_a_whole_number(text: str) -> None:
    with pytest.raises(SettingsError, match="X must be a whole number"):
        Environment({"X": text}).port("X", 1)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="too short"):
        Environment({"X": "changeme"}).secret("X")


def test_a_switch_is_true_or_false() -> None:
    assert Environment({"X": "true"}).switch("X", default=False)
    assert not Environment({}).switch("X", default=False)
    with pytest.raises(SettingsError, match="true or false"):
        Environment({"X": "yes"}).switch("X", default=False)


def test_a_choice_is_one_of_its_words_and_the_first_if_none_is_given() -> None:
    assert Environment({}).choice("X", ["safe", "none"]) == "safe"
    assert Environment({"X": "none"}).choice("X", ["safe", "none"]) == "none"
    with pytest.raises(SettingsError, match=r"X must be safe or none, was 'nobody'"):
        Environment({"X": "nobody"}).choice("X", ["safe", "none"])
