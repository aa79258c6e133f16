"""A thread that follows a topic from its end on: for what is only worth something while it is new.

No consumer group and no offsets: every process sees every record, and after an outage it goes on
with what is new then.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

_logger: Final = logging.getLogger(__name__)
_POLL_SECONDS: Final = 0.2
_RETRY_SECONDS: Final = 1.0
_ASKING_SECONDS: Final = 0.5
"""Of one question for the topic: whoever stops the follower waits so long at most."""
_QUESTIONS: Final = 10
"""Before an unreachable Kafka is told of."""
_BATCH: Final = 500


class TopicFollower:
    """Calls `handle` with each record's value, in the thread; start() it, stop() it."""

    def __init__(self, brokers: str, topic: str, handle: Callable[[bytes], None]) -> None:
        self._brokers = brokers
        self._topic = topic
        self._handle = handle
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follow-{topic}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            consumer = Consumer(
                {
                    "bootstrap.servers": self._brokers,
                    "group.id": "patriot-followers",  # asked for by the library, never used
                    "enable.auto.commit": False,
                    "log_level": 0,
                }
            )
            try:
                self._read(consumer)
            except KafkaException as error:
                if self._stopping.is_set():
                    return
                _logger.warning("%s cannot be read, trying again: %s", self._topic, error)
                self._stopping.wait(_RETRY_SECONDS)
            finally:
                consumer.close()

    def _read(self, consumer: Consumer) -> None:
        topic = self._found(consumer)
        if topic.error is not None or not topic.partitions:
            self._stopping.wait(_RETRY_SECONDS)  # whoever writes it creates it
            return
        consumer.assign(
            [TopicPartition(self._topic, number, OFFSET_END) for number in topic.partitions]
        )
        while not self._stopping.is_set():
            for message in consumer.consume(_BATCH, _POLL_SECONDS):
                value = message.value()
                if message.error() is None and value is not None:
                    self._safely(value)

    def _found(self, consumer: Consumer) -> Any:
        """What is known of the topic; raises KafkaException when nobody answers, or at a stop."""
        for left in range(_QUESTIONS - 1, -1, -1):
            try:
                return consumer.list_topics(self._topic, timeout=_ASKING_SECONDS).topics[
                    self._topic
                ]
            except KafkaException:
                if not left or self._stopping.is_set():
                    raise
        raise AssertionError("the last question is answered or raises")

    def _safely(self, value: bytes) -> None:
        """A record that breaks its handler is told and passed: the thread must not end for it."""
        try:
            self._handle(value)
        except Exception:
            _logger.exception("a record of %s broke its handler", self._topic)
