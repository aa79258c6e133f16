"""Copying as it runs: the log in real PostgreSQL, commands over real gRPC, killed workers."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import grpc
import pytest
import pytest_asyncio

from adapters.clock import SystemClock
from adapters.codec import decode_recorded
from adapters.embedded.process import free_port
from adapters.following.worker import FollowOptions, Worker
from adapters.postgres.following import FollowingStore
from adapters.postgres.log import PostgresEventLog
from adapters.proto.v1 import risk_pb2, strategies_pb2, venues_pb2
from adapters.telemetry.status import RoleStatus
from domain.ids import derived
from domain.orders.events import (
    OrderAmended,
    OrderAmendRequested,
    OrderCancelRequested,
    OrderPlaced,
)
from domain.reasons import Reason
from domain.registry import Event
from domain.strategies.events import (
    AmendCopied,
    CopyRefused,
    CopySkipped,
    DriftAction,
    DriftFound,
    IntentCopied,
)
from domain.values import Side, signed
from tests.support import rpc, rpc_life, rpc_strategies
from tests.support.rpc import Services
from tests.support.rpc_strategies import STRATEGY
from tests.support.rpc_time import TIME
from tests.support.servers import Database
from tests.support.streams import until
from tests.support.trading import ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio
FOLLOWERS = tuple(derived("follower of the test", str(number)) for number in range(8))
SIGNALS = 12


@dataclass
class Room:
    """A running core, its log, and a worker for turns of one's own."""

    core: Services
    log: PostgresEventLog
    url: str
    fills: int = 0
    reported: set[str] = field(default_factory=set)

    @property
    def token(self) -> str:
        """Of the role follow."""
        return self.core.token(("*",), ("service",))

    @property
    def address(self) -> str:
        """Of the command service."""
        return f"127.0.0.1:{self.core.commands.port}"

    async def do(self, name: str, request: Any, *roles: str) -> Any:
        """A command that must not be refused."""
        token = self.core.token(("*",), roles or ("trader",))
        return await self.core.call(name, request, token=token)

    async def follow(self, account: str, **terms: Any) -> None:
        """An account with limits that follows."""
        await self.do("SetLimits", rpc.set_limits(account_id=account), "risk_manager")
        await self.do("Follow", rpc_strategies.follow(account_id=account, **terms))

    async def lead(self, **changes: Any) -> None:
        """The strategy, running."""
        await rpc.prepare(self.core)
        await self.do("RegisterStrategy", rpc_strategies.register(**changes))
        await self.do("StartStrategy", rpc_strategies.of_strategy())

    async def events(self) -> list[Event]:
        """The whole log."""
        return [decode_recorded(one) for one in await self.log.read_all(limit=100_000)]

    async def of(self, kind: type[Any]) -> list[Any]:
        """Its events of one kind."""
        return [event for event in await self.events() if isinstance(event, kind)]

    @asynccontextmanager
    async def worker(self, **options: Any) -> AsyncIterator[Worker]:
        """A worker whose turns the test takes."""
        chosen = FollowOptions(self.url, self.address, self.token, settle=0.0, **options)
        async with grpc.aio.insecure_channel(self.address) as channel:
            yield Worker(chosen, self.log, channel, SystemClock(), RoleStatus())

    def process(self, name: str = "follow") -> subprocess.Popen[bytes]:
        """The role as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "adapters.cli", "follow"],
            env={
                **os.environ,
                "DATABASE_URL": self.url,
                "COMMAND_SERVICE_ADDRESS": self.address,
                "SERVICE_TOKEN": self.token,
                "PATRIOT_FOLLOW_NAME": name,
                "PATRIOT_HTTP_PORT": str(free_port()),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def tell(self, account: str, order_id: str, **told: Any) -> None:
        """One report of the venue."""
        report = venues_pb2.Report(
            command_id=rpc.fresh(),
            account_id=account,
            order_id=order_id,
            instrument=SUSHI,
            venue_time=TIME,
            **told,
        )
        await self.do("RecordReports", venues_pb2.ReportBatch(reports=[report]), "service")

    async def report(self, kind: str) -> None:
        """The venue's report on every order that has none yet."""
        for placed in await self.of(OrderPlaced):
            if placed.order_id in self.reported:
                continue
            self.reported.add(placed.order_id)
            self.fills += 1
            report = venues_pb2.Report(
                command_id=rpc.fresh(),
                account_id=placed.account_id,
                order_id=placed.order_id,
                instrument=SUSHI,
                venue_time=TIME,
            )
            if kind == "expired":
                report.expired.reason = "nothing to trade with"
            else:
                report.filled.CopyFrom(
                    venues_pb2.Fill(
                        execution_id=str(self.fills),
                        side=f"SIDE_{placed.side.name}",
                        price="8",
                        quantity=f"{placed.quantity:f}",
                        fee="0.01",
                        fee_currency="USDT",
                        liquidity=venues_pb2.LIQUIDITY_TAKER,
                    )
                )
            await self.do("RecordReports", venues_pb2.ReportBatch(reports=[report]), "service")


