"""What a venue fills beyond an order is counted by instrument, and told in the worker's log."""

import pytest

from projections.tables import Fact
from streams import metrics
from streams.outcome import count_overfills
from tests.support.life import amend
from tests.support.trading import ACCOUNT, START, SUSHI, accepted, desk, filled, place


def _counted() -> float:
    return float(metrics.ORDER_OVERFILLS.labels(SUSHI)._value.get())


def test_only_what_passed_the_order_s_quantity_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(accepted("a"))
    trading.events(amend("a", 12))
    for execution, amount in (("x", 11), ("y", 1), ("z", 2)):
        trading.events(filled("a", execution, amount))
    facts = [
        Fact(position, position, ACCOUNT, START, change.event)
        for position, change in enumerate(trading.changes, start=1)
    ]
    before = _counted()
    count_overfills(facts)
    assert _counted() == before + 1, "11 and 12 may be what the amended order was"
    assert "is filled 2 beyond its quantity" in caplog.text
