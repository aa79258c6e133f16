"""A decision that the log does not lead to is told, field by field."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.codec import decode_recorded
from domain.envelope import RecordedEvent
from domain.ids import AccountId, OrderId, derived
from domain.orders.events import OrderAccepted, OrderAmendRequested, OrderDenied, OrderPlaced
from domain.registry import Event
from domain.risk.events import (
    AmendAdmitted,
    AmendRefused,
    DayRolled,
    LimitsSet,
    OrderAdmitted,
    OrderRefused,
)
from domain.risk.exits import ExitAdmitted
from domain.risk.terms import MarginTermsNoted
from domain.values import Money, Price, Quantity
from projections.asof import AsOf
from tests.support.logs import everything, traded_log

pytestmark = pytest.mark.asyncio


async def _story() -> list[tuple[RecordedEvent, Event]]:
    events = await everything(await traded_log(11, orders=60, accounts=2))
    return [(recorded, decode_recorded(recorded)) for recorded in events]


def _replayed(story: list[tuple[RecordedEvent, Event]]) -> AsOf:
    asof = AsOf()
    for recorded, event in story:
        asof.apply(recorded, event)
    asof.finish(story[-1][0].position.number)
    return asof


def _first(story: list[tuple[RecordedEvent, Event]], kind: type[Any]) -> int:
    return next(place for place, (_, event) in enumerate(story) if isinstance(event, kind))


def _changed(
    story: list[tuple[RecordedEvent, Event]], kind: type[Any], **changes: Any
) -> tuple[list[tuple[RecordedEvent, Event]], Any]:
    """The story with other fields in its first event of a kind, and that event."""
    place = _first(story, kind)
    recorded, event = story[place]
    other: Any = replace(event, **changes)
    return [*story[:place], (recorded, other), *story[place + 1 :]], other


async def test_an_untouched_log_leads_to_what_it_holds() -> None:
    asof = _replayed(await _story())
    assert asof.differences == 0
    replacing = [one for one in asof.explained.values() if one.replaces is not None]
    assert {one.admitted for one in replacing} == {True, False}
    assert len(asof.explained) == 60 + 3 + 1 + len(replacing), "followers three, brackets one"
    assert {explained.admitted for explained in asof.explained.values()} == {True, False}
    amends = [one for each in asof.amends.values() for one in each]
    assert {amend.admitted for amend in amends} == {True, False}
    assert len(list(asof.decisions())) == len(asof.explained) + len(amends)


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        (AmendAdmitted, {"reserved_quantity": Decimal(77)}, "reserved_quantity: recorded 77"),
        (AmendAdmitted, {"filled": Decimal(77)}, "filled: recorded 77"),
        (AmendAdmitted, {"quantity": Quantity(Decimal(77))}, "order.amend_requested.v1 quantity"),
        (AmendRefused, {"check": "halt"}, "check: recorded halt"),
        (AmendRefused, {"value": "77"}, "value: recorded 77"),
        (OrderAmendRequested, {"price": Decimal(77)}, "order.amend_requested.v1 price"),
        (OrderAmendRequested, {"amendment": 7}, "amendment: recorded 7, derived 1"),
    ],
)
async def test_an_altered_decision_on_an_amend_is_told_by_its_field(
    kind: type[Any], changes: dict[str, Any], told: str
) -> None:
    story, event = _changed(await _story(), kind, **changes)
    asof = _replayed(story)
    found = [each for one in asof.amends[event.order_id] for each in one.differences]
    assert told in " ".join(found)
    assert asof.differences >= 1


async def test_an_amend_without_a_decision_and_a_decision_without_an_amend_are_strays() -> None:
    story = await _story()
    place = _first(story, AmendAdmitted)
    without_decision = _replayed([*story[:place], *story[place + 1 :]])
    assert "which no decision precedes" in without_decision.stray[0]
    without_request = _replayed([*story[: place + 1], *story[place + 2 :]])
    assert "decides on an amend of order" in without_request.stray[0]
    assert _replayed(story[: place + 1]).stray == [], "a prefix may end between them"


async def test_an_exit_that_was_let_out_and_never_placed_is_a_stray() -> None:
    story = await _story()
    place = _first(story, ExitAdmitted)
    assert isinstance(story[place + 1][1], OrderPlaced)
    never_placed = _replayed([*story[: place + 1], *story[place + 2 :]])
    assert any("lets out order" in told for told in never_placed.stray)
    assert _replayed(story[: place + 1]).stray == [], "a prefix may end between them"


async def test_a_decision_on_an_amend_that_could_not_be_asked_for_is_a_stray() -> None:
    """The venue's acceptance was taken out of the log: the order was never there to be amended."""
    story = await _story()
    event = story[_first(story, AmendAdmitted)][1]
    assert isinstance(event, AmendAdmitted)
    place = next(
        place
        for place, (_, other) in enumerate(story)
        if isinstance(other, OrderAccepted) and other.order_id == event.order_id
    )
    asof = _replayed([*story[:place], *story[place + 1 :]])
    assert any("which cannot be amended: the order is" in told for told in asof.stray)


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        (OrderAdmitted, {"at": 5}, None),
        (OrderAdmitted, {"price": Decimal("9.99")}, "risk.order_admitted.v2 price: recorded 9.99"),
        (OrderAdmitted, {"quantity": Decimal(7)}, "risk.order_admitted.v2 quantity: recorded 7"),
        (OrderRefused, {"check": "halt"}, "check: recorded halt, derived order_quantity"),
        (OrderRefused, {"limit": "501"}, "limit: recorded 501, derived 500"),
        (OrderRefused, {"value": "899"}, "value: recorded 899, derived 900"),
        (OrderPlaced, {"client_order_id": "pt-1"}, "client_order_id: recorded pt-1"),
        (OrderDenied, {"reason": 2005}, "order.denied.v2 reason: recorded 2005, derived 2004"),
    ],
)
async def test_an_altered_decision_is_told_by_its_field(
    kind: type[Any], changes: dict[str, Any], told: str | None
) -> None:
    story, event = _changed(await _story(), kind, **changes)
    asof = _replayed(story)
    found = asof.explained[event.order_id].differences
    if told is None:  # the time is an input: a decision at another time is the same decision
        assert found == ()
    else:
        assert len(found) >= 1
        assert told in " ".join(found)
        assert asof.differences >= 1


