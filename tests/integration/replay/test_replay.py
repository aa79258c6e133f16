"""`patriot replay` on PostgreSQL: a fold of the prefix, decisions that hold, and no more read."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import psycopg
import pytest
import pytest_asyncio

from adapters import replay
from adapters.cli.main import cli, run
from adapters.codec import decode_recorded
from adapters.commands.engine import CommandEngine
from adapters.postgres.history import opened
from adapters.postgres.log import PostgresEventLog
from domain.decision import Aggregate
from domain.dispatch import State, evolve, initial
from domain.envelope import RecordedEvent
from domain.ids import PLATFORM, AccountId, OrderId, StreamId, derived, order_stream, risk_stream
from domain.orders.events import OrderDenied, OrderHeld, OrderPlaced
from domain.ports import LogUnavailable, LogUnreadable
from domain.registry import stored_names
from domain.risk.events import AmendAdmitted, AmendRefused, OrderAdmitted, OrderRefused
from domain.risk.explain import Outcome
from domain.risk.replacements import ReplacementAdmitted, ReplacementRefused
from domain.risk.rules.table import CHECKS
from tests.support.logs import SteppingClock
from tests.support.servers import Database
from tests.support.workload import Workload

SEED = 5
ORDERS = 120


@dataclass(frozen=True, slots=True)
class Story:
    """A log with trading of some accounts, and all of its events."""

    database: Database
    accounts: list[AccountId]
    events: list[RecordedEvent]

    @property
    def url(self) -> str:
        """For the role that only reads."""
        return self.database.url("patriot_tail")

    @property
    def head(self) -> int:
        """The last position."""
        return len(self.events)

    def sql(self, statement: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Anything, as superuser and past every trigger."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            cursor = connection.execute(statement.encode(), arguments)
            return cursor.fetchall() if cursor.description is not None else []


@pytest_asyncio.fixture
async def story(log_database: Database) -> AsyncIterator[Story]:
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    workload = Workload(SEED, accounts=4, label="replay")
    await workload.open(engine)
    for _ in range(3):
        await workload.run(engine, ORDERS // 3)
    await engine.stop()
    events = list(await log.read_all(limit=100_000))
    await log.close()
    yield Story(log_database, workload.account_ids, events)


def _folded(events: list[RecordedEvent]) -> dict[StreamId, State]:
    states: dict[StreamId, State] = {}
    for recorded in events:
        kind = Aggregate(recorded.type.split(".")[0])
        before = states.get(recorded.stream_id, initial(kind))
        states[recorded.stream_id] = evolve(before, decode_recorded(recorded))
    return states


@pytest.mark.asyncio
async def test_an_account_as_of_any_position_is_the_fold_of_the_prefix(story: Story) -> None:
    async with opened(story.url) as history:
        for until in range(20, story.head + 1, story.head // 9):
            prefix = story.events[:until]
            states = _folded(prefix)
            for account in story.accounts:
                mine = {e.stream_id for e in prefix if e.account_id == account}
                asof = await replay.account(history, account, until)
                found = {name: state for name, state in asof.states.items() if name in mine}
                assert found == {name: states[name] for name in mine}
                assert asof.differences == 0
                assert {str(name) for name in asof.orders(account)} == {
                    str(e.stream_id)
                    for e in prefix
                    if e.account_id == account and e.type[:6] == "order."
                }


@pytest.mark.asyncio
async def test_a_prefix_may_end_between_a_note_and_the_decision_that_it_is_for(
    story: Story,
) -> None:
    noted = [e for e in story.events if e.type == "risk.margin_terms_noted.v1"]
    assert noted
    async with opened(story.url) as history:
        for note in noted[:5]:
            asof = await replay.account(history, note.account_id, note.position.number)
            assert asof.differences == 0


@pytest.mark.asyncio
async def test_everything_as_of_a_position_is_the_fold_of_the_prefix(story: Story) -> None:
    async with opened(story.url) as history:
        for until in (0, 1, story.head // 2, story.head):
            asof = await replay.everything(history, until)
            assert asof.states == _folded(story.events[:until])
            assert asof.differences == 0
        assert asof.accounts() == sorted(story.accounts)


@pytest.mark.asyncio
async def test_every_order_s_explanation_is_its_recorded_decision(story: Story) -> None:
    decoded = {e.position.number: decode_recorded(e) for e in story.events}
    replacing = ReplacementAdmitted | ReplacementRefused
    asked = OrderAdmitted | OrderRefused | replacing
    verdicts = [e for e in decoded.values() if isinstance(e, asked)]
    ours = stored_names(OrderPlaced, OrderDenied, OrderHeld)
    begun = {e.stream_id for e in story.events if e.type in ours}
    replaced = [verdict for verdict in verdicts if isinstance(verdict, replacing)]
    assert len(verdicts) == len(begun) == ORDERS + len(replaced)
    for kind in (OrderRefused, ReplacementAdmitted, ReplacementRefused):
        assert any(isinstance(verdict, kind) for verdict in verdicts)
    async with opened(story.url) as history:
        for verdict in verdicts:
            asof = await replay.order(history, verdict.order_id, story.head)
            explained = asof.explained[verdict.order_id]
            assert explained.differences == ()
            assert decoded[explained.position] == verdict
            refused = [one for one in explained.checks if one.outcome is Outcome.REFUSED]
            if isinstance(verdict, OrderRefused | ReplacementRefused):
                (one,) = refused
                assert (one.check, one.limit, one.value, one.detail) == (
                    verdict.check,
                    verdict.limit,
                    verdict.value,
                    verdict.detail,
                )
            else:
                assert refused == []
            if isinstance(verdict, replacing):
                assert explained.replaces == verdict.replaces
            stream = order_stream(verdict.order_id)
            own = [e for e in story.events if e.stream_id == stream]
            assert asof.states[stream] == _folded(own)[stream]


@pytest.mark.asyncio
async def test_every_amend_s_explanation_is_its_recorded_decision(story: Story) -> None:
    decoded = [(e.position.number, decode_recorded(e)) for e in story.events]
    verdicts = [(at, e) for at, e in decoded if isinstance(e, AmendAdmitted | AmendRefused)]
    assert {type(verdict) for _, verdict in verdicts} == {AmendAdmitted, AmendRefused}
    found: list[tuple[int, bool]] = []
    async with opened(story.url) as history:
        for order_id in {verdict.order_id for _, verdict in verdicts}:
            asof = await replay.order(history, order_id, story.head)
            assert asof.differences == 0
            found += [(one.position, one.admitted) for one in asof.amends[order_id]]
        whole = await replay.everything(history, story.head)
    assert sorted(found) == [(at, isinstance(e, AmendAdmitted)) for at, e in verdicts]
    told = [one.position for amends in whole.amends.values() for one in amends]
    assert sorted(told) == [at for at, _ in verdicts]


@pytest.mark.asyncio
async def test_a_time_is_the_last_commit_by_then(story: Story) -> None:
    commits = story.sql("SELECT last_position, committed_at FROM log.commits ORDER BY 1")
    assert len(commits) > 10
    async with opened(story.url) as history:
        assert await history.position_at(commits[0][1] - timedelta(microseconds=1)) == 0
        for last, committed_at in commits:
            assert await history.position_at(committed_at) == last
        for (last, _), (_, next_at) in pairwise(commits):
            assert await history.position_at(next_at - timedelta(microseconds=1)) == last
        assert await history.position_at(datetime.max.replace(tzinfo=UTC)) == story.head


@pytest.mark.asyncio
async def test_no_more_is_read_than_what_took_part(story: Story) -> None:
    """Everything of the other accounts is made unreadable, and the table is not scanned."""
    account = story.accounts[0]
    placed = (e for e in story.events if e.type == "order.placed.v2")
    order = next(e.stream_id for e in placed if e.account_id == account)
    story.sql(
        "UPDATE log.events SET payload = '' WHERE account_id <> ALL(%s::uuid[])",
        ([account, PLATFORM],),
    )
    # The index of positions would have every row up to the position: it must not be used either.
    scans = (
        "SELECT t.seq_scan, i.idx_scan FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i "
        "USING (relid) WHERE t.relname = 'events' AND i.indexrelname = 'events_pkey'"
    )
    before = story.sql(scans)
    async with opened(story.url) as history:
        asof = await replay.account(history, account, story.head)
        assert asof.differences == 0
        assert len(asof.explained) > 10
        await replay.order(history, OrderId(order), story.head)
    assert story.sql(scans) == before
    async with opened(story.url) as history:
        with pytest.raises(LogUnreadable, match=r"position [0-9]+ cannot be read"):
            await replay.everything(history, story.head)


@pytest.mark.asyncio
async def test_what_is_not_there_is_a_sentence(story: Story) -> None:
    nobody = AccountId(derived("nobody"))
    async with opened(story.url) as history:
        with pytest.raises(replay.NothingThere, match=f"nothing of account {nobody}"):
            await replay.account(history, nobody, story.head)
        with pytest.raises(replay.NothingThere, match="no order"):
            await replay.order(history, OrderId(nobody), story.head)
        with pytest.raises(replay.NothingThere, match="no order"):
            await replay.order(history, OrderId(risk_stream(story.accounts[0])), story.head)
        placed = next(e for e in story.events if e.type == "order.placed.v2")
        order = OrderId(placed.stream_id)
        with pytest.raises(replay.NothingThere, match=f"no order {order} up to position 3"):
            await replay.order(history, order, 3)
        with pytest.raises(replay.NothingThere, match=f"of account {nobody}"):
            await replay.order(history, order, story.head, owner=nobody)
        own = await replay.order(history, order, story.head, owner=placed.account_id)
        assert list(own.explained) == [order]
    with pytest.raises(LogUnavailable, match="cannot be read now"):
        async with opened("postgresql://nobody@127.0.0.1:1/none"):
            pass


async def _shown(
    story: Story, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    code = await asyncio.to_thread(run, cli, ["replay", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def address(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", story.url)


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
async def test_the_command_shows_an_order_with_every_check(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = next(e for e in story.events if e.type == "order.denied.v2")
    code, out, err = await _shown(story, capsys, "--order", refused.stream_id)
    assert (code, err) == (0, "")
    assert f"order {refused.stream_id} denied" in out
    assert "by order_quantity: the order's quantity is over the limit" in out
    assert "  order_quantity    refused    900                         500" in out
    assert "  halt              passed     not halted" in out
    assert "  order_notional    not asked" in out
    assert out.endswith("1 decisions derived again, 0 differ\n")


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
async def test_the_command_shows_accounts_as_text_and_as_json(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    account, until = story.accounts[1], story.head // 2
    asked = ("--account", account, "--until", str(until))
    code, out, _ = await _shown(story, capsys, *asked)
    assert code == 0
    assert out.startswith(f"as of position {until:,}\n\naccount {account}: limits version 1, not")
    async with opened(story.url) as history:
        asof = await replay.account(history, account, until)
    assert out.count("\n  order ") == len(asof.orders(account))
    code, out, _ = await _shown(story, capsys, *asked, "--json")
    content = orjson.loads(out)
    assert (code, content["until"], content["differences"]) == (0, until, 0)
    (mine,) = content["accounts"]
    assert mine["account_id"] == account
    assert {one["order_id"]: one["status"] for one in mine["orders"]} == {
        name: order.status.value for name, order in asof.orders(account).items()
    }
    assert set(mine["positions"]) == {name for name, _ in asof.positions(account)}
    assert set(mine["risk"]["reservations"]) == set(asof.risk(account).reservations)
    checks = mine["orders"][0]["decision"]["checks"]
    assert [one["check"] for one in checks] == [check.name for check in CHECKS]
    code, out, _ = await _shown(story, capsys, "--json")
    assert len(orjson.loads(out)["accounts"]) == len(story.accounts)
    placed = next(e for e in story.events if e.type == "order.placed.v2")
    code, out, _ = await _shown(story, capsys, "--order", placed.stream_id, "--json")
    shown = orjson.loads(out)
    assert (shown["account_id"], shown["order"]["order_id"]) == (
        placed.account_id,
        placed.stream_id,
    )
    assert shown["order"]["decision"]["admitted"] is True


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
async def test_a_time_may_be_given_with_and_without_a_zone(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    ((last, at),) = story.sql(
        "SELECT last_position, committed_at FROM log.commits ORDER BY 1 OFFSET 7 LIMIT 1"
    )
    utc = at.astimezone(UTC)
    for text in (utc.isoformat(), utc.replace(tzinfo=None).isoformat()):
        code, out, _ = await _shown(story, capsys, "--until", text)
        assert (code, out.splitlines()[0]) == (0, f"as of position {last:,}")


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
async def test_a_decision_that_was_altered_in_the_log_ends_with_exit_1(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = next(e for e in story.events if e.type == "risk.order_refused.v2")
    payload = refused.payload.replace(b'"limit":"500"', b'"limit":"850"')
    assert payload != refused.payload
    place = refused.position.number
    story.sql("UPDATE log.events SET payload = %s WHERE position = %s", (payload, place))
    for asked in ((), ("--account", refused.account_id)):
        code, out, err = await _shown(story, capsys, *asked)
        assert code == 1
        assert "risk.order_refused.v2 limit: recorded 850, derived 500" in out
        assert err.startswith("Error: 1 decisions are not what the log leads to: run `patriot log")
    # As of a position before it, nothing is wrong.
    assert (await _shown(story, capsys, "--until", str(place - 1)))[0] == 0


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--until", "99999999"], 1, "the log ends at position"),
        (["--account", "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11"], 1, "the log holds nothing of"),
        (["--order", "0b9f3c1e-5f0e-4b6e-9d5e-0a5a0c0f6a11"], 1, "the log holds no order"),
        (["--account", "NOBODY"], 2, "expected a lower-case UUID"),
        (["--until", "yesterday"], 2, "is neither a position nor a time such as"),
    ],
)
async def test_what_cannot_be_shown_is_a_sentence_and_an_exit_code(
    story: Story,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    told: str,
) -> None:
    ended, out, err = await _shown(story, capsys, *arguments)
    assert (ended, out) == (code, "")
    assert told in err
    assert "Traceback" not in err


@pytest.mark.asyncio
@pytest.mark.usefixtures("address")
async def test_an_event_of_a_newer_release_stops_the_command_with_its_place(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    place = story.head // 2
    story.sql("UPDATE log.events SET type = 'risk.moved.v9' WHERE position = %s", (place,))
    code, out, err = await _shown(story, capsys)
    assert (code, out) == (1, "")
    assert err == (
        f"patriot: unknown event type 'risk.moved.v9' at position {place}: run the release that "
        "wrote it or a later one\n"
    )
    assert (await _shown(story, capsys, "--until", str(place - 1)))[0] == 0


@pytest.mark.asyncio
async def test_an_empty_log_has_nothing_to_show(
    log_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", log_database.url("patriot_tail"))
    assert await asyncio.to_thread(run, cli, ["replay"]) == 0
    assert "0 decisions derived again, 0 differ" in capsys.readouterr().out
    time = ["replay", "--until", "2021-07-22", "--json"]
    assert await asyncio.to_thread(run, cli, time) == 0
    assert orjson.loads(capsys.readouterr().out)["accounts"] == []
