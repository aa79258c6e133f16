"""Orders that were not placed here are counted by venue and origin, and told in the log."""

import pytest

from domain.orders.commands import Origin
from projections.tables import Fact
from streams import metrics
from streams.outcome import count_external
from tests.support.external import described, liquidating, told
from tests.support.trading import ACCOUNT, START, accepted, desk, filled, place


def _counted(origin: str) -> float:
    return float(metrics.EXTERNAL_ORDERS.labels("binance", origin)._value.get())


def test_each_order_is_counted_once_and_ours_are_not(caplog: pytest.LogCaptureFixture) -> None:
    trading = desk()
    trading.events(place("ours"))
    trading.events(filled("ours", "o", 10))
    for name, origin in (("1", Origin.LIQUIDATION), ("2", Origin.LIQUIDATION), ("3", Origin.ADL)):
        trading.events(told(liquidating(name, origin), accepted("x", name)))
    trading.events(told(described("4"), accepted("x", "4")))
    trading.events(told(described("4"), filled("x", "f", 1)))
    facts = [
        Fact(position, position, ACCOUNT, START, change.event)
        for position, change in enumerate(trading.changes, start=1)
    ]
    origins = [origin.value for origin in Origin]
    before = {origin: _counted(origin) for origin in origins}
    count_external(facts)
    counted = {origin: _counted(origin) - before[origin] for origin in origins}
    assert {origin: count for origin, count in counted.items() if count} == {
        "liquidation": 2, "adl": 1, "foreign": 1,
    }  # fmt: skip
    severities = [record.levelname for record in caplog.records]
    assert severities == ["ERROR", "ERROR", "ERROR", "WARNING"]
    assert "was not placed here: liquidation, sell 10 of BINANCE:SUSHIUSDT" in caplog.text
