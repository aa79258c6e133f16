"""Copying, end to end: every process is real, the venue is the simulated one.

A leader signals and trades. One follower copies half of it; the other one's own limits refuse every
copy, and nobody waits for it. A trade by hand makes the first one drift, and the drift is repaired.
What each earned is the same in the view, on the command line and in the metric.
"""

import asyncio
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

import grpc
import psycopg
import pytest
from click.testing import CliRunner

from adapters.cli.strategies import strategies
from adapters.embedded.seed import ACCOUNTS
from adapters.embedded.system import EmbeddedSystem
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from adapters.proto.v1 import common_pb2, orders_pb2, orders_pb2_grpc, risk_pb2, risk_pb2_grpc
from domain.reasons import Reason
from tests.support.streams import until

LEADER, HALF, REFUSED = ACCOUNTS
STRATEGY: Final = "9a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d"
SIGNAL: Final = "c1d2e3f4-0a1b-4c2d-8e3f-4a5b6c7d8e9f"
OWNER: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
SUSHI: Final = "BINANCE:SUSHIUSDT"
HELD: Final = """
    SELECT coalesce(sum(net_quantity), 0) FROM read.strategy_positions
     WHERE strategy_id = %s AND account_id = %s
"""
PROFIT: Final = """
    SELECT account_id::text, realised, fees, orders, fills, refusals, signals
      FROM read.strategy_profit WHERE strategy_id = %s AND currency IS NOT DISTINCT FROM %s
"""


