"""What Kafka really holds: offsets, the last records of a partition, or a whole small topic.

A client of its own beside Faust's, so that the answer does not depend on what is being watched.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from adapters.kafka.admin import BrokerError

_TIMEOUT: Final = 10.0


class StoredRecord(NamedTuple):
    """A record as it lies in Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: dict[str, bytes]


class Bounds(NamedTuple):
    """Offsets of a partition: the first record, and the one after the last."""

    low: int
    high: int


class Reader:
    """Reads offsets and records of one cluster without being part of any group."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "client.id": client_id,
                "group.id": client_id,
                "enable.auto.commit": False,
                "enable.partition.eof": False,
                "auto.offset.reset": "error",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 50,
                "error_cb": _ignore,
            }
        )
        self._lock = asyncio.Lock()

    async def bounds(self, topic: str, partitions: Sequence[int]) -> dict[int, Bounds]:
        """First and next offset of each partition; raises BrokerError."""
        async with self._lock:
            return await asyncio.to_thread(self._bounds, topic, partitions)

    async def last(self, topic: str, partition: int, count: int) -> list[StoredRecord]:
        """The last `count` records of a partition, in order; raises BrokerError."""
        async with self._lock:
            return await asyncio.to_thread(self._last, topic, partition, count)

    async def record(self, topic: str, partition: int, offset: int) -> StoredRecord:
        """The record at an offset, or the next one that there is; raises BrokerError."""
        async with self._lock:
            return await asyncio.to_thread(self._record, topic, partition, offset)

    async def everything(self, topic: str, partitions: Sequence[int]) -> list[StoredRecord]:
        """All records of a small topic, partition by partition; raises BrokerError."""
        records: list[StoredRecord] = []
        for partition in partitions:
            async with self._lock:
                records += await asyncio.to_thread(self._last, topic, partition, None)
        return records

    async def close(self) -> None:
        """Leave."""
        await asyncio.to_thread(self._consumer.close)

    def _bounds(self, topic: str, partitions: Sequence[int]) -> dict[int, Bounds]:
        try:
            bounds = {}
            for partition in partitions:
                offsets = self._consumer.get_watermark_offsets(
                    TopicPartition(topic, partition), timeout=_TIMEOUT, cached=False
                )
                if offsets is None:
                    raise BrokerError(f"topic {topic}: no answer about its offsets")
                bounds[partition] = Bounds(offsets[0], offsets[1])
            return bounds
        except KafkaException as error:
            raise _translated(topic, error) from error

    def _last(self, topic: str, partition: int, count: int | None) -> list[StoredRecord]:
        bounds = self._bounds(topic, [partition])[partition]
        high = bounds.high
        start = bounds.low if count is None else max(bounds.low, high - count)
        if start >= high:
            return []
        try:
            self._consumer.assign([TopicPartition(topic, partition, start)])
            return list(self._until(topic, partition, high))
        except KafkaException as error:
            raise _translated(topic, error) from error
        finally:
            self._consumer.unassign()

    def _record(self, topic: str, partition: int, offset: int) -> StoredRecord:
        try:
            self._consumer.assign([TopicPartition(topic, partition, offset)])
            return next(self._until(topic, partition, offset))
        except KafkaException as error:
            raise _translated(topic, error) from error
        finally:
            self._consumer.unassign()

    def _until(self, topic: str, partition: int, high: int) -> Iterator[StoredRecord]:
        while True:
            # Not consume(n): it waits until n records have come or its whole time-out has passed.
            message = self._consumer.poll(_TIMEOUT)
            if message is None:
                raise BrokerError(f"topic {topic}: no answer while reading partition {partition}")
            error = message.error()
            if error is not None:
                raise BrokerError(f"topic {topic} cannot be read: {error.str()}")
            record = _record(message)
            yield record
            if record.offset >= high - 1:
                return


def _record(message: Message) -> StoredRecord:
    pairs: Any = message.headers() or []
    headers: dict[str, bytes] = {
        name: value if isinstance(value, bytes) else b"" for name, value in pairs
    }
    return StoredRecord(
        topic=message.topic() or "",
        partition=_number(message.partition()),
        offset=_number(message.offset()),
        key=message.key(),
        value=message.value() or b"",
        headers=headers,
    )


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _translated(topic: str, error: KafkaException) -> BrokerError:
    reason = error.args[0]
    text = reason.str() if isinstance(reason, KafkaError) else str(reason)
    return BrokerError(f"topic {topic} cannot be read: {text}")


def _ignore(error: Any) -> None:
    """Connection trouble shows as a call that raises; librdkafka would print it as well."""
    del error
