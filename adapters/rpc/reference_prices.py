"""The latest market price of each instrument, attached to commands when they arrive.

The price is recorded with the decision, so nothing that this module does has to be repeated in a
replay. It knows only what came since it started: an old price is worse than none.
"""

import logging
from decimal import Decimal
from typing import Final

from adapters.kafka.follower import TopicFollower
from domain.ids import InstrumentId
from domain.orders.commands import ReferencePrice
from domain.values import Price, divided, plus
from projections.market import InvalidRecord, Quote, decode

_logger: Final = logging.getLogger(__name__)
_TOPIC: Final = "patriot.market.v1"
_TWO: Final = Decimal(2)


class MarketPrices:
    """The middle of the best bid and ask; start() the thread, stop() it."""

    def __init__(self, brokers: str) -> None:
        self._latest: dict[InstrumentId, ReferencePrice] = {}
        self._follower = TopicFollower(brokers, _TOPIC, self._note)

    def start(self) -> None:
        """Begin to read; commands without a price are judged without one until it has one."""
        self._follower.start()

    def stop(self) -> None:
        """End the thread."""
        self._follower.stop()

    def latest(self, instrument_id: InstrumentId) -> ReferencePrice | None:
        """The price, or None while none is known."""
        return self._latest.get(instrument_id)

    def _note(self, value: bytes) -> None:
        try:
            record = decode(value)
        except InvalidRecord as error:
            _logger.warning("a market record was not understood: %s", error)
            return
        if isinstance(record, Quote) and 0 < record.bid <= record.ask:
            middle = divided(plus(record.bid, record.ask), _TWO)
            self._latest[record.instrument_id] = ReferencePrice(Price(middle), record.time)
