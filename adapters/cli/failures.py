"""Failures that an operator can mend: shown as one sentence, never as a traceback."""

from typing import Final

import psycopg

from adapters.codec import CorruptEvent
from adapters.embedded.errors import EmbeddedError
from adapters.postgres.migrate import MigrationError
from adapters.replay import NothingThere
from adapters.settings import SettingsError
from domain.ports import LogError
from domain.registry import UnknownEventType

KNOWN: Final[tuple[type[Exception], ...]] = (
    CorruptEvent,
    EmbeddedError,
    LogError,
    MigrationError,
    NothingThere,
    SettingsError,
    UnknownEventType,
    psycopg.OperationalError,
)
"""Errors whose text tells what to do."""
