"""A leader's bracket is copied as orders are: entry and limit target, which end with its own."""

from dataclasses import replace
from decimal import Decimal

from domain.ids import OrderId
from domain.orders.commands import OrderType, RecordAcceptance, RecordFill
from domain.orders.events import OrderPlaced
from domain.reasons import Reason
from domain.registry import TYPE_NAMES
from domain.risk.commands import SetLimits
from domain.strategies.commands import CopyIntent
from domain.strategies.events import CopySkipped, FollowerEvent
from domain.strategies.terms import CopySource
from projections.following import TYPES, Following
from tests.support.brackets import Venue, bracket, exit_of
from tests.support.strategies import FOLLOWER, MARKET, STRATEGY, follow, register, running
from tests.support.trading import NO_LIMITS, START, SUSHI, Desk, desk, order_id


def _told(trading: Desk) -> Following:
    following = Following()
    for position, change in enumerate(trading.changes, start=1):
        if TYPE_NAMES[type(change.event)] in TYPES:
            following.fold(position, change.event, START)
    return following


def _copied(trading: Desk) -> list[FollowerEvent]:
    """Every copy that is due, one after the other; their last events."""
    events: list[FollowerEvent] = []
    while due := _told(trading).copies():
        decision = trading.do(CopyIntent(*due[0], MARKET))
        event = decision.changes[-1].event
        assert isinstance(event, FollowerEvent)
        events.append(event)
    return events


def _at_the_follower(trading: Desk, venue: Venue, order: OrderId) -> RecordAcceptance:
    return replace(venue.accepted(order), account_id=FOLLOWER)


def _filled_at_the_follower(venue: Venue, order: OrderId, amount: str) -> RecordFill:
    return replace(venue.filled(order, amount), account_id=FOLLOWER)


def _orders(trading: Desk) -> list[OrderPlaced]:
    events = (change.event for change in trading.changes)
    return [
        each for each in events if isinstance(each, OrderPlaced) and each.account_id == FOLLOWER
    ]


def test_a_bracket_s_entry_and_target_are_copied_and_its_stop_is_not() -> None:
    trading = desk()
    for command in (
        SetLimits(FOLLOWER, NO_LIMITS),
        register(source=CopySource.ORDERS),
        running()[1],
        follow(),
    ):
        trading.events(command)
    entering = bracket()
    trading.events(replace(entering, entry=replace(entering.entry, strategy_id=STRATEGY)))
    venue = Venue(trading)
    _copied(trading)
    [entry] = _orders(trading)
    trading.events(_at_the_follower(trading, venue, entry.order_id))
    trading.events(_filled_at_the_follower(venue, entry.order_id, "5"))
    trading.events(venue.accepted(order_id("entry")))
    trading.events(venue.filled(order_id("entry"), 10))
    outcomes = _copied(trading)
    skipped = [each for each in outcomes if isinstance(each, CopySkipped)]
    assert [each.reason for each in skipped] == [Reason.COPY_UNSUPPORTED]
    assert skipped[0].intent.type is OrderType.STOP_MARKET
    _, target = _orders(trading)
    assert (target.type, target.reduce_only, target.quantity, target.price) == (
        OrderType.LIMIT,
        True,
        Decimal(5),
        Decimal(9),
    )
    trading.events(_at_the_follower(trading, venue, target.order_id))
    for each in ("stop", "target"):
        trading.events(venue.accepted(exit_of(each)))
    trading.events(venue.triggered(exit_of("stop")))
    trading.events(venue.filled(exit_of("stop"), 10))
    assert _told(trading).cancels() == {target.order_id: FOLLOWER}
    held = _told(trading).strategies[STRATEGY].held
    assert held[FOLLOWER] == {SUSHI: Decimal(5)}, "which is drift, once nothing is open"