@pytest_asyncio.fixture
async def room(log_database: Database) -> AsyncIterator[Room]:
    log = PostgresEventLog(log_database.url("patriot_append"), allow_unsafe=True)
    await log.open()
    async with rpc.services(log=log) as core:
        yield Room(core, log, log_database.url("patriot_follow"))
    await log.close()


async def _done(room: Room) -> bool:
    return len(await room.of(IntentCopied)) == len(FOLLOWERS) * SIGNALS


async def _once_each(room: Room, signals: list[str]) -> None:
    """Every follower has one order for every signal: none is missing and none is there twice."""
    copied = Counter((one.intent.intent_id, one.account_id) for one in await room.of(IntentCopied))
    assert copied == Counter((given, account) for given in signals for account in FOLLOWERS)
    placed = Counter(order.account_id for order in await room.of(OrderPlaced))
    assert placed == Counter(dict.fromkeys(FOLLOWERS, len(signals)))


async def test_a_worker_that_is_killed_again_and_again_copies_each_signal_once(
    room: Room,
) -> None:
    await room.lead()
    for account in FOLLOWERS:
        await room.follow(account, value="0.1", maximum="1000")
    signals = []
    for _ in range(SIGNALS):
        request = rpc_strategies.signal()
        signals.append(request.signal_id)
        await room.do("SubmitSignal", request)
    for wanted in (1, 20, 50):
        worker = room.process()

        async def some(least: int = wanted) -> bool:
            return len(await room.of(IntentCopied)) >= least

        await until(some, f"{wanted} copies")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    workers = [room.process(), room.process("another")]
    await until(lambda: _done(room), "every copy")
    for name in ("follow", "another"):  # a worker that is still starting is not told to stop
        store = FollowingStore(room.url, name)

        async def at_work(its: FollowingStore = store) -> bool:
            return (await its.load()).position > 0

        await until(at_work, f"the progress of {name}")
    for worker in workers:
        worker.terminate()
        assert worker.wait(20) == 0
    await _once_each(room, signals)


async def test_a_refusal_and_a_skip_hold_up_nobody(room: Room) -> None:
    await room.lead()
    small, refused, well = FOLLOWERS[:3]
    await room.follow(small, value="0.01")
    await room.do("Follow", rpc_strategies.follow(account_id=refused))
    await room.follow(well)
    for _ in range(2):
        await room.do("SubmitSignal", rpc_strategies.signal())
    async with room.worker() as worker:
        for _ in range(3):
            await worker.turn()
        assert worker.following.copies() == []
    assert [one.account_id for one in await room.of(IntentCopied)] == [well] * 2
    skips = await room.of(CopySkipped)
    assert [(one.account_id, one.reason) for one in skips] == [(small, Reason.COPY_TOO_SMALL)] * 2
    refusals = await room.of(CopyRefused)
    assert [(one.account_id, one.reason) for one in refusals] == [
        (refused, Reason.LIMITS_NOT_SET)
    ] * 2


async def test_a_target_counts_what_is_open_and_orders_carry_the_signal(room: Room) -> None:
    await room.lead()
    account = FOLLOWERS[0]
    await room.follow(account, value="1")
    async with room.worker() as worker:
        for target in ("10", "4", "-3"):
            request = rpc_strategies.signal(side=None, quantity="", target=target)
            await room.do("SubmitSignal", request)
        for _ in range(5):
            await worker.turn()
    placed = await room.of(OrderPlaced)
    sizes = [signed(order.side, order.quantity) for order in placed]
    assert [str(size) for size in sizes] == ["10", "-6", "-7"]
    about = [one for one in await room.log.read_all(limit=1000) if one.type == "order.placed.v2"]
    assert request.signal_id.encode() in about[-1].metadata


async def test_the_copies_of_a_leader_s_order_end_with_it(room: Room) -> None:
    await room.lead(source=strategies_pb2.COPY_SOURCE_ORDERS)
    await room.follow(FOLLOWERS[0])
    leading = rpc.place(strategy_id=STRATEGY)
    await room.do("PlaceOrder", leading)
    async with room.worker() as worker:
        await worker.turn()
        [_, copied] = await room.of(OrderPlaced)
        assert (copied.account_id, copied.side) == (FOLLOWERS[0], Side.BUY)
        await room.do("CancelOrder", rpc.cancel(leading.order_id))
        await worker.turn()
        await worker.turn()
        assert worker.following.cancels() == {}
    asked = [one.order_id for one in await room.of(OrderCancelRequested)]
    assert asked == [leading.order_id, copied.order_id]


