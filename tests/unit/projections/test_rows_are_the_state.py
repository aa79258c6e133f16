"""The rows say what the aggregates say: the domain's own evolve is the oracle of every fold."""

from collections import Counter
from typing import Any

import pytest

from adapters.codec import decode, read_recorded
from domain.allotments.state import Allotments
from domain.brackets.state import Bracket
from domain.decision import Aggregate
from domain.dispatch import evolve, initial
from domain.envelope import RecordedEvent
from domain.ids import PLATFORM, risk_stream
from domain.orders.state import Order
from domain.positions.state import Position
from domain.registry import EVENT_TYPES
from domain.risk.state import Risk
from domain.risk.wider import Counted, Wider, WiderScope
from projections.brackets import BracketRow
from projections.catalogue import PROJECTIONS
from projections.orders import OrderRow
from projections.positions import PositionRow
from projections.replay import replay
from projections.risk import AccountRow
from tests.support.logs import everything, traded_log

SEEDS = (1, 2, 3)
OF_FOLLOWERS = 3
"""Orders of the workload's story of followers."""
OF_OTHERS = 1
"""Orders that were not placed here."""
OF_BRACKETS = 5
"""An entry and its exits, of which two took the place of others."""


def fold_domain(events: list[RecordedEvent], kind: Aggregate) -> dict[str, Any]:
    states: dict[str, Any] = {}
    for event in events:
        if event.type.startswith(f"{kind.value}."):
            before = states.get(event.stream_id, initial(kind))
            states[event.stream_id] = evolve(before, decode(event.type, event.payload))
    return states


async def replayed(seed: int) -> tuple[list[RecordedEvent], dict[str, list[Any]]]:
    events = await everything(await traded_log(seed, orders=150, governed=True))
    return events, replay(events, PROJECTIONS.values(), read_recorded)


@pytest.mark.asyncio
async def test_the_workload_has_every_type_of_event() -> None:
    events, _ = await replayed(SEEDS[0])
    assert set(Counter(event.type for event in events)) == set(EVENT_TYPES)


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", SEEDS)
async def test_order_rows_say_what_the_orders_say(seed: int) -> None:
    events, tables = await replayed(seed)
    orders = fold_domain(events, Aggregate.ORDER)
    begun = Counter(event.type for event in events)
    replacing = begun["order.held.v1"] + begun["risk.replacement_refused.v1"]
    assert replacing
    made = 150 + OF_FOLLOWERS + OF_OTHERS + OF_BRACKETS + replacing
    assert len(tables["orders"]) == len(orders) == made
    for row in tables["orders"]:
        assert isinstance(row, OrderRow)
        order = orders[row.order_id]
        assert isinstance(order, Order)
        assert (row.status, row.filled_quantity) == (order.status.value, order.filled)
        assert (row.venue_order_id or "") == order.venue_order_id
        assert row.account_id == order.account_id
        assert row.origin == order.origin.value
        assert row.version == sum(event.stream_id == row.order_id for event in events)


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", SEEDS)
async def test_position_rows_say_what_the_positions_say(seed: int) -> None:
    events, tables = await replayed(seed)
    positions = list(fold_domain(events, Aggregate.POSITION).values())
    assert len(tables["positions"]) == len(positions) > 0
    rows = {(row.net_quantity, row.cost, row.realised, row.fees) for row in tables["positions"]}
    for position in positions:
        assert isinstance(position, Position)
        amounts = (position.cost, position.realised_total, position.fees_total)
        assert (position.net_quantity, *amounts) in rows
    for row in tables["positions"]:
        assert isinstance(row, PositionRow)
        assert (row.opened_at is None) == (row.net_quantity == 0)


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", SEEDS)
async def test_risk_rows_say_what_risk_says(seed: int) -> None:
    events, tables = await replayed(seed)
    states = fold_domain(events, Aggregate.RISK)
    streams = {
        str(event.stream_id): str(event.account_id) for event in events if event.type[:4] == "risk"
    }
    risks = {streams[stream]: state for stream, state in states.items()}
    for row in tables["risk_accounts"]:
        assert isinstance(row, AccountRow)
        risk = risks[row.account_id]
        assert isinstance(risk, Risk)
        assert (row.halted, row.limits_version) == (risk.halted, risk.limits_version)
        assert row.open_orders == len(risk.reservations)
    reserved = {order: held for risk in risks.values() for order, held in risk.reservations.items()}
    assert {row.order_id: row.quantity for row in tables["reservations"]} == {
        order: held.quantity for order, held in reserved.items()
    }


