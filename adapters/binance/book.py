"""A local order book kept by Binance's rule, which notices when it has lost the thread.

The rule (the venue's page "How to manage a local order book correctly"): buffer updates, take a
snapshot, drop updates that end before it (u < lastUpdateId), begin with the one that spans it
(U <= lastUpdateId <= u), then each update must follow the one before it (pu == previous u).
"""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

from adapters.binance.decode import DepthSnapshot, DepthUpdate
from domain.ids import InstrumentId
from projections.market import Book, Level

_BUFFER_MAX: Final = 10_000
"""Updates that wait for a snapshot, some 15 minutes; the oldest go first. A snapshot that is older
than what is left is told by the rule itself."""


class Step(StrEnum):
    """What an update did."""

    APPLIED = "applied"
    DROPPED = "dropped"
    """Older than the snapshot."""
    BUFFERED = "buffered"
    """There is no snapshot yet."""
    RESYNC = "resync"
    """An update is missing: the book is empty until the next snapshot."""


class OrderBook:
    """One instrument's book; pure, so the same updates always give the same book."""

    def __init__(self, instrument_id: InstrumentId) -> None:
        self.instrument_id = instrument_id
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}
        self._buffer: deque[DepthUpdate] = deque(maxlen=_BUFFER_MAX)
        self._snapshot_id: int | None = None
        self._last_id: int | None = None
        self._time = 0

    @property
    def ready(self) -> bool:
        """Whether the book follows the venue: a snapshot and the first update after it are in."""
        return self._last_id is not None

    def apply(self, update: DepthUpdate) -> Step:
        """Take one update of the stream."""
        if self._snapshot_id is None:
            self._buffer.append(update)
            return Step.BUFFERED
        if self._last_id is None:
            return self._first(update, self._snapshot_id)
        if update.previous_id != self._last_id:
            self._lose()
            self._buffer.append(update)
            return Step.RESYNC
        self._change(update)
        return Step.APPLIED

    def restart(self, snapshot: DepthSnapshot) -> Step:
        """Begin from a snapshot and the updates that were buffered since.

        RESYNC says that they do not fit together: the snapshot is too old, or an update is missing.
        """
        self._bids = dict(snapshot.bids)
        self._asks = dict(snapshot.asks)
        self._snapshot_id, self._last_id = snapshot.last_id, None
        self._time = snapshot.time
        buffered = list(self._buffer)
        self._buffer.clear()
        steps = [self.apply(update) for update in buffered]
        if Step.RESYNC in steps:
            return Step.RESYNC
        return steps[-1] if steps else Step.APPLIED

    def top(self, depth: int) -> Book:
        """The best levels, best first."""
        assert self._last_id is not None
        bids = sorted(self._bids.items(), reverse=True)[:depth]
        asks = sorted(self._asks.items())[:depth]
        return Book(self.instrument_id, self._time, self._last_id, tuple(bids), tuple(asks))

    def _first(self, update: DepthUpdate, snapshot_id: int) -> Step:
        if update.final_id < snapshot_id:
            return Step.DROPPED
        if update.first_id > snapshot_id:
            self._lose()
            self._buffer.append(update)
            return Step.RESYNC
        self._change(update)
        return Step.APPLIED

    def _change(self, update: DepthUpdate) -> None:
        _merge(self._bids, update.bids)
        _merge(self._asks, update.asks)
        self._last_id = update.final_id
        self._time = update.time

    def _lose(self) -> None:
        """Forget everything: a book with a hole is worse than none."""
        self._bids.clear()
        self._asks.clear()
        self._buffer.clear()
        self._snapshot_id = self._last_id = None


def _merge(side: dict[Decimal, Decimal], levels: Iterable[Level]) -> None:
    for price, quantity in levels:
        if quantity:
            side[price] = quantity
        else:
            side.pop(price, None)  # removing an unknown level is normal
