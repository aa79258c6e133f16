"""Events and their metadata as the bytes that are stored; the same event gives the same bytes.

JSON in the order in which the fields are declared, numbers of trading as plain decimal strings.
orjson writes (it is the fastest that lets us choose how a Decimal looks), msgspec reads (it checks
every field against the declared type).

    ValueError
    └── CorruptEvent     the stored bytes do not have the shape of their type: run `patriot log
                         verify` and restore
"""

from decimal import Decimal
from functools import cache
from typing import Any, Final

import msgspec
import orjson

from domain.envelope import Metadata
from domain.registry import TYPE_NAMES, Event, event_class
from domain.values import plain


class CorruptEvent(ValueError):
    """Stored bytes that do not have the shape of their type."""


def _plain_decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    message = f"no stored form for {type(value).__name__}"
    raise TypeError(message)


def encode(event: Event) -> tuple[str, bytes]:
    """Stored type name and payload of an event."""
    return TYPE_NAMES[type(event)], orjson.dumps(event, default=_plain_decimal)


def decode(type_name: str, payload: bytes) -> Event:
    """The event behind stored bytes; raises UnknownEventType or CorruptEvent."""
    try:
        event: Event = _decoder(type_name).decode(payload)
    except msgspec.MsgspecError as error:
        message = f"the stored {type_name} cannot be read: {error}"
        raise CorruptEvent(message) from error
    return event


def encode_metadata(metadata: Metadata) -> bytes:
    """Stored form of an event's metadata."""
    return orjson.dumps(metadata)


def decode_metadata(stored: bytes) -> Metadata:
    """Metadata behind stored bytes; raises CorruptEvent."""
    try:
        return _METADATA.decode(stored)
    except msgspec.MsgspecError as error:
        message = f"stored metadata cannot be read: {error}"
        raise CorruptEvent(message) from error


@cache
def _decoder(type_name: str) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(event_class(type_name))


_METADATA: Final = msgspec.json.Decoder(Metadata)
