"""Records that could not be used are kept on a topic of their own, with what was wrong.

A malformed record (not one of ours) is set aside and the partition goes on; a record with an event
that a consumer cannot apply is copied here while that consumer stands still before it. Replaying a
record sends it to its old topic and partition again: it takes the same way as every other, and
whoever has applied it already skips it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.kafka.admin import BrokerError
from adapters.kafka.partition import PARTITIONS
from adapters.kafka.producer import Headers, Producer, ProducerFailed
from adapters.kafka.reader import Reader, StoredRecord
from streams import metrics
from streams.topics import DEADLETTER

_logger: Final = logging.getLogger(__name__)

_REMEMBERED: Final = 10_000
_RETRY_PAUSE: Final = 0.5
_ORIGIN: Final = ("original_topic", "original_partition", "original_offset", "consumer", "error")


@dataclass(frozen=True, slots=True)
class Original:
    """A record as it was when it turned out to be unusable."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record on the dead-letter topic."""

    id: str
    """Partition and offset on the dead-letter topic, e.g. "3:17"."""
    consumer: str
    error: str
    original: Original


class DeadLetters:
    """Sets records aside; each one once, whoever stumbles over it how often."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._producer: Producer | None = None
        self._turn = asyncio.Lock()
        self._known: OrderedDict[tuple[str, int, int, str], None] = OrderedDict()

    async def set_aside(self, original: Original, consumer: str, error: str) -> None:
        """Returns when the copy is acknowledged; tries again for as long as it takes."""
        identity = (original.topic, original.partition, original.offset, consumer)
        async with self._turn:  # agents stumble over the same record at the same time
            if identity not in self._known:
                await self._keep(original, consumer, error)
                self._known[identity] = None
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    async def _keep(self, original: Original, consumer: str, error: str) -> None:
        _logger.error(
            "set aside: %s partition %d offset %d, %s: %s",
            original.topic, original.partition, original.offset, consumer, error,
        )  # fmt: skip
        while True:
            try:
                await self._send(original, consumer, error)
                break
            except ProducerFailed as failure:
                _logger.warning("dead letters: %s", failure)
                await self.close()
                await asyncio.sleep(_RETRY_PAUSE)
        metrics.DEADLETTERS.labels(original.topic, consumer).inc()

    async def close(self) -> None:
        """Leave Kafka."""
        if self._producer is not None:
            await self._producer.close()
            self._producer = None

    async def _send(self, original: Original, consumer: str, error: str) -> None:
        if self._producer is None:
            self._producer = Producer(self._bootstrap, client_id=self._client_id)
            self._producer.start()
        headers: Headers = [
            *original.headers.items(),
            ("original_topic", original.topic),
            ("original_partition", str(original.partition)),
            ("original_offset", str(original.offset)),
            ("consumer", consumer),
            ("error", error[:2000]),
        ]
        sent = await self._producer.send(
            DEADLETTER,
            original.value,
            partition=original.partition % PARTITIONS,
            key=original.key,
            headers=headers,
        )
        await sent


async def list_deadletters(bootstrap: str) -> list[DeadLetter]:
    """Everything on the dead-letter topic; raises BrokerError."""
    reader = Reader(bootstrap, client_id="patriot-deadletters")
    try:
        records = await reader.everything(DEADLETTER, range(PARTITIONS))
    finally:
        await reader.close()
    return [_letter(record) for record in records]


async def replay_deadletters(bootstrap: str, ids: Iterable[str] | None = None) -> int:
    """Send dead letters (None: all) where they came from and return how many; raises BrokerError.

    Harmless for records that were applied meanwhile. A record that still cannot be used is set
    aside again.
    """
    wanted = None if ids is None else set(ids)
    letters = [
        letter
        for letter in await list_deadletters(bootstrap)
        if wanted is None or letter.id in wanted
    ]
    unknown = (wanted or set()) - {letter.id for letter in letters}
    if unknown:
        raise BrokerError(f"there is no dead letter {', '.join(sorted(unknown))}: list them first")
    originals = {
        (one.original.topic, one.original.partition, one.original.offset): one.original
        for one in letters
    }
    producer = Producer(bootstrap, client_id="patriot-deadletters")
    producer.start()
    try:
        for original in originals.values():
            sent = await producer.send(
                original.topic,
                original.value,
                partition=original.partition,
                key=original.key,
                headers=list(original.headers.items()),
            )
            await sent
    finally:
        await producer.close()
    return len(originals)


def _letter(record: StoredRecord) -> DeadLetter:
    origin = {name: record.headers.get(name, b"").decode(errors="replace") for name in _ORIGIN}
    return DeadLetter(
        id=f"{record.partition}:{record.offset}",
        consumer=origin["consumer"],
        error=origin["error"],
        original=Original(
            topic=origin["original_topic"],
            partition=int(origin["original_partition"] or 0),
            offset=int(origin["original_offset"] or 0),
            key=record.key,
            value=record.value,
            headers={k: v for k, v in record.headers.items() if k not in _ORIGIN},
        ),
    )
