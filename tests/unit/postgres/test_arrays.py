"""The arrays of an append are the bytes that psycopg itself would send, only made faster."""

from uuid import UUID, uuid5

import pytest
from psycopg import ProgrammingError, adapters
from psycopg.adapt import AdaptersMap, PyFormat, Transformer

from adapters.postgres.arrays import BytesArray, IntegerArray, TextArray, UuidArray, register

_SPACE = UUID(int=7)
_IDS = [str(uuid5(_SPACE, str(number))) for number in range(9)]
_BYTES = [b"", b"x", bytes(range(256)), b"y" * 5_000]


def _sent(items: object) -> bytes:
    own = AdaptersMap(adapters)
    register(own)
    transformer = Transformer(own)
    sent = transformer.get_dumper(items, PyFormat.BINARY).dump(items)
    assert sent is not None
    return bytes(sent)


def _book(items: list[object]) -> bytes:
    transformer = Transformer()
    sent = transformer.get_dumper(items, PyFormat.BINARY).dump(items)
    assert sent is not None
    return bytes(sent)


@pytest.mark.parametrize("count", [1, 2, 9])
def test_identities(count: int) -> None:
    ids = _IDS[:count]
    assert _sent(UuidArray(ids)) == _book([UUID(each) for each in ids])


def test_integers() -> None:
    numbers = [0, 1, 127, 128, 65_536, 2**31 - 1, -1, -(2**31)]
    # psycopg takes the narrowest integer that holds them all, so one of each size is there.
    assert _sent(IntegerArray(numbers)) == _book(list(numbers))


def test_bytes_and_texts() -> None:
    assert _sent(BytesArray(_BYTES)) == _book(list(_BYTES))
    texts = ["", "order.placed.v1", "prüfung"]
    words = _sent(TextArray(texts))
    # psycopg leaves the type of a text open; ours is text[], for the statement to stay prepared.
    assert words[8:12] == (25).to_bytes(4, "big")
    assert words[:8] + words[12:] == _book(list(texts))[:8] + _book(list(texts))[12:]


@pytest.mark.parametrize("kind", [UuidArray, IntegerArray, TextArray, BytesArray])
def test_nothing(kind: type[UuidArray]) -> None:
    assert _sent(kind([]))[:4] == bytes(4)


@pytest.mark.parametrize(
    "ids",
    [
        ["no identity"],
        [_IDS[0][:-1]],
        [_IDS[0] + "0"],
        # Together as long as two identities.
        [_IDS[0][:-2], _IDS[1] + "00"],
        [_IDS[0].replace("-", "")],
        [_IDS[0].replace("-", "0")],
    ],
)
def test_what_is_no_identity_is_refused(ids: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (bytes.fromhex has its own words)
        _sent(UuidArray(ids))


def test_the_arrays_leave_other_connections_alone() -> None:
    with pytest.raises(ProgrammingError, match="cannot adapt type 'UuidArray'"):
        adapters.get_dumper(UuidArray, PyFormat.BINARY)
