"""Command engines on the real log: one effect a command, limits that two services cannot pass."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import psycopg
import pytest

from adapters.clock import SystemClock
from adapters.commands.answers import Answer, Submission
from adapters.commands.engine import CommandEngine, EngineOptions
from adapters.postgres.log import PostgresEventLog
from domain.accounts.commands import SuspendAccount
from domain.dispatch import Command
from domain.ids import PLATFORM, AccountId, CommandId, InstrumentId, OrderId, derived
from domain.instruments.commands import ListInstrument
from domain.instruments.events import TradingRules
from domain.orders.commands import OrderType, PlaceOrder, RecordRejection, TimeInForce
from domain.reasons import Reason
from domain.risk.commands import Limits, SetLimits
from domain.values import Price, Quantity, Side
from tests.support.chaos_proxy import Fault, Way, before
from tests.support.membership import open_account, register
from tests.support.servers import Database

pytestmark = pytest.mark.asyncio

_INSTRUMENT = InstrumentId("BINANCE:SUSHIUSDT")
_RULES = TradingRules(
    "USDT", Decimal("0.001"), Decimal(1), Decimal(1), Decimal(10**6), Decimal(10**5), Decimal(5),
    trading=True,
)  # fmt: skip
_ROUNDS = 200


def _account(name: str) -> AccountId:
    return AccountId(derived("account", name))


def _submission(command: Command, account: AccountId, name: str) -> Submission:
    return Submission(
        command, CommandId(derived("command", name)), account, "tester", name,
        repr(command).encode(),
    )  # fmt: skip


def _place(name: str, account: AccountId, quantity: int = 100) -> Submission:
    command = PlaceOrder(
        order_id=OrderId(derived("order", name)),
        account_id=account,
        instrument_id=_INSTRUMENT,
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        quantity=Quantity(Decimal(quantity)),
        price=Price(Decimal(1)),
    )
    return _submission(command, account, name)


@asynccontextmanager
async def _engine(url: str, races_max: int = 50) -> AsyncIterator[CommandEngine]:
    log = PostgresEventLog(url)
    await log.open()
    engine = CommandEngine(log, SystemClock(), EngineOptions(races_max=races_max))
    engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
        await log.close()


async def _prepare(engine: CommandEngine, accounts: list[AccountId], position: int) -> None:
    limits = Limits("USDT", position_notional=Decimal(position))
    await engine.submit(_submission(ListInstrument(_INSTRUMENT, _RULES), accounts[0], "listing"))
    answers = await engine.submit_many(
        [_submission(SetLimits(each, limits), each, f"limits {each}") for each in accounts]
    )
    assert all(isinstance(answer, Answer) for answer in answers)


def _count(database: Database, event_type: str) -> int:
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM log.events WHERE type = %s", (event_type,)
        ).fetchone()
    assert row is not None
    return int(row[0])


async def test_two_commands_that_only_together_break_a_limit(log_database: Database) -> None:
    """Two services, one account, room for one of two orders: exactly one each time."""
    url = log_database.url("patriot_append")
    accounts = [_account(str(number)) for number in range(_ROUNDS)]
    outcomes: Counter[str] = Counter()
    async with _engine(url) as first, _engine(url) as second:
        await _prepare(first, accounts, position=150)
        for number, account in enumerate(accounts):
            mine, theirs = await asyncio.gather(
                first.submit(_place(f"mine {number}", account)),
                second.submit(_place(f"theirs {number}", account)),
            )
            refused = [each.rejected for each in (mine, theirs) if each.rejected is not None]
            assert [refusal.reason for refusal in refused] == [Reason.POSITION_LIMIT], number
            outcomes["first" if mine.rejected is None else "second"] += 1
    assert outcomes.total() == _ROUNDS
    assert _count(log_database, "order.placed.v2") == _ROUNDS
    assert _count(log_database, "order.denied.v2") == _ROUNDS


async def test_fifty_sends_of_one_command_over_two_services(log_database: Database) -> None:
    url = log_database.url("patriot_append")
    account = _account("a")
    async with _engine(url) as first, _engine(url) as second:
        await _prepare(first, [account], position=10**6)
        sends = [
            engine.submit(_place("a", account)) for engine in (first, second) for _ in range(25)
        ]
        answers = await asyncio.gather(*sends)
    assert len(set(answers)) == 1
    assert answers[0].rejected is None
    assert _count(log_database, "order.placed.v2") == 1


@pytest.mark.parametrize("fault", list(Fault))
async def test_the_reply_to_commit_is_lost_and_the_sender_notices_nothing(
    log_database: Database, fault: Fault
) -> None:
    account = _account("a")
    with before(log_database.url("patriot_append")) as (proxy, url):
        async with _engine(url) as engine:
            await _prepare(engine, [account], position=10**6)
            proxy.on(Way.REPLY, b"appended", fault)
            answers = await asyncio.gather(
                *(engine.submit(_place(f"order {number}", account)) for number in range(20))
            )
            again = await engine.submit(_place("order 3", account))
    assert [answer.rejected for answer in answers] == [None] * 20
    assert again == answers[3]
    assert _count(log_database, "order.placed.v2") == 20


async def test_a_rejected_order_frees_its_room_for_the_other_service(
    log_database: Database,
) -> None:
    url = log_database.url("patriot_append")
    account = _account("a")
    async with _engine(url) as first, _engine(url) as second:
        await _prepare(first, [account], position=150)
        assert (await first.submit(_place("one", account))).rejected is None
        assert (await second.submit(_place("two", account))).rejected is not None
        report = RecordRejection(
            OrderId(derived("order", "one")), account, _INSTRUMENT, "no", 1_700_000_000_000_000
        )
        assert (await first.submit(_submission(report, account, "rejection"))).rejected is None
        assert (await second.submit(_place("three", account))).rejected is None


async def test_sixteen_writers_on_one_account_all_get_through_and_hold_up_no_other(
    log_database: Database,
) -> None:
    """Over two services, so that they race; a lost race may be told, and is sent again."""
    url = log_database.url("patriot_append")
    hot, quiet = _account("hot"), _account("quiet")
    async with _engine(url, races_max=8) as first, _engine(url, races_max=8) as second:
        await _prepare(first, [hot, quiet], position=10**6)

        async def write(name: str, account: AccountId, engine: CommandEngine) -> None:
            for number in range(10):
                answer = await engine.submit(_place(f"{name} {number}", account, 10))
                while answer.rejected is not None:
                    assert answer.rejected.reason is Reason.CONCURRENT_CHANGE
                    assert account == hot, "nobody else writes to the quiet account"
                    answer = await engine.submit(_place(f"{name} {number}", account, 10))

        writers = [write(f"hot {number}", hot, (first, second)[number % 2]) for number in range(16)]
        async with asyncio.timeout(60):
            await asyncio.gather(*writers, write("quiet", quiet, first))
    assert _count(log_database, "order.placed.v2") == 170
    assert _count(log_database, "order.denied.v2") == 0


async def test_a_suspension_binds_the_next_order_on_every_service(log_database: Database) -> None:
    url = log_database.url("patriot_append")
    account = _account("suspended elsewhere")
    async with _engine(url) as one, _engine(url) as other:
        await _prepare(one, [account], 10**9)
        assert (await one.submit(_place("never opened", account))).rejected is None
        await other.submit(_submission(register(), PLATFORM, "register"))
        await other.submit(_submission(open_account(account), account, "open"))
        assert (await one.submit(_place("opened", account))).rejected is None
        suspend = _submission(SuspendAccount(account, "a drill"), account, "suspend")
        orders = [one.submit(_place(f"order {n}", account)) for n in range(100)]
        answers, _ = await asyncio.gather(asyncio.gather(*orders), other.submit(suspend))
        late = await one.submit(_place("late", account))
    assert late.rejected is not None
    assert late.rejected.reason is Reason.ACCOUNT_SUSPENDED
    refused = [a.rejected.reason for a in answers if a.rejected is not None]
    assert set(refused) <= {Reason.ACCOUNT_SUSPENDED}
    with psycopg.connect(log_database.admin_url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM log.events WHERE account_id = %s AND type = 'order.placed.v2' "
            "AND position > (SELECT position FROM log.events WHERE type = 'account.suspended.v1')",
            (account,),
        ).fetchone()
    assert found == (0,), "no order was placed after the suspension"
