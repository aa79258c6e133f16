"""The latest market price of each instrument, kept by a thread that reads the market topic.

A price is attached to a command when it arrives and recorded with the decision, so nothing that
this module does has to be repeated in a replay. It starts at the end of the topic: an old price is
worse than none.
"""

import logging
import threading
from typing import Final

import orjson
from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from domain.ids import InstrumentId
from domain.orders.commands import ReferencePrice
from domain.values import InvalidNumber, Price, divided, parse_price, plus

_logger: Final = logging.getLogger(__name__)
_TOPIC: Final = "patriot.market.v1"
_POLL_SECONDS: Final = 0.5
_BATCH: Final = 500
_PRICE_PLACES: Final = 18


class MarketPrices:
    """The middle of the best bid and ask; start() the thread, stop() it."""

    def __init__(self, brokers: str) -> None:
        self._brokers = brokers
        self._latest: dict[InstrumentId, ReferencePrice] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="market-prices", daemon=True)

    def start(self) -> None:
        """Begin to read; commands without a price are judged without one until it has one."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def latest(self, instrument_id: InstrumentId) -> ReferencePrice | None:
        """The price, or None while none is known."""
        return self._latest.get(instrument_id)

    def _run(self) -> None:
        while not self._stopping.is_set():
            consumer = Consumer(
                {
                    "bootstrap.servers": self._brokers,
                    "group.id": "patriot-reference-prices",
                    "enable.auto.commit": False,
                    "log_level": 0,
                }
            )
            try:
                self._read(consumer)
            except KafkaException as error:
                _logger.warning("market prices cannot be read, trying again: %s", error)
                self._stopping.wait(1.0)
            finally:
                consumer.close()

    def _read(self, consumer: Consumer) -> None:
        topic = consumer.list_topics(_TOPIC, timeout=5).topics[_TOPIC]
        if topic.error is not None or not topic.partitions:
            self._stopping.wait(_POLL_SECONDS)  # the market data role creates it
            return
        consumer.assign([TopicPartition(_TOPIC, number, OFFSET_END) for number in topic.partitions])
        while not self._stopping.is_set():
            for message in consumer.consume(_BATCH, _POLL_SECONDS):
                if message.error() is None:
                    self._note(message.value())

    def _note(self, record: bytes | None) -> None:
        try:
            quote = orjson.loads(record or b"")
            if quote["type"] != "market.quote.v1":
                return
            middle = divided(
                plus(parse_price(quote["bid"]), parse_price(quote["ask"])), _TWO, _PRICE_PLACES
            )
            instrument = InstrumentId(quote["instrument_id"])
            self._latest[instrument] = ReferencePrice(Price(middle), int(quote["time"]))
        except (ValueError, KeyError, TypeError, InvalidNumber):
            # A foreign record cannot be told from a broken one here; ingest counts what it refuses.
            _logger.debug("a market record was not understood")


_TWO: Final = parse_price("2")
