"""One JSON object a line on stderr, with the fields that operators' pipelines rely on.

The fields are top-level (a message is never JSON inside JSON), control characters are escaped by
the encoder, and what looks like a token or a password is replaced before it is written.
"""

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
    r"(?P<before>[Bb]earer\s+|://[^:/\s]+:|(?:password|token|secret|key)=)"
    r"[^\s@'\",]+|eyJ[\w-]+\.[\w-]+\.[\w-]+"
)
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
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0] is not None:
            error = record.exc_info[1]
            line["error_type"] = record.exc_info[0].__name__
            line["error_message"] = redacted(str(error))
            line["traceback"] = redacted(self.formatException(record.exc_info))
            line["exception"] = line["error_type"]
        return orjson.dumps(line, default=str).decode()


def redacted(text: str) -> str:
    """The text without tokens, passwords and keys."""
    return _SECRET.sub(lambda match: f"{match.group('before') or ''}***", text)
