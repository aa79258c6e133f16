"""From the venue's own doing to the rows: liquidation, ADL, and somebody's hand at the venue."""

from decimal import Decimal
from typing import Any

import grpc.aio
import pytest

from adapters.postgres.history import opened
from adapters.proto.v1 import exchange_pb2
from adapters.proto.v1.exchange_pb2_grpc import ExchangeStub
from adapters.replay import account, everything
from domain.ids import AccountId
from tests.support.market_desk import ACCOUNT, SUSHI, Desk
from tests.support.streams import until

pytestmark = pytest.mark.asyncio

_HELD = "SELECT net_quantity FROM read.positions WHERE account_id = %(account)s"


def _hand(name: str, **changed: str) -> exchange_pb2.SubmitRequest:
    """A limit order to buy that the member sends from the exchange's own app."""
    order: dict[str, Any] = {
        "client_order_id": name, "account_id": ACCOUNT, "instrument": SUSHI, "side": "buy",
        "type": "limit", "time_in_force": "gtc", "quantity": "30", "price": "7.5",
    }  # fmt: skip
    return exchange_pb2.SubmitRequest(**{**order, **changed})


def _adl(name: str) -> exchange_pb2.CloseOutRequest:
    return exchange_pb2.CloseOutRequest(
        account_id=ACCOUNT, instrument=SUSHI, origin="adl", name=name, quantity="25"
    )


async def _bought(desk: Desk, order_id: str) -> None:
    async def so() -> bool:
        await desk.price("8.000", "8.002")
        status = f"SELECT status FROM read.orders WHERE order_id = '{order_id}'"
        return await desk.rows(status) == [("filled",)]

    await until(so, "the order to be filled")


async def test_what_the_venue_and_others_do_reaches_the_books_once(desk: Desk) -> None:
    await desk.open(loss="1000000")
    desk.streams.start("relay")
    desk.start_venue()
    for kind in ("projections", "market", "execution"):
        desk.start_worker(kind)
    async with grpc.aio.insecure_channel(desk.venue_address) as channel:
        await channel.channel_ready()
        exchange = ExchangeStub(channel)  # type: ignore[no-untyped-call]
        # Every report comes twice, and every batch in another order.
        await exchange.Misbehave(exchange_pb2.Misbehaviour(duplicate=1000, reorder=1000, seed=7))
        await _bought(desk, await desk.buy("100", "8.5"))
        await desk.sees(_HELD, Decimal(100))

        # A hand at the venue trades at once, and leaves an order on the book.
        await exchange.Submit(_hand("web_1", price="8.5"))
        await desk.sees(_HELD, Decimal(130))
        await exchange.Submit(_hand("web_2"))
        resting = "SELECT order_id::text FROM read.orders WHERE client_order_id = 'web_2' AND open"

        async def rests() -> bool:
            return len(await desk.rows(resting)) == 1

        await until(rests, "the foreign order to be seen")
        counted = "SELECT open_orders FROM read.risk_accounts WHERE account_id = %(account)s"
        await desk.sees(counted, 1)

        # It is cancelled from here, and from nowhere else.
        ((order_id,),) = await desk.rows(resting)
        await desk.cancel(str(order_id))
        ended = "SELECT status FROM read.orders WHERE client_order_id = 'web_2'"
        await desk.sees(ended, "cancelled")
        await desk.sees(counted, 0)

        # The venue reduces by ADL, and in the end takes everything over.
        await exchange.CloseOut(_adl("1"))
        await desk.sees(_HELD, Decimal(105))
        await exchange.Deposit(
            exchange_pb2.DepositRequest(account_id=ACCOUNT, currency="USDT", amount="100")
        )
        await desk.buy("10", "6.000")
        await desk.sees(counted, 1)
        await desk.price("6.000", "6.002")
        await desk.sees(_HELD, Decimal(0))
        await desk.sees(counted, 0)
    made = """SELECT array_agg(origin || ' ' || status ORDER BY origin, status)
                FROM read.orders WHERE account_id = %(account)s"""
    await desk.sees(
        made,
        [
            "adl filled", "foreign cancelled", "foreign filled", "liquidation filled",
            "patriot expired", "patriot filled",
        ],
    )  # fmt: skip
    kinds = """SELECT array_agg(DISTINCT kind ORDER BY kind) FROM read.fills
                WHERE account_id = %(account)s"""
    await desk.sees(kinds, ["adl", "liquidation", "trade"])
    await _adds_up(desk)


async def _adds_up(desk: Desk) -> None:
    """Rows are the log's, parts are the whole, and the account's story is found by its name."""
    parts = """SELECT sum(net_quantity) = 0 AND count(*) FILTER (WHERE strategy_id IS NULL) = 1
                 FROM read.virtual_positions WHERE account_id = %(account)s"""
    await desk.sees(parts, True)
    cash = """SELECT c.realised = p.realised AND c.fees = p.fees
                FROM read.account_cash c JOIN read.positions p USING (account_id)
               WHERE account_id = %(account)s"""
    await desk.sees(cash, True)
    head = await desk.streams.head()
    await desk.streams.caught_up(head)
    await desk.streams.assert_equal_to_replay(head)
    async with opened(desk.streams.log_dsn) as history:
        whole = await everything(history, head)
        own = await account(history, AccountId(ACCOUNT), head)
    assert whole.differences == own.differences == 0
    assert own.orders(AccountId(ACCOUNT)) == whole.orders(AccountId(ACCOUNT))
    assert len(own.orders(AccountId(ACCOUNT))) == 6
