"""The simulated venue with its real store, its real gRPC interface and its real reporter."""

import time
from pathlib import Path

import grpc
import pytest

from adapters.proto.v1 import exchange_pb2, venues_pb2
from domain.reasons import Reason
from tests.support.simulated import Venue, start_venue
from tests.support.venue import ACCOUNT, NAME, Core, Mood, amend, client, in_order, order

pytestmark = pytest.mark.asyncio


async def test_an_order_is_accepted_filled_and_reported(venue: Venue) -> None:
    await venue.stub.Submit(order("a"))
    await venue.reported("a", "accepted", "filled")
    fill = venue.core.received[-1].filled
    assert (fill.price, fill.quantity, fill.fee) == ("7.611", "10", "0.030444")
    known = await venue.stub.Query(exchange_pb2.QueryRequest(client_order_id=client("a")))
    assert (known.status, known.filled_quantity) == ("filled", "10")
    (execution,) = known.executions
    assert (execution.execution_id, execution.fee) == (fill.execution_id, fill.fee)
    assert (execution.price, execution.quantity, execution.liquidity) == ("7.611", "10", "taker")
    assert execution.venue_time == venue.core.received[-1].venue_time
    assert venue.core.tokens == {"Bearer token"}


async def test_the_same_client_order_id_is_oneorder(venue: Venue) -> None:
    first = await venue.stub.Submit(order("a"))
    again = await venue.stub.Submit(order("a", quantity="99"))
    assert first.venue_order_id == again.venue_order_id
    await venue.reported("a", "accepted", "filled")


async def test_what_rests_can_be_cancelled_once(venue: Venue) -> None:
    await venue.stub.Submit(order("a", price="7.600", time_in_force="gtc"))
    cancel = exchange_pb2.CancelRequest(
        client_order_id=client("a"), account_id=ACCOUNT, instrument=NAME
    )
    await venue.stub.Cancel(cancel)
    await venue.stub.Cancel(cancel)
    await venue.reported("a", "accepted", "cancelled", "cancel_rejected")


async def test_an_order_off_the_rules_is_rejected_by_report(venue: Venue) -> None:
    await venue.stub.Submit(order("a", price="7.6111"))
    await venue.reported("a", "rejected")


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "NaN"}, {"quantity": "0"}, {"price": "1e3"}, {"side": "up"}, {"type": ""},
        {"client_order_id": "not a name"}, {"account_id": "me"}, {"instrument": "sushi"},
    ],
)  # fmt: skip
async def test_a_malformed_order_is_refused(venue: Venue, changed: dict[str, str]) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await venue.stub.Submit(order("a", **changed))
    assert told.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert venue.store.counts()["orders"] == 0


async def test_reports_wait_for_a_core_that_is_away(venue: Venue) -> None:
    venue.core.mood = Mood.AWAY
    await venue.stub.Submit(order("a"))
    await venue.until(lambda: venue.core.calls > 1)
    assert venue.store.counts()["unsent_reports"] == 2
    venue.core.mood = Mood.TAKES
    await venue.reported("a", "accepted", "filled")


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.SHORT])
async def test_a_report_is_kept_until_its_answer_is_in_the_log(venue: Venue, mood: Mood) -> None:
    venue.core.mood = mood
    await venue.stub.Submit(order("a"))
    await venue.until(lambda: venue.core.calls > 1)
    assert venue.store.counts()["unsent_reports"] == 2
    venue.core.mood = Mood.TAKES
    await venue.reported("a", "accepted", "filled")


async def test_a_lost_acknowledgement_repeats_the_report_under_the_same_id(venue: Venue) -> None:
    venue.core.mood = Mood.DEAF
    await venue.stub.Submit(order("a"))
    await venue.until(lambda: venue.core.calls > 1)
    venue.core.mood = Mood.TAKES
    await venue.all_sent()
    assert in_order(venue.core.kinds("a")) == ["accepted", "filled"]
    assert len({report.command_id for report in venue.core.received}) == 2
    assert len(venue.core.received) > 2


async def test_a_refusal_that_is_recorded_is_an_acknowledgement(venue: Venue) -> None:
    venue.core.refusal = Reason.REPORT_ALREADY_APPLIED
    await venue.stub.Submit(order("a"))
    await venue.reported("a", "accepted", "filled")
    await venue.all_sent()
    assert venue.core.kinds("a") == ["accepted", "filled"]


async def test_a_restart_forgets_nothing(tmp_path: Path, core: tuple[Core, str]) -> None:
    core[0].mood = Mood.AWAY
    venue, stop = await start_venue(tmp_path, *core)
    venue.book()
    await venue.stub.Submit(order("rests", price="7.600", time_in_force="gtc"))
    await venue.stub.Submit(order("taken"))
    await stop()
    core[0].mood = Mood.TAKES
    venue, stop = await start_venue(tmp_path, *core)
    venue.book(bid="7.590", ask="7.599")
    await venue.reported("taken", "accepted", "filled")
    await venue.reported("rests", "accepted", "filled")
    await stop()


