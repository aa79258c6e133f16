"""Commands over several streams: all changes together, only in the streams that were declared."""

import pytest

from domain.accounts.commands import CloseAccount, ReinstateAccount, SuspendAccount
from domain.accounts.state import Account
from domain.allotments.state import Allotments
from domain.decision import Aggregate
from domain.dispatch import Command, State, decide, evolve, initial, streams_of
from domain.ids import (
    PLATFORM,
    account_stream,
    allotment_stream,
    follower_stream,
    instrument_stream,
    order_stream,
    position_stream,
    risk_stream,
    signal_stream,
    strategy_stream,
    user_stream,
)
from domain.instruments.commands import ListInstrument
from domain.instruments.state import Instrument
from domain.orders.state import Order
from domain.positions.state import Position
from domain.registry import EVENT_TYPES, TYPE_NAMES, UnknownEventType, event_class
from domain.risk.commands import HaltTrading, ResumeTrading, SetLimits
from domain.risk.state import Risk
from domain.strategies.commands import (
    ChangeAccess,
    ChangeFollower,
    DismissFollower,
    InviteFollower,
    PauseStrategy,
    StartStrategy,
    StopStrategy,
    UnfollowStrategy,
)
from domain.strategies.state import Follower, Signal, Strategy
from domain.strategies.terms import Access
from domain.users.commands import EraseUser, GrantRole, ReinstateUser, RevokeRole
from domain.users.events import Role
from domain.users.state import User
from tests.support import strategies as led
from tests.support.allotting import GROSS, given, limited
from tests.support.life import amend, amend_rejected, amended, lost, not_found, reconciled
from tests.support.membership import open_account, register, suspend, user_id
from tests.support.trading import (
    ACCOUNT,
    NO_LIMITS,
    RULES,
    SUSHI,
    Desk,
    accepted,
    cancel,
    cancel_rejected,
    cancelled,
    desk,
    expired,
    filled,
    order_id,
    place,
    rejected,
)

ORDER = order_stream(order_id("a"))
RISK = risk_stream(ACCOUNT)
LIFE = account_stream(ACCOUNT)
ADA = user_stream(user_id("ada"))
LED = strategy_stream(led.STRATEGY)
FOLLOWS = follower_stream(led.STRATEGY, led.FOLLOWER)


@pytest.mark.parametrize(
    ("command", "streams"),
    [
        (place("a"), (ORDER, RISK, risk_stream(PLATFORM), instrument_stream(SUSHI), LIFE)),
        (cancel("a"), (ORDER,)),
        (amend("a", 5), (ORDER, RISK, risk_stream(PLATFORM), instrument_stream(SUSHI), LIFE)),
        (amended("a", 5), (ORDER, RISK)),
        (amend_rejected("a"), (ORDER, RISK)),
        (lost("a"), (ORDER, RISK)),
        (reconciled("a"), (ORDER, RISK)),
        (not_found("a"), (ORDER, RISK)),
        (filled("a", "x", 1), (ORDER, position_stream(ACCOUNT, SUSHI), RISK)),
        (accepted("a"), (ORDER, RISK)),
        (rejected("a"), (ORDER, RISK)),
        (cancelled("a"), (ORDER, RISK)),
        (cancel_rejected("a"), (ORDER, RISK)),
        (expired("a"), (ORDER, RISK)),
        (SetLimits(ACCOUNT, NO_LIMITS), (RISK,)),
        (HaltTrading(ACCOUNT, "loss"), (RISK,)),
        (ResumeTrading(ACCOUNT, "better"), (RISK,)),
        (ListInstrument(SUSHI, RULES), (instrument_stream(SUSHI),)),
        (register(), (ADA,)),
        (GrantRole(user_id("ada"), Role.TRADER), (ADA,)),
        (RevokeRole(user_id("ada"), Role.TRADER), (ADA,)),
        (suspend(), (ADA,)),
        (ReinstateUser(user_id("ada")), (ADA,)),
        (EraseUser(user_id("ada")), (ADA,)),
        (open_account(ACCOUNT), (LIFE, ADA)),
        (SuspendAccount(ACCOUNT, "a drill"), (LIFE,)),
        (ReinstateAccount(ACCOUNT), (LIFE,)),
        (CloseAccount(ACCOUNT), (LIFE, RISK)),
        (led.register(), (LED,)),
        (StartStrategy(led.STRATEGY, ACCOUNT), (LED,)),
        (PauseStrategy(led.STRATEGY, ACCOUNT), (LED,)),
        (StopStrategy(led.STRATEGY, ACCOUNT), (LED,)),
        (ChangeAccess(led.STRATEGY, ACCOUNT, Access.OPEN), (LED,)),
        (InviteFollower(led.STRATEGY, ACCOUNT, led.FOLLOWER), (LED,)),
        (DismissFollower(led.STRATEGY, ACCOUNT, led.FOLLOWER), (LED,)),
        (led.signal("s"), (signal_stream(led.STRATEGY, led.signal_id("s")), LED)),
        (led.follow(), (FOLLOWS, LED)),
        (ChangeFollower(led.STRATEGY, led.FOLLOWER, led.RATIO), (FOLLOWS,)),
        (UnfollowStrategy(led.STRATEGY, led.FOLLOWER), (FOLLOWS,)),
        (limited(5), (risk_stream(PLATFORM), allotment_stream(*GROSS))),
        (given(5), (allotment_stream(*GROSS), RISK, risk_stream(PLATFORM), LIFE)),
    ],
)
def test_every_command_declares_its_streams_the_main_one_first(
    command: Command, streams: tuple[str, ...]
) -> None:
    assert tuple(ref.stream_id for ref in streams_of(command)) == streams