async def test_altered_inputs_are_told_by_their_path() -> None:
    story = await _story()
    first = story[_first(story, OrderAdmitted)][1]
    assert isinstance(first, OrderAdmitted)
    story, event = _changed(
        story, OrderAdmitted, inputs=replace(first.inputs, open_orders=99, limits_version=4)
    )
    assert _replayed(story).explained[event.order_id].differences == (
        "risk.order_admitted.v2 inputs.limits_version: recorded 4, derived 1",
        "risk.order_admitted.v2 inputs.open_orders: recorded 99, derived 0",
    )


@pytest.mark.parametrize("changes", [{"day": 3}, {"profit": Money(Decimal(7), "USDT")}])
async def test_a_day_that_the_log_does_not_lead_to_is_told(changes: dict[str, Any]) -> None:
    story, _ = _changed(await _story(), DayRolled, **changes)
    asof = _replayed(story)
    assert "begins a day of account" in asof.stray[0]
    assert asof.differences >= 1


@pytest.mark.parametrize("changes", [{"rules_version": 2}, {"margin_tiers": ()}])
async def test_terms_that_do_not_follow_from_the_rules_are_told(changes: dict[str, Any]) -> None:
    story, _ = _changed(await _story(), MarginTermsNoted, **changes)
    asof = _replayed(story)
    assert "notes margin terms of" in asof.stray[0]
    assert asof.differences >= 1


async def test_what_was_stored_in_an_old_form_is_compared_in_the_fields_of_that_form() -> None:
    """An admission of version 1 did not say the strategy; nothing was altered for that."""
    story = await _story()
    place = next(
        place
        for place, (_, event) in enumerate(story)
        if isinstance(event, OrderAdmitted) and event.strategy_id is not None
    )
    recorded, event = story[place]
    assert isinstance(event, OrderAdmitted)

    def told(stored: str, admitted: OrderAdmitted) -> list[str]:
        of_old = recorded._replace(type=stored)
        asof = _replayed([*story[:place], (of_old, admitted), *story[place + 1 :]])
        return [each.split(":")[0] for each in asof.explained[admitted.order_id].differences]

    silent = replace(event, strategy_id=None)
    assert told("risk.order_admitted.v1", silent) == []
    assert told("risk.order_admitted.v2", silent) == ["risk.order_admitted.v2 strategy_id"]
    altered = replace(silent, price=Price(Decimal("9.99")))
    assert told("risk.order_admitted.v1", altered) == ["risk.order_admitted.v1 price"]


async def test_another_state_before_the_decision_turns_it_round() -> None:
    """A limit that was lowered in the log: an order that was admitted would have been refused."""
    story = await _story()
    place = _first(story, LimitsSet)
    set_before = story[place][1]
    assert isinstance(set_before, LimitsSet)
    story, _ = _changed(
        story, LimitsSet, limits=replace(set_before.limits, order_quantity=Decimal(1))
    )
    asof = _replayed(story)
    told = [each for one in asof.explained.values() for each in one.differences]
    assert "recorded risk.order_admitted.v2, derived risk.order_refused.v2" in told
    assert "recorded order.placed.v2, derived order.denied.v2" in told


async def test_an_order_without_a_decision_and_a_decision_without_an_order_are_strays() -> None:
    story = await _story()
    place = _first(story, OrderAdmitted)
    without_decision = _replayed([*story[:place], *story[place + 1 :]])
    assert len(without_decision.stray) == 1
    assert "which no decision precedes" in without_decision.stray[0]
    without_order = _replayed([*story[: place + 1], *story[place + 2 :]])
    assert "is not there" in without_order.stray[0]
    assert without_order.differences >= 1


async def test_a_prefix_may_end_between_a_decision_and_its_order() -> None:
    story = await _story()
    place = _first(story, OrderAdmitted)
    assert _replayed(story[: place + 1]).stray == []


async def test_an_order_of_another_account_than_its_decision_is_a_stray() -> None:
    story, event = _changed(
        await _story(), OrderPlaced, account_id=AccountId(derived("test", "somebody"))
    )
    asof = _replayed(story)
    assert "of another account or instrument" in asof.stray[0]
    assert event.order_id not in asof.explained


async def test_explanations_can_be_restricted_to_some_orders() -> None:
    story = await _story()
    wanted = [e.order_id for _, e in story if isinstance(e, OrderPlaced)][3:5]
    asof = AsOf(only=set(wanted))
    for recorded, event in story:
        asof.apply(recorded, event)
    asof.finish(len(story))
    assert list(asof.explained) == wanted
    assert asof.stray == []
    assert max(len(asof.orders(account)) for account in asof.accounts()) > 2
    assert OrderId("nobody") not in asof.explained
