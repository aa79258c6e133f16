"""The record is what docs/topics.md says, and nothing else is taken for one."""

import orjson
import pytest

from domain.envelope import LogPosition, RecordedEvent
from domain.ids import AccountId, StreamId
from streams.record import (
    MalformedRecord,
    Span,
    decode_record,
    encode_record,
    record_headers,
    span_of,
)

PAYLOAD = b'{"order_id":"o","venue_order_id":"v","venue_time":1}'
METADATA = b'{"command_id":"c","occurred_at":7,"traceparent":"00-aa-bb-01"}'


def event(position: int) -> RecordedEvent:
    return RecordedEvent(
        LogPosition(0, position),
        StreamId("s"),
        2,
        "order.accepted.v1",
        AccountId("a"),
        PAYLOAD,
        METADATA,
    )


def test_a_record_is_plain_json_with_payloads_as_stored() -> None:
    value = encode_record(0, Span(4, 9), [event(5), event(8)])
    assert orjson.loads(value) == {
        "schema": 1,
        "shard": 0,
        "after": 4,
        "first": 5,
        "last": 8,
        "through": 9,
        "events": [
            {
                "position": position,
                "stream": "s",
                "version": 2,
                "type": "order.accepted.v1",
                "account": "a",
                "data": orjson.loads(PAYLOAD),
                "meta": orjson.loads(METADATA),
            }
            for position in (5, 8)
        ],
    }
    assert PAYLOAD in value


def test_a_record_comes_back_as_it_was() -> None:
    record = decode_record(encode_record(0, Span(4, 9), [event(5), event(8)]))
    assert (record.after, record.first, record.last, record.through) == (4, 5, 8, 9)
    assert [e.position for e in record.events] == [5, 8]
    assert bytes(record.events[0].data) == PAYLOAD
    assert record.events[0].meta.occurred_at == 7


def test_headers_carry_the_numbers_and_the_trace() -> None:
    headers = dict(record_headers(0, Span(4, 9), [event(5), event(8)]))
    assert headers == {
        "schema_version": b"1",
        "shard": b"0",
        "after_position": b"4",
        "first_position": b"5",
        "last_position": b"8",
        "through_position": b"9",
        "traceparent": b"00-aa-bb-01",
    }
    assert span_of({k: v for k, v in headers.items() if isinstance(v, bytes)}) == Span(4, 9)


def test_a_watermark_has_no_events() -> None:
    record = decode_record(encode_record(0, Span(4, 9), []))
    assert (record.first, record.last, record.events) == (0, 0, [])


def test_headers_of_others_are_no_span() -> None:
    assert span_of({}) is None
    assert span_of({"after_position": b"x", "through_position": b"1"}) is None


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (b"", "not a record"),
        (b"\xff\xfe", "not a record"),
        (b"[]", "not a record"),
        (b'{"schema":2,"anything":"else"}', "schema 2 is unknown"),
        (b'{"schema":1}', "not a record of schema 1"),
        (encode_record(0, Span(4, 9), [event(4)]), "position 4 does not follow 4"),
        (encode_record(0, Span(4, 9), [event(6), event(6)]), "position 6 does not follow 6"),
        (encode_record(0, Span(4, 9), [event(10)]), "position 10 is above through 9"),
    ],
)
def test_anything_else_is_malformed(value: bytes, complaint: str) -> None:
    with pytest.raises(MalformedRecord, match=complaint):
        decode_record(value)
