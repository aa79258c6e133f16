"""Events and their metadata as the bytes that are stored; the same event gives the same bytes.

JSON in the order in which the fields are declared, numbers of trading as plain decimal strings.
orjson writes (it is the fastest that lets us choose how a Decimal looks), msgspec reads (it checks
every field against the declared type).

    ValueError
    └── CorruptEvent     the stored bytes do not have the shape of their type: run `patriot log
                         verify` and restore
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
import orjson

from domain.envelope import Metadata, RecordedEvent
from domain.ports import LogUnreadable
from domain.registry import FORMS, TYPE_NAMES, Event, UnknownEventType
from domain.upcasting import Forms
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


class EventReader:
    """Reads stored events of a registry's names, retired forms as the classes of today."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._decoders: dict[str, Callable[[bytes], Any]] = {}

    def decode(self, type_name: str, payload: bytes) -> Event:
        """The event behind stored bytes; raises UnknownEventType or CorruptEvent."""
        decoder = self._decoders.get(type_name) or self._decoder(type_name)
        try:
            event: Event = decoder(payload)
        except msgspec.MsgspecError as error:
            message = f"the stored {type_name} cannot be read: {error}"
            raise CorruptEvent(message) from error
        return event

    def _decoder(self, type_name: str) -> Callable[[bytes], Any]:
        if type_name not in self._forms:
            raise UnknownEventType(type_name)
        stored = msgspec.json.Decoder(self._forms.form(type_name)).decode
        decoder: Callable[[bytes], Any] = stored
        if self._forms.is_retired(type_name):
            forms = self._forms

            def decoder(payload: bytes) -> Any:
                return forms.upcast(type_name, stored(payload))

        self._decoders[type_name] = decoder
        return decoder


decode: Final = EventReader(FORMS).decode
"""The event behind a stored type name and its bytes; raises UnknownEventType or CorruptEvent."""


def decode_recorded(recorded: RecordedEvent) -> Event:
    """The event of a record; raises LogUnreadable, which says where it stands and what to do."""
    try:
        return decode(recorded.type, recorded.payload)
    except (UnknownEventType, CorruptEvent) as error:
        raise unreadable(error, recorded) from error


def read_recorded(recorded: RecordedEvent) -> tuple[Event, Metadata]:
    """The event of a record and what is known around it; raises LogUnreadable likewise."""
    try:
        return decode(recorded.type, recorded.payload), decode_metadata(recorded.metadata)
    except (UnknownEventType, CorruptEvent) as error:
        raise unreadable(error, recorded) from error


def unreadable(error: Exception, recorded: RecordedEvent) -> LogUnreadable:
    """What stops a reader at an event, as a sentence with the event's place."""
    position = recorded.position.number
    if isinstance(error, UnknownEventType):
        return LogUnreadable(str(UnknownEventType(recorded.type, position)))
    return LogUnreadable(
        f"position {position} cannot be read: {error}; run `patriot log verify` and restore"
    )


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


_METADATA: Final = msgspec.json.Decoder(Metadata)