@pytest.mark.asyncio
async def test_governance_rows_say_what_two_persons_decided() -> None:
    events, tables = await replayed(SEEDS[0])
    platform = fold_domain(events, Aggregate.RISK)[risk_stream(PLATFORM)]
    assert isinstance(platform, Risk)
    wide = [row for row in tables["risk_halts"] if row.scope not in {"account", "platform"}]
    assert len(wide) == len(platform.governance.halts) == 0
    assert Counter(row.status for row in tables["risk_changes"]) == {
        "approved": 3, "superseded": 1, "refused": 1, "withdrawn": 1, "expired": 1,
    }  # fmt: skip
    for row in tables["risk_changes"]:
        assert (row.proposed_by, row.kind) in {
            ("ada", "limits"), ("ada", "resume"), ("ada", "wider_limit")
        }  # fmt: skip
        assert (row.decided_by is None) == (row.status in {"superseded", "expired"})
    [wider] = [row for row in tables["risk_changes"] if row.kind == "wider_limit"]
    assert (wider.scope, wider.looser) == ("strategy", "open_notional")
    assert wider.limits == '{"currency":"USDT","open_notional":"2000"}'
    governed = [row for row in tables["limits_history"] if row.proposed_by is not None]
    assert [(row.limits_version, row.proposed_by) for row in governed] == [(1, "ada")]
    [lower] = [
        row for row in tables["limits_history"]
        if row.account_id == governed[0].account_id and row.limits_version == 2
    ]  # fmt: skip
    assert (lower.changes, lower.proposed_by) == ("order_notional 10 -> 5", None)
    assert lower.set_by == "workload"


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_books_balance_across_read_models(seed: int) -> None:
    _, tables = await replayed(seed)
    traded = {row.account_id for row in tables["account_cash"]}
    assert traded >= {row.account_id for row in tables["fills"]}
    for account in tables["risk_accounts"]:
        if account.account_id not in traded:
            continue  # governed alone
        held = [row for row in tables["positions"] if row.account_id == account.account_id]
        fills = [row for row in tables["fills"] if row.account_id == account.account_id]
        money = [row for row in tables["account_cash"] if row.account_id == account.account_id]
        if not fills:
            assert (held, money) == ([], [])
            continue
        [cash] = money
        costs = [row for row in tables["position_costs"] if row.account_id == account.account_id]
        paid = [row for row in tables["fundings"] if row.account_id == account.account_id]
        assert cash.realised == sum(row.realised for row in held)
        assert cash.fees == sum(row.fees for row in held) == sum(row.fee for row in fills)
        assert cash.fees == sum(row.fees for row in costs)
        assert cash.funding == sum(row.funding for row in costs)
        assert cash.funding == sum(row.payment for row in paid) != 0
        assert cash.balance is not None
    for order in tables["orders"]:
        fills = [row for row in tables["fills"] if row.order_id == order.order_id]
        assert order.filled_quantity == sum(row.quantity for row in fills)
        assert order.filled_notional == sum(row.quantity * row.price for row in fills)
    assert len(tables["position_history"]) == len(tables["fills"])
    refused = [row for row in tables["risk_violations"] if row.severity == "warning"]
    assert len(refused) == sum(row.refusals for row in tables["risk_accounts"])
    denied = {row.order_id for row in tables["orders"] if row.status == "denied"}
    assert {row.order_id for row in refused} > denied, "amends are refused too"
    assert denied != set()


@pytest.mark.asyncio
async def test_allotment_rows_say_who_holds_what() -> None:
    events, tables = await replayed(SEEDS[0])
    [allotments] = fold_domain(events, Aggregate.ALLOTMENT).values()
    assert isinstance(allotments, Allotments)
    first, last = tables["allotment_moves"]
    assert {last.account_id: last.share} == allotments.shares
    assert last.allotted == allotments.allotted == last.share == first.share - last.amount
    platform = fold_domain(events, Aggregate.RISK)[risk_stream(PLATFORM)]
    assert isinstance(platform, Risk)
    *_, now = tables["wider_limits"]
    name = Wider(WiderScope(now.scope), now.subject, Counted(now.counted), now.currency)
    assert platform.governance.wider == {name.within: {name: now.value}}
    [own] = [
        risk for risk in fold_domain(events, Aggregate.RISK).values() if risk.governance.shares
    ]
    assert own.governance.shares == {name: last.share}


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", SEEDS)
async def test_bracket_rows_say_what_the_brackets_say(seed: int) -> None:
    events, tables = await replayed(seed)
    states = [one for one in fold_domain(events, Aggregate.BRACKET).values() if one.entry_id]
    rows = {row.entry_id: row for row in tables["brackets"]}
    assert len(rows) == len(states) + 1, "and one that was refused"
    for state in states:
        assert isinstance(state, Bracket)
        row = rows[state.entry_id]
        assert isinstance(row, BracketRow)
        assert (row.entered, row.exited) == (state.entered, state.exited)
        assert (row.status == "ended") is state.ended
        for role, one in state.exits:
            told = [getattr(row, f"{role}_{what}") for what in ("order_id", "orders", "standing")]
            assert told == [one.order_id, one.number, one.standing.value]
