"""Stored events are for ever: their bytes do not change, and every old byte is still read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.codec import CorruptEvent, decode, decode_metadata, encode, encode_metadata
from domain.registry import EVENT_TYPES, TYPE_NAMES, Event, UnknownEventType
from tests.contract.examples import EXAMPLES, METADATA, RETIRED_EXAMPLES
from tests.contract.golden import FOLDER, current_bytes, golden_bytes, path_of
from tests.property.shapes import events_of


def test_every_registered_type_has_an_example_under_its_own_name() -> None:
    assert {example.split(" ")[0] for example in EXAMPLES} == set(EVENT_TYPES)
    for example, event in EXAMPLES.items():
        assert TYPE_NAMES[type(event)] == example.split(" ")[0]


def test_every_golden_file_belongs_to_an_example() -> None:
    examples = {*current_bytes(), *RETIRED_EXAMPLES}
    assert set(FOLDER.iterdir()) == {path_of(example) for example in examples}


@pytest.mark.parametrize("example", current_bytes())
def test_the_bytes_that_would_be_stored_have_not_changed(example: str) -> None:
    assert current_bytes()[example] == golden_bytes(example), (
        "stored bytes are for ever: give the changed event a new version in the registry "
        "(a new example's file is written by python -m tests.contract.golden)"
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_stored_events_are_read_as_what_they_were(example: str) -> None:
    assert decode(example.split(" ", maxsplit=1)[0], golden_bytes(example)) == EXAMPLES[example]


@pytest.mark.parametrize("name", METADATA)
def test_stored_metadata_is_read_as_what_it_was(name: str) -> None:
    assert decode_metadata(golden_bytes(name)) == METADATA[name]
    assert encode_metadata(decode_metadata(golden_bytes(name))) == golden_bytes(name)


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(st.one_of(*(events_of(kind) for kind in EVENT_TYPES.values())))
def test_any_event_goes_round(event: Event) -> None:
    type_name, payload = encode(event)
    again = decode(type_name, payload)
    assert again == event
    assert type(again) is type(event)
    assert encode(again) == (type_name, payload)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_field_that_is_gone_is_corruption(example: str) -> None:
    payload = golden_bytes(example)
    rest = payload.partition(b",")[2] or b"}"
    with pytest.raises(CorruptEvent, match="cannot be read"):
        decode(example.split(" ", maxsplit=1)[0], b"{" + rest)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"order_id":1,"reason":"","venue_time":1}'],
)
def test_bytes_of_another_shape_are_corruption(payload: bytes) -> None:
    with pytest.raises(CorruptEvent):
        decode("order.rejected.v1", payload)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownEventType, match=r"order\.teleported\.v1"):
        decode("order.teleported.v1", b"{}")


def test_numbers_have_one_stored_form() -> None:
    payload = encode(EXAMPLES["instrument.listed.v2 bare"])[1]
    assert b'"tick":"0.001"' in payload
    assert b'"maximum_market_quantity":"100000"' in payload
    assert b'"unfilled_quantity":"0"' in encode(EXAMPLES["order.expired.v1"])[1]
