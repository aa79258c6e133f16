"""`patriot replay` and `patriot explain` on brackets: exits are orders of their account, too."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NamedTuple

import pytest
import pytest_asyncio

from adapters import replay
from adapters.commands.engine import CommandEngine
from adapters.postgres.history import opened
from adapters.postgres.log import PostgresEventLog
from domain.envelope import RecordedEvent
from domain.ids import AccountId, OrderId, derived
from domain.orders.commands import AmendOrder, RecordAcceptance, RecordAmendRejection
from tests.support import brackets
from tests.support.logs import SteppingClock
from tests.support.servers import Database
from tests.support.trading import START, price, quantity
from tests.support.workload import Workload

pytestmark = pytest.mark.asyncio


class Story(NamedTuple):
    """The story of brackets in PostgreSQL, and an entry that was amended."""

    url: str
    account: AccountId
    entry: OrderId
    events: list[RecordedEvent]


@pytest_asyncio.fixture
async def story(log_database: Database) -> AsyncIterator[Story]:
    log = PostgresEventLog(log_database.url("patriot_append"))
    await log.open()
    engine = CommandEngine(log, SteppingClock())
    engine.start()
    workload = Workload(5, accounts=1, label="replay")
    await workload.open(engine)
    told = brackets.story("replay", workload.instruments[0])
    account = AccountId(derived("test account", "replay", "brackets"))
    resting = brackets.bracket("replay resting")
    entry = replace(resting.entry, account_id=account, instrument_id=workload.instruments[0])
    of = entry.order_id, account, entry.instrument_id
    told += [
        replace(resting, entry=entry),
        RecordAcceptance(*of, "v-entry", START),
        AmendOrder(*of, quantity(12), price("7.9")),
        RecordAmendRejection(*of, 1, "too late", START),
    ]
    for command in told:
        await workload.submit(engine, [command])
    await engine.stop()
    events = list(await log.read_all(limit=100_000))
    await log.close()
    yield Story(log_database.url("patriot_tail"), account, entry.order_id, events)


async def test_an_account_has_its_exits_at_every_position(story: Story) -> None:
    mine = [event for event in story.events if event.account_id == story.account]
    async with opened(story.url) as history:
        for until in range(mine[0].position.number + 5, len(story.events) + 1, 3):
            asof = await replay.account(history, story.account, until)
            assert asof.stray == []
            assert asof.differences == 0
            assert {str(name) for name in asof.orders(story.account)} == {
                str(event.stream_id)
                for event in mine
                if event.type.startswith("order.") and event.position.number <= until
            }


async def test_every_decision_is_derived_again_those_on_amends_of_entries_too(
    story: Story,
) -> None:
    async with opened(story.url) as history:
        whole = await replay.everything(history, len(story.events))
        entry = await replay.order(history, story.entry, len(story.events))
    assert (whole.differences, entry.differences) == (0, 0)
    for asof in (whole, entry):
        assert [one.admitted for one in asof.amends[story.entry]] == [True]
