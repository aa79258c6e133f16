"""What the simulated venue does by its own rules, and what a member does by other means."""

from decimal import Decimal
from pathlib import Path

import grpc.aio
import pytest

from adapters.proto.v1 import exchange_pb2, venues_pb2
from adapters.simulated.members import Place
from domain.values import PositionSide, Quantity, signed
from tests.support.simulated import Venue, start_venue
from tests.support.venue import ACCOUNT, NAME, order

pytestmark = pytest.mark.asyncio


def _others(venue: Venue) -> list[venues_pb2.Report]:
    return [report for report in venue.core.received if report.HasField("external")]


def _kinds(venue: Venue) -> list[str]:
    return [str(report.WhichOneof("report")) for report in _others(venue)]


def _deposit(amount: str) -> exchange_pb2.DepositRequest:
    return exchange_pb2.DepositRequest(account_id=ACCOUNT, currency="USDT", amount=amount)


def _close_out(name: str, **changed: str) -> exchange_pb2.CloseOutRequest:
    values = {"account_id": ACCOUNT, "instrument": NAME, "origin": "adl", "name": name}
    return exchange_pb2.CloseOutRequest(**{**values, **changed})


def _net(venue: Venue) -> Decimal:
    """By the executions that are kept; what the exchange itself counts decides how many come."""
    place = Place(ACCOUNT, NAME, PositionSide.NET)
    moves = [each for each in venue.store.executed() if each.place == place]
    return sum((signed(each.side, Quantity(each.quantity)) for each in moves), Decimal(0))


async def test_a_mark_beyond_the_liquidation_price_closes_the_position(venue: Venue) -> None:
    venue.book(bid="7.610", ask="7.611", quantity=1000)
    await venue.stub.Deposit(_deposit("100"))
    await venue.stub.Submit(order("bought", quantity="100"))
    await venue.stub.Submit(order("resting", time_in_force="gtc", price="6.000"))
    venue.book(bid="6.800", ask="6.801", quantity=1000)
    await venue.all_sent()
    assert not _others(venue), "81 lost of 100, and 6.8 to be left"
    assert _net(venue) == 100
    venue.book(bid="6.650", ask="6.651", quantity=30)
    await venue.all_sent()
    assert _net(venue) == 0
    assert _kinds(venue) == ["accepted", "filled", "filled"]
    await venue.reported("resting", "accepted", "expired")
    assert venue.core.of("resting")[1].expired.reason == "liquidation"
    first, second = (report.filled for report in _others(venue)[1:])
    assert (first.price, first.quantity) == ("6.65", "30"), "what the book takes"
    assert (second.price, second.quantity) == ("6.614", "70"), "the fund takes at bankruptcy"
    told = _others(venue)[1].external
    assert told.origin == venues_pb2.ORDER_ORIGIN_LIQUIDATION
    assert told.client_order_id == "autoclose-1"
    assert (told.quantity, told.reduce_only, told.currency) == ("100", True, "USDT")
    venue.book(bid="6.000", ask="6.001", quantity=1000)
    await venue.all_sent()
    assert len(_others(venue)) == 3, "it is done once"


