"""Which partition a key belongs to: the same for ever, in every process and every language.

The number of partitions is a contract: a projection keeps one position for each partition, so
another number would need every read model to be rebuilt.
"""

from functools import lru_cache
from typing import Final
from zlib import crc32

PARTITIONS: Final = 6


@lru_cache(maxsize=262_144)
def partition_of(key: str) -> int:
    """CRC-32 of the key's UTF-8 bytes, modulo the number of partitions."""
    return crc32(key.encode()) % PARTITIONS
