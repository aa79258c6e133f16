"""A log line is one line of JSON with the agreed fields, and gives no secret away."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.rpc.tokens import Grant, create_key, mint
from adapters.telemetry import logs
from adapters.telemetry.logs import JsonFormatter, redacted


def _line(message: str, *arguments: object, **extra: object) -> str:
    record = logging.LogRecord("a.logger", logging.WARNING, "x.py", 1, message, arguments, None)
    record.__dict__.update(extra)
    return JsonFormatter("command-service", "rpc").format(record)


def _fields(message: str, *arguments: object, **extra: object) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(_line(message, *arguments, **extra))
    return fields


def test_the_agreed_fields_are_there() -> None:
    fields = _fields("order %s refused", "o-1")
    assert fields["message"] == "order o-1 refused"
    assert fields["timestamp"].endswith("Z")
    assert {name: fields[name] for name in ("service", "component", "level", "logger")} == {
        "service": "command-service", "component": "rpc", "level": "WARNING", "logger": "a.logger",
    }  # fmt: skip
    assert {"thread", "process"} <= fields.keys()
    assert not {"correlation_id", "user_id", "order_id", "exception"} & fields.keys()


def test_what_is_known_of_the_call_is_added() -> None:
    reset = logs.correlation_id.set("c-1"), logs.user_id.set("u-1")
    try:
        fields = _fields("x", order_id="o-1", log_category="audit", action="access_refused")
    finally:
        logs.correlation_id.reset(reset[0])
        logs.user_id.reset(reset[1])
    assert (fields["correlation_id"], fields["user_id"], fields["order_id"]) == (
        "c-1",
        "u-1",
        "o-1",
    )
    assert (fields["log_category"], fields["action"]) == ("audit", "access_refused")


def test_an_error_is_told_in_fields() -> None:
    def broken() -> None:
        raise ValueError("postgresql://patriot:hunter2secret@db/x")

    try:
        broken()
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "x.py", 1, "broke", (), sys.exc_info())
    line = JsonFormatter("s", "c").format(record)
    fields = json.loads(line)
    assert fields["error_type"] == fields["exception"] == "ValueError"
    assert "in broken" in fields["traceback"]
    assert "hunter2secret" not in line


@pytest.mark.parametrize(
    "text",
    [
        "two\r\nlines",
        "\x1b[31mred\x9b31m",
        "nul\x00del\x7f",
        "next\u0085line\u2028sep\u2029",
        "\u202eturned\u2066\u200b\ufeff",
        '"},{"level":"CRITICAL',
        "half \ud800 a character",
        "${jndi:ldap://127.0.0.1/a} %s %n <script>",
    ],
)
def test_hostile_text_stays_one_line_and_moves_no_cursor(text: str) -> None:
    line = _line("said %s", text, action=text)
    assert all(character.isprintable() for character in line)
    fields = json.loads(line)
    assert fields["level"] == "WARNING"
    assert fields["message"] == f"said {text}"
    assert fields["action"] == text


def test_a_value_that_json_has_no_word_for_is_no_loss() -> None:
    assert _fields("x", risk_score=10**30)["risk_score"] == 10**30
    assert "object" in _fields("x", action=object())["action"]


def test_secrets_are_replaced() -> None:
    key = create_key()
    token = mint(key, Grant("s", ("*",), (), 60), now=1)
    secret = "s3cr3t-value"
    for text in (
        f"authorization: Bearer {token}",
        token,
        f"bearer {secret}",
        f"postgresql://patriot_append:{secret}@127.0.0.1/patriot_log",
        f"host=x password={secret} port=1",
        f"{{'password': '{secret}', \"api_key\": \"{secret}\"}}",
        f"token={secret}&secret={secret}",
        key,
        key.removesuffix("-----END PRIVATE KEY-----\n"),
    ):
        said = redacted(text)
        assert "***" in said
        assert secret not in said
        assert token not in said
        assert all(line not in said for line in key.splitlines()[1:2])
    assert redacted("the token has expired: get a fresh one") == (
        "the token has expired: get a fresh one"
    )


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("untouched_logging")
def test_every_log_of_the_process_goes_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    logs.configure("relay", "relay")
    logging.getLogger("somewhere.else").info("hello")
    logging.getLogger("somewhere.else").debug("not this")
    logging.getLogger("faust.x").info("nor this")
    [line] = stderr.getvalue().splitlines()
    assert json.loads(line)["message"] == "hello"
    assert json.loads(line)["service"] == "relay"
