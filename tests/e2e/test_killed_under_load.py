"""SIGKILL of every role and server in turn, under load: nothing acknowledged is lost.

Afterwards what brackets hold is protected and no replacement waits in vain, every acknowledged
command is in the log, every command had one effect, every read model equals a fresh replay of the
log, and the log passes through every head that was signed.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping

import psycopg
import pytest

from adapters.audit.store import HeadFolder, kept_heads, kept_keys
from adapters.embedded.seed import ACCOUNTS
from adapters.embedded.system import EmbeddedSystem
from adapters.postgres.chain import verify_chain
from adapters.postgres.log import PostgresEventLog
from adapters.postgres.verify import verify
from domain.ids import OrderId
from tests.e2e.bracketing import BracketTrader
from tests.e2e.journal import Journal
from tests.e2e.protected import Folded
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
_FLOWING = 12
"""Replacements: of the six orders that rest each can be replaced once, and a second time only when
orders reach the venue and its answers come back. In the middle of that the next process is killed.
"""


@pytest.mark.asyncio
async def test_every_process_killed_in_turn(system: EmbeddedSystem) -> None:
    print(f"seed {SEED}")
    await system.start(without=frozenset({"strategy"}))
    stop, journal = asyncio.Event(), Journal()
    known = (f"127.0.0.1:{system.choices.ports.command}", system.token("trader"), ACCOUNTS)
    trader = Trader(*known, SEED, journal)
    brackets = BracketTrader(*known, SEED + 1, journal)
    trading = asyncio.create_task(_trade(stop, trader, brackets))
    for victim in VICTIMS:
        await _answers(journal, trading, f"before {victim} is killed", replaced=_FLOWING)
        child = system.supervisor.children[victim]
        child.send(signal.SIGKILL)
        await child.wait()
        await system.restart(victim)
        await _revive(system)
        await _answers(journal, trading, f"after {victim} was killed")
    stop.set()
    await asyncio.wait_for(trading, 60)
    assert journal.sent == set(journal.answers), "every command was answered in the end"
    assert journal.reconnects > 0, "the kills were felt"
    await _check_protection(system, brackets)
    await _check_log(system, journal)
    await _check_read_models(system)
    _check_signed_heads(system)


async def _trade(stop: asyncio.Event, *traders: Trader | BracketTrader) -> None:
    async with asyncio.TaskGroup() as side_by_side:
        for trader in traders:
            side_by_side.create_task(trader.trade(stop))


async def _check_protection(system: EmbeddedSystem, brackets: BracketTrader) -> None:
    """While exits and resting orders are open, and again when all of them have been cancelled."""
    log = PostgresEventLog(system.log_url())
    await log.open()
    try:
        folded = Folded()
        await _until_empty(system, log, folded, lambda: folded.under_way)
        folded.check_brackets()
        folded.check_replacements()
        folded.check_decisions()
        print(dict(folded.met))
        for what in ("brackets", "exits that protect", "replacements sent"):
            assert folded.met[what] > len(VICTIMS), what
        await brackets.cancel_all()
        await _until_empty(system, log, folded, lambda: folded.open)
        folded.check_brackets()
        folded.check_replacements()
    finally:
        await log.close()


async def _until_empty(
    system: EmbeddedSystem,
    log: PostgresEventLog,
    folded: Folded,
    left: Callable[[], Mapping[OrderId, object]],
) -> None:
    """Follow the log until nothing is left there of what is awaited."""
    deadline = time.monotonic() + 300
    await folded.follow(log)
    while left():
        await _revive(system)
        assert time.monotonic() < deadline, left()
        await asyncio.sleep(0.2)
        await folded.follow(log)


async def _revive(system: EmbeddedSystem) -> None:
    """Start again what ended by itself because of the kill, as an orchestrator would."""
    for name, child in list(system.supervisor.children.items()):
        if not child.running:
            print(f"{name} ended by itself: {child.died()}")
            await system.restart(name)


async def _check_log(system: EmbeddedSystem, journal: Journal) -> None:
    async with await psycopg.AsyncConnection.connect(system.log_url()) as connection:
        recorded = await connection.execute(
            "SELECT command_id::text FROM log.commands WHERE command_id = ANY(%s)",
            (list(journal.recorded),),
        )
        found = {row[0] for row in await recorded.fetchall()}
        assert found == journal.recorded, "every acknowledged command is in the log"
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


async def _answers(
    journal: Journal, trading: "asyncio.Task[None]", when: str, *, replaced: int = 0
) -> None:
    """Wait for twenty more answers, and so many replacements among them.

    A client that broke is told as itself.
    """
    enough, flowing = len(journal.answers) + 20, journal.replaced + replaced
    deadline = time.monotonic() + 300
    while len(journal.answers) < enough or journal.replaced < flowing:
        if trading.done():
            trading.result()
        assert time.monotonic() < deadline, f"no answers {when}"
        await asyncio.sleep(0.05)
