"""SIGKILL of every role and server in turn, under load: nothing acknowledged is lost.

Afterwards every acknowledged command is in the log, every command had one effect, every read model
equals a fresh replay of the log, and the log passes through every head that was signed.
"""

import asyncio
import signal
import time

import psycopg
import pytest

from adapters.audit.store import HeadFolder, kept_heads, kept_keys
from adapters.embedded.seed import ACCOUNTS
from adapters.embedded.system import EmbeddedSystem
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from tests.e2e.trader import Trader

VICTIMS = (
    "command-service",
    "relay",
    "worker-projections",
    "worker-execution",
    "worker-market",
    "simulated-venue",
    "market-data",
    "query-service",
    "head-signer",
    "snapshots",
    "PostgreSQL",
    "Kafka",
)
SEED = 20_210_722


@pytest.mark.asyncio
async def test_every_process_killed_in_turn(system: EmbeddedSystem) -> None:
    print(f"seed {SEED}")
    await system.start(without=frozenset({"strategy"}))
    stop = asyncio.Event()
    address = f"127.0.0.1:{system.choices.ports.command}"
    trader = Trader(address, system.token("trader"), ACCOUNTS, SEED)
    trading = asyncio.create_task(trader.trade(stop))
    for victim in VICTIMS:
        await _answers(trader, trading, f"before {victim} is killed")
        child = system.supervisor.children[victim]
        child.send(signal.SIGKILL)
        await child.wait()
        await system.restart(victim)
        await _revive(system)
        await _answers(trader, trading, f"after {victim} was killed")
    stop.set()
    await asyncio.wait_for(trading, 60)
    assert trader.sent == set(trader.answers), "every command was answered in the end"
    assert trader.reconnects > 0, "the kills were felt"
    await _check_log(system, trader)
    await _check_read_models(system)
    _check_signed_heads(system)


async def _revive(system: EmbeddedSystem) -> None:
    """Start again what ended by itself because of the kill, as an orchestrator would."""
    for name, child in list(system.supervisor.children.items()):
        if not child.running:
            print(f"{name} ended by itself: {child.died()}")
            await system.restart(name)


async def _check_log(system: EmbeddedSystem, trader: Trader) -> None:
    async with await psycopg.AsyncConnection.connect(system.log_url()) as connection:
        recorded = await connection.execute(
            "SELECT command_id::text FROM log.commands WHERE command_id = ANY(%s)",
            (list(trader.answers),),
        )
        found = {row[0] for row in await recorded.fetchall()}
        assert found == set(trader.answers), "every acknowledged command is in the log"
        twice = await connection.execute(
            "SELECT stream_id FROM log.events WHERE type IN ('order.placed.v2', 'order.denied.v2')"
            " GROUP BY stream_id HAVING count(*) > 1"
        )
        assert await twice.fetchall() == [], "every command had one effect"
        gaps = await connection.execute("SELECT max(position) - count(*) FROM log.events")
        assert await gaps.fetchone() == (0,), "positions have no gaps"


def _check_signed_heads(system: EmbeddedSystem) -> None:
    store = HeadFolder(system.heads)
    heads = list(kept_heads(store, 0, kept_keys(store)))
    assert len(heads) > 1, "the log was signed while processes died"
    assert verify_chain(system.log_url(), heads).signed == heads[-1]


async def _check_read_models(system: EmbeddedSystem) -> None:
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        async with await psycopg.AsyncConnection.connect(
            system.read_url(), autocommit=True
        ) as read:

            async def settled() -> bool:
                row = await (
                    await read.execute("SELECT count(*) FROM read.orders WHERE open")
                ).fetchone()
                head = (await log.head()).number
                reached = await (
                    await read.execute("SELECT min(position) FROM read.projection_positions")
                ).fetchone()
                return row == (0,) and reached == (head,)

            deadline = time.monotonic() + 300
            while not await settled():
                await _revive(system)
                assert time.monotonic() < deadline, "orders end and read models reach the head"
                await asyncio.sleep(0.2)
        verified = await verify(log, system.read_url("patriot_project"))
    finally:
        await log.close()
    assert verified.equal, verified.differences
    assert sum(verified.rows.values()) > 0


async def _answers(trader: Trader, trading: "asyncio.Task[None]", when: str) -> None:
    """Wait for twenty more answers; a client that broke is told as itself."""
    enough = len(trader.answers) + 20
    deadline = time.monotonic() + 300
    while len(trader.answers) < enough:
        if trading.done():
            trading.result()
        assert time.monotonic() < deadline, f"no answers {when}"
        await asyncio.sleep(0.05)