async def test_an_amend_of_the_leader_reaches_each_copy_and_a_refusal_holds_up_nobody(
    room: Room,
) -> None:
    await room.lead(source=strategies_pb2.COPY_SOURCE_ORDERS)
    half, refused, small = FOLLOWERS[:3]
    await room.follow(half)
    limits = risk_pb2.Limits(currency="USDT", open_orders=100, order_quantity="10")
    await room.do("SetLimits", rpc.set_limits(account_id=refused, limits=limits), "risk_manager")
    await room.do("Follow", rpc_strategies.follow(account_id=refused, value="1"))
    await room.follow(small, value="0.1")
    leading = rpc.place(strategy_id=STRATEGY, quantity="10")
    await room.do("PlaceOrder", leading)
    await room.tell(ACCOUNT, leading.order_id, accepted=venues_pb2.Acceptance(venue_order_id="1"))
    async with room.worker() as worker:
        await worker.turn()
        copies = {one.account_id: one.order_id for one in await room.of(IntentCopied)}
        for account, order_id in copies.items():
            taken = venues_pb2.Acceptance(venue_order_id=order_id)
            await room.tell(account, order_id, accepted=taken)
        for number, (quantity, price) in enumerate([("20", "8.1"), ("4", "8.2")], start=1):
            asked = rpc_life.amend(leading.order_id, quantity=quantity, price=price)
            await room.do("AmendOrder", asked)
            await worker.turn()
            assert worker.following.amends() == [], "the venue has not answered yet"
            answer = venues_pb2.Amended(amendment=number, quantity=quantity, price=price)
            await room.tell(ACCOUNT, leading.order_id, amended=answer)
            await worker.turn()
            await worker.turn()
            for one in (await room.of(OrderAmendRequested))[-3:]:
                if one.account_id != ACCOUNT:
                    answer = venues_pb2.Amended(
                        amendment=one.amendment, quantity=f"{one.quantity:f}", price=price
                    )
                    await room.tell(one.account_id, one.order_id, amended=answer)
    told = [(one.account_id, one.action.value, one.reason) for one in await room.of(AmendCopied)]
    assert sorted(told) == sorted(
        [
            (half, "amended", None),
            (refused, "refused", Reason.ORDER_QUANTITY_LIMIT),
            (small, "amended", None),
            (half, "amended", None),
            (refused, "amended", None),
            (small, "cancelled", Reason.COPY_TOO_SMALL),
        ]
    )
    last = {one.order_id: (one.quantity, one.price) for one in await room.of(OrderAmended)}
    assert last[copies[half]] == (2, Decimal("8.2"))
    assert last[copies[refused]] == (4, Decimal("8.2"))
    [cancelled] = await room.of(OrderCancelRequested)
    assert cancelled.order_id == copies[small]


@pytest.mark.parametrize("policy", ["report", "repair"])
async def test_drift_is_found_once_and_repaired_when_the_terms_say_so(
    room: Room, policy: str
) -> None:
    await room.lead(source=strategies_pb2.COPY_SOURCE_ORDERS)
    drift = strategies_pb2.DriftPolicy.Value(f"DRIFT_POLICY_{policy.upper()}")
    await room.follow(FOLLOWERS[0], drift=drift)
    await room.do("PlaceOrder", rpc.place(strategy_id=STRATEGY, quantity="10"))
    await room.report("filled")
    async with room.worker() as worker:
        await worker.turn()
        await room.report("expired")
        for _ in range(3):
            await worker.turn()
        found = await room.of(DriftFound)
        assert [(one.leader, one.held, one.expected) for one in found] == [(10, 0, 5)]
        if policy == "report":
            assert found[0].action is DriftAction.REPORTED
            return
        assert found[0].action is DriftAction.REPAIRED
        await room.report("filled")
        for _ in range(2):
            await worker.turn()
        assert len(await room.of(DriftFound)) == 1
        assert worker.following.strategies[found[0].strategy_id].held[found[0].account_id] == {
            SUSHI: 5
        }


async def test_a_worker_goes_on_from_where_it_stood(room: Room) -> None:
    await room.lead()
    await room.follow(FOLLOWERS[0])
    await room.do("SubmitSignal", rpc_strategies.signal())
    async with room.worker() as worker:
        await worker.turn()
        await worker.turn()
        await worker.save()
        before = worker.following
    async with room.worker() as other:
        await other.turn()
        assert other.following == before, "folded anew from the first event"
        await other.load()
        assert other.following == before, "as it was kept"
