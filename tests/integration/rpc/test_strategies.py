"""Strategies as they are shown: rows in TimescaleDB, every query, the command line, the gauge."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import grpc
import pytest
import pytest_asyncio
from google.protobuf.message import Message
from prometheus_client import REGISTRY

from adapters.cli.strategies import strategies
from adapters.postgres.rebuild import rebuild
from adapters.proto.v1 import common_pb2, risk_pb2, strategies_pb2, venues_pb2
from adapters.proto.v1 import strategy_queries_pb2 as asked_pb2
from adapters.rpc import profits
from adapters.rpc.profits import Profits
from adapters.rpc.query_server import Pool, read_pool
from domain.ids import copied_order_id, derived
from domain.reasons import Reason
from projections.catalogue import PROJECTIONS
from tests.support import rpc, rpc_strategies, rpc_users
from tests.support.command_line import TRADER, patriot
from tests.support.rpc import Services
from tests.support.rpc_strategies import STRATEGY
from tests.support.rpc_time import TIME
from tests.support.servers import Database
from tests.support.streams import until
from tests.support.trading import ACCOUNT, OTHER_ACCOUNT, SUSHI

pytestmark = pytest.mark.asyncio

LEADER: Final = ACCOUNT
KEEN: Final = OTHER_ACCOUNT
SMALL: Final = derived("test", "follower with a low limit")
STRANGER: Final = derived("test", "nobody here")
OWNER: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OTHER_STRATEGY: Final = "9a4b2c3d-1e2f-4a5b-8c6d-7e8f9a0b1c2d"
SIGNAL: Final = "c1d2e3f4-0a1b-4c2d-8e3f-4a5b6c7d8e9f"
ROWS: Final = asked_pb2.ListStrategyRowsRequest


@dataclass
class Room:
    """Running services, their read models, and the command line beside them."""

    core: Services
    database: Database
    pool: Pool

    async def project(self) -> None:
        """Make the read models what the log says."""
        for projection in PROJECTIONS.values():
            await rebuild(self.core.log, self.database.url("patriot_project"), projection)

    async def send(self, name: str, request: Message) -> Any:
        """A command on any account."""
        return await self.core.call(name, request, token=self.core.token(("*",)))

    async def ask(self, name: str, request: Message, *accounts: str) -> Any:
        """The answer to a token of these accounts, or of all."""
        token = self.core.token(accounts or ("*",))
        [answer] = await self.core.call(name, request, token=token)
        return answer

    async def patriot(self, *words: str, fails: bool = False) -> str:
        """What the command line says."""
        return await patriot(self.core, strategies, *words, sender=TRADER, fails=fails)

    async def fill(self, account: str, order_id: str, quantity: str, price: str, side: str) -> None:
        """The venue fills an order at a fee of 0.5."""
        report = venues_pb2.Report(
            command_id=rpc.fresh(),
            account_id=account,
            order_id=order_id,
            instrument=SUSHI,
            venue_time=TIME,
            filled=venues_pb2.Fill(
                execution_id=f"{order_id}-{quantity}",
                side=f"SIDE_{side}",
                price=price,
                quantity=quantity,
                fee="0.5",
                fee_currency="USDT",
                liquidity=venues_pb2.LIQUIDITY_TAKER,
            ),
        )
        batch = venues_pb2.ReportBatch(reports=[report])
        [answer] = await self.send("RecordReports", batch)
        assert not answer.results[0].HasField("refusal"), answer

    async def copy(self, account: str) -> None:
        """The signal is copied."""
        wanted = rpc_strategies.intent(intent_id=SIGNAL, quantity="10")
        await self.send("Copy", rpc_strategies.copy(wanted, account_id=account, seen=1))


@pytest_asyncio.fixture
async def room(read_database: Database) -> AsyncIterator[Room]:
    async with (
        read_pool(read_database.url("patriot_read")) as pool,
        rpc.services(pool=pool) as core,
    ):
        await rpc.prepare(core)
        yield Room(core, read_database, pool)


@asynccontextmanager
async def told(room: Room) -> AsyncIterator[Room]:
    """A leader, a follower with profit, one that is refused, and one that was dismissed."""
    low = risk_pb2.Limits(currency="USDT", open_orders=9, order_quantity="1")
    await room.send("RegisterUser", rpc_users.register())
    opening = rpc_users.open_account(account_id=KEEN)
    await room.send("OpenAccount", opening)
    await room.send("SetLimits", rpc.set_limits(account_id=KEEN))
    await room.send("SetLimits", rpc.set_limits(account_id=SMALL, limits=low))
    await room.patriot(
        "register", STRATEGY, "--account", LEADER, "--owner", OWNER, "--label", "trend",
        "--instrument", SUSHI,
    )  # fmt: skip
    await room.patriot("start", STRATEGY, "--account", LEADER)
    for account in (KEEN, SMALL, STRANGER):
        await room.patriot("invite", STRATEGY, account, "--account", LEADER)
    await room.patriot("dismiss", STRATEGY, STRANGER, "--account", LEADER)
    terms = ("--rule", "ratio", "--value", "0.5", "--maximum", "100", "--tolerance", "0.1")
    await room.patriot("follow", STRATEGY, "--account", KEEN, *terms)
    share = ("--rule", "equity_share", "--value", "0.1", "--maximum", "90", "--capital", "1000")
    await room.patriot(
        "follow", STRATEGY, "--account", SMALL, *share, "--currency", "USDT", "--repair"
    )
    await room.patriot(
        "signal", STRATEGY, SUSHI, SIGNAL, "--account", LEADER, "--side", "buy", "--quantity", "10"
    )
    await room.copy(KEEN)
    with pytest.raises(grpc.aio.AioRpcError, match="limit"):
        await room.copy(SMALL)
    order_id = copied_order_id("intent", SIGNAL, STRATEGY, KEEN)
    await room.fill(KEEN, order_id, "5", "8", "BUY")
    sale = rpc.place(
        account_id=KEEN, strategy_id=STRATEGY, quantity="5", side=common_pb2.SIDE_SELL, price="9"
    )
    await room.send("PlaceOrder", sale)
    await room.fill(KEEN, sale.order_id, "5", "9", "SELL")
    drift = rpc_strategies.report_drift(account_id=KEEN, seen=2, leader="10", held="1")
    await room.send("ReportDrift", drift)
    await room.project()
    yield room


def fields(message: Message, without: Sequence[str] = ()) -> dict[str, Any]:
    """Every field, set or not: a field that nobody fills would be missed otherwise."""
    names = [one.name for one in message.DESCRIPTOR.fields if one.name not in without]
    return {name: getattr(message, name) for name in names}


MOMENTS: Final = ("registered_at", "updated_at", "submitted_at", "recorded_at", "begun_at",
                  "drift_at", "position")  # fmt: skip


async def test_every_field_of_strategies_and_invitations_is_shown(room: Room) -> None:
    async with told(room):
        page = await room.ask("ListStrategies", asked_pb2.ListStrategiesRequest())
        [one] = page.strategies
        assert {**fields(one, MOMENTS), "instruments": list(one.instruments)} == {
            "strategy_id": STRATEGY, "account_id": LEADER, "owner": OWNER, "label": "trend",
            "instruments": [SUSHI], "source": "signals", "status": "running", "signals": 1,
            "followers": 2, "access": "invitation", "invited": 2,
        }  # fmt: skip
        assert 0 < one.registered_at <= one.updated_at
        invitations = (await room.ask("ListInvitations", ROWS())).invitations
        shown = {given.account_id: given.invited for given in invitations}
        assert shown == {KEEN: True, SMALL: True, STRANGER: False}
        assert all(given.updated_at and given.position for given in invitations)


async def test_every_field_of_followers_is_shown(room: Room) -> None:
    async with told(room):
        found = (await room.ask("ListFollowers", ROWS(strategy_id=STRATEGY))).followers
        by_account = {one.account_id: one for one in found}
        assert fields(by_account[KEEN], MOMENTS) == {
            "strategy_id": STRATEGY, "account_id": KEEN, "following": True, "rule": "ratio",
            "value": "0.5", "maximum": "100", "capital": "", "capital_currency": "",
            "paused": False, "tolerance": "0.1", "drift_policy": "report", "copied": 1,
            "skipped": 0, "refused": 0, "drifts": 1, "reason": 0, "detail": "",
            "drift_instrument": SUSHI, "drift_held": "1", "drift_expected": "5",
            "drift_action": "reported", "amended": 0,
        }  # fmt: skip
        assert by_account[KEEN].drift_at >= by_account[KEEN].begun_at > 0
        small = by_account[SMALL]
        assert (small.rule, small.capital, small.capital_currency) == (
            "equity_share", "1000", "USDT",
        )  # fmt: skip
        assert (small.drift_policy, small.refused, small.drift_at) == ("repair", 1, 0)
        assert small.reason == Reason.ORDER_QUANTITY_LIMIT
        assert small.detail


async def test_every_field_of_signals_copies_and_profit_is_shown(room: Room) -> None:
    async with told(room):
        [signal] = (await room.ask("ListSignals", ROWS())).signals
        assert fields(signal, MOMENTS) == {
            "strategy_id": STRATEGY, "signal_id": SIGNAL, "account_id": LEADER,
            "instrument": SUSHI, "side": "buy", "target": "", "quantity": "10", "strength": "",
            "price": "", "valid_until": 0, "copied": 1, "skipped": 0, "refused": 1,
        }  # fmt: skip
        found = (await room.ask("ListCopies", ROWS())).copies
        by_account = {one.account_id: one for one in found}
        assert fields(by_account[KEEN], MOMENTS) == {
            "strategy_id": STRATEGY, "intent_id": SIGNAL, "account_id": KEEN, "kind": "signal",
            "instrument": SUSHI, "outcome": "copied",
            "order_id": copied_order_id("intent", SIGNAL, STRATEGY, KEEN), "side": "buy",
            "quantity": "5", "price": "8", "held": "0", "equity": "", "reason": 0, "detail": "",
            "amends": 0, "amend_action": "", "amend_reason": 0, "amend_detail": "",
            "amended_at": 0,
        }  # fmt: skip
        small = by_account[SMALL]
        assert (small.outcome, small.equity, small.quantity) == ("refused", "1000", "12.5")
        rows = (await room.ask("ListStrategyProfit", ROWS())).rows
        by_account = {(one.account_id, one.currency): one for one in rows}
        assert fields(by_account[KEEN, "USDT"], MOMENTS) == {
            "strategy_id": STRATEGY, "account_id": KEEN, "currency": "USDT", "realised": "5",
            "fees": "1", "volume": "85", "orders": 2, "fills": 2, "refusals": 0, "signals": 0,
        }  # fmt: skip
        assert by_account[SMALL, ""].refusals == 1


async def test_a_token_sees_what_concerns_its_accounts(room: Room) -> None:
    async with told(room):
        counts = {}
        for name, account in (("leader", LEADER), ("keen", KEEN), ("stranger", STRANGER)):
            seen = [
                len((await room.ask("ListStrategies", asked_pb2.ListStrategiesRequest(), account))
                    .strategies),
                len((await room.ask("ListInvitations", ROWS(), account)).invitations),
                len((await room.ask("ListFollowers", ROWS(), account)).followers),
                len((await room.ask("ListCopies", ROWS(), account)).copies),
                len((await room.ask("ListStrategyProfit", ROWS(), account)).rows),
            ]  # fmt: skip
            counts[name] = seen
        assert counts == {
            "leader": [1, 3, 0, 0, 0],
            "keen": [1, 1, 1, 1, 1],
            "stranger": [0, 1, 0, 0, 0],
        }


@pytest.mark.parametrize(
    ("name", "rows", "key"),
    [
        ("ListInvitations", "invitations", lambda one: one.account_id),
        ("ListFollowers", "followers", lambda one: one.account_id),
        ("ListCopies", "copies", lambda one: one.account_id),
        ("ListStrategyProfit", "rows", lambda one: (one.account_id, one.currency)),
    ],
)
async def test_pages_of_one_row_make_the_whole(
    room: Room, name: str, rows: str, key: Callable[[Any], Any]
) -> None:
    async with told(room):
        whole = [key(one) for one in getattr(await room.ask(name, ROWS()), rows)]
        pages, token = [], ""
        while True:
            page = await room.ask(name, ROWS(page_size=1, page_token=token))
            pages += [key(one) for one in getattr(page, rows)]
            token = page.next_page_token
            if not token:
                break
        assert pages == whole
        assert len(whole) > 1


async def test_the_command_line_leads_follows_and_shows(room: Room) -> None:
    assert await room.patriot("list") == "no strategy was registered\n"
    assert await room.patriot("profit") == "no order carried the id of a strategy\n"
    assert await room.patriot("copies") == "nothing was copied\n"
    async with told(room):
        assert "trend" in await room.patriot("list")
        shown = await room.patriot("show", STRATEGY)
        for expected in (
            "running since", f"leader       account {LEADER}", "access       invitation, 2 invited",
            f"account {STRANGER}  dismissed", f"follower {KEEN}  following  ratio 0.5, at most 100",
            "held 1, expected 5, reported", "last reason 2004", f"signal {SIGNAL}",
            "copied 1, skipped 0, refused 1",
        ):  # fmt: skip
            assert expected in shown, shown
        earned = await room.patriot("profit", STRATEGY)
        assert f"account {KEEN}  5 USDT before fees of 1, volume 85, 2 orders, 2 fills" in earned
        copies = await room.patriot("copies", STRATEGY)
        assert f"account {KEEN}  {SUSHI}  copied" in copies
        assert "buy 5 at 8" in copies
        assert "equity 1000, reason 2004" in copies
        as_who = ("--account", LEADER)
        refused = await room.patriot("invite", STRATEGY, KEEN, *as_who, fails=True)
        assert "invited" in refused
        assert "is open" in await room.patriot("access", STRATEGY, "open", *as_who)
        assert "no longer follows" in await room.patriot("unfollow", STRATEGY, "--account", KEEN)
        assert "is paused" in await room.patriot("pause", STRATEGY, *as_who)
        assert "for ever" in await room.patriot("stop", STRATEGY, *as_who)
        await room.project()
        shown = await room.patriot("show", STRATEGY)
        assert "stopped since" in shown
        assert "access       open" in shown
        assert f"follower {KEEN}  left" in shown
        assert await room.patriot("show", OTHER_STRATEGY, fails=True)


def _pnl() -> dict[tuple[str, str], float]:
    for family in REGISTRY.collect():
        if family.name == "patriot_strategy_pnl_total":
            return {
                (one.labels["strategy_id"], one.labels["user_id"]): one.value
                for one in family.samples
            }
    return {}


async def test_the_gauge_tells_profit_less_fees_by_strategy_and_user(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    gauge = Profits(room.pool)
    user = rpc_users.register().user_id
    async with told(room):
        free = rpc.place(strategy_id=OTHER_STRATEGY, quantity="4")
        await room.send("PlaceOrder", free)
        await room.fill(LEADER, free.order_id, "4", "8", "BUY")
        await room.project()
        await gauge.look()
        assert _pnl() == {(STRATEGY, user): 4.0, (OTHER_STRATEGY, ""): -0.5}
        monkeypatch.setattr(profits, "_SERIES_MAX", 1)
        await gauge.look()
        assert _pnl() == {(STRATEGY, user): 4.0, ("other", "other"): -0.5}
        monkeypatch.setattr(profits, "_CURRENCY", "USDC")
        await gauge.look()
        assert _pnl() == {}, "what is no longer told is taken away"


async def test_the_gauge_outlives_a_view_that_cannot_be_read(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profits, "_INTERVAL", 0.01)
    read = profits._PROFITS

    async def shown() -> bool:
        return bool(_pnl())

    async def gone() -> bool:
        return not _pnl()

    async with told(room):
        await room.project()
        looking = asyncio.create_task(Profits(room.pool).run())
        try:
            await until(shown, "profits")
            monkeypatch.setattr(profits, "_PROFITS", "SELECT * FROM read.of_a_newer_release")
            await until(gone, "an old number taken away")
            monkeypatch.setattr(profits, "_PROFITS", read)
            await until(shown, "profits again")
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def test_a_stranger_is_refused_at_the_door(room: Room) -> None:
    registration = rpc_strategies.register(access=strategies_pb2.STRATEGY_ACCESS_UNSPECIFIED)
    await room.send("RegisterStrategy", registration)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await room.send("Follow", rpc_strategies.follow(account_id=KEEN))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    refusal = common_pb2.Refusal.FromString(rpc.trailing(refused.value)["patriot-refusal-bin"])
    assert refusal.reason == Reason.NOT_INVITED
