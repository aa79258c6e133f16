"""Buffers of the embedded PostgreSQL follow the machine's memory, within bounds."""

import pytest

from adapters.embedded.postgres import shared_buffers

_GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("memory", "wanted"),
    [
        (_GIGABYTE // 2, "256MB"),
        (2 * _GIGABYTE, "256MB"),
        (4 * _GIGABYTE, "512MB"),
        (4 * _GIGABYTE - 1, "511MB"),
        (8 * _GIGABYTE, "1024MB"),
        (512 * _GIGABYTE, "1024MB"),
    ],
)
def test_buffers_are_an_eighth_within_bounds(memory: int, wanted: str) -> None:
    assert shared_buffers(memory) == wanted