@pytest.mark.parametrize(
    ("aggregate", "kind"),
    [
        (Aggregate.INSTRUMENT, Instrument),
        (Aggregate.ORDER, Order),
        (Aggregate.POSITION, Position),
        (Aggregate.RISK, Risk),
        (Aggregate.USER, User),
        (Aggregate.ACCOUNT, Account),
        (Aggregate.STRATEGY, Strategy),
        (Aggregate.SIGNAL, Signal),
        (Aggregate.FOLLOWER, Follower),
        (Aggregate.ALLOTMENT, Allotments),
    ],
)
def test_every_stream_begins_with_the_state_of_its_aggregate(
    aggregate: Aggregate, kind: type[State]
) -> None:
    assert initial(aggregate) == kind()


def _changed(trading: Desk, command: Command) -> list[tuple[Aggregate, str]]:
    decision = trading.do(command)
    return [(c.stream.aggregate, TYPE_NAMES[type(c.event)]) for c in decision.changes]


def test_what_belongs_together_changes_together() -> None:
    trading = desk()
    order, risk, position = Aggregate.ORDER, Aggregate.RISK, Aggregate.POSITION
    assert _changed(trading, place("a")) == [
        (risk, "risk.order_admitted.v2"),
        (order, "order.placed.v2"),
    ]
    assert _changed(trading, filled("a", "x", 1)) == [
        (order, "order.filled.v2"),
        (position, "position.opened.v2"),
        (risk, "risk.fill_applied.v2"),
    ]
    assert _changed(trading, cancelled("a")) == [
        (order, "order.cancelled.v1"),
        (risk, "risk.reservation_released.v1"),
    ]
    assert _changed(trading, place("b", amount="0.1")) == [
        (risk, "risk.order_refused.v2"),
        (order, "order.denied.v2"),
    ]


def test_an_order_that_ends_without_a_reservation_changes_its_own_stream_alone() -> None:
    trading = desk()
    trading.events(place("a"))
    trading.events(cancelled("a"))
    trading.events(filled("a", "x", 1))
    assert _changed(trading, filled("a", "y", 1))[2] == (Aggregate.RISK, "risk.fill_applied.v2")
    assert _changed(trading, cancelled("a")) == []


def test_a_state_is_never_changed_in_place() -> None:
    trading = desk()
    trading.events(place("a"))
    command = filled("a", "x", 1)
    states = {
        ref.stream_id: trading.states.get(ref.stream_id, initial(ref.aggregate))
        for ref in streams_of(command)
    }
    before = {stream_id: repr(state) for stream_id, state in states.items()}
    for change in decide(command, list(states.values()), trading.at).changes:
        evolve(states[change.stream.stream_id], change.event)
    assert {stream_id: repr(state) for stream_id, state in states.items()} == before


def test_a_type_of_another_release_is_told_by_its_name() -> None:
    assert event_class("order.placed.v2") is EVENT_TYPES["order.placed.v2"]
    with pytest.raises(UnknownEventType, match=r"order\.teleported\.v9"):
        event_class("order.teleported.v9")
