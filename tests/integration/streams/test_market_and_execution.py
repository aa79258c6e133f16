"""Orders out to the venue, prices in from the market, and the halt that follows from a loss."""

from decimal import Decimal

import grpc.aio
import pytest

from adapters.proto.v1 import exchange_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from projections.market import Candle, Quote, Trade
from streams.deadletter import list_deadletters
from streams.topics import MARKET
from tests.support.market_desk import SUSHI, Desk
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

POSITION = "SELECT net_quantity, average_price FROM read.positions WHERE account_id = %(account)s"


async def test_an_intent_waits_for_a_venue_that_is_away_and_is_sent_once(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)
    order_id = await desk.buy("100", "8.5")
    status = "SELECT status FROM read.orders WHERE account_id = %(account)s"
    await desk.sees(status, "unknown")  # nobody knows whether the venue has it
    execution = desk.streams.children[-1]

    async def waiting() -> bool:
        return "the venue does not answer" in execution.log.read_text()

    await until(waiting, "the worker to wait for the venue")
    desk.start_venue()

    async def filled() -> bool:
        await desk.price("8.000", "8.002")
        return await desk.rows(status) == [("filled",)]

    await until(filled, "the order to be filled")
    await desk.sees(POSITION, Decimal(100), Decimal("8.002"))
    assert await desk.events("order.filled.v2") == 1
    # A crossing order is filled; one that rests is cancelled when asked.
    resting = await desk.buy("10", "7.000")
    both = "SELECT count(*) FROM read.orders WHERE status IN ('filled', 'accepted')"
    await desk.sees(both, 2)
    await desk.cancel(resting)
    await desk.sees("SELECT count(*) FROM read.orders WHERE status = 'cancelled'", 1)
    assert await desk.events("order.outcome_unknown.v1") == 1
    # An amend is done where the order stands: by another price it crosses the book and is filled.
    amended = await desk.buy("10", "7.000")
    await desk.sees("SELECT count(*) FROM read.orders WHERE status = 'accepted'", 1)
    await desk.amend(amended, quantity="20", price="7.100")
    terms = "SELECT status, quantity, price, pending_quantity FROM read.orders WHERE price < 8.5"
    terms += " AND status <> 'cancelled'"
    await desk.sees(terms, "accepted", Decimal(20), Decimal("7.100"), None)
    await desk.amend(amended, price="8.100")
    await desk.sees(terms, "filled", Decimal(20), Decimal("8.100"), None)
    await desk.sees(POSITION, Decimal(120), Decimal("8.002"))
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)
    assert order_id != resting


async def test_an_order_whose_answer_is_lost_is_found_at_the_venue(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "execution"):
        desk.start_worker(kind)
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        await channel.channel_ready()
        exchange = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        # Every answer is lost after the work was done, and the venue's reports are late.
        await exchange.Misbehave(exchange_pb2.Misbehaviour(lose_answer=1000, report_delay=3_000))
        await desk.price("8.000", "8.002")
        await desk.buy("100", "7.5")
        status = "SELECT status FROM read.orders WHERE account_id = %(account)s"

        async def reconciled() -> bool:
            return await desk.events("order.reconciled.v1") == 1

        await until(reconciled, "the order to be found at the venue")
        await desk.sees(status, "accepted")
        assert await desk.events("order.outcome_unknown.v1") == 1
        assert (await exchange.Status(exchange_pb2.StatusRequest())).orders == 1
        await exchange.Misbehave(exchange_pb2.Misbehaviour())
    reservation = "SELECT open_orders FROM read.risk_accounts WHERE account_id = %(account)s"
    await desk.sees(reservation, 1)
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)


async def test_a_loss_past_its_limit_halts_and_halts_again_after_a_resumption(desk: Desk) -> None:
    await desk.open(loss="50")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)
    await desk.buy("100", "8.5")

    async def bought() -> bool:
        await desk.price("8.000", "8.002")
        return len(await desk.rows(POSITION)) == 1

    await until(bought, "the order to be filled")
    account = (
        "SELECT halted, platform_halted FROM read.risk_accounts WHERE account_id = %(account)s"
    )
    await desk.price("7.900", "7.902")  # 10 lost: allowed
    unrealised = "SELECT unrealised FROM read.positions WHERE account_id = %(account)s"
    await desk.sees(unrealised, Decimal("-10.1"))
    await desk.sees(account, False, False)
    await desk.price("7.400", "7.402")  # 60 lost
    await desk.sees(unrealised, Decimal("-60.1"))
    await desk.sees(account, True, False)
    reason = "SELECT halt_reason FROM read.risk_accounts WHERE account_id = %(account)s"
    await desk.sees(reason, "the loss passed its limit of 50")
    assert await desk.events("risk.trading_halted.v2") == 1
    with pytest.raises(grpc.aio.AioRpcError, match="ACCOUNT_HALTED"):
        await desk.buy("10", "7.5")
    await desk.resume()

    async def halted_again() -> bool:
        return await desk.events("risk.trading_halted.v2") == 2

    await until(halted_again, "a second halt")
    await desk.sees(account, True, False)
    violations = "SELECT count(*) FROM read.risk_violations WHERE violation = 'trading_halted'"
    await desk.sees(violations, 2)
    await desk.price("9.000", "9.002")  # the price came back: no further halt after a resumption
    await desk.sees(unrealised, Decimal("99.9"))
    await desk.resume()
    await desk.sees(account, False, False)
    assert await desk.events("risk.trading_halted.v2") == 2


async def test_marks_and_candles_by_second_and_a_bad_record_is_set_aside(desk: Desk) -> None:
    desk.start_worker("market")
    start = 1_700_000_000_000_000
    one, two = Decimal(1), Decimal(2)
    await desk.publish(
        Quote(SUSHI, start, one, one, two, one),
        Trade(SUSHI, start + 10, two, one, buyer_is_maker=True, trade_id="1"),
        Quote(SUSHI, start + 1_000_000, two, one, two, one),
        Candle(SUSHI, start, "1m", start, one, two, one, two, Decimal(7), 3, closed=False),
    )
    sent = await desk.producer.send(MARKET, b'{"type":"market.tea.v1"}', partition=0)
    await sent
    latest = "SELECT mark, last_price, bid, ask FROM read.marks ORDER BY at DESC LIMIT 1"
    await desk.sees(latest, two, two, two, two)
    await desk.sees("SELECT count(*) FROM read.marks", 2)
    await desk.sees("SELECT close, volume, trades, closed FROM read.candles", two, 7, 3, False)
    closed = Candle(SUSHI, start, "1m", start, one, two, one, one, Decimal(9), 4, closed=True)
    await desk.publish(closed)
    await desk.sees("SELECT close, volume, trades, closed FROM read.candles", one, 9, 4, True)

    async def told() -> bool:
        letters = await list_deadletters(desk.streams.bootstrap)
        return [(letter.consumer, letter.original.topic) for letter in letters] == [
            ("market", MARKET)
        ]

    await until(told, "the bad record on the dead-letter topic")
