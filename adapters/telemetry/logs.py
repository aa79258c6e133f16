"""One JSON object a line on stderr, with the fields that operators' pipelines rely on.

The fields are top-level (a message is never JSON inside JSON). Whatever a sender put into a text, a
record is one line of valid JSON in which no character moves a cursor or turns the reading
direction, and what looks like a token, a key or a password is replaced before it is written.
"""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
user_id: ContextVar[str] = ContextVar("user_id", default="")
order_id: ContextVar[str] = ContextVar("order_id", default="")

_CONTEXT: Final = (
    ("correlation_id", correlation_id),
    ("user_id", user_id),
    ("order_id", order_id),
)
_EXTRA: Final = ("log_category", "action", "business_event", "risk_score", "source_ip")
_SECRET: Final = re.compile(
    r"(?P<before>bearer\s+|://[^:/\s]+:"
    r"|(?:password|passwd|token|secret|key)[\"']?\s?=\s?[\"']?"
    r"|(?:password|passwd|token|secret|api[_-]?key)[\"']?:\s?[\"']?)"
    r"[^\s@'\",]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.IGNORECASE,
)
# JSON escapes the control characters of ASCII; these are left to us: DEL, C1, line separators, and
# what turns or hides text.
_DECEPTIVE: Final = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_LIBRARIES: Final = ("faust", "aiokafka", "mode", "kafka", "grpc")


def configure(service: str, component: str, level: str = "INFO") -> None:
    """Send every log of this process to stderr as JSON; call once, at the start of a role."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service, component))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.captureWarnings(capture=True)


class JsonFormatter(logging.Formatter):
    """Turns a record into one line of JSON."""

    def __init__(self, service: str, component: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "component": component}

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        line: dict[str, Any] = {
            "timestamp": time.replace("+00:00", "Z"),
            **self._fixed,
            "level": record.levelname,
            "message": redacted(record.getMessage()),
            "logger": record.name,
            "thread": record.threadName,
            "process": record.process,
        }
        for name, variable in _CONTEXT:
            value = getattr(record, name, None) or variable.get()
            if value:
                line[name] = value
        for name in _EXTRA:
            if hasattr(record, name):
                extra = getattr(record, name)
                line[name] = redacted(extra) if isinstance(extra, str) else extra
        if record.exc_info and record.exc_info[0] is not None:
            error = record.exc_info[1]
            line["error_type"] = record.exc_info[0].__name__
            line["error_message"] = redacted(str(error))
            line["traceback"] = redacted(self.formatException(record.exc_info))
            line["exception"] = line["error_type"]
        return _DECEPTIVE.sub(lambda match: f"\\u{ord(match.group()):04x}", _json(line))


def _json(line: dict[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:
        # Half a character (a lone surrogate) or a number beyond 64 bits; a log line is never lost.
        return json.dumps(line, default=str)


def redacted(text: str) -> str:
    """The text without tokens, passwords and keys."""
    return _SECRET.sub(lambda match: f"{match.group('before') or ''}***", text)