async def test_what_is_deposited_and_held_is_there_after_a_restart(
    venue: Venue, tmp_path: Path
) -> None:
    venue.book(bid="7.610", ask="7.611", quantity=1000)
    await venue.stub.Deposit(_deposit("100"))
    await venue.stub.Submit(order("bought", quantity="100"))
    await venue.all_sent()
    venue.store.close()
    again, stop = await start_venue(tmp_path, venue.core, "127.0.0.1:1")
    assert _net(again) == 100
    again.book(bid="6.000", ask="6.001", quantity=1000)
    assert _net(again) == 0
    assert again.store.counts()["unsent_reports"] == 2
    await stop()


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("adl", venues_pb2.ORDER_ORIGIN_ADL),
        ("settlement", venues_pb2.ORDER_ORIGIN_SETTLEMENT),
        ("delivery", venues_pb2.ORDER_ORIGIN_DELIVERY),
    ],
)
async def test_a_position_is_closed_out_once_by_request(
    venue: Venue, origin: str, told: int
) -> None:
    venue.book(quantity=1000)
    await venue.stub.Submit(order("bought", quantity="100"))
    part = _close_out("1", origin=origin, quantity="40", price="7.7")
    await venue.stub.CloseOut(part)
    await venue.stub.CloseOut(part)
    assert _net(venue) == 60
    await venue.stub.CloseOut(_close_out("2", origin=origin, quantity="1000"))
    assert _net(venue) == 0
    await venue.all_sent()
    assert _kinds(venue) == ["accepted", "filled"] * 2
    fills = [report.filled for report in _others(venue) if report.HasField("filled")]
    assert [(fill.price, fill.quantity, fill.fee) for fill in fills] == [
        ("7.7", "40", "0"), ("7.6105", "60", "0"),
    ]  # fmt: skip
    assert {report.external.origin for report in _others(venue)} == {told}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (_close_out("1"), grpc.StatusCode.FAILED_PRECONDITION),
        (_close_out("1", origin="liquidation"), grpc.StatusCode.INVALID_ARGUMENT),
        (_close_out("1", origin="patriot"), grpc.StatusCode.INVALID_ARGUMENT),
        (_close_out("A b"), grpc.StatusCode.INVALID_ARGUMENT),
        (_close_out("1", price="0"), grpc.StatusCode.INVALID_ARGUMENT),
        (_close_out("1", account_id="me"), grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_what_cannot_be_closed_out_is_refused(
    venue: Venue, request_: exchange_pb2.CloseOutRequest, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await venue.stub.CloseOut(request_)
    assert refused.value.code() is code


@pytest.mark.parametrize("wrong", [_deposit("0"), _deposit("-1")])
async def test_a_deposit_is_above_nothing(venue: Venue, wrong: exchange_pb2.DepositRequest) -> None:
    with pytest.raises(grpc.aio.AioRpcError):
        await venue.stub.Deposit(wrong)
    assert (await venue.stub.Deposit(_deposit("12.5"))).wallet == "12.5"


async def test_a_member_s_own_hand_trades_under_names_that_are_not_ours(venue: Venue) -> None:
    await venue.stub.Submit(order("x", client_order_id="web_1", time_in_force="gtc", price="7.0"))
    await venue.all_sent()
    told = _others(venue)[0]
    assert told.order_id == ""
    assert told.external.origin == venues_pb2.ORDER_ORIGIN_FOREIGN
    assert (told.external.client_order_id, told.external.price) == ("web_1", "7")
    assert told.external.venue_order_id == told.accepted.venue_order_id
    amending = {"client_order_id": "web_1", "account_id": ACCOUNT, "instrument": NAME}
    await venue.stub.Amend(
        exchange_pb2.AmendRequest(**amending, amendment=1, quantity="12", price="7.1")
    )
    venue.book(bid="7.0", ask="7.05")
    await venue.all_sent()
    assert _kinds(venue) == ["accepted", "amended", "filled"]
    amended = _others(venue)[1]
    assert (amended.amended.amendment, amended.amended.quantity) == (0, "12")
    assert amended.external.quantity == "12"


async def test_what_is_refused_there_is_not_told_here(venue: Venue) -> None:
    await venue.stub.Submit(order("x", client_order_id="web_1", quantity="0.001"))
    gone = {"client_order_id": "web_2", "account_id": ACCOUNT, "instrument": NAME}
    await venue.stub.Cancel(exchange_pb2.CancelRequest(**gone))
    await venue.stub.Amend(
        exchange_pb2.AmendRequest(**gone, amendment=1, quantity="12", price="7.1")
    )
    assert venue.store.counts()["unsent_reports"] == 0
    assert not venue.core.received


async def test_nobody_uses_the_names_of_the_venue(venue: Venue) -> None:
    for name in ("autoclose-1", "adl_autoclose-1", "settlement_autoclose-1", "a b", "x" * 37):
        with pytest.raises(grpc.aio.AioRpcError):
            await venue.stub.Submit(order("x", client_order_id=name))
