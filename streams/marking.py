"""Market records to marks and candles: the market as SQL sees it, joined to positions by a view."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from adapters.postgres.marketmodel import MarketModel
from adapters.postgres.readmodel import connect
from domain.ports import Clock
from projections.market import InvalidRecord, MarketRecord, decode
from projections.marks import fold_market
from streams import metrics
from streams.app import Event, original_of
from streams.deadletter import Original

_logger: Final = logging.getLogger(__name__)

NAME: Final = "market"
_BOOK: Final = b'{"type":"market.book.v1"'
"""How the records begin that are most of the topic and of no use here."""
_PAUSE_FIRST: Final = 0.1
_PAUSE_MAX: Final = 5.0


@dataclass(slots=True)
class MarketState:
    """How the consumer of market records is doing."""

    last_turn: float = 0.0
    waiting_for: str = ""


class Marker:
    """Writes marks and candles; apply() is called by one task at a time."""

    def __init__(
        self,
        read_dsn: str,
        clock: Clock,
        set_aside: Callable[[Original, str, str], Awaitable[None]],
        moved: Callable[[], None],
    ) -> None:
        self._read_dsn = read_dsn
        self._clock = clock
        self._set_aside = set_aside
        self._moved = moved
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._model: MarketModel | None = None
        self.state = MarketState()

    async def apply(self, events: Sequence[Event]) -> None:
        """Write what the records change; returns when it is durable, however long it takes."""
        records = await self._records(events)
        pause = _PAUSE_FIRST
        while records:
            self.state.last_turn = self._clock.monotonic()
            try:
                await self._write(records)
                break
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                await self._one_by_one(events, error)
                break
            except (psycopg.Error, OSError) as error:
                await self._lost(error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _PAUSE_MAX)
        self.state.waiting_for = ""
        self.state.last_turn = self._clock.monotonic()
        self._moved()

    async def close(self) -> None:
        """Leave the database."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = self._model = None

    async def _records(self, events: Sequence[Event]) -> list[MarketRecord]:
        records = []
        for event in events:
            value = event.message.value or b""
            if value.startswith(_BOOK):
                continue
            try:
                records.append(decode(value))
            except InvalidRecord as error:
                await self._set_aside(original_of(event.message), NAME, str(error))
        return records

    async def _write(self, records: Sequence[MarketRecord]) -> None:
        if self._model is None or self._connection is None or self._connection.closed:
            await self.close()
            self._connection = await connect(self._read_dsn, "patriot-market")
            self._model = MarketModel(self._connection)
        known = await self._model.latest({record.instrument_id for record in records})
        rows = fold_market(known, records)
        await self._model.write(rows)
        metrics.MARKET_APPLIED.labels("marks").inc(len(rows.marks))
        metrics.MARKET_APPLIED.labels("candles").inc(len(rows.candles))

    async def _one_by_one(self, events: Sequence[Event], error: psycopg.Error) -> None:
        """Write one by one and set aside what the database refuses; the market goes on."""
        _logger.warning("market: the database refused a batch: %s", error)
        for event in events:
            value = event.message.value or b""
            try:
                record = decode(value)
            except InvalidRecord:
                continue
            try:
                await self._write([record])
            except (psycopg.DataError, psycopg.IntegrityError) as refused:
                await self._set_aside(original_of(event.message), NAME, str(refused))

    async def _lost(self, error: Exception) -> None:
        text = str(error).strip() or type(error).__name__
        if not self.state.waiting_for:
            _logger.warning("market: the read-model database: %s", text)
        self.state.waiting_for = f"the read-model database: {text}"
        await self.close()
