"""The venue's memory: one owner, everything or nothing, fills for ever."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.simulated.matching import Execution, VenueOrder, VenueStatus
from adapters.simulated.store import StoredExecution, StoreUnusable, VenueStore
from domain.ids import InstrumentId
from domain.orders.commands import Liquidity, OrderType, TimeInForce, Trigger, TriggerSource
from domain.values import PositionSide, Price, Side

ORDER = VenueOrder(
    "pt-1", "S1", "account", InstrumentId("BINANCE:X"), Side.BUY, OrderType.LIMIT, TimeInForce.GTC,
    Decimal("1.50"), Decimal("7.61"),
)  # fmt: skip
FILL = StoredExecution(
    4,
    1_626_912_000_000_000,
    Execution(Decimal("7.61"), Decimal(1), Decimal("0.003"), Liquidity.MAKER),
)


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    store = VenueStore(tmp_path / "new" / "venue.sqlite")
    with store.transaction():
        store.save(ORDER, [b"one", b"two"])
        store.add_execution("pt-1", FILL)
        store.wait("pt-1")
    store.close()
    store = VenueStore(tmp_path / "new" / "venue.sqlite")
    assert store.find("pt-1") == ORDER
    assert store.open_orders() == [ORDER]
    assert store.executions("pt-1") == [FILL]
    assert store.executions("pt-2") == []
    assert store.waiting() == {"pt-1"}
    assert [body for _, body in store.unsent(10)] == [b"one", b"two"]
    assert store.counts() == {
        "orders": 1, "open_orders": 1, "executions": 1, "unsent_reports": 2
    }  # fmt: skip
    store.arrived("pt-1")
    store.acknowledged([number for number, _ in store.unsent(1)])
    assert store.waiting() == set()
    assert [body for _, body in store.unsent(10)] == [b"two"]
    store.close()


def test_an_order_and_its_reports_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    store = VenueStore(tmp_path / "venue.sqlite")

    def fail_half_way() -> None:
        with store.transaction():
            store.save(ORDER, [b"one"])
            store.next_number("execution")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert store.find("pt-1") is None
    assert store.unsent(10) == []
    assert store.next_number("execution") == 1
    store.close()


def test_what_an_order_was_is_never_changed_by_what_became_of_it(tmp_path: Path) -> None:
    store = VenueStore(tmp_path / "venue.sqlite")
    store.save(ORDER, [])
    for filled, status in (
        (Decimal("0.5"), VenueStatus.OPEN),
        (Decimal("1.5"), VenueStatus.FILLED),
    ):
        changed = VenueOrder(
            "pt-1", "S9", "other", InstrumentId("BINANCE:Y"), Side.SELL, OrderType.MARKET,
            TimeInForce.IOC, Decimal(9), None, filled, status,
        )  # fmt: skip
        store.save(changed, [])
    kept = store.find("pt-1")
    assert kept is not None
    assert (kept.filled, kept.status) == (Decimal("1.5"), VenueStatus.FILLED)
    assert (kept.venue_order_id, kept.side, kept.quantity) == ("S1", Side.BUY, Decimal("1.5"))
    store.close()


def test_a_file_has_one_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.simulated.store._LOCK_SECONDS", 0.0)
    first = VenueStore(tmp_path / "venue.sqlite")
    with pytest.raises(StoreUnusable, match="stop the simulated venue that runs on it"):
        VenueStore(tmp_path / "venue.sqlite")
    first.close()
    VenueStore(tmp_path / "venue.sqlite").close()


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "venue.sqlite").write_text("something else, long enough to be no database" * 20)
    with pytest.raises(StoreUnusable, match="another file"):
        VenueStore(tmp_path / "venue.sqlite")


def test_forms_of_orders_and_who_holds_what_are_there_after_a_restart(tmp_path: Path) -> None:
    trailing = replace(
        ORDER,
        client_order_id="pt-2",
        side=Side.SELL,
        type=OrderType.TRAILING_STOP,
        time_in_force=TimeInForce.GTD,
        price=None,
        reduce_only=True,
        trigger=Trigger(TriggerSource.MARK, None, Decimal("0.01"), Price(Decimal("7.7"))),
        expires_at=1_626_912_000_000_000,
    )
    closing = replace(
        ORDER,
        client_order_id="pt-3",
        type=OrderType.STOP_MARKET,
        price=None,
        position_side=PositionSide.SHORT,
        close_position=True,
        trigger=Trigger(TriggerSource.LAST, Price(Decimal("7.7")), None, None),
    )
    store = VenueStore(tmp_path / "venue.sqlite")
    with store.transaction():
        for order in (trailing, closing):
            store.save(order, [])
        followed = replace(trailing, best=Decimal("7.9"), triggered=True)
        store.save(followed, [])
        store.add_execution("pt-3", FILL)
    store.close()
    store = VenueStore(tmp_path / "venue.sqlite")
    assert store.open_orders() == [followed, closing]
    ((place, side, quantity, price, fee),) = store.executed()
    assert place == ("account", "BINANCE:X", PositionSide.SHORT)
    execution = FILL.execution
    assert (side, quantity) == (Side.BUY, execution.quantity)
    assert (price, fee) == (execution.price, execution.fee)
    store.close()
