"""The replay's records: shifted to now, never back in time, books only while they are right."""

from collections import Counter
from dataclasses import replace

import pytest

from adapters.binance.recording import Received, received
from domain.ids import InstrumentId
from projections.market import Candle, MarketRecord
from streams.ingest import RESYNCS, Normaliser, _shifted

ARRIVALS = list(received())
FIRST = ARRIVALS[0].at
NOW = 1_800_000_000_000_000


@pytest.mark.parametrize("speed", [1, 7, 1000])
def test_times_are_now_and_never_go_back_over_repetitions(speed: int) -> None:
    last: dict[tuple[type[MarketRecord], InstrumentId], int] = {}
    started, seen = NOW, Counter[type[MarketRecord]]()
    for _ in range(4):
        normaliser, now = Normaliser(), started
        for arrival in ARRIVALS:
            now = started + (arrival.at - FIRST) // speed
            for record in normaliser.records(arrival):
                shifted = _shifted(record, FIRST, started, speed)
                key = type(shifted), shifted.instrument_id
                assert last.get(key, 0) <= shifted.time <= now
                assert now - shifted.time < 2_000_000
                last[key] = shifted.time
                seen[type(shifted)] += 1
                if isinstance(shifted, Candle):
                    assert shifted.open_time % 60_000_000 == 0
        started = now + 1
    assert len(seen) == 4
    assert len(last) == 16


def test_a_lost_update_is_counted_and_ends_the_book_until_a_snapshot() -> None:
    name = InstrumentId("BINANCE:SUSHIUSDT")
    depth = [a for a in ARRIVALS if '"sushiusdt@depth' in a.raw or a.snapshot_of == "SUSHIUSDT"]
    snapshot = next(index for index, arrival in enumerate(depth) if arrival.snapshot_of)
    lost = snapshot + 20
    before = RESYNCS.labels(name)._value.get()
    normaliser = Normaliser()
    kept = [*depth[:lost], *depth[lost + 1 :]]
    books = [list(normaliser.records(arrival)) for arrival in kept]
    assert books[lost - 1] != []
    assert all(records == [] for records in books[lost:])
    assert RESYNCS.labels(name)._value.get() == before + 1


def test_a_book_is_there_as_soon_as_its_snapshot() -> None:
    """Updates that were buffered count: nobody has to wait for the next one."""
    depth = [a for a in ARRIVALS if '"sushiusdt@depth' in a.raw or a.snapshot_of == "SUSHIUSDT"]
    at = next(index for index, arrival in enumerate(depth) if arrival.snapshot_of)
    late = [*depth[:at], *depth[at + 1 : at + 30], depth[at]]
    normaliser = Normaliser()
    books = [list(normaliser.records(arrival)) for arrival in late]
    assert all(records == [] for records in books[:-1])
    assert len(books[-1]) == 1


def test_what_is_not_understood_is_left_out() -> None:
    normaliser = Normaliser()
    broken = replace(ARRIVALS[0], raw='{"data":{"e":"tea"}}')
    assert list(normaliser.records(broken)) == []
    assert list(normaliser.records(Received(1, "{", "SUSHIUSDT"))) == []
