"""evolve() is total: any event of an aggregate can follow any other, in whatever numbers."""

from functools import cache
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.events import AccountEvent
from domain.allotments.events import AllotmentEvent
from domain.brackets.events import BracketEvent
from domain.decision import Aggregate
from domain.dispatch import evolve, initial
from domain.funding.events import FundingEvent
from domain.instruments.events import InstrumentEvent
from domain.orders.events import OrderEvent
from domain.positions.events import PositionEvent
from domain.registry import EVENT_TYPES, Event
from domain.risk.evolve import RiskStreamEvent
from domain.strategies.events import FollowerEvent, SignalEvent, StrategyEvent
from domain.users.events import UserEvent
from tests.property.shapes import events_of

STREAMS = {
    Aggregate.ORDER: get_args(OrderEvent),
    Aggregate.POSITION: get_args(PositionEvent),
    Aggregate.RISK: get_args(RiskStreamEvent),
    Aggregate.INSTRUMENT: (InstrumentEvent,),
    Aggregate.USER: get_args(UserEvent),
    Aggregate.ACCOUNT: get_args(AccountEvent),
    Aggregate.FUNDING: (FundingEvent,),
    Aggregate.STRATEGY: get_args(StrategyEvent),
    Aggregate.SIGNAL: (SignalEvent,),
    Aggregate.FOLLOWER: get_args(FollowerEvent),
    Aggregate.ALLOTMENT: (AllotmentEvent,),
    Aggregate.BRACKET: get_args(BracketEvent),
}


def test_every_registered_event_belongs_to_one_aggregate() -> None:
    kinds = [kind for kinds in STREAMS.values() for kind in kinds]
    assert sorted(kinds, key=repr) == sorted(EVENT_TYPES.values(), key=repr)


@cache
def _stories(aggregate: Aggregate) -> st.SearchStrategy[list[Event]]:
    kinds = st.one_of(*(events_of(kind) for kind in STREAMS[aggregate]))
    return st.lists(kinds, max_size=8)


@given(st.data(), st.sampled_from(Aggregate))
def test_evolve_is_total_any_event_can_follow_any_other(
    data: st.DataObject, aggregate: Aggregate
) -> None:
    state = initial(aggregate)
    for event in data.draw(_stories(aggregate)):
        before = repr(state)
        after = evolve(state, event)
        assert type(after) is type(state)
        assert repr(state) == before, "a state is never changed in place"
        assert evolve(state, event) == after
        state = after
