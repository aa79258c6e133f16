"""The record on patriot.events.v1: consecutive events of one partition, as plain JSON.

    {"schema": 1, "shard": 0, "after": 7, "first": 8, "last": 11, "through": 12, "events": [
      {"position": 8, "stream": "...", "version": 1, "type": "order.placed.v2", "account": "...",
       "data": {...payload as stored...}, "meta": {...metadata as stored...}}, ...]}

It holds every event of its partition with a position above `after` and up to `through`. A record
without events (a watermark; first and last are 0) says just that. Readers keep the largest
`through` they have applied, skip events up to it, and know that something is missing if a record's
`after` is above it. The numbers are in the headers too. docs/topics.md is the contract for others.

    ValueError
    └── MalformedRecord     not one of the relay's records: set it aside
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import orjson

from adapters.kafka.producer import Headers
from domain.envelope import RecordedEvent

SCHEMA: Final = 1


class MalformedRecord(ValueError):
    """The bytes are no record of this schema."""


class WireMetadata(msgspec.Struct, frozen=True, gc=False):
    """The part of an event's metadata that consumers use; read once for all of them."""

    occurred_at: int
    actor: str = ""


class WireEvent(msgspec.Struct, frozen=True, gc=False):
    """An event within a record; data is the stored payload, read by whom it concerns."""

    position: int
    stream: str
    version: int
    type: str
    account: str
    data: msgspec.Raw
    meta: WireMetadata


class Record(msgspec.Struct, frozen=True):
    """One record of patriot.events.v1."""

    schema: int
    shard: int
    after: int
    first: int
    last: int
    through: int
    events: list[WireEvent]


class Span(NamedTuple):
    """The part of a partition that a record covers: above `after`, up to `through`."""

    after: int
    through: int


class _Schema(msgspec.Struct):
    schema: int


_RECORD: Final = msgspec.json.Decoder(Record)
_SCHEMA: Final = msgspec.json.Decoder(_Schema)


def encode_record(shard: int, span: Span, events: Sequence[RecordedEvent]) -> bytes:
    """The value of a record; payloads and metadata go in as they were stored."""
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "shard": shard,
            "after": span.after,
            "first": events[0].position.number if events else 0,
            "last": events[-1].position.number if events else 0,
            "through": span.through,
            "events": [
                {
                    "position": event.position.number,
                    "stream": event.stream_id,
                    "version": event.version,
                    "type": event.type,
                    "account": event.account_id,
                    "data": orjson.Fragment(event.payload),
                    "meta": orjson.Fragment(event.metadata),
                }
                for event in events
            ],
        }
    )


def record_headers(shard: int, span: Span, events: Sequence[RecordedEvent]) -> Headers:
    """The headers of a record: its numbers as text, and the trace context of its first event."""
    numbers = {
        "schema_version": SCHEMA,
        "shard": shard,
        "after_position": span.after,
        "first_position": events[0].position.number if events else 0,
        "last_position": events[-1].position.number if events else 0,
        "through_position": span.through,
    }
    headers: Headers = [(name, str(number).encode()) for name, number in numbers.items()]
    if events:
        traceparent = orjson.loads(events[0].metadata).get("traceparent", "")
        if traceparent:
            headers.append(("traceparent", traceparent.encode()))
    return headers


def span_of(headers: Mapping[str, bytes]) -> Span | None:
    """What a record covers, by its headers; None if it is not the relay's."""
    try:
        return Span(int(headers["after_position"]), int(headers["through_position"]))
    except (KeyError, ValueError):
        return None


def decode_record(value: bytes) -> Record:
    """The record behind bytes; raises MalformedRecord."""
    try:
        record = _RECORD.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedRecord(_complaint(value, error)) from error
    if record.schema != SCHEMA:
        raise MalformedRecord(f"schema {record.schema} is unknown to this release")
    previous = record.after
    for event in record.events:
        if event.position <= previous:
            raise MalformedRecord(f"position {event.position} does not follow {previous}")
        previous = event.position
    if previous > record.through:
        raise MalformedRecord(f"position {previous} is above through {record.through}")
    return record


def _complaint(value: bytes, error: Exception) -> str:
    try:
        schema = _SCHEMA.decode(value).schema
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return f"not a record: {error}"
    if schema != SCHEMA:
        return f"schema {schema} is unknown to this release"
    return f"not a record of schema {SCHEMA}: {error}"
