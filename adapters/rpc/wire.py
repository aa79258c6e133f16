"""Columns of the read models as fields of messages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from domain.values import plain

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def wire(value: Any) -> Any:
    """A column as its field: decimals as plain text, times in microseconds, NULL as empty."""
    if value is None:
        return None
    if isinstance(value, bool | int | str | list):
        return value
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)