@dataclass
class Room:
    """The running system, with the words of this test."""

    system: EmbeddedSystem
    read: psycopg.AsyncConnection[Any]

    async def patriot(self, *words: str) -> str:
        """What `patriot strategies` says to a trader of all accounts."""
        ports = self.system.choices.ports
        runner = CliRunner(
            env={
                "COMMAND_SERVICE_ADDRESS": f"127.0.0.1:{ports.command}",
                "QUERY_SERVICE_ADDRESS": f"127.0.0.1:{ports.query}",
                "TRADER_TOKEN": self.system.token("trader_of_all"),
            }
        )
        result = await asyncio.to_thread(runner.invoke, strategies, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    async def rows(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of a view."""
        return await (await self.read.execute(statement, arguments)).fetchall()

    async def holds(self, account: str, quantity: str) -> None:
        """Wait until the account holds so much by the strategy."""

        async def there() -> bool:
            return await self.rows(HELD, STRATEGY, account) == [(Decimal(quantity),)]

        await until(there, f"{quantity} in account {account}", seconds=90)

    async def trade(self, account: str, side: str, quantity: str, *, about: str = "") -> None:
        """An order at the market, as soon as the market is known."""
        bearer = ("authorization", f"Bearer {self.system.token('trader_of_all')}")
        metadata = (bearer, ("correlation-id", about)) if about else (bearer,)
        address = f"127.0.0.1:{self.system.choices.ports.command}"
        async with grpc.aio.insecure_channel(address) as channel:
            stub = orders_pb2_grpc.OrderCommandsStub(channel)  # type: ignore[no-untyped-call]

            async def admitted() -> bool:
                request = orders_pb2.PlaceOrderRequest(
                    command_id=str(uuid4()),
                    account_id=account,
                    order_id=str(uuid4()),
                    instrument=SUSHI,
                    side=f"SIDE_{side}",
                    type=common_pb2.ORDER_TYPE_MARKET,
                    time_in_force=common_pb2.TIME_IN_FORCE_IOC,
                    quantity=quantity,
                    strategy_id=STRATEGY,
                )
                try:
                    await stub.PlaceOrder(request, metadata=metadata)
                except grpc.aio.AioRpcError as error:
                    if "price" not in str(error.details()):
                        raise
                    return False
                return True

            await until(admitted, "a price of the market")

    async def tighten(self, account: str) -> None:
        """The account may order no more than one at a time; tighter needs no second person."""
        metadata = (("authorization", f"Bearer {self.system.token('operator')}"),)
        address = f"127.0.0.1:{self.system.choices.ports.command}"
        limits = risk_pb2.Limits(
            currency="USDT", order_quantity="1", order_notional="2000", open_orders=20,
            position_notional="5000", price_collar="0.05", duplicate_window=50_000, loss="5",
        )  # fmt: skip
        request = risk_pb2.SetLimitsRequest(
            command_id=str(uuid4()), account_id=account, limits=limits
        )
        async with grpc.aio.insecure_channel(address) as channel:
            stub = risk_pb2_grpc.RiskCommandsStub(channel)  # type: ignore[no-untyped-call]
            await stub.SetLimits(request, metadata=metadata)

    async def begin(self) -> None:
        """A strategy by invitation whose orders are copied, and two that follow it."""
        as_leader = ("--account", LEADER)
        await self.patriot(
            "register", STRATEGY, *as_leader, "--owner", OWNER, "--label", "trend",
            "--instrument", SUSHI, "--source", "orders",
        )  # fmt: skip
        await self.patriot("start", STRATEGY, *as_leader)
        for account in (HALF, REFUSED):
            await self.patriot("invite", STRATEGY, account, *as_leader)
        most = ("--maximum", "500")
        await self.patriot(
            "follow", STRATEGY, "--account", HALF, "--rule", "ratio", "--value", "0.5", *most,
            "--repair",
        )  # fmt: skip
        await self.patriot(
            "follow", STRATEGY, "--account", REFUSED, "--rule", "fixed", "--value", "20", *most
        )


async def _profit_is_the_same_everywhere(room: Room) -> None:
    rows = {row[0]: row[1:] for row in await room.rows(PROFIT, STRATEGY, "USDT")}
    assert rows.keys() == {LEADER, HALF}, "who was refused has earned nothing"
    realised, fees, orders, fills, refusals, signals = rows[HALF]
    assert (orders, refusals, signals) == (4, 0, 0), "two copies, one by hand, one repair"
    assert fills >= orders
    assert fees > 0
    [(_, none, _, _, _, refused, _)] = await room.rows(PROFIT, STRATEGY, None)
    assert (none, refused) == (0, 2)
    assert rows[LEADER][5] == 1
    told = await room.patriot("profit", STRATEGY)
    assert f"account {HALF}  {realised.normalize():f} USDT before fees of" in told
    total = sum((row[0] - row[1] for row in rows.values()), Decimal(0))

    def exported() -> list[float]:
        with urllib.request.urlopen(room.system.role("query-service").metrics_url) as answer:
            lines = answer.read().decode().splitlines()
        begins = f'patriot_strategy_pnl_total{{strategy_id="{STRATEGY}"'
        return [float(line.rpartition(" ")[2]) for line in lines if line.startswith(begins)]

    async def shown() -> bool:
        return await asyncio.to_thread(exported) == [float(total)]

    await until(shown, f"a gauge at {total}")


@pytest.mark.asyncio
async def test_followers_copy_are_refused_drift_and_earn(system: EmbeddedSystem) -> None:
    await system.start(without=frozenset({"strategy", "head-signer", "snapshots"}))
    async with await psycopg.AsyncConnection.connect(system.read_url(), autocommit=True) as read:
        room = Room(system, read)
        await room.tighten(REFUSED)
        await room.begin()
        await room.patriot(
            "signal", STRATEGY, SUSHI, SIGNAL, "--account", LEADER, "--side", "buy",
            "--quantity", "100",
        )  # fmt: skip
        await room.trade(LEADER, "BUY", "100", about=SIGNAL)
        await room.holds(LEADER, "100")
        await room.holds(HALF, "50")

        await room.trade(HALF, "SELL", "10")
        drifted = "SELECT drift_action, drift_held, drift_expected FROM read.followers "
        drifted += "WHERE strategy_id = %s AND account_id = %s AND drifts > 0"

        async def repaired() -> bool:
            return await room.rows(drifted, STRATEGY, HALF) == [("repaired", 40, 50)]

        await until(repaired, "the drift is found and repaired")
        await room.holds(HALF, "50")

        await room.trade(LEADER, "SELL", "100")
        await room.holds(LEADER, "0")
        await room.holds(HALF, "0")

        copies = "SELECT account_id::text, outcome, reason FROM read.copies WHERE strategy_id = %s"
        assert sorted(await room.rows(copies, STRATEGY)) == sorted(
            [
                (HALF, "copied", None),
                (HALF, "copied", None),
                (REFUSED, "refused", int(Reason.ORDER_QUANTITY_LIMIT)),
                (REFUSED, "refused", int(Reason.ORDER_QUANTITY_LIMIT)),
            ]
        )
        await _profit_is_the_same_everywhere(room)
        await _read_models_are_the_log(room)


async def _read_models_are_the_log(room: Room) -> None:
    system = room.system
    log = PostgresEventLog(system.log_url())
    await log.open()

    async def settled() -> bool:
        reached = await room.rows("SELECT min(position) FROM read.projection_positions")
        return reached == [((await log.head()).number,)]

    try:
        await until(settled, "read models at the head")
        assert (await verify(log, system.read_url("patriot_project"))).equal
    finally:
        await log.close()
