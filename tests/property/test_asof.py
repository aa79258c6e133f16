"""Whatever was traded: every decision is derived again as it was recorded, and measures agree."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Change
from domain.dispatch import State, evolve, initial
from domain.envelope import LogPosition, RecordedEvent
from domain.ids import PLATFORM, StreamId
from domain.orders.commands import PlaceOrder
from domain.registry import TYPE_NAMES
from domain.risk.commands import HaltTrading, Limits, ResumeTrading, SetLimits
from domain.risk.events import AmendAdmitted, AmendRefused, OrderAdmitted, OrderRefused
from domain.risk.explain import Outcome
from domain.risk.rules.measures import measure
from domain.risk.rules.table import CHECKS
from domain.strategies.commands import PauseStrategy, StartStrategy
from domain.values import Side
from projections.asof import AsOf
from tests.property.drawn import STRATEGIES, good_orders, limits, odd_orders, wide_limits
from tests.support.checks import long
from tests.support.life import amend, amended
from tests.support.strategies import running
from tests.support.trading import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Desk,
    accepted,
    closing,
    desk,
    filled,
    order_id,
    quantity,
)

_limits = st.one_of(limits, wide_limits)
_steps = st.lists(
    st.tuples(
        st.one_of(
            good_orders(),
            good_orders().map(lambda order: replace(order, strategy_id=STRATEGIES[0])),
            odd_orders(),
        ),
        st.sampled_from(
            ["fill", "fill", "leave", "amend", "amend", "halt", "resume", "limits", "pause"]
        ),
        _limits,
    ),
    max_size=14,
)


def _traded(mine: Limits, steps: list[Any]) -> Desk:
    trading = desk(mine)
    trading.events(SetLimits(OTHER_ACCOUNT, Limits(currency="USDT")))
    for command in running(STRATEGIES[0]):
        trading.events(command)
    for number, (order, then, other) in enumerate(steps):
        name = f"asof {number}"
        trading.at += 300_000 if number % 5 else 43_200_000_000
        trading.do(replace(order, order_id=order_id(name)))
        match then:
            case "fill":
                trading.do(filled(name, f"x-{number}", 1, side=order.side))
            case "amend":
                trading.do(accepted(name))
                trading.do(amend(name, 1 + number, reference=8 if number % 2 else None))
                trading.do(amended(name, 1 + number))
                trading.do(amend(name, at="8.4"))
            case "pause":
                move = StartStrategy if number % 2 else PauseStrategy
                trading.do(move(STRATEGIES[0], ACCOUNT))
            case "halt":
                trading.do(HaltTrading(PLATFORM if number % 2 else ACCOUNT, "drill"))
            case "resume":
                trading.do(ResumeTrading(PLATFORM, "over"))
                trading.do(ResumeTrading(ACCOUNT, "over"))
            case "limits":
                trading.do(SetLimits(ACCOUNT, other))
            case _:
                pass
    return trading


def _recorded(changes: list[Change]) -> list[RecordedEvent]:
    versions: Counter[StreamId] = Counter()
    events = []
    for position, change in enumerate(changes, 1):
        stream = change.stream
        versions[stream.stream_id] += 1
        events.append(
            RecordedEvent(
                LogPosition(0, position),
                stream.stream_id,
                versions[stream.stream_id],
                TYPE_NAMES[type(change.event)],
                stream.account_id,
                b"",
                b"",
            )
        )
    return events


@given(_limits, _steps, st.integers(0, 200))
def test_a_prefix_is_its_fold_and_every_decision_in_it_holds(
    mine: Limits, steps: list[Any], pick: int
) -> None:
    trading = _traded(mine, steps)
    changes = trading.changes
    until = pick % (len(changes) + 1)
    asof = AsOf()
    states: dict[StreamId, State] = {}
    for recorded, change in zip(_recorded(changes)[:until], changes, strict=False):
        asof.apply(recorded, change.event)
        before = states.get(recorded.stream_id, initial(change.stream.aggregate))
        states[recorded.stream_id] = evolve(before, change.event)
    asof.finish(until)
    assert asof.states == states
    assert asof.position == until
    assert (asof.differences, asof.stray) == (0, [])
    verdicts = [change.event for change in changes[: max(0, until - 1)]]
    decided = [e for e in verdicts if isinstance(e, OrderAdmitted | OrderRefused)]
    amends = [e for e in verdicts if isinstance(e, AmendAdmitted)]
    amends_refused = [c.event for c in changes[:until] if isinstance(c.event, AmendRefused)]
    told = Counter((name, one.admitted) for name, each in asof.amends.items() for one in each)
    assert told == Counter(
        [*((e.order_id, True) for e in amends), *((e.order_id, False) for e in amends_refused)]
    )
    assert list(asof.explained) == [verdict.order_id for verdict in decided]
    for verdict in decided:
        explained = asof.explained[verdict.order_id]
        refused = [one for one in explained.checks if one.outcome is Outcome.REFUSED]
        assert explained.admitted == isinstance(verdict, OrderAdmitted) == (not refused)
        if isinstance(verdict, OrderRefused):
            assert [one.check for one in refused] == [verdict.check]
            assert refused[0].detail == verdict.detail
            assert refused[0].limit == verdict.limit or not verdict.limit
            assert refused[0].value == verdict.value or not verdict.value


@given(_limits, _steps, st.one_of(good_orders(), odd_orders()))
def test_a_measure_says_the_numbers_of_the_refusal(
    mine: Limits, steps: list[Any], order: PlaceOrder
) -> None:
    trading = _traded(mine, steps)
    question = trading.question(order)
    for check in CHECKS:
        refusal = check.refuses(question)
        limit, value = measure(check.name, question)
        if refusal is not None and refusal.limit:
            assert value == refusal.value, check.name
            assert refusal.limit in limit.replace(" to ", " ").split(), check.name


def test_what_closes_the_position_is_explained_as_it_was_asked_for() -> None:
    """Placed it has what was held as its quantity, denied the one that it should not have had."""
    trading = long()
    trading.events(closing("a"))
    for odd in (closing("b", quantity=quantity(3)), closing("c", side=Side.BUY)):
        assert trading.reason(odd) is not None
    asof = AsOf()
    for recorded, change in zip(_recorded(trading.changes), trading.changes, strict=True):
        asof.apply(recorded, change.event)
    asof.finish(len(trading.changes))
    assert (asof.differences, asof.stray) == (0, [])