async def test_a_venue_told_to_misbehave_does(venue: Venue) -> None:
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(lose_answer=1000, duplicate=1000, seed=1))
    with pytest.raises(grpc.aio.AioRpcError) as told:
        await venue.stub.Submit(order("a"))
    assert told.value.code() is grpc.StatusCode.UNAVAILABLE
    await venue.reported("a", "accepted", "accepted", "filled", "filled")
    assert len({report.command_id for report in venue.core.received}) == 2
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(reject=1000))
    await venue.stub.Submit(order("b"))
    await venue.reported("b", "rejected")
    with pytest.raises(grpc.aio.AioRpcError):
        await venue.stub.Misbehave(exchange_pb2.Misbehaviour(reject=1001))


async def test_an_order_waits_for_the_first_book(tmp_path: Path, core: tuple[Core, str]) -> None:
    venue, stop = await start_venue(tmp_path, *core)
    await venue.stub.Submit(order("a"))
    await venue.reported("a", "accepted")
    venue.book()
    await venue.reported("a", "accepted", "filled")
    await stop()


async def test_an_order_without_a_market_for_too_long_ends(
    tmp_path: Path, core: tuple[Core, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.simulated.exchange._NO_MARKET_SECONDS", 0.0)
    venue, stop = await start_venue(tmp_path, *core)
    await venue.stub.Submit(order("a"))
    await venue.reported("a", "accepted")
    venue.exchange.give_up_waiting()
    await venue.reported("a", "accepted", "expired")
    assert core[0].received[-1].expired.reason == "no market"
    venue.book()
    await venue.all_sent()
    assert core[0].kinds("a") == ["accepted", "expired"]
    await stop()


async def test_the_better_price_is_filled_first(venue: Venue) -> None:
    for name, price in (("low", "7.600"), ("high", "7.605"), ("late", "7.605")):
        await venue.stub.Submit(order(name, price=price, time_in_force="gtc"))
    venue.book(bid="7.590", ask="7.599", quantity=15)
    await venue.reported("high", "accepted", "filled")
    await venue.reported("late", "accepted", "filled")
    await venue.all_sent()
    assert venue.core.kinds("low") == ["accepted"]
    assert venue.core.of("high")[-1].filled.price == "7.605"
    assert [r.filled.quantity for r in venue.core.received if r.HasField("filled")] == ["10", "5"]


async def test_reports_are_late_and_out_of_order_when_told(venue: Venue) -> None:
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(report_delay=150, reorder=1000, seed=2))
    before = time.monotonic()
    names = [f"order {number}" for number in range(40)]
    for name in names:
        await venue.stub.Submit(order(name, quantity="1"))
    await venue.all_sent()
    assert time.monotonic() - before >= 0.15
    kinds = [venue.core.kinds(name) for name in names]
    assert all(sorted(each) == ["accepted", "filled"] for each in kinds)
    assert any(each == ["filled", "accepted"] for each in kinds)


async def test_an_order_whose_answer_was_lost_is_one_order_when_asked_again(venue: Venue) -> None:
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour(lose_answer=1000))
    for _ in range(3):
        with pytest.raises(grpc.aio.AioRpcError):
            await venue.stub.Submit(order("a"))
    await venue.stub.Misbehave(exchange_pb2.Misbehaviour())
    await venue.stub.Submit(order("a"))
    await venue.reported("a", "accepted", "filled")
    assert venue.store.counts()["orders"] == 1


async def test_an_order_that_waited_for_a_book_still_does_after_a_restart(
    tmp_path: Path, core: tuple[Core, str]
) -> None:
    """It takes at the book's price; had it been put to rest, it would give at its own."""
    venue, stop = await start_venue(tmp_path, *core)
    await venue.stub.Submit(order("a", price="7.700", time_in_force="gtc"))
    await venue.reported("a", "accepted")
    await stop()
    venue, stop = await start_venue(tmp_path, *core)
    venue.book()
    await venue.reported("a", "accepted", "filled")
    fill = core[0].received[-1].filled
    assert (fill.price, fill.liquidity) == ("7.611", venues_pb2.LIQUIDITY_TAKER)
    await stop()


async def test_an_order_is_amended_where_it_stands_once_for_each_number(venue: Venue) -> None:
    await venue.stub.Submit(order("a", price="7.600", time_in_force="gtc"))
    for _ in range(2):
        await venue.stub.Amend(amend("a", 1, "12", "7.605"))
    await venue.reported("a", "accepted", "amended")
    told = venue.core.received[-1].amended
    assert (told.amendment, told.quantity, told.price) == (1, "12", "7.605")
    await venue.stub.Amend(amend("a", 2, "12", "7.611"))
    await venue.reported("a", "accepted", "amended", "amended", "filled")
    known = await venue.stub.Query(exchange_pb2.QueryRequest(client_order_id=client("a")))
    assert (known.status, known.filled_quantity) == ("filled", "12")
    await venue.stub.Amend(amend("a", 3, "14", "7.611"))
    await venue.reported("a", "accepted", "amended", "amended", "filled", "amend_rejected")
    assert venue.core.received[-1].amend_rejected.reason == "the order is filled"


async def test_amended_to_what_is_filled_an_order_is_cancelled(venue: Venue) -> None:
    await venue.stub.Submit(order("a", quantity="150", price="7.611", time_in_force="gtc"))
    await venue.reported("a", "accepted", "filled")
    await venue.stub.Amend(amend("a", 1, "100", "7.611"))
    await venue.reported("a", "accepted", "filled", "amend_rejected", "cancelled")
    await venue.stub.Amend(amend("stranger", 1, "10", "7.611"))
    await venue.reported("stranger", "amend_rejected")
