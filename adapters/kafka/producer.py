"""An idempotent Kafka producer for asyncio: every record is acknowledged by all in-sync replicas.

A producer that has failed stays failed: librdkafka cannot send again after a fatal error, and a
record lost in the middle must not be followed by later ones. Close it, look at what Kafka really
holds, and begin a new one from there.

    BrokerError
    └── ProducerFailed     this producer can never send again: make a new one
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as ConfluentProducer

from adapters.kafka.admin import BrokerError

_logger: Final = logging.getLogger(__name__)
_librdkafka: Final = logging.getLogger(f"{__name__}.librdkafka")
_librdkafka.addFilter(lambda record: "CONFWARN" not in record.getMessage())

Headers = list[tuple[str, str | bytes | None]]


class ProducerFailed(BrokerError):
    """The producer gave up for good; records after the last acknowledged one are not in Kafka."""


class Producer:
    """Sends records and resolves one future for each with its offset; start() it, close() it."""

    def __init__(
        self,
        bootstrap: str,
        *,
        client_id: str,
        in_flight_bytes_max: int = 32 * 1024 * 1024,
        linger_ms: float = 0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._config: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "client.id": client_id,
            "acks": "all",
            "enable.idempotence": True,
            # A record dropped after a time-out would leave a hole before the next one. So none is
            # dropped, and if one is after all, everything stops.
            "message.timeout.ms": 0,
            "enable.gapless.guarantee": True,
            "linger.ms": linger_ms,
            "message.max.bytes": 4_000_000,
            "queue.buffering.max.messages": 1_000_000,
            "queue.buffering.max.kbytes": 256 * 1024,
            "socket.keepalive.enable": True,
            "reconnect.backoff.max.ms": 1_000,
            **(settings or {}),
        }
        self._in_flight_bytes_max = in_flight_bytes_max
        self._in_flight_bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._acknowledged: deque[tuple[asyncio.Future[int], int, KafkaError | None, int]] = deque()
        self._scheduled = False
        self._stopping = threading.Event()
        self._failure: ProducerFailed | None = None
        self._producer: ConfluentProducer | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Connect in the background; call from the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._producer = ConfluentProducer(
            {**self._config, "error_cb": self._on_error, "logger": _librdkafka}
        )
        self._thread = threading.Thread(target=self._poll, name="kafka-producer", daemon=True)
        self._thread.start()

    async def send(
        self,
        topic: str,
        value: bytes,
        *,
        partition: int = -1,
        key: bytes | None = None,
        headers: Headers | None = None,
    ) -> "asyncio.Future[int]":
        """Hand a record over, waiting while too much is in flight; the future is its offset.

        Raises ProducerFailed, and so does the future.
        """
        if self._producer is None or self._loop is None:
            raise ProducerFailed("the producer was not started")
        size = len(value)
        future: asyncio.Future[int] = self._loop.create_future()
        while True:
            if self._failure is not None:
                raise self._failure
            if self._in_flight_bytes and self._in_flight_bytes + size > self._in_flight_bytes_max:
                self._room.clear()
                await self._room.wait()
                continue
            try:
                self._producer.produce(
                    topic,
                    value,
                    key=key,
                    partition=partition,
                    headers=headers,
                    on_delivery=self._delivery(future, size),
                )
            except BufferError:
                self._room.clear()
                await self._room.wait()
                continue
            except KafkaException as error:
                self._fail(error.args[0].str())
                continue
            self._in_flight_bytes += size
            return future

    @property
    def in_flight_bytes(self) -> int:
        """Bytes handed over and not yet acknowledged."""
        return self._in_flight_bytes

    async def flush(self, patience: float) -> bool:
        """Wait until everything is acknowledged; False if it was not within the seconds given."""
        try:
            async with asyncio.timeout(patience):
                while self._in_flight_bytes and self._failure is None:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            return False
        return self._failure is None

    async def close(self) -> None:
        """Drop what is not acknowledged and end."""
        self._fail("the producer was closed")
        self._stopping.set()
        if self._producer is not None and self._thread is not None:
            await asyncio.to_thread(self._end, self._producer, self._thread)
        self._producer = None
        self._settle()

    def _end(self, producer: ConfluentProducer, thread: threading.Thread) -> None:
        thread.join(timeout=5)
        # What failed for good says so once more; seen too: the library returning an error without
        # setting one, which Python turns into SystemError.
        with suppress(KafkaException, SystemError):
            producer.purge()
            producer.flush(1)

    def _poll(self) -> None:
        producer = self._producer
        while producer is not None and not self._stopping.is_set():
            try:
                producer.poll(0.1)
            except (KafkaException, SystemError) as error:
                if self._loop is not None and not self._stopping.is_set():
                    self._loop.call_soon_threadsafe(self._fail, str(error))
                return

    def _delivery(self, future: "asyncio.Future[int]", size: int) -> Any:
        def delivered(error: KafkaError | None, message: Message) -> None:
            # On the polling thread; one wake-up of the loop serves all that arrived meanwhile.
            self._acknowledged.append((future, size, error, message.offset() or 0))
            if not self._scheduled and self._loop is not None and not self._stopping.is_set():
                self._scheduled = True
                self._loop.call_soon_threadsafe(self._settle)

        return delivered

    def _settle(self) -> None:
        self._scheduled = False
        while self._acknowledged:
            future, size, error, offset = self._acknowledged.popleft()
            self._in_flight_bytes -= size
            if error is not None:
                self._fail(error.str())
            if future.done():
                continue
            if self._failure is not None and error is not None:
                future.set_exception(self._failure)
                future.exception()  # whoever waits gets it; nobody else has to
            else:
                future.set_result(offset)
        self._room.set()

    def _on_error(self, error: KafkaError) -> None:
        if not error.fatal():
            _logger.warning("kafka: %s", error.str())
            return
        if self._loop is not None and not self._stopping.is_set():
            self._loop.call_soon_threadsafe(self._fail, error.str())

    def _fail(self, text: str) -> None:
        if self._failure is None:
            self._failure = ProducerFailed(f"the Kafka producer failed: {text}")
        self._room.set()
